"""The trips of vehicles that load anew where they start and end: any of them can follow any other, as far as time allows.

So trips of many plans can be put together, whereas their whole days hardly ever fit beside each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.problem import NO_RESTS
from routing.search.words import Path, Step, Translation

if TYPE_CHECKING:
    import pyvrp


@dataclass(frozen=True, slots=True)
class Trip:
    """What a vehicle does between two loadings.

    Parameters
    ----------
    kind, steps
        Which vehicles can drive it, and where to.
    cost
        Of its ways and its time, without what a vehicle costs that goes out at all.
    begin
        The first departure that wastes no time.
    length
        Seconds from departure until the vehicle has loaded anew.
    """

    kind: int
    steps: tuple[Step, ...]
    cost: int
    begin: int
    length: int

    @property
    def end(self) -> int:
        """When the vehicle may leave again."""
        return self.begin + self.length


def loops(words: Translation) -> dict[int, Step]:
    """Give the kinds of vehicles that start, load and end at one place, not under way, with the step of loading.

    Not those with pauses: trips put together anew leave no room for them, and to choose among them took a core.
    """
    found: dict[int, Step] = {}
    for number, kind in enumerate(words.kinds):
        vehicle, depots = kind.vehicle, words.reloads(kind.vehicle)
        if vehicle.rests != NO_RESTS:
            continue
        places = {vehicle.start, vehicle.end, *(words.centre(depot).place for depot in depots)}
        if len(depots) == 1 and len(places) == 1 and vehicle.under_way is None:
            found[number] = ("DEPOT", depots[0])
    return found


def trips_of(words: Translation, loading: Mapping[int, Step], solution: "pyvrp.Solution") -> Iterator[Trip]:
    """Give the trips of a plan that the vehicles of these kinds drive, each timed by itself."""
    import pyvrp

    for route in solution.routes():
        kind = route.vehicle_type()
        if kind not in loading:
            continue
        for activities in _parts(list(route)[1:-1]):
            alone = pyvrp.Route(words.data, activities, kind)
            yield Trip(
                kind,
                tuple((each.type.name, each.idx) for each in activities),
                alone.distance_cost() + alone.duration_cost(),
                alone.start_time(),
                alone.duration() + words.centre(loading[kind][1]).seconds,
            )


def _parts(route: "Sequence[pyvrp.ScheduledActivity]") -> "Iterator[list[pyvrp.Activity]]":
    """Cut a route where it loads."""
    import pyvrp

    part: list[pyvrp.Activity] = []
    for step in route:
        if step.type == pyvrp.ActivityType.DEPOT:
            yield part
            part = []
        else:
            part.append(pyvrp.Activity(step.type, step.idx))
    yield part


def days(words: Translation, loading: Mapping[int, Step], trips: Sequence[Trip]) -> list[Path]:
    """Give trips to vehicles: each to the one that is back last of those that are back."""
    out: dict[int, list[tuple[int, list[Step]]]] = {}
    for trip in sorted(trips, key=lambda trip: (trip.begin, trip.steps)):
        vehicles, most = out.setdefault(trip.kind, []), words.kind(trip.kind).vehicle.unloads
        step = loading[trip.kind]
        back = [(end, number) for number, (end, steps) in enumerate(vehicles) if end <= trip.begin and steps.count(step) < most]
        if back:
            _, number = max(back)
            vehicles[number] = (trip.end, [*vehicles[number][1], step, *trip.steps])
        else:
            vehicles.append((trip.end, list(trip.steps)))
    return [(kind, tuple(steps)) for kind, vehicles in out.items() for _, steps in vehicles]
