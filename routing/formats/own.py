"""Our own JSON: every field of a `Problem` under its own name, what has its default left out.

    {"places": [[5.55, 46.67], ...], "dimensions": ["crates", "kg"],
     "calls": [{"id": "a", "place": 1, "deliver": [4, 56], "collect": [0, 0], "windows": [[28800, 43200]]}, ...],
     "vehicles": [{"id": "van", "capacity": [80, 1200], "start": 0, "end": 0, "shift": [21600, 57600]}, ...],
     "seconds": [[0, 540, ...], ...], "metres": [[0, 6200, ...], ...]}

Without "seconds" and "metres" they are estimated from the great circle; null in a matrix is a way that does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from routing.formats import demand, demand_few, shown
from routing.problem import LONGEST, Place, Problem, Ways
from routing.problem.rules import most

MATRICES = ("seconds", "metres")


def problem_of(document: Mapping[str, Any]) -> Problem:
    """Build the problem that a document describes.

    Raises
    ------
    ValueError
        With a sentence naming the field and what was expected.
    """
    plain = {name: value for name, value in document.items() if name not in (*MATRICES, "others")}
    values = _values(Problem, plain, "", skip=(*MATRICES, "others"))
    places = values["places"]
    demand_few(len(places))
    demand_few(len(values["calls"]), "calls")
    given = [name for name in MATRICES if name in document]
    demand(len(given) != 1, "seconds and metres: expected both or none, got one")
    if given:
        values |= {name: matrix(document[name], name) for name in MATRICES}
    else:
        values |= _estimated(places)
    return Problem(**values, others=_others(document.get("others", [])))


def document_of(problem: Problem) -> dict[str, Any]:
    """Write a problem as what JSON can hold; `problem_of` reads it back equal."""
    plain = _fields(problem, skip=(*MATRICES, "others"))
    matrices = {name: getattr(problem, name).tolist() for name in MATRICES}
    others = [{name: getattr(ways, name).tolist() for name in MATRICES} for ways in problem.others]
    return plain | matrices | ({"others": others} if others else {})


def matrix(value: Any, at: str) -> NDArray[np.int64]:
    """Read a matrix of whole numbers, row to column; null is a way that does not exist."""
    demand(isinstance(value, list), f"{at}: expected rows of whole numbers, got {shown(value)}")
    width = len(value)
    for number, row in enumerate(value):
        demand(isinstance(row, list) and len(row) == width, f"{at}[{number}]: expected {width} numbers, one per row")
    try:
        read = np.array(value or np.zeros((0, 0), np.int64))
    except (OverflowError, ValueError):  # numbers too large, or no numbers
        read = None
    if read is None or not np.issubdtype(read.dtype, np.integer):
        read = np.array([[_cell(cell, f"{at}[{i}][{j}]") for j, cell in enumerate(row)] for i, row in enumerate(value)])
    return read.astype(np.int64)


def _cell(value: Any, at: str) -> int:
    """Read one number of a matrix."""
    if value is None:
        return LONGEST
    demand(type(value) is int, f"{at}: expected a whole number or null, got {shown(value)}")
    demand(0 <= value <= LONGEST, f"{at}: expected a number from 0 to {LONGEST:,}, got {value}")
    return int(value)


def _others(value: Any) -> tuple[Ways, ...]:
    """Read the ways of the other profiles."""
    demand(isinstance(value, list), f"others: expected a list, got {shown(value)}")
    for number, ways in enumerate(value):
        known = isinstance(ways, dict) and set(ways) == set(MATRICES)
        demand(known, f"others[{number}]: expected seconds and metres, got {shown(ways)}")
    return tuple(
        Ways(**{name: matrix(ways[name], f"others[{number}].{name}") for name in MATRICES}) for number, ways in enumerate(value)
    )


def _estimated(places: tuple[Place, ...]) -> dict[str, NDArray[np.int64]]:
    """Guess the ways from the great circle."""
    from routing.travel import estimate

    travel = estimate(places)
    return {"seconds": travel.seconds, "metres": travel.metres}


def _values(kind: type, document: Any, at: str, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read the fields of a record, refusing any that it has not."""
    demand(isinstance(document, dict), f"{at}: expected an object, got {shown(document)}")
    hints = _hints(kind)
    known = {entry.name: entry for entry in fields(kind) if entry.name not in skip}
    dot = f"{at}." if at else ""
    for name in document:
        demand(name in known, f"{dot}{name}: unknown; expected one of {', '.join(known)}")
    for name, entry in known.items():
        demand(name in document or not _needed(entry), f"{dot}{name}: is missing")
    return {name: decode(hints[name], value, f"{dot}{name}") for name, value in document.items()}


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Give the types that a record's fields are declared with; looking them up takes longer than reading a call."""
    return get_type_hints(kind)


def _needed(entry: "Field[Any]") -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def decode(kind: Any, value: Any, at: str) -> Any:
    """Read a value as the type that a field is declared with.

    Raises
    ------
    ValueError
        With a sentence naming the field and what was expected.
    """
    origin = get_origin(kind)
    if origin is UnionType:
        inner = next(member for member in get_args(kind) if member is not NoneType)
        return None if value is None else decode(inner, value, at)
    if origin is not None:
        return _COLLECTIONS[origin](get_args(kind), value, at)
    if kind is Place:
        return Place(*decode(tuple[float, float], value, at))
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**_values(kind, value, at))
    expected, fits = _PLAIN[kind]
    demand(fits(value), f"{at}: expected {expected}, got {shown(value)}")
    if kind is int:
        limit = most(at.rpartition(".")[2])
        demand(abs(value) <= limit, f"{at}: expected at most {limit:,}, got {shown(value)}")
    return kind(value)


def _tuple(members: tuple[Any, ...], value: Any, at: str) -> tuple[Any, ...]:
    """Read a list as a tuple: of one kind and any length, or of so many kinds."""
    demand(isinstance(value, list), f"{at}: expected a list, got {shown(value)}")
    if members[-1] is Ellipsis:
        return tuple(decode(members[0], entry, f"{at}[{number}]") for number, entry in enumerate(value))
    demand(len(value) == len(members), f"{at}: expected {len(members)} values, got {len(value)}")
    return tuple(
        decode(kind, entry, f"{at}[{number}]") for number, (kind, entry) in enumerate(zip(members, value, strict=True))
    )


def _set(members: tuple[Any, ...], value: Any, at: str) -> frozenset[Any]:
    """Read a list as a set."""
    return frozenset(_tuple((members[0], Ellipsis), value, at))


_COLLECTIONS: dict[Any, Callable[[tuple[Any, ...], Any, str], Any]] = {tuple: _tuple, frozenset: _set}

_PLAIN: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    int: ("a whole number", lambda value: type(value) is int),
    float: ("a number", lambda value: type(value) in (int, float) and isfinite(value)),
    str: ("text", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
}
"""What a plain type is called in a refusal, and whether a value of JSON is one."""


def _fields(record: Any, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Write the fields of a record that differ from their defaults."""
    return {
        entry.name: encode(getattr(record, entry.name))
        for entry in fields(record)
        if entry.name not in skip and getattr(record, entry.name) != entry.default
    }


def encode(value: Any) -> Any:
    """Write a value as JSON has it: sets in order, records as objects, places as [lon, lat]."""
    if isinstance(value, Place):
        return [value.lon, value.lat]
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [encode(entry) for entry in value]
    return value
