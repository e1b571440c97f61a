"""Asks an engine over HTTP: within its time, again when it is busy, never trusting what comes back."""

import http.client
import json
import urllib.error
import urllib.request
from email.message import Message
from typing import Any

from .settings import Note, Patience, TravelError, Watch

PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be over in a moment."""

LARGEST = 64 * 2**20
"""Bytes of an answer; a table of 10,000 pairs has under 200 kB."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds before the second try, doubled before each further one; and what an engine may ask for at most."""


class Refused(Exception):
    """The engine understood the question and will not answer it: its own code and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code
        self.words = words


class _Again(Exception):
    """It may work in a moment; else `note` says why not."""

    def __init__(self, note: Note, pause: float = 0.0) -> None:
        super().__init__(note.says)
        self.note = note
        self.pause = pause


class Talk:
    """A conversation with the engine at `url`, with one time limit for all of it."""

    def __init__(self, url: str, patience: Patience, watch: Watch) -> None:
        self.url = url.rstrip("/")
        self._patience = patience
        self._watch = watch
        self._until = watch.clock() + patience.total

    def ask(self, path: str, body: object = None) -> Any:
        """Ask, and give the JSON that comes back.

        Raises
        ------
        Refused
            The engine will not answer this question.
        TravelError
            It does not answer at all, the time is up, or somebody said stop.
        """
        for attempt in range(1, self._patience.tries + 1):
            self._go_on()
            try:
                return self._once(path, body)
            except _Again as trouble:
                if attempt == self._patience.tries:
                    raise TravelError(trouble.note) from trouble
                pause = max(trouble.pause, FIRST_PAUSE * 2 ** (attempt - 1))
                self._watch.wait(min(pause, LONGEST_PAUSE, max(0.0, self._left())))
        raise AssertionError("unreachable: the last try answers or raises")

    def _go_on(self) -> None:
        if self._watch.stop():
            raise TravelError(Note.of("stopped", url=self.url))
        if self._left() <= 0:
            raise TravelError(Note.of("too_long", url=self.url, seconds=f"{self._patience.total:g}"))

    def _left(self) -> float:
        return self._until - self._watch.clock()

    def _once(self, path: str, body: object) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        # the settings let nothing but http and https in
        request = urllib.request.Request(f"{self.url}{path}", sent, {"Content-Type": "application/json"})  # noqa: S310
        seconds = min(self._patience.request, max(self._left(), 0.001))
        try:
            with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310
                return json.loads(self._read(response, self._watch.clock() + seconds))
        except urllib.error.HTTPError as error:
            with error:
                raise self._judge(error.code, error.headers, error.read(LARGEST)) from error
        except ValueError as error:
            raise _Again(Note.of("garbage", url=self.url, why=type(error).__name__)) from error
        except (OSError, http.client.HTTPException) as error:
            raise _Again(Note.of("no_answer", url=self.url, why=_why(error))) from error

    def _read(self, response: http.client.HTTPResponse, until: float) -> bytes:
        """Read an answer to its end; a socket's own time limit begins anew with every byte."""
        parts, size = [], 0
        while part := response.read1(2**16):
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise ValueError("too large")
            if self._watch.clock() > until:
                raise TimeoutError("timed out")
        return b"".join(parts)

    def _judge(self, status: int, headers: Message, body: bytes) -> Exception:
        if status in PASSING:
            after = headers.get("Retry-After", "")
            pause = float(after) if after.isdecimal() else 0.0
            return _Again(Note.of("busy", url=self.url, status=status), pause)
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        said = said if isinstance(said, dict) else {}
        code = str(said.get("code") or said.get("error_code") or status)
        return Refused(code, str(said.get("message") or said.get("error") or f"status {status}"))


def _why(error: BaseException) -> str:
    """Say in a word or two what went wrong below HTTP."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return "timed out"
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
