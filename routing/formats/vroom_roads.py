"""The ways of a VROOM request: its own matrices by profile, or estimates between the positions it names."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.formats import demand, demand_few, shown
from routing.formats.own import decode
from routing.formats.vroom_fields import Entry, position
from routing.problem import LONGEST, Place

Matrix = NDArray[np.int64]

Named = tuple[str, Any, Any]
"""Where a request names a place, the position there, and the index in the matrices there."""


@dataclass(frozen=True)
class Roads:
    """The ways of each profile, and the place of each location."""

    places: list[Place]
    index: Mapping[tuple[float, float], int]
    durations: Mapping[str, Matrix]
    distances: Mapping[str, Matrix]
    costs: Mapping[str, Matrix]

    def place(self, entry: Entry, name: str, at: str) -> int:
        """Give the place that an entry names by its index in the matrices, or by its position."""
        index = "location_index" if name == "location" else f"{name}_index"
        if self.index:
            demand(name in entry, f"{at}.{name}: is missing, and there are no matrices")
            return self.index[position(entry[name], f"{at}.{name}")]
        demand(index in entry, f"{at}.{index}: is missing, and there are matrices")
        place: int = decode(int, entry[index], f"{at}.{index}")
        demand(0 <= place < len(self.places), f"{at}.{index}: expected 0 to {len(self.places) - 1}, got {place}")
        return place


def roads_of(document: Entry, jobs: list[Entry], paired: list[Entry], fleet: list[Entry]) -> Roads:
    """Read the matrices, or estimate them between the positions that are named."""
    matrices = document.get("matrices", {"car": {"durations": document["matrix"]}} if "matrix" in document else {})
    demand(isinstance(matrices, dict), f"matrices: expected an object, got {shown(matrices)}")
    named = [_named(entry, "location", f"jobs[{n}]") for n, entry in enumerate(jobs)]
    named += [_named(step, "location", at) for n, entry in enumerate(paired) for at, step in _both(entry, f"shipments[{n}]")]
    named += [_named(entry, name, f"vehicles[{n}]") for n, entry in enumerate(fleet) for name in ("start", "end")]
    return _given_roads(matrices, named) if matrices else _estimated_roads(named, fleet)


def _named(entry: Entry, name: str, at: str) -> Named:
    """Give the place that an entry names, unread."""
    return f"{at}.{name}", entry.get(name), entry.get("location_index" if name == "location" else f"{name}_index")


def _both(entry: Entry, at: str) -> list[tuple[str, Entry]]:
    """Give the steps of a shipment that can be read, each with where it stands."""
    return [(f"{at}.{kind}", entry[kind]) for kind in ("pickup", "delivery") if isinstance(entry.get(kind), dict)]


def _given_roads(matrices: Entry, named: list[Named]) -> Roads:
    """Read the matrices; positions are only told on in the answer."""
    read: dict[str, dict[str, Matrix]] = {"durations": {}, "distances": {}, "costs": {}}
    for profile, tables in matrices.items():
        demand(isinstance(tables, dict) and "durations" in tables, f"matrices.{profile}.durations: is missing")
        for name in read.keys() & tables.keys():
            read[name][profile] = _matrix(tables[name], f"matrices.{profile}.{name}")
    sizes = {len(table) for tables in read.values() for table in tables.values()}
    demand(len(sizes) == 1, f"matrices: expected all of one size, got {sorted(sizes)}")
    places = [Place(0, 0)] * sizes.pop()
    for at, spot, index in named:
        if spot is not None and type(index) is int and 0 <= index < len(places):
            places[index] = Place(*position(spot, at))
    return Roads(places, {}, **read)


def _estimated_roads(named: list[Named], fleet: list[Entry]) -> Roads:
    """Estimate the ways between the positions that are named, the same for every profile."""
    from routing.travel import estimate

    index: dict[tuple[float, float], int] = {}
    for at, spot, _ in named:
        if spot is not None:
            index.setdefault(position(spot, at), len(index))
    demand(bool(index), "expected matrices, or a location for each job and vehicle")
    demand_few(len(index))
    places = [Place(lon, lat) for lon, lat in index]
    travel = estimate(places)
    profiles = [str(entry.get("profile", "car")) for entry in fleet]
    return Roads(places, index, dict.fromkeys(profiles, travel.seconds), dict.fromkeys(profiles, travel.metres), {})


def _matrix(value: Any, at: str) -> Matrix:
    """Read a square matrix of whole numbers; one too large for any day is a way that does not exist."""
    demand(isinstance(value, list) and bool(value), f"{at}: expected rows of whole numbers, got {shown(value)}")
    demand_few(len(value))
    for number, row in enumerate(value):
        demand(isinstance(row, list) and len(row) == len(value), f"{at}[{number}]: expected {len(value)} numbers, one per row")
        right = all(type(cell) in (int, float) and isfinite(cell) and cell >= 0 for cell in row)
        demand(right, f"{at}[{number}]: expected whole numbers of 0 or more, got {shown(row)}")
    return clip(np.round(np.array(value, dtype=np.float64)))


def clip(values: NDArray[Any]) -> Matrix:
    """Give whole numbers, none above that of a way that does not exist."""
    clipped: Matrix = np.minimum(values, LONGEST).astype(np.int64)
    return clipped
