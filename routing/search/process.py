"""Two of our own processes talking in pickles over pipes, and how one ends the other.

The engines hold the interpreter lock, may overrun their own limits and may not give memory back: a process of their own
can be killed. It is started afresh as `python -m`, not forked and not by multiprocessing's spawn, which would import the
caller's main module again.
"""

import logging
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any, cast

_log = logging.getLogger(__name__)


class Ended:
    """Says that the other process will say no more."""


ENDED = Ended()


class Process:
    """A module of ours running as a process, until `close`.

    Parameters
    ----------
    module
        What to run, as "routing.child"; it talks by `talk`.
    leads
        Whether it leads a process group of its own: then whatever it starts is killed with it, and a ^C at the
        terminal does not reach it.
    """

    def __init__(self, module: str, leads: bool = False) -> None:
        self.leads = leads
        self.process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", module],
            cwd=Path(__file__).parents[2],  # -m looks here first, wherever the caller stands
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=leads,
        )
        self._out: SimpleQueue[object] = SimpleQueue()
        self._in: SimpleQueue[Any] = SimpleQueue()
        self._threads = [
            Thread(target=_speak, args=(self.process.stdin, self._out), daemon=True),
            Thread(target=_listen, args=(self.process.stdout, self._in), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def say(self, message: object) -> None:
        """Send a message; it goes out by a thread of its own, as a process that died must not block us."""
        self._out.put(message)

    def hear(self, timeout: float) -> Any:
        """Give the next message, `ENDED` when there will be none.

        Raises
        ------
        queue.Empty
            Nothing came within `timeout` seconds.
        """
        return self._in.get(timeout=max(0.0, timeout))

    def close(self) -> None:
        """Kill it, with its group if it leads one."""
        with suppress(ProcessLookupError):
            if self.leads:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        self._out.put(ENDED)
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # closing flushes, and nobody reads a killed process's input
                cast(IO[bytes], pipe).close()


def _speak(pipe: IO[bytes], messages: "SimpleQueue[object]") -> None:
    """Write each message until told that there are no more."""
    while (message := messages.get()) is not ENDED:
        try:
            pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
            pipe.flush()
        except OSError as error:
            _log.error("a search process did not take what it was told: %s", error)
            return


def _listen(pipe: IO[bytes], messages: "SimpleQueue[Any]") -> None:
    """Put each message into the queue until the pipe ends, is cut in half by a kill, or says what cannot be read."""
    try:
        while True:
            messages.put(pickle.load(pipe))  # noqa: S301 - written by our own process
    except (EOFError, pickle.UnpicklingError, OSError):
        pass  # the other side is gone
    except Exception:  # a pickle may raise anything, and who waits for this thread must not wait for ever
        _log.exception("a search process was told what it cannot read")
    finally:
        messages.put(ENDED)


def talk() -> tuple[Iterator[Any], Callable[[object], None]]:
    """Take over standard input and output, as the process that was started: what comes in, and how to answer.

    When the other side closes or dies this process ends at once, whatever it is doing: nobody waits for its answer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a ^C is for who started us, who ends us in its own way
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # an engine that prints must not break the stream
    questions: SimpleQueue[Any] = SimpleQueue()
    # not by sys.stdin, whose lock a thread that reads would still hold when the process ends
    Thread(target=_serve, args=(os.fdopen(os.dup(0), "rb"), questions), daemon=True).start()

    def say(message: object) -> None:
        pickle.dump(message, out, pickle.HIGHEST_PROTOCOL)
        out.flush()

    return iter(questions.get, ENDED), say


def _serve(pipe: IO[bytes], questions: "SimpleQueue[Any]") -> None:
    """Listen until the other side is gone, and end with it."""
    _listen(pipe, questions)
    os._exit(0)
