"""Plans the rest of a day that has begun: what is done stays done, each vehicle goes on from where it is.

    problem, solution, done ──> underway ──> the rest as a problem ──> solve ──> Replanned
                                                                    difference(before, after)

A vehicle drives on to the halt it is headed for, and is free there. Pauses and unloadings that the plan had before the last
thing done, or before now, are taken as had.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from routing.problem import MINUTE, NO_RESTS, Call, Centre, Problem, Route, Solution, UnderWay, Vehicle
from routing.schedule import Stop, drive
from routing.schedule.goods import trips
from routing.schedule.pauses import rested_by
from routing.search import mend, rank, sequences_of

Solver = Callable[[Problem], Solution]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a call: when the vehicle was through with it, and load units brought for it that are still aboard."""

    ended: int
    undelivered: tuple[int, ...] = ()


@dataclass(frozen=True)
class Replanned:
    """The rest of a day: as a problem, answered, and together with what was done before.

    `whole` has each route from its first stop to its last; its cost and left-out calls are those of the rest.
    """

    problem: Problem
    solution: Solution
    whole: Solution


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new plan changes: calls by vehicles, and by how many seconds each starts later (or, below 0, sooner).

    `moved` gives the vehicle before and after.
    """

    moved: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    shifted: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.moved or self.added or self.dropped or self.shifted)


Starts = Mapping[str, tuple[str, int]]
"""Vehicle and second at which a call is begun."""


def starts(solution: Solution) -> Starts:
    """Give who answers each call, and when."""
    return {visit.call: (route.vehicle, visit.start) for route in solution.routes for visit in route.visits}


def difference(before: Starts, after: Starts, least: int = 5 * MINUTE) -> Difference:
    """List what a new plan changes; a start less than `least` seconds off is no change."""
    both = [call for call in before if call in after]
    moved = {call: (before[call][0], after[call][0]) for call in both if before[call][0] != after[call][0]}
    later = {call: after[call][1] - before[call][1] for call in both if call not in moved}
    return Difference(
        moved=moved,
        added={call: vehicle for call, (vehicle, _) in after.items() if call not in before},
        dropped={call: vehicle for call, (vehicle, _) in before.items() if call not in after},
        shifted={call: seconds for call, seconds in later.items() if abs(seconds) >= least},
    )


def replan(
    problem: Problem, solution: Solution, now: int, done: Mapping[str, Done], solve: Solver, *, moving_cost: int = 0
) -> Replanned:
    """Plan the rest of a day anew; never dearer than going on as planned, where that is still possible.

    Parameters
    ----------
    problem, solution
        The day as it was planned; calls may be new, and calls gone from the problem are taken as cancelled.
    now
        Second of the day.
    done
        What came of each call so far, by its id.
    solve
        What plans the rest.
    moving_cost
        Cents that giving a call to another vehicle costs.
    """
    rest = underway(problem, solution, now, done, moving_cost=moving_cost)
    kept = mend(rest, remaining(rest, problem, solution))
    found = solve(rest)
    best = min((found, kept), key=lambda plan: rank(rest, plan))
    return Replanned(rest, best, whole(solution, best, done))


def remaining(rest: Problem, problem: Problem, solution: Solution) -> dict[str, list[str | Centre]]:
    """Give what is left of each route as it was planned."""
    left: dict[str, list[str | Centre]] = {}
    for vehicle, stops in sequences_of(problem, _known(problem, solution)).items():
        if vehicle in rest.vehicle:
            unloads = rest.vehicle[vehicle].unloads
            centres = [number for number, stop in enumerate(stops) if isinstance(stop, Centre)]
            ahead = set(centres[len(centres) - unloads :]) if unloads else set()
            left[vehicle] = [
                stop for number, stop in enumerate(stops) if number in ahead or (isinstance(stop, str) and stop in rest.call)
            ]
    return left


def whole(before: Solution, after: Solution, done: Collection[str]) -> Solution:
    """Put what was done on each route before what is left of it."""
    old = {route.vehicle: route for route in before.routes}
    routes = [_joined(old.get(route.vehicle), route, done) for route in after.routes]
    return Solution(tuple(routes), after.left_out, after.cost)


def _joined(old: Route | None, new: Route, done: Collection[str]) -> Route:
    """Join a route's past and its rest; the figures of driving are those of the rest."""
    past = () if old is None else tuple(visit for visit in old.visits if visit.call in done)
    if old is None or not past:
        return new
    unloads = tuple(replace(unload, after=unload.after + len(past)) for unload in new.unloads)
    behind = tuple(unload for unload in old.unloads if unload.end <= new.departure and unload.after <= len(past))
    pauses = tuple(pause for pause in old.pauses if pause[1] <= new.departure)
    return replace(
        new,
        visits=past + new.visits,
        departure=old.departure,
        pauses=pauses + new.pauses,
        unloads=behind + unloads,
    )


