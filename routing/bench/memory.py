"""Watches how much memory processes take together, where the system tells (Linux)."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

PROC = Path("/proc")

EVERY = 0.5
"""Seconds between two looks."""


class Watch:
    """The most memory that process groups took together, what they share counted for each.

    Parameters
    ----------
    leaders
        Ids of the processes that lead the groups.
    """

    def __init__(self, leaders: Sequence[int]) -> None:
        self.leaders = set(leaders)
        self.most = 0
        self._over = Event()

    @property
    def mebibytes(self) -> int | None:
        """What was seen at most; None where nothing was."""
        return round(self.most / 2**20) or None

    @contextmanager
    def watching(self) -> Iterator["Watch"]:
        """Look until the end of the block."""
        thread = Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            self.most = max(self.most, sum(_resident(pid) for pid in _pids() if _group(pid) in self.leaders))


def _pids() -> list[int]:
    return [int(path.name) for path in PROC.iterdir() if path.name.isdigit()] if PROC.is_dir() else []


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None  # it has just ended


def _resident(pid: int) -> int:
    """Give the bytes a process holds in memory."""
    try:
        pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    except OSError:
        return 0  # it has just ended
    return pages * os.sysconf("SC_PAGE_SIZE")
