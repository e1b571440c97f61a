"""Runs the solver in a process of its own under a hard wall-clock limit, and keeps the best plan it streamed.

The engines hold the interpreter lock, may overrun their own limits and may not give memory back: a process of
their own can be killed. It is started afresh as `python -m routing.child`, not forked and not by multiprocessing's
spawn, which would import the caller's main module again. Over the pipes go pickles between our own two processes:
in, the problem and the settings; out, each `Progress`, then the final `Solution`.
"""

import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import dup, dup2, fdopen
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO, cast

from routing.problem import Problem, Solution
from routing.search import first
from routing.settings import Listener, Progress, Settings, Stopper

GRACE = 2.0
"""Seconds over the settings' own after which the child is killed."""

LISTEN = 0.1
"""Seconds between two looks at the caller's stop."""

_log = logging.getLogger(__name__)
_Message = Progress | Solution | None


def run(
    problem: Problem,
    settings: Settings | None = None,
    progress: Listener | None = None,
    stop: Stopper | None = None,
    hard_limit: float | None = None,
) -> Solution:
    """Solve in a child process and give the last legal plan, at the worst the first one.

    `progress` and `stop` are called in this process and thread, so they may use its database or sockets; whatever
    they raise ends the child and passes on. `hard_limit` is the seconds of wall clock after which the child is
    killed: by default the settings' own and 2.
    """
    settings = settings or Settings()
    until = monotonic() + (settings.seconds + GRACE if hard_limit is None else hard_limit)
    best: Solution | None = None
    with _started(problem, settings) as messages:
        while not (stop is not None and stop()):
            try:
                message = messages.get(timeout=max(0.0, min(LISTEN, until - monotonic())))
            except Empty:
                if monotonic() >= until:
                    break
                continue
            if not isinstance(message, Progress):
                best = message or best
                break
            best = message.solution
            if progress is not None:
                progress(message)
    return first(problem, monotonic() + 1) if best is None else best


@contextmanager
def _started(problem: Problem, settings: Settings) -> Iterator["SimpleQueue[_Message]"]:
    """Start a child and give the queue of what it says, None when it says no more; kill it at the end."""
    child = subprocess.Popen(
        [sys.executable, "-m", "routing.child"],
        cwd=Path(__file__).parent.parent,  # -m looks here first, wherever the caller stands
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    messages: SimpleQueue[_Message] = SimpleQueue()
    speaker = Thread(target=_speak, args=(child.stdin, (problem, settings)), daemon=True)
    reader = Thread(target=_read, args=(child.stdout, messages), daemon=True)
    try:
        speaker.start()
        reader.start()
        yield messages
    finally:
        child.kill()
        child.wait()
        for thread in (speaker, reader):
            thread.join()
        for pipe in (child.stdin, child.stdout):
            with suppress(OSError):  # closing flushes, and nobody reads a killed child's input
                cast(IO[bytes], pipe).close()


def _speak(pipe: IO[bytes], question: tuple[Problem, Settings]) -> None:
    """Hand the question over, in a thread of its own: a child that died must not block us."""
    try:
        pickle.dump(question, pipe)
        pipe.flush()
    except OSError as error:
        _log.error("the solver's process did not take the problem: %s", error)


def _read(pipe: IO[bytes], messages: "SimpleQueue[_Message]") -> None:
    """Put each message into the queue until the pipe ends; a message cut in half by a kill ends it too."""
    try:
        while True:
            messages.put(pickle.load(pipe))  # noqa: S301 - written by our own child
    except (EOFError, pickle.UnpicklingError, OSError):
        messages.put(None)


def main() -> None:
    """Answer one question from standard input on standard output, as the child."""
    out = fdopen(dup(1), "wb")
    dup2(2, 1)  # an engine that prints must not break the stream
    problem, settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
    from routing.solver import solve

    def say(message: Progress | Solution) -> None:
        pickle.dump(message, out)
        out.flush()

    say(solve(problem, settings, progress=say))


if __name__ == "__main__":
    main()
