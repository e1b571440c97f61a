"""The figures of a VRPLIB file: distances, positions, calls and shipments, whole numbers all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vrplib.parse.parse_distances import parse_distances  # type: ignore[import-untyped] # has no types

from routing.formats import demand
from routing.formats.sections import Sections
from routing.problem import LONGEST, Call, Place, Shipment

Numbers = NDArray[np.float64]

HORIZON = LONGEST - 1
"""The last second of a file without times; whatever is `LONGEST` away is out of reach."""


@dataclass(frozen=True)
class Figures:
    """A file's sections as figures of ours: rounded, and one per place."""

    sections: Sections
    places: int
    depots: int
    scale: int
    rounded: Callable[[Numbers], Numbers]

    @property
    def backhauls_last(self) -> bool:
        """Whether nothing is collected before the last delivery, nor on a route without one."""
        return self.sections.word("type").upper() == "VRPB"

    @property
    def both_ways(self) -> bool:
        """Whether PICKUP_AND_DELIVERY_SECTION has what is collected and delivered at each place, as LKH-3 writes it."""
        return "pickup_and_delivery" in self.sections and self.sections.word("type").upper().startswith("VRP")

    @property
    def paired(self) -> bool:
        """Whether that section links the places that shipments are taken and left at."""
        return "pickup_and_delivery" in self.sections and not self.both_ways

    @cached_property
    def pairs(self) -> Numbers:
        """Give that section: demand, opening, closing, service, and two numbers that depend on its kind."""
        return self.sections.table("pickup_and_delivery", self.places, 6, negative=True)

    def distances(self) -> NDArray[np.int64]:
        """Give the distances, rounded; a backhaul is no first stop of a route."""
        distances = self.rounded(self._weights()).astype(np.int64)
        if self.backhauls_last:
            distances[: self.depots, self.given("backhaul") > 0] = LONGEST
        return distances

    def _weights(self) -> Numbers:
        """Give the file's own distances, or those between its coordinates."""
        found = dict(self.sections.found)
        kind = self.sections.word("edge_weight_type")
        demand(kind != "", "EDGE_WEIGHT_TYPE: is missing")
        if "edge_weight" not in found:
            demand("node_coord" in found, "NODE_COORD_SECTION: is missing, and there is no EDGE_WEIGHT_SECTION")
            found["node_coord"] = self.sections.table("node_coord", self.places, 2, negative=True)
            try:
                with np.errstate(invalid="ignore"):  # the root of a rounding error below 0, at one position twice
                    found["edge_weight"] = np.nan_to_num(parse_distances([], **found))
            except (ValueError, TypeError) as error:
                raise ValueError(f"EDGE_WEIGHT_TYPE: {kind} is not understood") from error
        return self._square(found["edge_weight"])

    def _square(self, weights: Any) -> Numbers:
        """Check a matrix of distances."""
        try:
            matrix = np.array(weights, dtype=np.float64)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"EDGE_WEIGHT_SECTION: expected {self.places} rows of {self.places} numbers") from error
        shape = (self.places, self.places)
        demand(matrix.shape == shape, f"EDGE_WEIGHT_SECTION: shape is {matrix.shape}, expected {shape}")
        bad = np.argwhere(~np.isfinite(matrix) | (matrix < 0))
        demand(not len(bad), f"EDGE_WEIGHT_SECTION: the way {bad[:1].tolist()} is no number of 0 or more")
        return np.minimum(matrix, LONGEST / self.scale)

    def positions(self) -> tuple[Place, ...]:
        """Give positions for drawing: the plane of the file, shrunk to one degree."""
        if "node_coord" not in self.sections:
            return (Place(0, 0),) * self.places
        plane = self.sections.table("node_coord", self.places, 2, negative=True)
        plane = plane - plane.min(axis=0)
        return tuple(Place(x, y) for x, y in (plane / max(plane.max(), 1e-9)).tolist())

    def calls(self, allowed: Mapping[int, frozenset[str]]) -> Iterator[Call]:
        """Give the calls in the file's order; `allowed` has the vehicles that may come, for each place that not all may."""
        deliver, collect = self._loads("demand" if "demand" in self.sections else "linehaul"), self._loads("backhaul")
        if "pickup_and_delivery" in self.sections:
            self.sections.demand_none("pickup_and_delivery", np.abs(self.pairs[: self.depots, [0, 4, 5]]).max(axis=1))
        if self.both_ways:
            collect, deliver = self.whole(self.pairs[:, 4]), self.whole(self.pairs[:, 5])
        elif self.paired:
            deliver = np.zeros(self.places, np.int64)
        service, release, prize = self._times("service_time"), self._times("release_time"), self._times("prize")
        if "pickup_and_delivery" in self.sections:
            service = self.rounded(self.pairs[:, 3]).astype(np.int64)
        windows = self.windows()
        for place in range(self.depots, self.places):
            yield Call(
                id=str(place),
                place=place,
                deliver=(int(deliver[place]),),
                collect=(int(collect[place]),),
                windows=((int(windows[place, 0]), int(windows[place, 1])),),
                service=int(service[place]),
                prize=int(prize[place]) or None,
                release=int(release[place]),
                vehicles=allowed.get(place),
            )

    def shipments(self) -> Iterator[Shipment]:
        """Give what is taken at one place and left at another."""
        if not self.paired:
            return
        for place, (amount, *_, taken, left) in enumerate(self.pairs.tolist()):
            if taken == 0 and left > 0:
                demand(self.depots <= left < self.places, f"PICKUP_AND_DELIVERY_SECTION: place {left:g} is unknown")
                yield Shipment(str(place), str(int(left)), (int(self.whole(np.array([amount]))[0]),))

    def windows(self) -> NDArray[np.int64]:
        """Give the opening and closing of each place."""
        if "time_window" in self.sections:
            raw = self.sections.windows(self.places)
        elif "pickup_and_delivery" in self.sections and self.pairs[:, 2].any():
            raw = self.pairs[:, 1:3]
        else:
            return np.tile(np.array([0, HORIZON]), (self.places, 1))
        return np.minimum(self.rounded(raw), HORIZON).astype(np.int64)

    def given(self, name: str) -> Numbers:
        """Give a section of one number per place, or zeros."""
        return self.sections.column(name, self.places)

    def _loads(self, name: str) -> NDArray[np.int64]:
        loads = self.given(name)
        self.sections.demand_none(name, loads[: self.depots])
        return self.whole(loads)

    def whole(self, loads: Numbers) -> NDArray[np.int64]:
        """Give loads as whole numbers: as they are, or rounded like all else where the file has fractions of them."""
        return (loads if self._loads_are_whole() else self.rounded(loads)).astype(np.int64)

    def _loads_are_whole(self) -> bool:
        """Say whether no load and no capacity has a fraction."""
        columns = [self.given(name) for name in ("demand", "linehaul", "backhaul")]
        columns.append(self.sections.column("capacity", self.sections.length("capacity")))
        if "pickup_and_delivery" in self.sections:
            columns.append(self.pairs[:, [0, 4, 5]].ravel())
        return all(bool((column == np.round(column)).all()) for column in columns)

    def _times(self, name: str) -> NDArray[np.int64]:
        """Give a section of times or prizes per place, rounded."""
        return self.rounded(self.given(name)).astype(np.int64)
