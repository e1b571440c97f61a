"""Several searches at once, one process for each core; or one, in this process.

They work in rounds (`searcher`), so that with a budget of iterations instead of seconds the same team finds the same plans.
"""

import logging
from collections.abc import Callable, Sequence
from queue import Empty
from time import monotonic

from routing.search.process import ENDED, Process
from routing.search.searcher import Errand, InRounds, Report, Round
from routing.settings import Stopper

LISTEN = 0.05
"""Seconds between two looks at the caller's stop."""

LATE = 5.0
"""Seconds after a round's end at which a worker that has not answered is given up: one step of a large search may be long."""

LAST = 1.0
"""Seconds after the end of all the time at which nobody is waited for any more."""

_log = logging.getLogger(__name__)


class Crew:
    """Worker processes that wait for a task, their engines loaded."""

    def __init__(self, count: int) -> None:
        self.processes: list[Process] = []
        self.resize(count)

    def resize(self, count: int) -> None:
        """Let those go that are too many, start those that are missing."""
        for process in self.processes[count:]:
            process.close()
        missing = range(count - len(self.processes))
        self.processes = [*self.processes[:count], *(Process("routing.search.worker") for _ in missing)]

    def close(self) -> None:
        """End them all."""
        self.resize(0)

    def dismiss(self, process: Process) -> None:
        """Let go of one that died or hangs."""
        process.close()
        self.processes = [other for other in self.processes if other is not process]


class Team:
    """The searches of one problem, or of several parts of it.

    Parameters
    ----------
    end
        Reading of the monotonic clock at which all the time is up; None where there is no clock.
    """

    def __init__(self, crew: Crew | None, end: float | None = None) -> None:
        self.crew = crew
        self.end = float("inf") if end is None else end
        self.here: list[InRounds] = []
        self.orders: list[Round] = []
        self.busy: list[tuple[int, Process, float]] = []

    def __len__(self) -> int:
        """Give how many searches there can be at once."""
        return len(self.crew.processes) if self.crew is not None and self.crew.processes else 1

    def begin(self, tasks: Sequence[Errand]) -> None:
        """Hand the tasks out, at most one for each."""
        if self.remote:
            for process, task in zip(self._processes(), tasks, strict=False):
                process.say(task)
        else:
            self.here = [task.searcher() for task in tasks[:1]]

    def spare(self, count: int) -> None:
        """End so many searches, for their cores."""
        for process in self._processes()[:count]:
            if self.crew is not None:
                self.crew.dismiss(process)

    def ask(self, orders: Sequence[Round]) -> None:
        """Send them into a round, one order for each."""
        self.orders = list(orders)
        self.busy = []
        for number, (process, order) in enumerate(zip(self._processes(), orders, strict=False)):
            process.say(order)
            self.busy.append((number, process, self._latest(order)))

    def _latest(self, order: Round) -> float:
        """Give until when to wait for a report."""
        return float("inf") if order.until is None else min(order.until + LATE, self.end + LAST)

    def answers(self, stop: Stopper | None = None) -> dict[int, Report]:
        """Wait for the round's end and give the reports by number of the task; without those who died, or when stopped."""
        if not self.remote:
            return {
                number: searcher.run(order)
                for number, (searcher, order) in enumerate(zip(self.here, self.orders, strict=False))
            }
        found: dict[int, Report] = {}
        busy, self.busy = self.busy, []
        for number, process, latest in busy:
            report = self._answer(process, latest, stop)
            if report is not None:
                found[number] = report
        return found

    def _answer(self, process: Process, latest: float, stop: Callable[[], bool] | None) -> Report | None:
        """Wait for one report."""
        while not (stop is not None and stop()):
            try:
                message = process.hear(LISTEN)
            except Empty:
                if monotonic() < latest:
                    continue
                message = ENDED
            if isinstance(message, Report):
                return message
            _log.error("a search process died or hangs; the others go on")
            if self.crew is not None:
                self.crew.dismiss(process)
            break
        return None

    @property
    def remote(self) -> bool:
        """Whether searches run in processes of their own."""
        return self.crew is not None and bool(self.crew.processes)

    def _processes(self) -> list[Process]:
        return list(self.crew.processes) if self.crew is not None else []
