"""Searches with a team: rounds of local search on all cores, what they find mended, merged and handed round.

PyVRP knows neither pauses nor a few rarer rules (`words`): its routes are proposals, taken over as far as they are legal,
and what became of them goes back to the searches.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic

from routing.insertion import Builder, Sequences
from routing.problem import Centre, Problem, Solution
from routing.search.able import answerable
from routing.search.columns import Merging
from routing.search.mix import Mix, rough
from routing.search.searcher import Plan, Report, Round, Task, best
from routing.search.team import Team
from routing.search.words import Path, Translation
from routing.settings import Stopper

__all__ = ["Search", "answerable", "first", "mend", "rank", "sequences_of"]

Tell = Callable[[Sequences, str], Solution]
"""Takes a proposal and its phase, gives the legal plan it was mended into."""

ROUNDS = 12
"""Rounds into which a budget of iterations is cut."""

MENDED = 3
"""Proposals mended after each round, at most; where the search knows the rules but roughly, so many of each process."""

SHARE: Mapping[bool, int] = {True: 4, False: 2}
"""Rounds after which each search is told the best of the others, by whether it knows the rules but roughly: when told sooner,
all become one."""

KEPT = 60
"""Plans whose routes are merged, the cheapest."""

_Paths = tuple[Path, ...]


def first(problem: Problem, until: float | None = None) -> Solution:
    """Build a legal plan by regret insertion: the same for the same problem, in milliseconds for a day of 15 calls.

    When the monotonic clock passes `until`, calls not yet looked at stay left out.
    """
    return mend(problem, {}, until)


def mend(problem: Problem, sequences: Sequences, until: float | None = None) -> Solution:
    """Keep what is legal of the sequences, insert what is left where it fits, take out what does not pay.

    What was legal is not changed for something dearer: a call put in at a price may draw an unloading after it.
    """
    builder = Builder(problem, until)
    builder.take(sequences)
    taken = builder.solution() if sequences else None
    if problem.vehicles:
        builder.insert()
    builder.prune()
    mended = builder.solution()
    return mended if taken is None or rank(problem, mended) <= rank(problem, taken) else taken


def rank(problem: Problem, solution: Solution) -> tuple[int, int]:
    """Give what the best of legal plans has least of: calls without a prize left out, then cost."""
    return sum(problem.call[call].prize is None for call in solution.left_out), solution.cost


def sequences_of(problem: Problem, solution: Solution) -> Sequences:
    """Write a plan as call ids by vehicle, unloadings in between."""
    found: dict[str, list[str | Centre]] = {}
    for route in solution.routes:
        stops: list[str | Centre] = list(route.calls)
        for unload in reversed(route.unloads):
            centres = (centre for centre in problem.vehicle[route.vehicle].centres if centre.place == unload.place)
            stops[unload.after : unload.after] = [centre for centre in centres if _open(centre, unload.start)][:1]
        found[route.vehicle] = stops
    return found


def _open(centre: Centre, at: int) -> bool:
    return any(opens <= at <= closes for opens, closes in centre.windows)


class Search:
    """The searches of one problem, from a legal plan on.

    Parameters
    ----------
    tell
        Is handed each proposal worth mending.
    """

    def __init__(self, problem: Problem, start: Solution, team: Team, mix: Mix, seed: int, tell: Tell) -> None:
        self.problem, self.team, self.tell = problem, team, tell
        able = answerable(problem)
        must = not any(problem.call[call].prize is None and call in able for call in start.left_out)
        self.words = Translation(problem, must, able)
        self.merging = Merging(self.words)
        self.plans: list[Plan] = []
        self.rounds = 0
        self.reports: dict[int, Report] = {}
        self.heard: set[_Paths] = set()
        self.rough = rough(problem)
        self.news: list[tuple[_Paths, int | None]] = [(tuple(self.words.paths(start)), None)]
        if self.words.able and len(self.words):
            crowd = _crowd(problem, start)
            team.begin(
                [Task(problem, able, must, 1_000 * seed + number, mix.breed(number), crowd) for number in range(len(team))]
            )

    def run_until(self, until: float, stop: Stopper | None) -> None:
        """Search until the monotonic clock says so."""
        for length in _lengths():
            now = monotonic()
            if now >= until - 0.05 or not self._round(Round(min(until, now + length), None), stop):
                break
        self._take(None)

    def run_for(self, iterations: int, stop: Stopper | None) -> None:
        """Search for so many iterations in each process."""
        for number in range(ROUNDS):
            share = iterations * (number + 1) // ROUNDS - iterations * number // ROUNDS
            if share and not self._round(Round(None, share), stop):
                break
        self._take(None)

    def go_on(self, until: float) -> None:
        """Let all searches but one go on until the monotonic clock says so, without waiting for them."""
        self.team.spare(1)
        if len(self.words) and self.team.remote and until > monotonic():
            self._send(Round(until, None))

    def come_back(self, stop: Stopper | None) -> None:
        """Take what the searches found that went on."""
        self.reports = self.team.answers(stop) if self.team.remote else {}
        self._take(None)

    def _send(self, order: Round) -> None:
        """Send all into a round, each with the news for it."""
        news, self.news = self.news, []
        self.team.ask(
            [
                replace(order, plans=tuple(paths for paths, only in news if only in (None, number)))
                for number in range(len(self.team))
            ]
        )

    def _round(self, order: Round, stop: Stopper | None) -> bool:
        """Send all into a round, see to what the last one found meanwhile; say whether any of them came back."""
        if not len(self.words) or (stop is not None and stop()):
            return False
        self._send(order)
        self._take(None if order.until is None else order.until - 0.2)
        self.reports = self.team.answers(stop)
        return bool(self.reports)

    def _take(self, until: float | None) -> None:
        """Mend the best proposals and merge their routes; what comes of it is news for the searches."""
        found, self.reports = sorted(self.reports.items()), {}
        reports = [report for _, report in found]
        fresh = best(reports)
        self.plans = sorted(
            {plan.paths: plan for plan in [*self.plans, *fresh]}.values(), key=lambda plan: (plan.cost, plan.paths)
        )
        del self.plans[KEPT:]
        self.rounds += 1
        if self.rounds % SHARE[self.rough] == 0:
            self.news += [(report.plans[0].paths, None) for report in reports if report.plans]
        # what mending leaves as it is would make all searches one, if all were told of it at once
        finders = {} if self.rough else {plan.paths: number for number, report in found for plan in report.plans}
        # what was found before what may come of it: merging may take all the time there is
        self._tell(self._proposals(reports), "search", until, finders)
        if fresh and (until is None or monotonic() < until):
            self._tell(self.merging(self.plans), "merge", until, {})

    def _tell(self, proposals: Sequence[_Paths], phase: str, until: float | None, finders: Mapping[_Paths, int]) -> None:
        """Hand over the new proposals, as long as there is time; what comes of each is news for its finder, or for all."""
        for paths in proposals:
            if paths not in self.heard and (until is None or monotonic() < until):
                self.heard.add(paths)
                legal = self.tell(self.words.sequences(paths), phase)
                self.news.append((tuple(self.words.paths(legal)), finders.get(paths)))

    def _proposals(self, reports: Sequence[Report]) -> list[_Paths]:
        """Give the plans to be mended: the cheapest, and where mending decides which that is, the cheapest of each search."""
        plans = self.plans[:MENDED]
        if self.rough:
            plans = plans + [plan for report in reports for plan in report.plans[:MENDED]]
        return list(dict.fromkeys(plan.paths for plan in sorted(plans, key=lambda plan: (plan.cost, plan.paths))))


def _crowd(problem: Problem, plan: Solution) -> float:
    """Give the calls of a route, about: those of the plan's routes, or more if all vehicles answer all calls."""
    answered = sum(len(route.calls) for route in plan.routes) / max(1, len(plan.routes))
    return max(1.0, answered, len(problem.calls) / max(1, len(problem.vehicles)))


def _lengths() -> Iterator[float]:
    """Give the seconds of each round: short at first, for an early answer."""
    yield from (0.3, 0.5, 0.8)
    while True:
        yield 1.2
