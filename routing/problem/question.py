"""A day's question, checked as a whole."""

from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.problem.calls import Call, Place, Shipment
from routing.problem.fleet import Vehicle
from routing.problem.rules import demand, demand_figures, demand_unique
from routing.problem.ways import Ways


@dataclass(frozen=True, eq=False)
class Problem:
    """A day's calls, vehicles and travel.

    Parameters
    ----------
    seconds, metres
        Square whole-number matrices over places, row to column; a place that cannot be reached is `LONGEST` away.
    dimensions
        Names of the load dimensions, as ("crates", "kg").
    shipments
        Goods that go from call to call.
    apart
        Groups of calls of which no two may be in one route.
    balance_per_hour
        Cents per hour between the longest and the shortest route that goes out.
    others
        Ways of vehicles that drive by other roads or at another speed.

    Raises
    ------
    ValueError
        With a sentence naming what is wrong.
    """

    places: tuple[Place, ...]
    calls: tuple[Call, ...]
    vehicles: tuple[Vehicle, ...]
    seconds: NDArray[np.int64] = field(repr=False)
    metres: NDArray[np.int64] = field(repr=False)
    dimensions: tuple[str, ...]
    shipments: tuple[Shipment, ...] = ()
    apart: tuple[frozenset[str], ...] = ()
    balance_per_hour: int = 0
    others: tuple[Ways, ...] = ()

    def __post_init__(self) -> None:
        for number, ways in enumerate(self.profiles):
            for name in ("seconds", "metres"):
                self._check_matrix(name if number == 0 else f"{name} of profile {number}", getattr(ways, name))
        demand_unique("call", (call.id for call in self.calls))
        demand_unique("vehicle", (vehicle.id for vehicle in self.vehicles))
        for call in self.calls:
            self._check_place(f"call {call.id}", call.place)
            self._check_loads(f"call {call.id}: deliver", call.deliver)
            self._check_loads(f"call {call.id}: collect", call.collect)
        for vehicle in self.vehicles:
            self._check_vehicle(vehicle)
        self._check_links()

    def __getstate__(self) -> dict[str, object]:
        """Give what it was made of to other processes, without what was looked up in it since."""
        return {name.name: getattr(self, name.name) for name in fields(self)}

    def _check_vehicle(self, vehicle: Vehicle) -> None:
        owner = f"vehicle {vehicle.id}"
        for place in (vehicle.start, vehicle.end, *(centre.place for centre in vehicle.centres)):
            self._check_place(owner, place)
        self._check_loads(f"{owner}: capacity", vehicle.capacity)
        profiles = len(self.others)
        demand(vehicle.profile <= profiles, f"{owner}: profile {vehicle.profile} is unknown, the last is {profiles}")
        if vehicle.under_way is not None:
            aboard = vehicle.under_way.aboard
            self._check_loads(f"{owner}: aboard", aboard)
            for name, load, most in zip(self.dimensions, aboard, vehicle.capacity, strict=True):
                demand(load <= most, f"{owner}: {load} {name} are aboard, more than its capacity of {most}")

    def _check_links(self) -> None:
        """Check that what names a call names one of ours, and that no call is in two shipments."""
        demand_figures("the problem", self, "balance_per_hour")
        ends = [end for shipment in self.shipments for end in (shipment.taken, shipment.left)]
        carried = [call for vehicle in self.vehicles if vehicle.under_way for call in vehicle.under_way.carries]
        for call in (*ends, *carried, *(call for group in self.apart for call in group)):
            demand(call in self.call, f"call {call} is named, and there is none")
        demand_unique("the shipment of call", ends)
        for shipment in self.shipments:
            self._check_loads(f"shipment from call {shipment.taken}", shipment.load)

    def _check_matrix(self, name: str, matrix: NDArray[np.int64]) -> None:
        size = len(self.places)
        demand(matrix.shape == (size, size), f"{name}: shape is {matrix.shape}, expected {(size, size)}, one row per place")

    def _check_place(self, owner: str, place: int) -> None:
        demand(0 <= place < len(self.places), f"{owner}: place {place} is unknown, there are {len(self.places)}")

    def _check_loads(self, owner: str, loads: tuple[int, ...]) -> None:
        expected = len(self.dimensions)
        demand(len(loads) == expected, f"{owner} has {len(loads)} numbers, expected {expected} ({', '.join(self.dimensions)})")

    @cached_property
    def profiles(self) -> tuple[Ways, ...]:
        """The ways by profile."""
        return Ways(self.seconds, self.metres), *self.others

    def ways(self, vehicle: Vehicle) -> Ways:
        """Give the ways that a vehicle drives."""
        return self.profiles[vehicle.profile]

    @cached_property
    def call(self) -> dict[str, Call]:
        """Each call by its id."""
        return {call.id: call for call in self.calls}

    @cached_property
    def vehicle(self) -> dict[str, Vehicle]:
        """Each vehicle by its id."""
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def shipment(self) -> dict[str, Shipment]:
        """The shipment that a call takes or leaves, by the call's id."""
        return {end: shipment for shipment in self.shipments for end in (shipment.taken, shipment.left)}
