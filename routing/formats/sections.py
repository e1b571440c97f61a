"""The sections of a VRPLIB file as checked columns of numbers, each refusal with its line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.formats import demand, shown
from routing.problem.rules import LARGEST

Column = NDArray[np.float64]
"""Numbers of a section, one per place or per vehicle."""

MOST = LARGEST // 1000
"""A number at most: the finest rounding makes a thousand of one, and that is a figure of a problem still."""


@dataclass(frozen=True)
class Sections:
    """A parsed file.

    Parameters
    ----------
    found
        What the parser gave: specifications and sections by their names in lower case.
    lines
        For each section, the numbers of its lines in the file.
    """

    found: Mapping[str, Any]
    lines: Mapping[str, list[int]]

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def whole(self, name: str, default: int | None = None) -> int:
        """Give a specification that is a whole number of 1 or more."""
        value = self.found.get(name, default)
        demand(type(value) is int and value >= 1, f"{name.upper()}: expected a whole number of 1 or more, got {shown(value)}")
        _demand_most(name.upper(), [value])
        return int(value)

    def word(self, name: str) -> str:
        """Give a specification that is text, or nothing."""
        return str(self.found.get(name, "")).strip().strip('"')

    def column(self, name: str, count: int, default: float = 0) -> Column:
        """Give one number for each of `count` places or vehicles; a specification holds for all."""
        value = self.found.get(name, default)
        if isinstance(value, (int, float, str)):
            demand(_number(value), f"{name.upper()}: expected a number, got {shown(value)}")
            _demand_most(name.upper(), [value])
            demand(float(value) >= 0, f"{name.upper()}: expected 0 or more, got {value}")
            return np.full(count, float(value))
        return self.table(name, count, 1)[:, 0]

    def table(self, name: str, count: int, width: int, negative: bool = False) -> NDArray[np.float64]:
        """Give `width` numbers for each of `count` places or vehicles."""
        rows = [[_plain(cell) for cell in np.atleast_1d(row).tolist()] for row in self.found[name]]
        title = f"{name.upper()}_SECTION"
        for number, row in enumerate(rows):
            right = len(row) == width and all(_number(cell) for cell in row)
            demand(right, f"{self._at(name, number)}: expected {width} numbers after the index, got {_words(row)}")
            demand(negative or min(row) >= 0, f"{self._at(name, number)}: expected 0 or more, got {_words(row)}")
            _demand_most(self._at(name, number), row)
        demand(len(rows) == count, f"{title}: has {len(rows)} lines, expected {count}")
        return np.array(rows, dtype=np.float64).reshape(count, width)

    def length(self, name: str) -> int:
        """Count the lines of a section; a specification is one."""
        value = self.found.get(name, 0)
        return 1 if isinstance(value, (int, float, str)) else len(value)

    def demand_none(self, name: str, loads: Column) -> None:
        """Refuse loads of the depots, which are given as they come: first, and one per line."""
        for number, load in enumerate(loads.tolist()):
            demand(load == 0, f"{self._at(name, number)}: expected 0 at a depot, got {load:g}")

    def lists(self, name: str, count: int, most: int) -> list[list[int]]:
        """Give a list of indices counted from 1 for each of `count` vehicles, as indices counted from 0."""
        rows = [np.atleast_1d(row).tolist() for row in self.found[name]]
        demand(len(rows) == count, f"{name.upper()}_SECTION: has {len(rows)} lines, expected {count}, one per vehicle")
        for number, row in enumerate(rows):
            right = all(type(cell) is int and 1 <= cell <= most for cell in row)
            demand(right, f"{self._at(name, number)}: expected indices from 1 to {most}, got {_words(row)}")
        return [[cell - 1 for cell in row] for row in rows]

    def windows(self, count: int) -> NDArray[np.float64]:
        """Give the opening and closing of each place."""
        rows = self.table("time_window", count, 2)
        for number, (opens, closes) in enumerate(rows):
            at = self._at("time_window", number)
            demand(opens <= closes, f"{at}: expected an opening before the closing, got {opens:g} to {closes:g}")
        return rows

    def _at(self, name: str, row: int) -> str:
        """Say where a row of a section stands."""
        lines = self.lines.get(name, [])
        return f"{name.upper()}_SECTION, line {lines[row]}" if row < len(lines) else f"{name.upper()}_SECTION"


def _plain(cell: Any) -> Any:
    """Give a number back that the parser took for text, as it takes all of a section with one word in it."""
    try:
        return float(cell) if isinstance(cell, str) else cell
    except ValueError:
        return cell


def _number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")  # nan is not below; numpy would know 64 bits only


def _demand_most(at: str, row: list[Any]) -> None:
    """Refuse numbers that do not fit into a problem's figures."""
    demand(max(map(abs, row)) <= MOST, f"{at}: expected at most {MOST:,}, got {_words(row)}")


def _words(row: list[Any]) -> str:
    return shown(" ".join(f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row))