def underway(problem: Problem, solution: Solution, now: int, done: Mapping[str, Done], *, moving_cost: int = 0) -> Problem:
    """Write the rest of a day down as a problem: what is to be done, by whom, from where."""
    solution = _known(problem, solution)
    past = {route.vehicle: _Past(problem, route, now, done) for route in solution.routes}
    out = {name: behind for name, behind in past.items() if behind.out}
    vehicles = tuple(out[van.id].vehicle() if van.id in out else _waiting(van, now) for van in problem.vehicles)
    usual = {visit.call: route.vehicle for route in solution.routes for visit in route.visits}
    calls = [_left(problem, call, usual.get(call.id), moving_cost, past) for call in problem.calls if call.id not in done]
    calls = _apart(problem, calls, {call: vehicle for call, vehicle in usual.items() if call in done})
    names = {call.id for call in calls}
    return replace(
        problem,
        calls=tuple(_shipped(problem, call, done, usual) for call in calls),
        vehicles=vehicles,
        shipments=tuple(ship for ship in problem.shipments if {ship.taken, ship.left} <= names),
        apart=tuple(group & names for group in problem.apart if len(group & names) > 1),
    )


def _known(problem: Problem, solution: Solution) -> Solution:
    """Give a plan without the calls and vehicles that the problem does not know any more."""
    routes = []
    for route in solution.routes:
        known = [visit.call in problem.call for visit in route.visits]
        unloads = tuple(replace(unload, after=sum(known[: unload.after])) for unload in route.unloads)
        visits = tuple(visit for visit, is_known in zip(route.visits, known, strict=True) if is_known)
        if route.vehicle in problem.vehicle:
            routes.append(replace(route, visits=visits, unloads=unloads))
    return replace(solution, routes=tuple(routes))


def _waiting(vehicle: Vehicle, now: int) -> Vehicle:
    """Give a vehicle that has not left: it leaves no sooner than now."""
    if now <= vehicle.shift[0]:
        return vehicle
    overtime = max(0, vehicle.latest - max(now, vehicle.shift[1]))
    return replace(vehicle, shift=(now, max(now, vehicle.shift[1])), overtime=overtime)


def _left(problem: Problem, call: Call, usual: str | None, moving_cost: int, past: Mapping[str, "_Past"]) -> Call:
    """Give a call that is still to be answered, its place in the order counted from now; one that has gone by is the next."""
    position = call.position
    rides = next(iter(call.vehicles)) if call.vehicles and len(call.vehicles) == 1 else usual
    behind = past.get(rides) if rides else None
    if position is not None and position >= 0 and behind:
        position = max(0, position - len(behind.visits))
    # a move that a lock forces costs nothing, or the call would be left out for it
    stays = usual is not None and (call.vehicles is None or usual in call.vehicles)
    return replace(call, usual=usual, moving_cost=moving_cost if stays else 0, position=position)


def _apart(problem: Problem, calls: Sequence[Call], done: Mapping[str, str]) -> list[Call]:
    """Keep calls away from the vehicles that answered one they must not ride with."""
    kept = []
    for call in calls:
        groups = [group for group in problem.apart if call.id in group]
        barred = {done[other] for group in groups for other in group if other in done}
        allowed = (call.vehicles or frozenset(problem.vehicle)) - barred
        kept.append(replace(call, vehicles=frozenset(allowed)) if barred else call)
    return kept


