"""What a sequence of stops asks of a vehicle whatever the time: goods, trips, shipments, access, places in the order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from routing.problem import Call, Centre, Problem, Vehicle

Stop = Call | Centre


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a sequence cannot be driven.

    Parameters
    ----------
    code
        "tag", "vehicle" (it may answer the call only by another one), "position", "unload" (not there, or not so often),
        "capacity", "order" (dirty collected before clean is delivered), "carries" (what is delivered is not aboard),
        "shipment", "window", "shift", "break", "driving", "release" or "unreachable".
    call
        Where it fails, if at one call.
    dimension
        Index of the load dimension, for "capacity".
    excess
        How much is missing: load units for "capacity", seconds for "window", "shift", "release", "break" and "driving".
    """

    code: str
    call: str | None = None
    dimension: int | None = None
    excess: int = 0


def goods_misfit(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], growing: bool = False) -> Misfit | None:
    """Say what forbids these stops in this vehicle, whatever the times.

    With `growing` more stops may follow: locked places in the order are not asked for, and a shipment may still be aboard.
    """
    visits = [stop for stop in stops if isinstance(stop, Call)]
    refused = _access_misfit(vehicle, visits) or _unload_misfit(vehicle, stops)
    if refused is None and not growing:
        refused = _position_misfit(visits)
    if refused is None and problem.shipments:
        refused = _shipment_misfit(problem, stops, growing)
    if refused is None and (vehicle.under_way is not None or not vehicle.mixed):
        refused = _order_misfit(vehicle, stops)
    return refused or _capacity_misfit(problem, vehicle, stops)


def trips(stops: Sequence[Stop]) -> list[list[Call]]:
    """Cut the stops at the unloads."""
    found: list[list[Call]] = [[]]
    for stop in stops:
        if isinstance(stop, Call):
            found[-1].append(stop)
        else:
            found.append([])
    return found


def loads(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], dimension: int) -> Iterator[tuple[str | None, int]]:
    """Give the load of each leg with the call it comes after, None at the beginning of a trip."""
    for number, trip in enumerate(trips(stops)):
        aboard = _begins_with(problem, vehicle, trip, number, dimension)
        yield None, aboard
        for call in trip:
            aboard += call.collect[dimension] - call.deliver[dimension]
            shipment = problem.shipment.get(call.id) if problem.shipments else None
            if shipment is not None:
                aboard += shipment.load[dimension] if shipment.taken == call.id else -shipment.load[dimension]
            yield call.id, aboard


def peak(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> tuple[int, ...]:
    """Give the heaviest load on any leg, per dimension."""
    dimensions = range(len(problem.dimensions))
    return tuple(max(load for _, load in loads(problem, vehicle, stops, dimension)) for dimension in dimensions)


def _begins_with(problem: Problem, vehicle: Vehicle, trip: Sequence[Call], number: int, dimension: int) -> int:
    """Add up what is aboard when a trip begins."""
    if number or vehicle.under_way is None:
        return sum(call.deliver[dimension] for call in trip)
    here = {call.id: call for call in trip}
    carried = (here.get(name) or problem.call.get(name) for name in vehicle.under_way.carries)
    return vehicle.under_way.aboard[dimension] + sum(call.deliver[dimension] for call in carried if call is not None)


def _access_misfit(vehicle: Vehicle, visits: Sequence[Call]) -> Misfit | None:
    for call in visits:
        if not call.tags <= vehicle.tags:
            return Misfit("tag", call.id)
        if call.vehicles is not None and vehicle.id not in call.vehicles:
            return Misfit("vehicle", call.id)
    return None


def _unload_misfit(vehicle: Vehicle, stops: Sequence[Stop]) -> Misfit | None:
    centres = [stop for stop in stops if isinstance(stop, Centre)]
    if not centres:
        return None
    early = vehicle.under_way is None and isinstance(stops[0], Centre)
    if early or any(centre not in vehicle.centres for centre in centres):
        return Misfit("unload")
    excess = len(centres) - vehicle.unloads
    return Misfit("unload", excess=excess) if excess > 0 else None


def _position_misfit(visits: Sequence[Call]) -> Misfit | None:
    last = len(visits) - 1
    for index, call in enumerate(visits):
        if call.position is not None and index != (last if call.position == -1 else call.position):
            return Misfit("position", call.id)
    return None


def _shipment_misfit(problem: Problem, stops: Sequence[Stop], growing: bool) -> Misfit | None:
    """Check that what is taken is left later on the same trip, and nothing else is left."""
    cut = trips(stops)
    for number, trip in enumerate(cut, 1):
        aboard: list[str] = []
        for call in trip:
            shipment = problem.shipment.get(call.id)
            if shipment is None:
                continue
            if shipment.taken == call.id:
                aboard.append(call.id)
            elif shipment.taken in aboard:
                aboard.remove(shipment.taken)
            else:
                return Misfit("shipment", call.id)
        if aboard and not (growing and number == len(cut)):
            return Misfit("shipment", aboard[0])
    return None


def _order_misfit(vehicle: Vehicle, stops: Sequence[Stop]) -> Misfit | None:
    """Check that nothing dirty is aboard when clean is delivered, and that what is delivered is aboard."""
    for number, trip in enumerate(trips(stops)):
        out = vehicle.under_way if number == 0 else None
        collected = out is not None and any(out.aboard)
        for call in trip:
            if call.delivers and out is not None and call.id not in out.carries:
                return Misfit("carries", call.id)
            if collected and call.delivers and not vehicle.mixed:
                return Misfit("order", call.id)
            collected = collected or call.collects
    return None


def _capacity_misfit(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> Misfit | None:
    for dimension, room in enumerate(vehicle.capacity):
        at, heaviest = None, room
        for call, load in loads(problem, vehicle, stops, dimension):
            if load > heaviest:
                at, heaviest = call, load
        if heaviest > room:
            return Misfit("capacity", at, dimension, heaviest - room)
    return None
