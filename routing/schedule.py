"""Times one vehicle's sequence of calls: the shortest day that is legal, or what stands in its way.

Within a gap between two stops the pause may be taken at either stop or on the way: each lengthens the gap alike,
so timing with a pause is timing with one leg made longer, tried for each leg.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.problem import Call, Problem, Route, Solution, Vehicle, Visit, Window

PER_CENT = 18_000
"""Parts a cent is cut into, so that cents per km times metres and cents per hour times seconds stay whole."""

PER_METRE = PER_CENT // 1_000
PER_SECOND = PER_CENT // 3_600


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a sequence cannot be driven.

    Parameters
    ----------
    code
        "tag", "capacity", "order" (dirty collected before clean is delivered), "window", "shift" or "break".
    call
        Where it fails, if at one call.
    dimension
        Index of the load dimension, for "capacity".
    excess
        How much is missing: load units for "capacity", seconds for "window" and "shift".
    """

    code: str
    call: str | None = None
    dimension: int | None = None
    excess: int = 0


@dataclass(frozen=True, slots=True)
class _Run:
    """Times of a sequence: leaving, each start of service, coming back."""

    departure: int
    starts: tuple[int, ...]
    closes: tuple[int, ...]
    finish: int

    @property
    def duration(self) -> int:
        return self.finish - self.departure


def schedule(problem: Problem, vehicle: Vehicle, calls: Sequence[str]) -> Route | Misfit:
    """Time the calls in this order: the shortest time away, leaving as late as that allows."""
    return drive(problem, vehicle, [problem.call[call] for call in calls])


def drive(problem: Problem, vehicle: Vehicle, stops: Sequence[Call]) -> Route | Misfit:
    """Time calls that need not be as the problem has them, nor the vehicle: to ask what a change would do."""
    if not stops:
        raise ValueError(f"vehicle {vehicle.id}: a route needs at least one call")
    refused = goods_misfit(vehicle, stops)
    if refused:
        return refused
    timed = _timed(problem, vehicle, stops)
    if isinstance(timed, Misfit):
        return timed
    run, pause_leg = timed
    return _route(problem, vehicle, stops, run, pause_leg)


def fits(problem: Problem, vehicle: Vehicle, stops: Sequence[Call]) -> bool:
    """Say whether the calls can be driven in this order."""
    return goods_misfit(vehicle, stops) is None and not isinstance(_timed(problem, vehicle, stops), Misfit)


