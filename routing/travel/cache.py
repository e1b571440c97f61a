"""Keeps an engine's answers on disk, so that only the ways to new places are asked for.

One SQLite file for all engines and profiles; several processes may use it at once. It holds nothing that cannot be asked
for again: when it cannot be used, all is asked, and a note says so.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.problem import Place

from .settings import Note

FILE = "ways.sqlite"

SCALE = 100_000
"""Places are told apart by steps of 0.00001 degrees, 1.1 m."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS way (
    engine INTEGER, source INTEGER, target INTEGER, seconds REAL, metres REAL, day INTEGER,
    PRIMARY KEY (engine, source, target)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS road (
    engine INTEGER, place INTEGER, metres REAL, day INTEGER, PRIMARY KEY (engine, place)
) WITHOUT ROWID;
"""

NEVER = -1.0
"""Stands for no way and no road; SQLite keeps no infinity that every tool reads."""

KEPT = 4
"""Answers are deleted after so many times the days they are good for: until then they are better than a guess."""

ROWS = 100_000

Matrix = NDArray[np.float64]


def key(place: Place) -> int:
    """Make one number of a place's rounded position."""
    return (round(place.lon * SCALE) + 180 * SCALE) * 400 * SCALE + round(place.lat * SCALE) + 90 * SCALE


class Cache:
    """What is known of one engine and profile since `oldest`, as days since 1970.

    `trouble` is the note to show when the file could not be used; nothing is read or kept from then on.
    """

    def __init__(self, folder: Path | None, engine: str, today: int, days: int) -> None:
        self._file = folder / FILE if folder else None
        self._engine = int.from_bytes(hashlib.sha256(engine.encode()).digest()[:7], "big")
        self._today = today
        self._days = days
        self.trouble: Note | None = None

    def known(self, keys: Sequence[int], *, stale: bool = False) -> tuple[Matrix, Matrix, Matrix]:
        """Give metres to the road, seconds and metres of ways: NaN is not known, infinite is none."""
        order = np.array(keys, dtype=np.int64)
        size = len(order)
        roads, seconds, metres = np.full(size, np.nan), np.full((size, size), np.nan), np.full((size, size), np.nan)
        oldest = self._today - self._days * (KEPT if stale else 1)
        with self._open() as base:
            if base is not None:
                base.execute("CREATE TEMP TABLE wanted (place INTEGER PRIMARY KEY)")
                base.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((int(place),) for place in keys))
                for rows in self._rows(base, _ROADS, oldest):
                    roads[_where(order, rows[:, 0])] = rows[:, 1]
                for rows in self._rows(base, _WAYS, oldest):
                    at = _where(order, rows[:, 0]), _where(order, rows[:, 1])
                    seconds[at], metres[at] = rows[:, 2], rows[:, 3]
        for matrix in (roads, seconds, metres):
            matrix[matrix == NEVER] = np.inf
        return roads, seconds, metres

    def _rows(self, base: sqlite3.Connection, query: str, oldest: int) -> Iterator[Matrix]:
        found = base.execute(query, (self._engine, oldest))
        while rows := found.fetchmany(ROWS):
            yield np.array(rows, dtype=np.float64)

    def keep_roads(self, keys: Sequence[int], metres: Matrix) -> None:
        """Keep how far places lie from the road."""
        self._write("road", [(self._engine, place, *far, self._today) for place, far in zip(keys, _plain(metres), strict=True)])

    def keep_ways(self, sources: Sequence[int], targets: Sequence[int], seconds: Matrix, metres: Matrix) -> None:
        """Keep the ways of a block."""
        pairs = [(source, target) for source in sources for target in targets]
        values = zip(pairs, _plain(seconds), _plain(metres), strict=True)
        self._write("way", [(self._engine, *pair, *second, *metre, self._today) for pair, second, metre in values])

    def prune(self) -> None:
        """Delete what is too old even to stand in for an engine that is down."""
        with self._open() as base:
            if base is not None:
                for table in ("way", "road"):
                    base.execute(f"DELETE FROM {table} WHERE day < ?", (self._today - KEPT * self._days,))  # noqa: S608 - two names of our own

    def _write(self, table: str, rows: Sequence[tuple[float, ...]]) -> None:
        marks = ", ".join("?" * len(rows[0])) if rows else ""
        with self._open() as base:
            if base is not None and rows:
                base.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names of our own

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection | None]:
        """Open the file for one transaction; give None when there is none, or it turned out to be unusable."""
        base = self._connect()
        if base is None:
            yield None
            return
        try:
            with closing(base), base:
                yield base
        except sqlite3.Error as error:
            self._give_up(error)

    def _connect(self) -> sqlite3.Connection | None:
        if self._file is None or self.trouble is not None:
            return None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            base = sqlite3.connect(self._file, timeout=10)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
            return None
        try:
            base.execute("PRAGMA synchronous = NORMAL")
            base.executescript(SCHEMA)
        except sqlite3.Error as error:
            base.close()
            self._give_up(error)
            return None
        return base

    def _give_up(self, error: Exception) -> None:
        self.trouble = Note.of("cache", file=str(self._file), why=str(error))


_ROADS = "SELECT place, metres FROM road WHERE engine = ? AND day >= ? AND place IN (SELECT place FROM wanted)"

# the plus keeps SQLite from looking up each pair by itself: it reads along each source instead, ten times faster
_WAYS = """
SELECT source, target, seconds, metres FROM way
WHERE engine = ? AND day >= ? AND source IN (SELECT place FROM wanted) AND +target IN (SELECT place FROM wanted)
"""


def _plain(matrix: Matrix) -> list[tuple[float]]:
    return [(float(value),) for value in np.where(np.isinf(matrix), NEVER, matrix).ravel()]


def _where(order: NDArray[np.int64], places: Matrix) -> NDArray[np.int64]:
    """Find places by their key; a key has 16 digits at most, which a float holds exactly below 2**53."""
    sorter = np.argsort(order)
    at: NDArray[np.int64] = sorter[np.searchsorted(order, places.astype(np.int64), sorter=sorter)]
    return at
