"""Searches a day of many calls part by part: every core takes a part, and the cuts move from sweep to sweep."""

from collections.abc import Callable, Sequence
from time import monotonic

from routing.problem import Problem, Solution
from routing.schedule import assemble
from routing.search import mend, rank
from routing.search.able import answerable
from routing.search.mix import Mix
from routing.search.regions import parts, restored, within
from routing.search.searcher import Report, Round, Task
from routing.search.team import Team
from routing.search.words import Path, Translation
from routing.settings import Stopper

SWEEPS = 4
"""Times every part is searched, about: each time with other seams."""

SHORTEST = 1.0
"""Seconds a part is searched at least."""

TURN = 0.381966
"""Turns between the cuts of two sweeps: the golden angle, which never comes back to the same place."""


class Regions:
    """The search of a large day from a legal plan on."""

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
            slice_seconds = None if until is None else max(SHORTEST, (until - began) / (SWEEPS * max(1, len(batches))))
            for batch in batches:
                if stop is not None and stop():
                    return
                end = None if until is None or slice_seconds is None else min(until, monotonic() + slice_seconds)
                if end is not None and end - monotonic() < SHORTEST / 2:
                    return
                self._search(batch, Round(end, share), stop)
            sweep += 1

    def _goes_on(self, sweep: int, until: float | None, stop: Stopper | None) -> bool:
        if stop is not None and stop():
            return False
        return sweep < SWEEPS if until is None else monotonic() < until - SHORTEST / 2

    def _search(self, batch: Sequence[Problem], order: Round, stop: Stopper | None) -> None:
        """Search some parts at once, and put what is better into the plan."""
        words = []
        tasks, orders = [], []
        for part in batch:
            able = answerable(part)
            here = self._within(part)
            must = not any(part.call[call].prize is None and call in able for call in here.left_out)
            words.append(Translation(part, must, able))
            self.asked += 1
            tasks.append(Task(part, able, must, 1_000 * self.seed + self.asked, self.mix.breed(0)))
            paths: tuple[Path, ...] = tuple(words[-1].paths(here))
            orders.append(Round(order.until, order.iterations, (paths,)))
        self.team.begin(tasks)
        self.team.ask(orders)
        for number, report in sorted(self.team.answers(stop).items()):
            self._take(batch[number], words[number], report, order.until)

    def _within(self, part: Problem) -> Solution:
        return assemble(part, within(part, self.solution, self.problem))

    def _take(self, part: Problem, words: Translation, report: Report, until: float | None) -> None:
        """Take over what a search found of its part if the whole is better for it."""
        if not report.plans:
            return
        late = None if until is None else until + SHORTEST
        found = mend(part, words.sequences(report.plans[0].paths), late)
        if rank(part, found) >= rank(part, self._within(part)):
            return
        others = [route for route in self.solution.routes if route.vehicle not in part.vehicle]
        self.solution = assemble(self.problem, [*others, *restored(self.problem, part, found.routes)])
        self.offer(self.solution, "search")
