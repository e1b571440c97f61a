"""Makes the plan: a first one at once, proposals by local search, the decision by the full model.

The checker judges every plan on the way; of the legal ones the cheapest wins, after those that leave out the
fewest calls without a prize.
"""

import logging
from collections.abc import Callable
from time import monotonic

from routing.checker import violations
from routing.insertion import Sequences
from routing.problem import Problem, Solution
from routing.schedule import assemble
from routing.search import first, mend, propose
from routing.settings import Listener, Progress, Settings, Stopper

POLISH_PER_CALL = 0.25
"""Seconds of guided local search per call at most: it never ends by itself, and a small day needs no more."""

CATCH_UP = 0.3
"""Seconds the last proposal may take over the limit to be mended."""

_log = logging.getLogger(__name__)


def solve(
    problem: Problem,
    settings: Settings | None = None,
    progress: Listener | None = None,
    stop: Stopper | None = None,
) -> Solution:
    """Find a cheap legal plan in about `settings.seconds`; what no vehicle can do is left out.

    For a seed the result is the same as long as the searches end by themselves (small days); once the clock ends
    them it depends on the machine's speed. Limits are kept by the engines' own clocks, which may overrun with
    1,000 calls and more: `child.run` sets a hard one.
    """
    settings = settings or Settings()
    began = monotonic()
    end = began + settings.seconds
    best = _Best(problem, progress, stop, end)
    best.offer(first(problem, began + max(0.5, settings.seconds / 4)), "first")
    if settings.seconds == 0 or not problem.vehicles or not problem.calls:
        return best.solution
    propose(problem, (end - monotonic()) * settings.proposing, settings.seed, best.listener("search"), stop)
    best.catch_up()
    if not best.stopped():
        from routing.model import polish  # OR-Tools is loaded only when it is used

        until = min(end, monotonic() + 1 + POLISH_PER_CALL * len(problem.calls))
        polish(problem, best.solution, until, best.listener("polish"), stop)
        best.catch_up()
    return best.solution


class _Best:
    """The best legal plan so far, told of each candidate."""

    def __init__(self, problem: Problem, progress: Listener | None, stop: Stopper | None, end: float) -> None:
        self.problem, self.progress, self.stop, self.end = problem, progress, stop, end
        self.began = self.listens = monotonic()
        self.unheard: tuple[Sequences, str] | None = None
        self.solution = assemble(problem, ())

    def offer(self, candidate: Solution, phase: str) -> None:
        """Keep a candidate if it is legal and better, or the first."""
        if phase != "first" and self._rank(candidate) >= self._rank(self.solution):
            return
        broken = violations(self.problem, candidate)
        if broken:
            _log.error("%s made an illegal plan, set aside: %s", phase, broken[0])
            return
        self.solution = candidate
        if self.progress is not None:
            seconds = monotonic() - self.began
            self.progress(Progress(seconds, candidate.cost, len(candidate.routes), len(candidate.left_out), phase, candidate))

    def listener(self, phase: str) -> Callable[[Sequences], None]:
        """Make the ear for an engine: early proposals come fast, so at most a tenth of the time goes to mending them."""

        def listen(sequences: Sequences) -> None:
            began = monotonic()
            self.unheard = (sequences, phase) if began < self.listens else None
            if self.unheard is None:
                self.offer(mend(self.problem, sequences, self.end), phase)
                self.listens = monotonic() + 9 * (monotonic() - began)

        return listen

    def catch_up(self) -> None:
        """Take the last proposal that was not listened to."""
        if self.unheard is not None:
            sequences, phase = self.unheard
            self.unheard = None
            self.offer(mend(self.problem, sequences, max(self.end, monotonic() + CATCH_UP)), phase)

    def stopped(self) -> bool:
        """Say whether the search was told to end."""
        return self.stop is not None and self.stop()

    def _rank(self, solution: Solution) -> tuple[int, int]:
        must = sum(self.problem.call[call].prize is None for call in solution.left_out)
        return must, solution.cost
