"""Times one vehicle's sequence of stops: the cheapest day that is legal, or what stands in its way; and prices days.

A sequence is calls in order, a `Centre` in between for each unloading.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from routing.problem import LONGEST, NO_RESTS, Call, Centre, Problem, Route, Solution, Unload, Vehicle, Visit
from routing.schedule.goods import Misfit, Stop, goods_misfit, peak
from routing.schedule.labels import rested
from routing.schedule.stretches import can_be_rested
from routing.schedule.timing import Line, Run, line, reachable

__all__ = [
    "PER_CENT",
    "PER_METRE",
    "PER_SECOND",
    "Misfit",
    "Stop",
    "along",
    "assemble",
    "dearest_day",
    "drive",
    "fits",
    "goods_misfit",
    "longest_unbroken",
    "parts_along",
    "parts_of",
    "peak",
    "schedule",
]

PER_CENT = 18_000
"""Parts a cent is cut into, so that cents per km times metres and cents per hour times seconds stay whole."""

PER_METRE = PER_CENT // 1_000
PER_SECOND = PER_CENT // 3_600


def schedule(problem: Problem, vehicle: Vehicle, stops: Sequence[str | Stop]) -> Route | Misfit:
    """Time the stops in this order: the cheapest day, then the shortest, leaving as late as that allows.

    Raises
    ------
    ValueError
        There are no stops, and the vehicle is not under way.
    """
    return drive(problem, vehicle, [problem.call[stop] if isinstance(stop, str) else stop for stop in stops])


def drive(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> Route | Misfit:
    """Time stops that need not be as the problem has them, nor the vehicle: to ask what a change would do."""
    if not any(isinstance(stop, Call) for stop in stops) and vehicle.under_way is None:
        raise ValueError(f"vehicle {vehicle.id}: a route needs at least one call")
    refused = goods_misfit(problem, vehicle, stops)
    if refused:
        return refused
    along_them = line(problem, vehicle, stops)
    run = timed(along_them, stops)
    return run if isinstance(run, Misfit) else _route(problem, vehicle, stops, along_them, run)


def fits(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], growing: bool = False, brief: bool = False) -> bool:
    """Say whether the stops can be driven in this order; with `growing`, as the beginning of a longer route.

    With `brief` a day that only several pauses would save is refused where one is enough on most days.
    """
    if goods_misfit(problem, vehicle, stops, growing) is not None:
        return False
    along_them = line(problem, vehicle, stops)
    return reachable(along_them) and can_be_rested(along_them, brief)


def parts_along(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> int | None:
    """Give what `drive` would cost, in parts of a cent, None where it cannot be driven; times only what time costs."""
    if vehicle.cost_per_hour or (vehicle.overtime and vehicle.cost_per_overtime_hour):
        route = drive(problem, vehicle, stops)
        return None if isinstance(route, Misfit) else parts_of(vehicle, route)
    if not fits(problem, vehicle, stops):
        return None
    metres = sum(along(vehicle, stops, problem.ways(vehicle).metres_rows))
    return vehicle.fixed_cost * PER_CENT + metres * vehicle.cost_per_km * PER_METRE


def timed(line: Line, stops: Sequence[Stop]) -> Run | Misfit:
    """Time a line, and name the stop where it fails."""
    if not reachable(line):
        halt = next(number for number, way in enumerate(line.ways) if way >= LONGEST)
        return Misfit("unreachable", _name(stops, halt))
    run = rested(line)
    if isinstance(run, Run):
        return run
    if any(line.ready):
        sooner = replace(line, ready=[0] * len(line.ready))
        if can_be_rested(sooner):
            return _release_misfit(stops, run)
    return replace(run, call=_name(stops, int(run.call))) if run.code == "window" and run.call else run


def assemble(problem: Problem, routes: Iterable[Route]) -> Solution:
    """Make a solution of the routes: what they do not visit is left out, who is under way comes home."""
    routes = (*routes,)
    out = {route.vehicle for route in routes}
    for vehicle in problem.vehicles:
        if vehicle.under_way is not None and vehicle.id not in out:
            home = drive(problem, vehicle, [])
            routes = routes if isinstance(home, Misfit) else (*routes, home)
    visited = {call for route in routes for call in route.calls}
    left_out = tuple(call.id for call in problem.calls if call.id not in visited)
    parts = sum(parts_of(problem.vehicle[route.vehicle], route) for route in routes)
    parts += balance_parts(problem, routes) + moving_cents(problem, routes) * PER_CENT
    prizes = sum(problem.call[call].prize or 0 for call in left_out)
    return Solution(routes, left_out, prizes + (parts + PER_CENT // 2) // PER_CENT)


def parts_of(vehicle: Vehicle, route: Route) -> int:
    """Give what a route costs by itself, in parts of a cent."""
    return (
        vehicle.fixed_cost * PER_CENT
        + route.metres * vehicle.cost_per_km * PER_METRE
        + (route.finish - route.departure) * vehicle.cost_per_hour * PER_SECOND
        + max(0, route.finish - vehicle.shift[1]) * vehicle.cost_per_overtime_hour * PER_SECOND
    )


def balance_parts(problem: Problem, routes: Iterable[Route]) -> int:
    """Price the hours between the longest and the shortest route, in parts of a cent."""
    durations = [route.finish - route.departure for route in routes]
    return (max(durations) - min(durations)) * problem.balance_per_hour * PER_SECOND if durations else 0


def moving_cents(problem: Problem, routes: Iterable[Route]) -> int:
    """Price the calls that another vehicle answers than was to."""
    answered = ((problem.call[name], route.vehicle) for route in routes for name in route.calls)
    return sum(call.moving_cost for call, vehicle in answered if call.usual not in (None, vehicle))


def dearest_day(problem: Problem) -> int:
    """Give cents that no solution's routes and lost prizes together exceed: what a call without a prize is worth."""
    vehicles = problem.vehicles
    cents = sum(call.prize or 0 for call in problem.calls) + sum(call.moving_cost for call in problem.calls)
    cents += sum(vehicle.fixed_cost for vehicle in vehicles)
    spans = [max(0, vehicle.latest - vehicle.shift[0]) for vehicle in vehicles]
    hours = sum(span * vehicle.cost_per_hour for span, vehicle in zip(spans, vehicles, strict=True))
    hours += sum(vehicle.overtime * vehicle.cost_per_overtime_hour for vehicle in vehicles)
    hours += max(spans, default=0) * problem.balance_per_hour
    legs = len(problem.calls) + sum(1 + vehicle.unloads for vehicle in vehicles)
    longest = max(int(ways.metres.max(initial=0, where=ways.metres < LONGEST)) for ways in problem.profiles)
    km = longest * legs * max((vehicle.cost_per_km for vehicle in vehicles), default=0) // 1000
    return cents + hours // 3600 + km + 2


