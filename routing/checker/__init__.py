"""Judges a solution from the definition alone: legal or not, and what it costs.

Shares no code with the search, its timing or its engines; nothing is published that it rejects.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import floor

from routing.checker.rests import resting
from routing.checker.walk import RULES, Halt, Violation, Walk
from routing.problem import Problem, Route, Shipment, Solution

__all__ = ["RULES", "Violation", "cost", "violations"]


def violations(problem: Problem, solution: Solution) -> list[Violation]:
    """List every rule the solution breaks; an empty list is a legal solution.

    A call without a prize may be left out (there may be no vehicle for it): that is judged by rank, not as a violation.
    """
    found = list(_tally(problem, solution))
    if found:
        return found  # the rest cannot be read with unknown ids in it
    for route in solution.routes:
        found.extend(_route(problem, route))
    for shipment in problem.shipments:
        found.extend(_shipment(solution, shipment))
    if solution.cost != cost(problem, solution):
        found.append(Violation.of("cost", said=solution.cost, cost=cost(problem, solution)))
    return found


def cost(problem: Problem, solution: Solution) -> int:
    """Add up routes, calls taken from their usual vehicle, prizes lost and imbalance, in cents, rounded once, half up."""
    total = Fraction(sum(problem.call[call].prize or 0 for call in solution.left_out))
    total += sum((_route_cost(problem, route) for route in solution.routes), Fraction(0))
    away = [route.finish - route.departure for route in solution.routes]
    if away:
        total += Fraction((max(away) - min(away)) * problem.balance_per_hour, 3600)
    return floor(total + Fraction(1, 2))


def _route_cost(problem: Problem, route: Route) -> Fraction:
    """Add up going out, kilometres, hours, overtime and the calls that another vehicle usually answers."""
    vehicle = problem.vehicle[route.vehicle]
    hours = (route.finish - route.departure) * vehicle.cost_per_hour
    hours += max(0, route.finish - vehicle.shift[1]) * vehicle.cost_per_overtime_hour
    calls = [problem.call[call] for call in route.calls]
    moved = sum(call.moving_cost for call in calls if call.usual not in (None, vehicle.id))
    metres = sum(Walk(problem, route).metres)
    return vehicle.fixed_cost + Fraction(metres * vehicle.cost_per_km, 1000) + Fraction(hours, 3600) + moved


def _tally(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Check that calls and vehicles are known, and each is there as often as it must."""
    yield from _tally_calls(problem, solution)
    yield from _tally_vehicles(problem, solution)


