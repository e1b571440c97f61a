"""Ways from a file that somebody made: CSV in rows or as squares, or NumPy's .npz and .npy; every number is checked.

Rows: `from,to,seconds,metres`, one line for each way. Squares: a line `seconds,NAME,NAME,...` and one line for each place
that begins with its name; a second square, `metres,NAME,...`, may follow in the same file. .npz: arrays `seconds`, `metres`
and, unless the places stand in the order of the day, `names`. .npy: the seconds alone.
"""

import csv
import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.problem import LONGEST, Place

from .circle import estimate
from .settings import Note, Travel, TravelError, TravelSettings

Matrix = NDArray[np.float64]
QUANTITIES = ("seconds", "metres")


def ways(places: Sequence[Place], settings: TravelSettings, names: Sequence[str]) -> Travel:
    """Read the ways between places from the settings' file; metres it does not have are estimated, with a note.

    Raises
    ------
    TravelError
        The file cannot be read, or a way is missing, twice there, negative or no number.
    """
    if settings.file is None:
        raise ValueError("travel: no file is named")
    found = read(settings.file, names)
    none = found["seconds"] >= LONGEST
    seconds = np.where(none, LONGEST, np.ceil((found["seconds"] * settings.factor).round(3)).clip(max=LONGEST)).astype(np.int64)
    if "metres" in found:
        return Travel(seconds, np.ceil(found["metres"]).astype(np.int64), False)
    return Travel(seconds, estimate(places, settings).metres, False, (Note.of("no_metres", file=settings.file.name),))


def read(file: Path, names: Sequence[str]) -> dict[str, Matrix]:
    """Read a table's matrices over the named places, in their order."""
    try:
        found = _arrays(file, names) if file.suffix in (".npz", ".npy") else _Csv(file, names).read()
    except (OSError, ValueError, EOFError, csv.Error, zipfile.BadZipFile) as error:
        if isinstance(error, TravelError):
            raise
        raise TravelError(Note.of("unreadable", file=file.name, why=getattr(error, "strerror", None) or str(error))) from error
    for name, matrix in found.items():
        np.fill_diagonal(matrix, 0)
        _check(file, name, matrix, names)
    return found


def _check(file: Path, quantity: str, matrix: Matrix, names: Sequence[str]) -> None:
    missing = np.argwhere(np.isnan(matrix))
    if len(missing):
        source, target = (names[number] for number in missing[0])
        raise TravelError(Note.of("missing", file=file.name, ways=len(missing), source=source, target=target))
    wrong = np.argwhere((matrix < 0) | (matrix > LONGEST))
    if len(wrong):
        source, target = (names[number] for number in wrong[0])
        value = f"{matrix[tuple(wrong[0])]:g}"
        raise _cell(file, f"{quantity} from {source} to {target}", value)


def _cell(file: Path, where: str, value: str) -> TravelError:
    return TravelError(Note.of("cell", file=file.name, where=where, value=value, longest=f"{LONGEST:,}"))


def _arrays(file: Path, names: Sequence[str]) -> dict[str, Matrix]:
    with file.open("rb") as stream:
        loaded = np.load(stream, allow_pickle=False)
        arrays = {"seconds": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    if "seconds" not in arrays:
        raise ValueError("it has no array named seconds")
    known = [str(name) for name in arrays["names"]] if "names" in arrays else list(names)
    at = _places({name: number for number, name in enumerate(known)}, names)
    return {name: _ordered(file, name, arrays[name], len(known), at) for name in QUANTITIES if name in arrays}


def _places(known: Mapping[str, int], names: Sequence[str]) -> NDArray[np.int64]:
    """Give the row of each place, -1 for one that has none."""
    return np.array([known.get(name, -1) for name in names], dtype=np.int64)


def _ordered(file: Path, name: str, array: NDArray[np.generic], size: int, at: NDArray[np.int64]) -> Matrix:
    """Bring an array into the order of the places; a row that is not there is all missing."""
    if array.shape != (size, size):
        raise TravelError(Note.of("shape", file=file.name, name=name, shape=str(array.shape), expected=str((size, size))))
    if not np.issubdtype(array.dtype, np.number) or np.issubdtype(array.dtype, np.complexfloating):
        raise ValueError(f"{name} holds {array.dtype}, expected numbers")
    framed = np.full((size + 1, size + 1), np.nan)
    framed[:size, :size] = array
    return framed[np.ix_(at, at)]


class _Csv:
    """A CSV file being read: the matrices so far, and where the reader stands."""

    def __init__(self, file: Path, names: Sequence[str]) -> None:
        self._file = file
        self._index = {name: number for number, name in enumerate(names)}
        self._found: dict[str, Matrix] = {}
        self._size = len(names)

    def read(self) -> dict[str, Matrix]:
        with self._file.open(encoding="utf-8-sig", newline="") as stream:
            lines = list(enumerate(csv.reader(stream, delimiter=self._delimiter()), 1))
        filled = [(number, [cell.strip() for cell in line]) for number, line in lines if any(cell.strip() for cell in line)]
        if not filled:
            raise ValueError("it is empty")
        head = filled[0][1]
        if head[:3] == ["from", "to", "seconds"] and head[3:] in ([], ["metres"]):
            self._rows(head[2:], filled[1:])
        elif head[0] in QUANTITIES:
            self._squares(filled)
        else:
            raise TravelError(Note.of("columns", file=self._file.name, line=",".join(head)[:80]))
        if "seconds" not in self._found:
            raise ValueError("it has no seconds")
        return self._found

    def _delimiter(self) -> str:
        with self._file.open(encoding="utf-8-sig") as stream:
            head = stream.readline()
        return ";" if head.count(";") > head.count(",") else ","

    def _rows(self, quantities: list[str], lines: Sequence[tuple[int, list[str]]]) -> None:
        for quantity in quantities:
            self._begin(quantity)
        for number, line in lines:
            self._expect(number, line, 2 + len(quantities))
            for quantity, cell in zip(quantities, line[2:], strict=True):
                self._put(quantity, number, (line[0], line[1]), cell)

    def _squares(self, lines: Sequence[tuple[int, list[str]]]) -> None:
        head: list[str] = []
        for number, line in lines:
            # a place may be called "metres", but not twice
            if line[0] in QUANTITIES and line[0] not in self._found:
                head = line
                self._begin(line[0])
                continue
            self._expect(number, line, len(head))
            for target, cell in zip(head[1:], line[1:], strict=True):
                self._put(head[0], number, (line[0], target), cell)

    def _begin(self, quantity: str) -> None:
        self._found[quantity] = np.full((self._size, self._size), np.nan)

    def _expect(self, number: int, line: list[str], cells: int) -> None:
        if len(line) != cells:
            raise ValueError(f"line {number} has {len(line)} cells, expected {cells}")

    def _put(self, quantity: str, number: int, way: tuple[str, str], cell: str) -> None:
        """Note one number; ways to places that nobody asked for are not read."""
        source, target = (self._index.get(name) for name in way)
        if source is None or target is None or source == target:
            return
        matrix = self._found[quantity]
        if not math.isnan(matrix[source, target]):
            raise TravelError(Note.of("twice", file=self._file.name, where=f"line {number}", source=way[0], target=way[1]))
        matrix[source, target] = self._number(f"line {number}", cell)

    def _number(self, where: str, cell: str) -> float:
        try:
            value = float(cell)
        except ValueError as error:
            raise _cell(self._file, where, repr(cell)) from error
        if not 0 <= value <= LONGEST:
            raise _cell(self._file, where, cell)
        return value
