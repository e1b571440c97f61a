"""One day's question in plain numbers, and its answer; both check their own shape.

Seconds from the day's midnight, metres, cents, load units. Nothing here knows of an engine.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int]
"""Opening and closing second of the day; service starts within them, ends included."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vehicle may stop, in degrees."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        _demand(-180 <= self.lon <= 180 and -90 <= self.lat <= 90, f"place [{self.lon}, {self.lat}]: not a position on Earth")


@dataclass(frozen=True)
class Call:
    """Something to deliver, to collect, or both, at one place.

    Parameters
    ----------
    place
        Index into the problem's places.
    deliver, collect
        Load units brought from the depot (clean) and taken back to it (dirty), one number per dimension.
    windows
        When service may start, in order, not touching; () is closed all day.
    service
        Seconds needed there.
    prize
        Cents it costs to leave the call out; None for one that is left out only when no van can do it.
    tags
        What a vehicle must be able to do to come here.
    """

    id: str
    place: int
    deliver: tuple[int, ...]
    collect: tuple[int, ...]
    windows: tuple[Window, ...]
    service: int = 0
    prize: int | None = None
    tags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _demand(all(amount >= 0 for amount in (*self.deliver, *self.collect)), f"call {self.id}: a load is negative")
        _demand(self.service >= 0, f"call {self.id}: service is {self.service} s, expected 0 or more")
        _demand(self.prize is None or self.prize >= 0, f"call {self.id}: prize is {self.prize}, expected 0 or more, or none")
        after = -1
        for opens, closes in self.windows:
            _demand(after < opens <= closes, f"call {self.id}: windows overlap, run backwards or are out of order")
            after = closes

    @cached_property
    def delivers(self) -> bool:
        """Whether it brings something out."""
        return any(self.deliver)

    @cached_property
    def collects(self) -> bool:
        """Whether it takes something back."""
        return any(self.collect)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A van and its driver for the day.

    Parameters
    ----------
    start, end
        Indices into the problem's places.
    shift
        First second it may leave, last second it must be back.
    fixed_cost, cost_per_km, cost_per_hour
        Cents: for going out at all, per km driven, per hour between leaving and coming back.
    tags
        What it can do; a call is answered only by a vehicle that has all the call's tags.
    mixed
        Whether clean goods going out and dirty goods coming back may share it; otherwise nothing is
        collected until the last delivery of the route is made (one stop may do both, in that order).
    break_after, break_seconds
        A route longer than break_after seconds holds one pause of break_seconds that starts at most
        break_after seconds after leaving; None for no such rule.
    """

    id: str
    capacity: tuple[int, ...]
    start: int
    end: int
    shift: Window
    fixed_cost: int = 0
    cost_per_km: int = 0
    cost_per_hour: int = 0
    tags: frozenset[str] = frozenset()
    mixed: bool = True
    break_after: int | None = None
    break_seconds: int = 0

    def __post_init__(self) -> None:
        _demand(all(room >= 0 for room in self.capacity), f"vehicle {self.id}: a capacity is negative")
        _demand(0 <= self.shift[0] <= self.shift[1], f"vehicle {self.id}: its shift runs backwards or starts before midnight")
        for name in ("fixed_cost", "cost_per_km", "cost_per_hour", "break_seconds"):
            _demand(getattr(self, name) >= 0, f"vehicle {self.id}: {name} is {getattr(self, name)}, expected 0 or more")
        _demand(self.break_after is None or self.break_after > 0, f"vehicle {self.id}: break_after is not above 0")


@dataclass(frozen=True, eq=False)
class Problem:
    """A day's calls, vehicles and travel.

    Parameters
    ----------
    seconds, metres
        Square whole-number matrices over places, row to column.
    dimensions
        Names of the load dimensions, as ("crates", "kg").

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

    def __post_init__(self) -> None:
        for name in ("seconds", "metres"):
            self._check_matrix(name)
        _demand_unique("call", (call.id for call in self.calls))
        _demand_unique("vehicle", (vehicle.id for vehicle in self.vehicles))
        for call in self.calls:
            self._check_place(f"call {call.id}", call.place)
            self._check_loads(f"call {call.id}: deliver", call.deliver)
            self._check_loads(f"call {call.id}: collect", call.collect)
        for vehicle in self.vehicles:
            self._check_place(f"vehicle {vehicle.id}", vehicle.start)
            self._check_place(f"vehicle {vehicle.id}", vehicle.end)
            self._check_loads(f"vehicle {vehicle.id}: capacity", vehicle.capacity)

    def _check_matrix(self, name: str) -> None:
        matrix, size = getattr(self, name), len(self.places)
        _demand(matrix.shape == (size, size), f"{name}: shape is {matrix.shape}, expected {(size, size)}, one row per place")
        _demand(np.issubdtype(matrix.dtype, np.integer), f"{name}: holds {matrix.dtype}, expected whole numbers")
        _demand(not size or int(matrix.min()) >= 0, f"{name}: holds a negative number")

    def _check_place(self, owner: str, place: int) -> None:
        _demand(0 <= place < len(self.places), f"{owner}: place {place} is unknown, there are {len(self.places)}")

    def _check_loads(self, owner: str, loads: tuple[int, ...]) -> None:
        expected = len(self.dimensions)
        _demand(len(loads) == expected, f"{owner} has {len(loads)} numbers, expected {expected} ({', '.join(self.dimensions)})")

    @cached_property
    def call(self) -> dict[str, Call]:
        """Each call by its id."""
        return {call.id: call for call in self.calls}

    @cached_property
    def vehicle(self) -> dict[str, Vehicle]:
        """Each vehicle by its id."""
        return {vehicle.id: vehicle for vehicle in self.vehicles}

    @cached_property
    def seconds_rows(self) -> list[list[int]]:
        """Give the seconds as lists: one number at a time is read ten times faster than from an array."""
        rows: list[list[int]] = self.seconds.tolist()
        return rows

    @cached_property
    def metres_rows(self) -> list[list[int]]:
        """Give the metres as lists."""
        rows: list[list[int]] = self.metres.tolist()
        return rows


@dataclass(frozen=True, slots=True)
class Visit:
    """One call answered: when the van is there, when service starts and ends."""

    call: str
    arrival: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's day, from leaving its start to reaching its end.

    `peak` is the heaviest load on any leg per dimension; `break_at` is when its pause starts.
    """

    vehicle: str
    visits: tuple[Visit, ...]
    departure: int
    finish: int
    metres: int
    seconds_driving: int
    peak: tuple[int, ...]
    break_at: int | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls in the order they are answered."""
        return tuple(visit.call for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Solution:
    """The routes that go out, the calls left out, and what both cost together in cents."""

    routes: tuple[Route, ...]
    left_out: tuple[str, ...]
    cost: int


def _demand(holds: bool, sentence: str) -> None:
    """Refuse with the sentence when what it denies is so."""
    if not holds:
        raise ValueError(sentence)


def _demand_unique(kind: str, ids: Iterable[str]) -> None:
    """Refuse two of a kind with one id."""
    seen: set[str] = set()
    for name in ids:
        _demand(name not in seen, f"{kind} {name} is there twice")
        seen.add(name)