def longest_unbroken(vehicle: Vehicle) -> int:
    """Give the longest day in seconds with its pauses not counted, for searches that know no pauses."""
    span, rests = max(0, vehicle.latest - vehicle.shift[0]), vehicle.rests
    if rests == NO_RESTS:
        return span
    limits = [0, *(most for most, _ in rests.due), span]
    longest = 0
    for number, (begins, ends) in enumerate(pairwise(limits)):
        pause = rests.due[number - 1][1] if number else 0
        longest = max(longest, min(_worked(rests.work, rests.shortest, span, pause), ends) if ends > begins else 0)
    return longest


def _worked(work: int | None, shortest: int, span: int, pause: int) -> int:
    """Give the most work in so many seconds with so much pause in all, or as many short ones as the work asks for."""
    if work is None:
        return span - pause
    return max(min((pauses + 1) * work, span - max(pause, pauses * shortest)) for pauses in range(span // work + 1))


def along(vehicle: Vehicle, stops: Sequence[Stop], rows: Sequence[Sequence[int]]) -> list[int]:
    """Read a matrix along the route: one number per leg, the legs from and to the depot included."""
    return [rows[a][b] for a, b in pairwise((vehicle.start, *(stop.place for stop in stops), vehicle.end))]


def _name(stops: Sequence[Stop], halt: int) -> str | None:
    """Name the call at a halt, if there is one."""
    stop = stops[halt] if halt < len(stops) else None
    return stop.id if isinstance(stop, Call) else None


def _release_misfit(stops: Sequence[Stop], run: Misfit) -> Misfit:
    """Blame the call whose goods are ready last."""
    calls = [stop for stop in stops if isinstance(stop, Call)]
    return Misfit("release", max(calls, key=lambda call: call.release).id, excess=run.excess)


def _route(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], line: Line, run: Run) -> Route:
    """Write the run down."""
    visits: list[Visit] = []
    unloads: list[Unload] = []
    for stop, halt in zip(stops, run.halts, strict=True):
        if isinstance(stop, Centre):
            unloads.append(Unload(len(visits), stop.place, halt.arrival, halt.start, halt.end))
        else:
            visits.append(Visit(stop.id, halt.arrival, halt.start, halt.end))
    return Route(
        vehicle=vehicle.id,
        visits=tuple(visits),
        departure=run.departure,
        finish=run.finish,
        metres=sum(along(vehicle, stops, problem.ways(vehicle).metres_rows)),
        seconds_driving=sum(line.ways),
        peak=peak(problem, vehicle, stops),
        pauses=tuple(run.pauses),
        unloads=tuple(unloads),
    )