def assemble(problem: Problem, routes: Iterable[Route]) -> Solution:
    """Make a solution of the routes: what they do not visit is left out."""
    routes = tuple(routes)
    visited = {call for route in routes for call in route.calls}
    left_out = tuple(call.id for call in problem.calls if call.id not in visited)
    parts = sum(parts_of(problem.vehicle[route.vehicle], route) for route in routes)
    prizes = sum(problem.call[call].prize or 0 for call in left_out)
    return Solution(routes, left_out, prizes + (parts + PER_CENT // 2) // PER_CENT)


def parts_of(vehicle: Vehicle, route: Route) -> int:
    """Give what a route costs, in parts of a cent."""
    return (
        vehicle.fixed_cost * PER_CENT
        + route.metres * vehicle.cost_per_km * PER_METRE
        + (route.finish - route.departure) * vehicle.cost_per_hour * PER_SECOND
    )


def dearest_day(problem: Problem) -> int:
    """Give cents that no solution's routes and lost prizes together exceed: what a call without a prize is worth."""
    prizes = sum(call.prize or 0 for call in problem.calls)
    fixed = sum(vehicle.fixed_cost for vehicle in problem.vehicles)
    hours = sum((vehicle.shift[1] - vehicle.shift[0]) * vehicle.cost_per_hour for vehicle in problem.vehicles) // 3600
    legs = len(problem.calls) + len(problem.vehicles)
    longest = int(problem.metres.max(initial=0))
    km = longest * legs * max((vehicle.cost_per_km for vehicle in problem.vehicles), default=0) // 1000
    return prizes + fixed + hours + km + 1


def longest_unbroken(vehicle: Vehicle) -> int:
    """Give the longest day in seconds with its pause not counted, for searches that know no pauses."""
    shift = vehicle.shift[1] - vehicle.shift[0]
    if vehicle.break_after is None or shift <= vehicle.break_after:
        return shift
    return max(vehicle.break_after, shift - vehicle.break_seconds)


def goods_misfit(vehicle: Vehicle, stops: Sequence[Call]) -> Misfit | None:
    """Say what forbids the goods of these calls in this vehicle, whatever the times."""
    collected = False
    for stop in stops:
        if not stop.tags <= vehicle.tags:
            return Misfit("tag", stop.id)
        if collected and stop.delivers and not vehicle.mixed:
            return Misfit("order", stop.id)
        collected = collected or stop.collects
    for dimension, room in enumerate(vehicle.capacity):
        aboard, excess, at = sum(stop.deliver[dimension] for stop in stops), 0, None
        excess = max(0, aboard - room)
        for stop in stops:
            aboard += stop.collect[dimension] - stop.deliver[dimension]
            if aboard - room > excess:
                excess, at = aboard - room, stop.id
        if excess:
            return Misfit("capacity", at, dimension, excess)
    return None


def peak(stops: Sequence[Call], dimensions: int) -> tuple[int, ...]:
    """Give the heaviest load on any leg, per dimension."""
    peaks = []
    for dimension in range(dimensions):
        aboard = heaviest = sum(stop.deliver[dimension] for stop in stops)
        for stop in stops:
            aboard += stop.collect[dimension] - stop.deliver[dimension]
            heaviest = max(heaviest, aboard)
        peaks.append(heaviest)
    return tuple(peaks)


def along(vehicle: Vehicle, stops: Sequence[Call], rows: list[list[int]]) -> list[int]:
    """Read a matrix along the route: one number per leg, the legs from and to the depot included."""
    return [rows[a][b] for a, b in pairwise((vehicle.start, *(stop.place for stop in stops), vehicle.end))]


def _timed(problem: Problem, vehicle: Vehicle, stops: Sequence[Call]) -> tuple[_Run, int | None] | Misfit:
    """Time the stops, with a pause on one leg (its index is given too) if the day needs one."""
    legs = along(vehicle, stops, problem.seconds_rows)
    plain = _shortest(stops, legs, vehicle.shift)
    if isinstance(plain, Misfit):
        return plain
    if vehicle.break_after is None or plain.duration <= vehicle.break_after:
        return plain, None
    return _with_pause(vehicle, stops, legs, vehicle.break_after)


def _with_pause(vehicle: Vehicle, stops: Sequence[Call], legs: list[int], limit: int) -> tuple[_Run, int] | Misfit:
    """Take the pause on the leg that makes the shortest day, then the one that cuts it most evenly."""
    best: tuple[tuple[int, int], _Run, int] | None = None
    refused = Misfit("break")
    for leg in range(len(legs)):
        longer = [*legs[:leg], legs[leg] + vehicle.break_seconds, *legs[leg + 1 :]]
        run = _shortest(stops, longer, vehicle.shift)
        if isinstance(run, Misfit):
            refused = run
            continue
        left = run.departure if leg == 0 else run.starts[leg - 1] + stops[leg - 1].service
        if left - run.departure > limit:
            break  # and every later leg starts later still
        key = (run.duration, max(left - run.departure, run.finish - left))
        if best is None or key < best[0]:
            best = (key, run, leg)
    return refused if best is None else (best[1], best[2])


def _shortest(stops: Sequence[Call], legs: list[int], shift: Window) -> _Run | Misfit:
    """Find the shortest run: leaving later costs nothing until a window closes, so look once per choice of windows."""
    best: _Run | None = None
    departure = shift[0]
    while True:
        run = _forward(stops, legs, departure)
        if isinstance(run, _Run) and run.finish > shift[1]:
            run = Misfit("shift", excess=run.finish - shift[1])
        if isinstance(run, Misfit):
            return best or run
        late = _forward(stops, legs, _latest(stops, legs, run.closes, run.finish))
        assert isinstance(late, _Run)  # noqa: S101 - leaving later within the same windows cannot miss one
        if best is None or late.duration < best.duration:
            best = late
        if all(len(stop.windows) == 1 for stop in stops):
            return best
        departure = _latest(stops, legs, run.closes, shift[1]) + 1


def _forward(stops: Sequence[Call], legs: list[int], departure: int) -> _Run | Misfit:
    """Drive as early as possible from this departure."""
    starts, closing = [], []
    clock = departure
    for stop, leg in zip(stops, legs, strict=False):  # the last leg leads home
        clock += leg
        for opens, closes in stop.windows:
            if clock <= closes:
                clock = max(clock, opens)
                closing.append(closes)
                break
        else:
            return Misfit("window", stop.id, excess=clock - stop.windows[-1][1] if stop.windows else 0)
        starts.append(clock)
        clock += stop.service
    return _Run(departure, tuple(starts), tuple(closing), clock + legs[-1])


def _latest(stops: Sequence[Call], legs: list[int], closes: Sequence[int], finish: int) -> int:
    """Give the latest departure that still meets these closing times and this finish."""
    clock = finish - legs[-1]
    for stop, leg, closing in zip(reversed(stops), reversed(legs[:-1]), reversed(closes), strict=True):
        clock = min(clock - stop.service, closing) - leg
    return clock


def _route(problem: Problem, vehicle: Vehicle, stops: Sequence[Call], run: _Run, pause_leg: int | None) -> Route:
    """Write the run down, its pause at a stop wherever the limit allows."""
    legs = along(vehicle, stops, problem.seconds_rows)
    visits, break_at, left = [], None, run.departure
    for leg, seconds in enumerate(legs):
        arrival = left + seconds
        if leg == pause_leg:
            break_at = _pause_start(leg, len(stops), left, arrival, run.departure + (vehicle.break_after or 0))
            arrival += vehicle.break_seconds if break_at < arrival else 0
        if leg < len(stops):
            left = run.starts[leg] + stops[leg].service
            visits.append(Visit(stops[leg].id, arrival, run.starts[leg], left))
    return Route(
        vehicle=vehicle.id,
        visits=tuple(visits),
        departure=run.departure,
        finish=run.finish,
        metres=sum(along(vehicle, stops, problem.metres_rows)),
        seconds_driving=sum(legs),
        peak=peak(stops, len(problem.dimensions)),
        break_at=break_at,
    )


def _pause_start(leg: int, stops: int, left: int, arrival: int, limit: int) -> int:
    """Pause on arrival if the limit allows, else before leaving; on the first leg, on the way."""
    if leg < stops and arrival <= limit:
        return arrival
    return left if leg > 0 else limit
