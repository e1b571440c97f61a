"""Searches a day of many calls part by part: every core takes a part, and the cuts move from sweep to sweep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from routing.insertion import Sequences
from routing.problem import Problem, Solution
from routing.schedule import assemble
from routing.search import Search, mend, rank
from routing.search.mix import Mix
from routing.search.regions import parts, restored, within
from routing.search.searcher import Report, Round
from routing.search.team import Team
from routing.settings import Stopper

SWEEPS = 6
"""Times every part is searched, about: each time with other seams."""

HASTY = 0.5
"""Seconds a part is searched where it has no plan yet, for an early answer."""

SHORTEST = 1.5
"""Seconds a part is searched at least from a plan on."""

TURN = 0.381966
"""Turns between the cuts of two sweeps: the golden angle, which never comes back to the same place."""

Found = tuple[Problem, Solution]
"""A part and its plan."""


class Regions:
    """The search of a large day, from a plan on or from nothing."""

    def __init__(
        self, problem: Problem, start: Solution, team: Team, mix: Mix, seed: int, offer: Callable[[Solution, str], None]
    ) -> None:
        self.problem, self.solution, self.team, self.mix, self.seed, self.offer = problem, start, team, mix, seed, offer
        self.asked = 0

    def run(self, until: float | None, iterations: int | None, stop: Stopper | None) -> None:
        """Sweep until the monotonic clock says so, or `SWEEPS` times with so many iterations of each process in all."""
        began = monotonic()
        sweep = 0
        while self._goes_on(sweep, until, stop):
            todo = parts(self.problem, self.solution, sweep * TURN % 1.0)
            batches = [todo[at : at + len(self.team)] for at in range(0, len(todo), len(self.team))]
            share = None if iterations is None else max(1, iterations // (SWEEPS * len(batches)))
            seconds = self._seconds(until - began if until is not None else 0, len(batches))
            found: list[Found] = []
            for batch in batches:
                end = None if until is None else min(until, monotonic() + seconds)
                if (stop is not None and stop()) or (end is not None and end - monotonic() < HASTY / 2):
                    break
                self._send(batch, Round(end, share))
                # parts of a sweep share nothing: what the last ones found is put in while the next are searched
                self._take(found)
                found = self._answers(batch, stop)
            self._take(found)
            sweep += 1

    def _seconds(self, whole: float, batches: int) -> float:
        """Give how long each batch is searched, of so many that share the whole."""
        if len(self.solution.left_out) == len(self.problem.calls):
            return HASTY
        return max(SHORTEST, whole / (SWEEPS * batches))

    def _goes_on(self, sweep: int, until: float | None, stop: Stopper | None) -> bool:
        if stop is not None and stop():
            return False
        return sweep < SWEEPS if until is None else monotonic() < until - HASTY / 2

    def _send(self, batch: Sequence[Problem], order: Round) -> None:
        """Let some parts be searched at once."""
        errands = []
        for part in batch:
            self.asked += 1
            errands.append(Part(part, self._within(part), 1_000 * self.seed + self.asked, self.mix))
        self.team.begin(errands)
        self.team.ask([order] * len(errands))

    def _answers(self, batch: Sequence[Problem], stop: Stopper | None) -> list[Found]:
        """Wait for the plans of the parts that were sent."""
        reports = sorted(self.team.answers(stop).items())
        return [(batch[number], report.mended) for number, report in reports if report.mended is not None]

    def _within(self, part: Problem) -> Solution:
        return assemble(part, within(part, self.solution, self.problem))

    def _take(self, plans: Sequence[Found]) -> None:
        """Put those plans of parts into the whole that make it better: a part does not know what balance costs there."""
        for part, found in plans:
            others = [route for route in self.solution.routes if route.vehicle not in part.vehicle]
            whole = assemble(self.problem, [*others, *restored(self.problem, part, found.routes)])
            if rank(self.problem, whole) < rank(self.problem, self.solution):
                self.solution = whole
                self.offer(whole, "search")


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A part to be searched from a plan of it on."""

    problem: Problem
    start: Solution
    seed: int
    mix: Mix

    def searcher(self) -> "PartSearch":
        """Begin."""
        return PartSearch(self)


class PartSearch:
    """The search of a part by itself, with all that the search of a whole day does, in one process."""

    def __init__(self, part: Part) -> None:
        self.problem, self.best = part.problem, part.start
        self.late: float | None = None
        self.search = Search(part.problem, part.start, Team(None), part.mix, part.seed, self._tell)

    def run(self, order: Round) -> Report:
        """Search for one round; what was found by its end is still mended for a moment."""
        if order.until is not None:
            self.late = order.until + HASTY
            self.search.run_until(order.until, None)
        else:
            self.search.run_for(order.iterations or 0, None)
        return Report((), 0, self.best)

    def _tell(self, sequences: Sequences, phase: str) -> Solution:
        """Mend a proposal, keep it if it is better."""
        legal = mend(self.problem, sequences, self.late)
        if rank(self.problem, legal) < rank(self.problem, self.best):
            self.best = legal
        return legal