def _tally_calls(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Check that every call is answered or left out, once."""
    mentioned = Counter(call for route in solution.routes for call in route.calls)
    mentioned.update(solution.left_out)
    for call in mentioned.keys() - problem.call.keys():
        yield Violation.of("unknown_call", call=call)
    for call in problem.call:
        if mentioned[call] == 0:
            yield Violation.of("missing_call", call=call)
        elif mentioned[call] > 1:
            yield Violation.of("double_call", call=call, times=mentioned[call])


def _tally_vehicles(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Check that every vehicle has one route at most, and one if it is out already."""
    sent = Counter(route.vehicle for route in solution.routes)
    for vehicle, times in sent.items():
        if vehicle not in problem.vehicle:
            yield Violation.of("unknown_vehicle", vehicle=vehicle)
        elif times > 1:
            yield Violation.of("double_vehicle", vehicle=vehicle, times=times)
    for out in problem.vehicles:
        if out.under_way is not None and not sent[out.id]:
            yield Violation.of("missing_route", vehicle=out.id)


def _route(problem: Problem, route: Route) -> Iterator[Violation]:
    """Check one route."""
    walk = Walk(problem, route)
    if not route.visits and walk.vehicle.under_way is None:
        yield Violation.of("empty_route", vehicle=route.vehicle)
        return
    misplaced = [unload.after for unload in route.unloads if not walk.first_unload <= unload.after <= len(route.visits)]
    if misplaced or list(route.unloads) != sorted(route.unloads, key=lambda unload: unload.after):
        yield Violation.of("unload_order", vehicle=route.vehicle)
        return  # without the order of the halts the rest cannot be read
    for check in _CHECKS:
        yield from check(walk)


def _assignment(walk: Walk) -> Iterator[Violation]:
    """Check that the vehicle may answer these calls, in these positions and together."""
    last = len(walk.calls) - 1
    for index, call in enumerate(walk.calls):
        if call.tags - walk.vehicle.tags:
            yield walk.breaks("tag", call.id, tags=", ".join(sorted(call.tags - walk.vehicle.tags)))
        if call.vehicles is not None and walk.vehicle.id not in call.vehicles:
            yield walk.breaks("vehicle", call.id)
        if call.position is not None and index != (last if call.position == -1 else call.position):
            yield walk.breaks("position", call.id, index=index, position=call.position)
    here = {call.id for call in walk.calls}
    for group in walk.problem.apart:
        if len(group & here) > 1:
            yield walk.breaks("apart", calls=", ".join(sorted(group & here)))


def _shift(walk: Walk) -> Iterator[Violation]:
    """Check that it leaves and is back when it may."""
    if walk.route.departure < walk.vehicle.shift[0]:
        yield walk.breaks("early", departure=walk.route.departure, begins=walk.vehicle.shift[0])
    if walk.route.finish > walk.vehicle.latest:
        yield walk.breaks("late", finish=walk.route.finish, latest=walk.vehicle.latest)


def _ways(walk: Walk) -> Iterator[Violation]:
    """Check that each way exists and has the time it takes."""
    for (before, after), seconds in zip(pairwise(walk.halts), walk.seconds, strict=True):
        if after.arrival < before.end + seconds:
            yield walk.breaks("travel", after.name, place=after.place, arrival=after.arrival, soonest=before.end + seconds)
    if not walk.reachable:
        yield walk.breaks("unreachable")


def _visits(walk: Walk) -> Iterator[Violation]:
    """Check opening hours, setup and service of each visit."""
    for before, halt in pairwise(walk.halts):
        if halt.call is None:
            continue
        if not _open(halt, halt.call.windows):
            yield walk.breaks("window", halt.call.id, start=halt.start)
        standing = before.call is not None and before.place == halt.place
        needed = halt.call.service + (0 if standing else halt.call.setup)
        if halt.start < halt.arrival or halt.end < halt.start + needed:
            yield walk.breaks("service", halt.call.id, needed=needed)


def _unloads(walk: Walk) -> Iterator[Violation]:
    """Check number, place, opening hours and time of each unloading; one place may be several centres."""
    if len(walk.route.unloads) > walk.vehicle.unloads:
        yield walk.breaks("unloads", times=len(walk.route.unloads), most=walk.vehicle.unloads)
    for halt in walk.halts:
        if not halt.unloads:
            continue
        here = [centre for centre in walk.vehicle.centres if centre.place == halt.place]
        ready = [centre for centre in here if _open(halt, centre.windows)]
        if not here:
            yield walk.breaks("centre", place=halt.place)
        elif not ready:
            yield walk.breaks("centre_window", place=halt.place, start=halt.start)
        elif halt.start < halt.arrival or all(halt.end < halt.start + centre.seconds for centre in ready):
            yield walk.breaks("centre_service", place=halt.place)


def _open(halt: Halt, windows: Iterable[tuple[int, int]]) -> bool:
    """Say whether what is done at a halt starts within a window."""
    return any(opens <= halt.start <= closes for opens, closes in windows)


def _capacity(walk: Walk) -> Iterator[Violation]:
    """Check the load of each leg, and the peak that the route names."""
    peaks = [max(loads) for loads in zip(*walk.loads, strict=True)]
    for name, room, peak in zip(walk.problem.dimensions, walk.vehicle.capacity, peaks, strict=True):
        if peak > room:
            yield walk.breaks("capacity", load=peak, dimension=name, room=room)
    if list(walk.route.peak) != peaks:
        yield walk.breaks("figures", figure="peak", said=str(walk.route.peak), found=str(tuple(peaks)))


def _driven(walk: Walk) -> Iterator[Violation]:
    """Check the metres and seconds of driving that the route names."""
    for figure, said, found in (
        ("metres", walk.route.metres, sum(walk.metres)),
        ("seconds of driving", walk.route.seconds_driving, sum(walk.seconds)),
    ):
        if said != found:
            yield walk.breaks("figures", figure=figure, said=said, found=found)


def _trips(walk: Walk) -> Iterator[Violation]:
    """Check on each trip what may be delivered, in which order, and that it leaves after its goods are ready."""
    for trip in walk.trips:
        for call in trip.calls:
            if trip.aboard is not None and call.delivers and call.id not in trip.aboard.carries:
                yield walk.breaks("carries", call.id)
            if trip.aboard is None and trip.leaves < call.release:
                yield walk.breaks("release", call.id, leaves=trip.leaves, release=call.release)
        dirty = trip.aboard is not None and any(trip.aboard.aboard)
        for call in trip.calls:
            if dirty and call.delivers and not walk.vehicle.mixed:
                yield walk.breaks("order", call.id)
            dirty = dirty or call.collects


def _shipment(solution: Solution, shipment: Shipment) -> Iterator[Violation]:
    """Check that what is taken at one call is left at the other later on the same trip."""
    spots = {
        call: (route.vehicle, sum(unload.after <= index for unload in route.unloads), index)
        for route in solution.routes
        for index, call in enumerate(route.calls)
        if call in (shipment.taken, shipment.left)
    }
    taken, left = spots.get(shipment.taken), spots.get(shipment.left)
    together = taken is not None and left is not None and taken[:2] == left[:2] and taken < left
    if not together and (taken or left):
        yield Violation.of("shipment", call=shipment.taken, left=shipment.left)


_CHECKS: tuple[Callable[[Walk], Iterator[Violation]], ...] = (
    _assignment,
    _shift,
    _ways,
    _visits,
    _unloads,
    _capacity,
    _driven,
    _trips,
    resting,
)
