"""What is asked for on a day: calls at places, goods that go from one to another, centres to unload at."""

from dataclasses import dataclass
from functools import cached_property

from routing.problem.rules import ALWAYS, Window, demand, demand_figures, demand_loads, demand_windows


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vehicle may stop, in degrees."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        demand(-180 <= self.lon <= 180 and -90 <= self.lat <= 90, f"place [{self.lon}, {self.lat}]: not a position on Earth")


@dataclass(frozen=True)
class Call:
    """Something to deliver, to collect, or both, at one place.

    Parameters
    ----------
    place
        Index into the problem's places.
    deliver, collect
        Load units brought from the centre (clean) and taken back to it (dirty), one number per dimension.
    windows
        When service may start, in order, not touching; () is closed all day.
    service
        Seconds needed there for the goods.
    prize
        Cents it costs to leave the call out; None for one that is left out only when no van can do it.
    tags
        What a vehicle must be able to do to come here.
    setup
        Seconds needed once for each halt, before the service; not paid when the stop before is at the same place.
    release
        Second from which its goods are ready at the centre: a trip that answers it leaves there no sooner.
    vehicles
        The vehicles that may answer it, by id; None for any.
    position
        Where it stands among the visits of its route: 0 the first, 1 the second, -1 the last; None for anywhere.
    usual, moving_cost
        The vehicle that was to answer it, and cents it costs when another one does.
    """

    id: str
    place: int
    deliver: tuple[int, ...]
    collect: tuple[int, ...]
    windows: tuple[Window, ...]
    service: int = 0
    prize: int | None = None
    tags: frozenset[str] = frozenset()
    setup: int = 0
    release: int = 0
    vehicles: frozenset[str] | None = None
    position: int | None = None
    usual: str | None = None
    moving_cost: int = 0

    def __post_init__(self) -> None:
        demand_loads(f"call {self.id}: a load is negative", (*self.deliver, *self.collect))
        demand_figures(f"call {self.id}", self, "service", "setup", "release", "moving_cost", "prize")
        demand_windows(f"call {self.id}", self.windows)
        at = self.position
        demand(at is None or at >= -1, f"call {self.id}: position is {at}, expected 0 for the first, 1 ..., or -1 for the last")

    @cached_property
    def delivers(self) -> bool:
        """Whether it brings something out."""
        return any(self.deliver)

    @cached_property
    def collects(self) -> bool:
        """Whether it takes something back."""
        return any(self.collect)


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods taken at one call and left at another by the same vehicle on the same trip; both are answered, or neither.

    The two calls are ordinary calls of the problem and may have goods of their own besides.
    """

    taken: str
    left: str
    load: tuple[int, ...]

    def __post_init__(self) -> None:
        demand(self.taken != self.left, f"shipment from call {self.taken}: it is left where it is taken")
        demand_loads(f"shipment from call {self.taken}: a load is negative", self.load)


@dataclass(frozen=True, slots=True)
class Centre:
    """Where a vehicle may unload what it collected and load anew on its way, and how long that takes it."""

    place: int
    seconds: int = 0
    windows: tuple[Window, ...] = ALWAYS

    def __post_init__(self) -> None:
        demand_figures(f"centre at place {self.place}", self, "seconds")
        demand_windows(f"centre at place {self.place}", self.windows)
