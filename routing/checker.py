"""Judges a solution from the definition alone: legal or not, and what it costs.

Shares no code with the search, its timing or its engines; nothing is published that it rejects.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from routing.problem import Call, Problem, Route, Solution, Vehicle, Visit


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a solution breaks, and where; `says` is a sentence for the log."""

    code: str
    vehicle: str | None
    call: str | None
    says: str


def violations(problem: Problem, solution: Solution) -> list[Violation]:
    """List every rule the solution breaks; an empty list is a legal solution.

    A call without a prize may be left out (there may be no vehicle for it): that is judged by rank, not as a violation.
    """
    found = list(_tally(problem, solution))
    if found:
        return found  # the rest cannot be read with unknown ids in it
    for route in solution.routes:
        found.extend(_route(problem, problem.vehicle[route.vehicle], route))
    if solution.cost != cost(problem, solution):
        found.append(Violation("cost", None, None, f"says {solution.cost} cents, costs {cost(problem, solution)}"))
    return found


def cost(problem: Problem, solution: Solution) -> int:
    """Add up vehicles, kilometres, hours and prizes lost, in cents, rounded once, half up."""
    total = Fraction(sum(problem.call[call].prize or 0 for call in solution.left_out))
    for route in solution.routes:
        vehicle = problem.vehicle[route.vehicle]
        stations = _stations(problem, vehicle, route)
        metres = sum(int(problem.metres[a, b]) for a, b in pairwise(stations))
        total += vehicle.fixed_cost + Fraction(metres * vehicle.cost_per_km, 1000)
        total += Fraction((route.finish - route.departure) * vehicle.cost_per_hour, 3600)
    return int(total + Fraction(1, 2))


def _tally(problem: Problem, solution: Solution) -> Iterator[Violation]:
    """Check that every call is answered or left out once, and every vehicle known and used once."""
    mentioned = Counter(visit.call for route in solution.routes for visit in route.visits)
    mentioned.update(solution.left_out)
    for call in mentioned.keys() - problem.call.keys():
        yield Violation("unknown_call", None, call, f"call {call} is not of this problem")
    for call in problem.call:
        if mentioned[call] != 1:
            code = "missing_call" if mentioned[call] == 0 else "double_call"
            yield Violation(code, None, call, f"call {call} is there {mentioned[call]} times, expected once")
    for vehicle, times in Counter(route.vehicle for route in solution.routes).items():
        if vehicle not in problem.vehicle:
            yield Violation("unknown_vehicle", vehicle, None, f"vehicle {vehicle} is not of this problem")
        elif times > 1:
            yield Violation("double_vehicle", vehicle, None, f"vehicle {vehicle} has {times} routes, expected one")


def _route(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Check one route."""
    if not route.visits:
        yield Violation("empty_route", vehicle.id, None, "a route without visits")
        return
    calls = [problem.call[visit.call] for visit in route.visits]
    yield from _goods(problem, vehicle, route, calls)
    yield from _times(problem, vehicle, route, calls)
    yield from _pause(problem, vehicle, route)
    stations = _stations(problem, vehicle, route)
    driven = sum(int(problem.metres[a, b]) for a, b in pairwise(stations))
    driving = sum(int(problem.seconds[a, b]) for a, b in pairwise(stations))
    if (route.metres, route.seconds_driving) != (driven, driving):
        says = f"says {route.metres} m in {route.seconds_driving} s, is {driven} m in {driving} s"
        yield Violation("figures", vehicle.id, None, says)


def _goods(problem: Problem, vehicle: Vehicle, route: Route, calls: list[Call]) -> Iterator[Violation]:
    """Check loads leg by leg, what the vehicle can do, and that clean goods never follow dirty ones aboard."""
    for dimension, name in enumerate(problem.dimensions):
        legs = [
            sum(call.collect[dimension] for call in calls[:leg]) + sum(call.deliver[dimension] for call in calls[leg:])
            for leg in range(len(calls) + 1)
        ]
        if max(legs) > vehicle.capacity[dimension]:
            yield Violation("capacity", vehicle.id, None, f"{max(legs)} {name} aboard, room for {vehicle.capacity[dimension]}")
        if max(legs) != route.peak[dimension]:
            yield Violation("figures", vehicle.id, None, f"says a peak of {route.peak[dimension]} {name}, is {max(legs)}")
    for call in calls:
        if call.tags - vehicle.tags:
            yield Violation("tag", vehicle.id, call.id, f"needs {', '.join(sorted(call.tags - vehicle.tags))}")
    dirty = [place for place, call in enumerate(calls) if any(call.collect)]
    clean = [place for place, call in enumerate(calls) if any(call.deliver)]
    if not vehicle.mixed and dirty and clean and dirty[0] < clean[-1]:
        yield Violation("order", vehicle.id, calls[dirty[0]].id, "collects before the last delivery, and must not mix")


def _times(problem: Problem, vehicle: Vehicle, route: Route, calls: list[Call]) -> Iterator[Violation]:
    """Check shift, travel, opening hours and service of each stop."""
    if route.departure < vehicle.shift[0] or route.finish > vehicle.shift[1]:
        yield Violation("shift", vehicle.id, None, f"away {route.departure} to {route.finish}, shift is {vehicle.shift}")
    left, at = route.departure, vehicle.start
    for visit, call in zip(route.visits, calls, strict=True):
        if visit.arrival < left + int(problem.seconds[at, call.place]):
            yield Violation("travel", vehicle.id, call.id, "arrives sooner than the way allows")
        if not any(opens <= visit.start <= closes for opens, closes in call.windows):
            yield Violation("window", vehicle.id, call.id, f"service at {visit.start}, open {call.windows}")
        if visit.start < visit.arrival or visit.end < visit.start + call.service:
            yield Violation("service", vehicle.id, call.id, "service starts before arrival or is cut short")
        left, at = visit.end, call.place
    if route.finish < left + int(problem.seconds[at, vehicle.end]):
        yield Violation("travel", vehicle.id, None, "is back sooner than the way allows")


def _pause(problem: Problem, vehicle: Vehicle, route: Route) -> Iterator[Violation]:
    """Check that a day long enough to need a pause has one, in time and beside driving and service."""
    if route.break_at is None:
        if vehicle.break_after is not None and route.finish - route.departure > vehicle.break_after:
            yield Violation("break", vehicle.id, None, "the day needs a pause and has none")
        return
    if vehicle.break_after is not None and route.break_at > route.departure + vehicle.break_after:
        yield Violation("break", vehicle.id, None, f"the pause at {route.break_at} comes too late")
    ends = (route.departure, *(visit.end for visit in route.visits))
    home = Visit("", route.finish, route.finish, route.finish)
    ways = pairwise(_stations(problem, vehicle, route))
    for left, visit, (a, b) in zip(ends, (*route.visits, home), ways, strict=True):
        if _room(route.break_at, vehicle.break_seconds, left, visit, int(problem.seconds[a, b])):
            return
    yield Violation("break", vehicle.id, None, f"no room for the pause at {route.break_at}")


def _room(begin: int, length: int, left: int, visit: Visit, way: int) -> bool:
    """Say whether a pause lies between leaving one stop and service at the next, beside the driving."""
    on_the_way = left <= begin and begin + length <= visit.arrival and visit.arrival - left >= way + length
    waiting = visit.arrival <= begin and begin + length <= visit.start
    return on_the_way or waiting


def _stations(problem: Problem, vehicle: Vehicle, route: Route) -> list[int]:
    """List the places of a route in order, from start to end."""
    return [vehicle.start, *(problem.call[visit.call].place for visit in route.visits), vehicle.end]