def _shipped(problem: Problem, call: Call, done: Mapping[str, Done], usual: Mapping[str, str]) -> Call:
    """Turn the second half of a shipment whose first is done into a delivery of what is aboard."""
    shipment = problem.shipment.get(call.id)
    if shipment is None or shipment.taken not in done or shipment.taken not in usual:
        return call
    deliver = tuple(own + load for own, load in zip(call.deliver, shipment.load, strict=True))
    return replace(call, deliver=deliver, vehicles=frozenset({usual[shipment.taken]}))


class _Past:
    """What a vehicle has done of its route by now."""

    def __init__(self, problem: Problem, route: Route, now: int, done: Mapping[str, Done]) -> None:
        self.problem, self.route, self.now, self.done = problem, route, now, done
        self.van = problem.vehicle[route.vehicle]
        self.visits = [visit for visit in route.visits if visit.call in done]
        self.last = max((done[visit.call].ended for visit in self.visits), default=route.departure)
        self.out = bool(self.visits) or route.departure < now or self.van.under_way is not None

    def vehicle(self) -> Vehicle:
        """Give the vehicle as it goes on."""
        place, free = self._where()
        unloads = max(0, self.van.unloads - self._unloaded(free))
        under_way = self._under_way(free)
        van = replace(
            self.van,
            start=place,
            shift=(free, max(free, self.van.shift[1])),
            overtime=max(0, self.van.latest - max(free, self.van.shift[1])),
            # what is aboard stays there, though it be more than the vehicle may carry by now
            capacity=tuple(map(max, self._room(), self._load(under_way))),
            unloads=unloads,
            under_way=under_way,
        )
        return self._homeward(van)

    def _load(self, under_way: UnderWay) -> tuple[int, ...]:
        """Give what it carries: collected, and to be delivered still."""
        carried = [self.problem.call[call].deliver for call in under_way.carries if call in self.problem.call]
        return tuple(map(sum, zip(under_way.aboard, *carried, strict=True)))

    def _homeward(self, van: Vehicle) -> Vehicle:
        """Let a vehicle come home however late it is, as it cannot stay out."""
        way = self.problem.ways(van).seconds_rows[van.start][van.end]
        soonest = van.shift[0] + way
        if soonest > van.latest:
            back_by = None if van.back_by is None else max(van.back_by, soonest)
            van = replace(van, overtime=max(van.overtime, soonest - van.shift[1]), back_by=back_by)
        return van if isinstance(drive(self.problem, van, []), Route) else replace(van, rests=NO_RESTS)

    def _where(self) -> tuple[int, int]:
        """Give the place where it is free next, and when: the halt it is headed for, reached as the ways allow."""
        before = self.problem.call[self.visits[-1].call].place if self.visits else self.van.start
        free = max(self.last, self.now)
        ahead = self._headed_for()
        for begins, ends in self.route.pauses:
            if begins <= self.now < ends and begins >= self.last:
                free = max(free, ends)
        if ahead is None:
            return before, free
        place, arrival = ahead
        leaves = arrival - self.problem.ways(self.van).seconds_rows[before][place]
        if self.now < leaves:
            return before, free  # it still stands there
        return place, max(free, self.last + self.problem.ways(self.van).seconds_rows[before][place], arrival)

    def _headed_for(self) -> tuple[int, int] | None:
        """Give the next halt that is not done, and when it was to be reached; the end if there is none."""
        ahead = [visit for visit in self.route.visits if visit.call not in self.done]
        behind = sum(visit.call in self.done for visit in self.route.visits)
        for unload in self.route.unloads:
            if unload.after == behind and unload.end > self.last and self._pending(unload.end):
                return unload.place, unload.arrival
        if ahead:
            return self.problem.call[ahead[0].call].place, ahead[0].arrival
        return self.van.end, self.route.finish

    def _pending(self, ends: int) -> bool:
        return ends > self.now

    def _unloaded(self, free: int) -> int:
        """Count the unloadings that are over."""
        behind = len(self.visits)
        return sum(unload.after < behind or (unload.after == behind and unload.end <= free) for unload in self.route.unloads)

    def _trip(self, free: int) -> tuple[list[Call], list[Call]]:
        """Give the calls of the trip it is on: those done, and those to come."""
        stops: list[Stop] = []
        for number, visit in enumerate(self.route.visits):
            stops += [Centre(unload.place) for unload in self.route.unloads if unload.after == number]
            stops.append(self.problem.call[visit.call])
        cut = trips(stops)
        here = cut[min(self._unloaded(free), len(cut) - 1)]
        return [call for call in here if call.id in self.done], [call for call in here if call.id not in self.done]

    def _home(self) -> bool:
        """Say whether it has been at its end with nothing more to do."""
        return len(self.visits) == len(self.route.visits) and self.route.finish <= self.now

    def _under_way(self, free: int) -> UnderWay:
        before = self.van.under_way
        aboard = [0] * len(self.problem.dimensions)
        carries: frozenset[str] = frozenset()
        if not self._home():
            behind, ahead = self._trip(free)
            loads = [call.collect for call in behind] + [before.aboard if before and not self._unloaded(free) else ()]
            aboard = [sum(load[d] for load in loads if load) for d in range(len(aboard))]
            kept = before.carries if before and not self._unloaded(free) else frozenset()
            goods = {call.id for call in ahead if call.delivers} | self._shipments_aboard(behind)
            carries = frozenset(goods if before is None or self._unloaded(free) else goods & kept)
        return UnderWay(tuple(aboard), carries, **self._counters(self.route.finish if self._home() else free))

    def _shipments_aboard(self, behind: Sequence[Call]) -> set[str]:
        """Give the calls at which what was taken on this trip is still to be left."""
        taken = [self.problem.shipment[call.id] for call in behind if call.id in self.problem.shipment]
        return {ship.left for ship in taken if ship.left not in self.done and ship.left in self.problem.call}

    def _counters(self, free: int) -> dict[str, int]:
        """Give what the driver has behind him when the vehicle is free."""
        rests, before = self.van.rests, self.van.under_way or UnderWay(())
        pauses = [pause for pause in self.route.pauses if pause[1] <= free]
        paused = sum(ends - begins for begins, ends in pauses)
        away = free - self.route.departure
        worked = free - pauses[-1][1] if pauses else away + before.worked
        driven, today, part = before.driven, before.driven_today, False
        for _, drives, seconds in sorted([*self._legs(free), *((b, 0, e - b) for b, e in pauses)]):
            if drives:
                driven, today = driven + seconds, today + seconds
            else:
                driven, part = rested_by(rests, seconds, driven, part)
        return {
            "worked": max(0, worked),
            "driven": driven,
            "worked_today": before.worked_today + max(0, away - paused),
            "driven_today": today,
            "paused_today": before.paused_today + paused,
        }

    def _legs(self, free: int) -> list[tuple[int, int, int]]:
        """Give the drives so far, as planned: when each began, 1, and its seconds."""
        rows = self.problem.ways(self.van).seconds_rows
        halts = [(visit.arrival, self.problem.call[visit.call].place) for visit in self.route.visits]
        for unload in reversed(self.route.unloads):
            halts.insert(unload.after, (unload.arrival, unload.place))
        halts.append((self.route.finish, self.van.end))
        legs, place = [], self.van.start
        for arrival, there in halts:
            way = rows[place][there]
            if arrival <= max(free, self.last):
                legs.append((arrival - way, 1, way))
            place = there
        return legs

    def _room(self) -> tuple[int, ...]:
        """Give the capacity less what was brought for nothing and is still aboard."""
        room = list(self.van.capacity)
        for visit in self.visits:
            for dimension, load in enumerate(self.done[visit.call].undelivered):
                room[dimension] = max(0, room[dimension] - load)
        return tuple(room)
