"""Makes the plan: a first one at once, proposals by local search on all cores, the decision by the full model.

The checker judges every plan on the way; of the legal ones the cheapest wins, after those that leave out the
fewest calls without a prize.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from routing.checker import violations
from routing.insertion import Sequences
from routing.problem import Problem, Solution
from routing.schedule import assemble
from routing.search import Search, first, mend, rank, sequences_of
from routing.search.large import Regions
from routing.search.mix import WHOLE, Mix, mix
from routing.search.team import Crew, Team
from routing.settings import Listener, Progress, Settings, Stopper

POLISH_PER_CALL = 0.25
"""Seconds of guided local search per call at most: it never ends by itself, and a small day needs no more."""

POLISH_SOLUTIONS = 50
"""Better plans after which the full model ends when there is no clock."""

ALONE = 1.0
"""Seconds below which, or calls (`FEW`) below which, one search in this process does: others would hardly have begun."""

FEW = 12

FIRST = 4.0
"""Seconds after which the first plan is shown as far as it is: the local search puts calls in faster from then on."""

CATCH_UP = 0.3
"""Seconds the last proposal may take over the limit to be mended."""

_log = logging.getLogger(__name__)


def solve(
    problem: Problem,
    settings: Settings | None = None,
    progress: Listener | None = None,
    stop: Stopper | None = None,
    crew: Crew | None = None,
) -> Solution:
    """Find a cheap legal plan in about `settings.seconds`; what no vehicle can do is left out.

    With `settings.iterations` the plan is the same every time for a seed and a number of processes. Limits of time are
    kept by the engines' own clocks, which may overrun with 1,000 calls and more: `child.run` sets a hard one.

    A `crew` of search processes that wait already may be handed over: it is made as large as the settings say, and ended
    at the end in any case.
    """
    settings = settings or Settings()
    best = Best(problem, progress, stop, None if settings.iterations is not None else monotonic() + settings.seconds)
    try:
        recipe, searches = _recipe(problem, settings), _searches(problem, settings)
        if settings.warm is not None or recipe.whole:
            best.offer(_first(problem, settings, best.end), "first")
        crew = _crew(problem, settings, crew)
        search = _propose(best, settings, recipe, crew) if searches and not best.stopped() else None
        if not best.told:
            # regions begin without a plan: there was no time for one, or nobody to search
            best.offer(_first(problem, settings, best.end), "first")
        if searches and not best.stopped():
            _polish(best, recipe, search)
        return best.solution
    finally:
        if crew is not None:
            crew.close()


def _searches(problem: Problem, settings: Settings) -> bool:
    """Say whether there is anything to search, and leave to."""
    budget = settings.seconds if settings.iterations is None else settings.iterations
    return bool(budget and problem.vehicles and problem.calls)


def _crew(problem: Problem, settings: Settings, waiting: Crew | None) -> Crew | None:
    """Start the search processes that do not wait yet; after the first plan is told, which they would keep from a core."""
    alone = settings.cores == 1 or not _searches(problem, settings)
    if settings.iterations is None:
        alone = alone or settings.seconds < ALONE or len(problem.calls) < FEW
    if waiting is None:
        return None if alone else Crew(settings.cores)
    waiting.resize(0 if alone else settings.cores)
    return waiting


def _first(problem: Problem, settings: Settings, end: float | None) -> Solution:
    """Make the first plan, from the warm one where there is one."""
    until = None if end is None else monotonic() + min(FIRST, max(0.5, settings.seconds / 4))
    warm = settings.warm
    if warm is None:
        return first(problem, until)
    if isinstance(warm, Solution):
        if not violations(problem, warm):
            return warm
        known = [route for route in warm.routes if route.vehicle in problem.vehicle]
        warm = sequences_of(problem, Solution(tuple(known), (), 0))
    kept = {
        vehicle: [stop for stop in stops if not isinstance(stop, str) or stop in problem.call]
        for vehicle, stops in warm.items()
        if vehicle in problem.vehicle
    }
    return mend(problem, kept, until)


def _recipe(problem: Problem, settings: Settings) -> Mix:
    """Look up how to search, as far as the settings leave it open."""
    recipe = mix(problem, None if settings.iterations is not None else settings.seconds)
    return recipe if settings.proposing is None else replace(recipe, proposing=settings.proposing)


def _propose(best: "Best", settings: Settings, recipe: Mix, crew: Crew | None) -> Search | None:
    """Search by local search; give the search if it can go on."""
    if recipe.proposing == 0:
        return None
    problem, team, search = best.problem, Team(crew, best.end), None
    middle, until = best.until(recipe.proposing * recipe.whole), best.until(recipe.proposing)
    if recipe.whole:
        search = Search(problem, best.solution, team, recipe, settings.seed, best.propose)
        if middle is None:
            search.run_for(settings.iterations or 0, best.stop)
        else:
            search.run_until(middle, best.stop)
    if recipe.whole == 1:
        return search
    regions = Regions(problem, best.solution, team, recipe.of_regions(), settings.seed, best.offer)
    regions.run(until, settings.iterations, best.stop)
    return None


def _polish(best: "Best", recipe: Mix, search: Search | None) -> None:
    """Let the full model have the last word; it has one core, so the searches on the others go on meanwhile."""
    from routing.model import polish, refine  # OR-Tools is loaded only when it is used

    problem = best.problem
    if recipe.proposing == 1 or len(problem.calls) > WHOLE:
        return
    if best.end is None:
        refine(problem, best.solution, POLISH_SOLUTIONS, best.listener("polish"))
    else:
        until = min(best.end, monotonic() + 1 + POLISH_PER_CALL * len(problem.calls))
        if search is not None:
            search.go_on(until - CATCH_UP)
        polish(problem, best.solution, until, best.listener("polish"), best.stop)
        if search is not None:
            search.come_back(best.stop)
    best.catch_up()


class Best:
    """The best legal plan so far, told of each candidate.

    Parameters
    ----------
    end
        Reading of the monotonic clock at which the time is up; None where there is no clock.
    """

    def __init__(self, problem: Problem, progress: Listener | None, stop: Stopper | None, end: float | None) -> None:
        self.problem, self.progress, self.stop, self.end = problem, progress, stop, end
        self.began = self.listens = monotonic()
        self.unheard: tuple[Sequences, str] | None = None
        self.solution = assemble(problem, ())
        self.told = False

    def until(self, share: float) -> float | None:
        """Give when so much of the time that is left is over."""
        now = monotonic()
        return None if self.end is None else now + (self.end - now) * share

    def offer(self, candidate: Solution, phase: str) -> None:
        """Keep a candidate if it is legal and better, or the first."""
        if self.told and rank(self.problem, candidate) >= rank(self.problem, self.solution):
            return
        broken = violations(self.problem, candidate)
        if broken:
            _log.error("%s made an illegal plan, set aside: %s", phase, broken[0])
            return
        self.solution, self.told = candidate, True
        if self.progress is not None:
            seconds = monotonic() - self.began
            self.progress(Progress.of(candidate, seconds, phase))

    def propose(self, sequences: Sequences, phase: str) -> Solution:
        """Mend a proposal, offer it, and give what became of it."""
        legal = mend(self.problem, sequences, None if self.end is None else self.end + CATCH_UP)
        self.offer(legal, phase)
        return legal

    def listener(self, phase: str) -> Callable[[Sequences], None]:
        """Make the ear for an engine: early proposals come fast, so at most a tenth of the time goes to mending them."""

        def listen(sequences: Sequences) -> None:
            began = monotonic()
            self.unheard = (sequences, phase) if self.end is not None and began < self.listens else None
            if self.unheard is None:
                self.propose(sequences, phase)
                self.listens = monotonic() + 9 * (monotonic() - began)

        return listen

    def catch_up(self) -> None:
        """Take the last proposal that was not listened to."""
        if self.unheard is not None:
            (sequences, phase), self.unheard = self.unheard, None
            self.propose(sequences, phase)

    def stopped(self) -> bool:
        """Say whether the search was told to end."""
        return self.stop is not None and self.stop()
