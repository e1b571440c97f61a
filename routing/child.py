"""Runs the solver in a process of its own under a hard wall-clock limit, and keeps the best plan it streamed.

Over the pipes go pickles between our own processes (`process`): in, the problem and the settings; out, each `Progress`, then
the final `Solution`. A server keeps a `Pool`: children that have loaded the engines already, each for one question.
"""

import logging
from contextlib import closing
from queue import Empty
from threading import Lock
from time import monotonic
from typing import Any

from routing.problem import Problem, Solution
from routing.search import first
from routing.search.process import ENDED, Process, talk
from routing.search.team import Crew
from routing.settings import Listener, Progress, Settings, Stopper

GRACE = 2.0
"""Seconds over the settings' own after which the child is killed."""

LISTEN = 0.1
"""Seconds between two looks at the caller's stop."""

MODULE = "routing.child"

_log = logging.getLogger(__name__)


def run(
    problem: Problem,
    settings: Settings | None = None,
    progress: Listener | None = None,
    stop: Stopper | None = None,
    hard_limit: float | None = None,
    child: Process | None = None,
) -> Solution:
    """Solve in a child process and give the last legal plan, at the worst the first one.

    `progress` and `stop` are called in this process and thread, so they may use its database or sockets; whatever
    they raise ends the child and passes on.

    The child is killed after `hard_limit` seconds of wall clock: by default the settings' own and 2; a search by
    iterations has none. A `child` that waits already is ended in any case.
    """
    settings = settings or Settings()
    if hard_limit is None:
        hard_limit = settings.seconds + GRACE if settings.iterations is None else float("inf")
    began = monotonic()
    until = began + hard_limit
    child = child or Process(MODULE, leads=True)
    try:
        child.say((problem, settings))
        best = _last(child, until, progress, stop)
    finally:
        child.close()
    return _first(problem, began, progress) if best is None else best


def _first(problem: Problem, began: float, progress: Listener | None) -> Solution:
    """Make and tell the first plan here: the child was ended before it had one."""
    plan = first(problem, monotonic() + 1)
    if progress is not None:
        progress(Progress.of(plan, monotonic() - began, "first"))
    return plan


def _last(child: Process, until: float, progress: Listener | None, stop: Stopper | None) -> Solution | None:
    """Listen until the child has answered, the time is up or someone says stop; give the last plan it told."""
    best: Solution | None = None
    while not (stop is not None and stop()):
        message = _next(child, until)
        if isinstance(message, Progress):
            best = message.solution
            if progress is not None:
                progress(message)
        elif isinstance(message, Solution):
            return message
        elif message is ENDED:
            break
    return best


def _next(child: Process, until: float) -> Any:
    """Wait a moment for a message: `ENDED` too when the time is up, None when there is none yet."""
    now = monotonic()
    try:
        return child.hear(min(LISTEN, until - now))
    except Empty:
        return ENDED if now >= until else None


class Pool:
    """Children with their engines loaded, for a server that must answer at once.

    A child is used for one question only: what its engines leave behind ends with it, and the next is started when it has
    ended, as loading would take from its cores. May be used from several threads.
    """

    def __init__(self, size: int = 1) -> None:
        self._lock = Lock()
        self._size = size
        self._closed = False
        self._waiting: list[Process] = []
        self._fill()

    def run(
        self,
        problem: Problem,
        settings: Settings | None = None,
        progress: Listener | None = None,
        stop: Stopper | None = None,
    ) -> Solution:
        """Solve as `run` does, in a child that waits already if there is one."""
        try:
            return run(problem, settings, progress, stop, child=self._take())
        finally:
            self._fill()

    def close(self) -> None:
        """End the children that wait."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        for child in waiting:
            child.close()

    def _take(self) -> Process | None:
        """Give a living child that waits, if there is one; it is the caller's to close."""
        with self._lock:
            while self._waiting:
                child = self._waiting.pop(0)
                if child.process.poll() is None:
                    return child
                child.close()
        return None

    def _fill(self) -> None:
        """Start children until enough wait."""
        with self._lock:
            try:
                while not self._closed and len(self._waiting) < self._size:
                    self._waiting.append(Process(MODULE, leads=True))
            except OSError:
                # the plan that was just found is not lost for that; the next search starts its own
                _log.exception("no search process could be started to wait")


def main() -> None:
    """Answer one question from standard input on standard output, as the child."""
    questions, say = talk()
    from routing.model import polish  # noqa: F401 - loaded before the question comes
    from routing.solver import solve

    # only now: who asked without waiting is to have the first plan first
    with closing(Crew(Settings().cores)) as crew:
        for problem, settings in questions:
            say(solve(problem, settings, progress=say, crew=crew))
            return


if __name__ == "__main__":
    main()
