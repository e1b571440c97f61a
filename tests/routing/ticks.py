"""A second reading of the rules: a plan judged tick by tick and thing by thing.

Shares nothing with the checker or the schedule but the words of `routing.problem`. Times are multiples of a tick.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf

from routing.problem import Call, Centre, Problem, Route, UnderWay, Vehicle

TICK = 900
PARTS = 18_000  # parts of a cent that keep cents per km and per hour whole

NOTHING = UnderWay(())


@dataclass(frozen=True)
class Way:
    """A vehicle's halts in order: calls and centres."""

    problem: Problem
    vehicle: Vehicle
    halts: tuple[Call | Centre, ...]

    @cached_property
    def calls(self):
        return [halt for halt in self.halts if isinstance(halt, Call)]

    @cached_property
    def places(self):
        return [self.vehicle.start, *(halt.place for halt in self.halts), self.vehicle.end]

    @cached_property
    def drives(self):
        return [int(self.problem.ways(self.vehicle).seconds[a, b]) for a, b in pairwise(self.places)]

    @cached_property
    def metres(self):
        return sum(int(self.problem.ways(self.vehicle).metres[a, b]) for a, b in pairwise(self.places))

    @cached_property
    def needs(self):
        """Seconds that each halt takes at least."""
        found, before = [], None
        for halt in self.halts:
            if isinstance(halt, Centre):
                found.append(halt.seconds)
            else:
                near = isinstance(before, Call) and before.place == halt.place
                found.append(halt.service + (0 if near else halt.setup))
            before = halt
        return found

    @cached_property
    def ready(self):
        """When each halt, the start included, may be left at the soonest for the goods of its trip."""
        found = [0] * (len(self.halts) + 1)
        loading = 0
        for index, halt in enumerate(self.halts):
            if isinstance(halt, Centre):
                loading = index + 1
            elif loading > 0 or self.vehicle.under_way is None:
                found[loading] = max(found[loading], halt.release)
        return found

    @property
    def parts(self):
        """What it costs whatever the times."""
        moved = sum(call.moving_cost for call in self.calls if call.usual is not None and call.usual != self.vehicle.id)
        return (self.vehicle.fixed_cost + moved) * PARTS + self.metres * self.vehicle.cost_per_km * (PARTS // 1000)

    @cached_property
    def suits(self):
        """Whether this vehicle may answer these calls, here and together."""
        last = len(self.calls) - 1
        ids = {call.id for call in self.calls}
        return (
            all(call.tags <= self.vehicle.tags for call in self.calls)
            and all(call.vehicles is None or self.vehicle.id in call.vehicles for call in self.calls)
            and all(call.position in (None, n, -1 if n == last else n) for n, call in enumerate(self.calls))
            and all(len(group & ids) < 2 for group in self.problem.apart)
            and sum(isinstance(halt, Centre) for halt in self.halts) <= self.vehicle.unloads
            and (self.vehicle.under_way is not None or (bool(self.halts) and isinstance(self.halts[0], Call)))
        )

    @cached_property
    def cargo(self):
        """The loads of each leg, thing by thing, or None where the goods forbid it."""
        hold = self._first_hold()
        legs = [self._weigh(hold)]
        for index, halt in enumerate(self.halts):
            if isinstance(halt, Centre):
                if any(kind == "parcel" for kind, _ in hold):
                    return None
                hold = self._clean(self.halts[index + 1 :])
            elif not self._serve(halt, hold):
                return None
            legs.append(self._weigh(hold))
        fits = all(load <= room for leg in legs for load, room in zip(leg, self.vehicle.capacity, strict=True))
        return legs if fits and not any(kind == "parcel" for kind, _ in hold) else None

    def _first_hold(self):
        if self.vehicle.under_way is None:
            return self._clean(self.halts)
        out = self.vehicle.under_way
        hold = {("clean", call.id): call.deliver for call in self.problem.calls if call.id in out.carries}
        return hold | ({("dirty", "aboard"): out.aboard} if any(out.aboard) else {})

    def _clean(self, halts):
        hold = {}
        for halt in halts:
            if isinstance(halt, Centre):
                break
            hold["clean", halt.id] = halt.deliver
        return hold

    def _serve(self, call, hold):
        """Unload and load at one call; say whether that may be."""
        if any(call.deliver):
            if ("clean", call.id) not in hold:
                return False
            if not self.vehicle.mixed and any(kind == "dirty" for kind, _ in hold):
                return False
        hold.pop(("clean", call.id), None)
        if any(call.collect):
            hold["dirty", call.id] = call.collect
        for shipment in self.problem.shipments:
            if call.id == shipment.left and hold.pop(("parcel", shipment.taken), None) is None:
                return False
            if call.id == shipment.taken:
                hold["parcel", call.id] = shipment.load
        return True

    def _weigh(self, hold):
        return tuple(sum(load[n] for load in hold.values()) for n in range(len(self.problem.dimensions)))


def way_of(problem, route):
    """The halts of a route; None where an unloading is nowhere or at no centre."""
    vehicle = problem.vehicle[route.vehicle]
    halts = [problem.call[visit.call] for visit in route.visits]
    afters = [unload.after for unload in route.unloads]
    if afters != sorted(afters) or not all(0 <= after <= len(halts) for after in afters):
        return None
    for unload in reversed(route.unloads):
        fitting = [c for c in vehicle.centres if c.place == unload.place and _timely(unload, c.windows, c.seconds)]
        if not fitting:
            return None
        halts.insert(unload.after, fitting[0])
    return Way(problem, vehicle, tuple(halts))


def _timely(halt, windows, seconds):
    return any(o <= halt.start <= c for o, c in windows) and halt.arrival <= halt.start and halt.end >= halt.start + seconds


def legal(problem, solution):
    """Whether a plan of known calls and vehicles, on ticks and with true figures, keeps every rule."""
    named = [call for route in solution.routes for call in route.calls] + list(solution.left_out)
    used = [route.vehicle for route in solution.routes]
    if sorted(named) != sorted(problem.call) or len(used) != len(set(used)):
        return False
    if any(vehicle.under_way is not None and vehicle.id not in used for vehicle in problem.vehicles):
        return False
    return all(_legal_route(problem, route) for route in solution.routes)


def _legal_route(problem, route):
    way = way_of(problem, route)
    if way is None or not way.suits or way.cargo is None:
        return False
    van = way.vehicle
    latest = min(van.shift[1] + van.overtime, inf if van.back_by is None else van.back_by)
    if route.departure < van.shift[0] or route.finish > latest:
        return False
    return _timed_well(way, route) and _rested(way, route)


def _halted(route):
    """Visits and unloadings in the order they are made."""
    halts = list(route.visits)
    for unload in reversed(route.unloads):
        halts.insert(unload.after, unload)
    return halts


def _timed_well(way, route):
    clock = route.departure
    for halt, spec, drive, need, ready in zip(_halted(route), way.halts, way.drives, way.needs, way.ready, strict=False):
        windows = spec.windows
        if halt.arrival - drive < max(clock, ready) or not _timely(halt, windows, need):
            return False
        clock = halt.end
    return route.finish - way.drives[-1] >= clock


def _ticks(way, route):
    """What is done in each tick of the day: driving, serving, or standing (numbered)."""
    doing = {}
    left, slot = route.departure, 0
    for halt, drive in zip([*_halted(route), None], way.drives, strict=True):
        arrival = route.finish if halt is None else halt.arrival
        spans = [(left, arrival - drive, f"stand {slot}"), (arrival - drive, arrival, "drive")]
        if halt is not None:
            spans += [(arrival, halt.start, f"stand {slot + 1}"), (halt.start, halt.end, "serve")]
            left, slot = halt.end, slot + 2
        for begins, ends, what in spans:
            doing |= dict.fromkeys(range(begins, ends, TICK), what)
    return doing


def _rested(way, route):
    doing, rests, had = _ticks(way, route), way.vehicle.rests, way.vehicle.under_way or NOTHING
    for begins, ends in route.pauses:
        if ends - begins < rests.shortest or len({doing.get(tick, "away") for tick in range(begins, ends, TICK)}) != 1:
            return False
        if not doing.get(begins, "away").startswith("stand"):
            return False
        for tick in range(begins, ends, TICK):
            doing[tick] = "pause"
    if list(route.pauses) != sorted(route.pauses):
        return False
    paused = sum(what == "pause" for what in doing.values()) * TICK + had.paused_today
    worked = sum(what != "pause" for what in doing.values()) * TICK + had.worked_today
    driven = sum(way.drives) + had.driven_today
    if any(worked > most and paused < owed for most, owed in rests.due):
        return False
    if rests.driving_day is not None and driven > rests.driving_day:
        return False
    return _unbroken(doing, {begins: ends - begins for begins, ends in route.pauses}, rests, had)


def _unbroken(doing, pauses, rests, had):
    """Count work and driving tick by tick."""
    work, drive, part = had.worked, had.driven, False
    for tick in sorted(doing):
        if tick in pauses:
            drive, part = after_pause(rests, pauses[tick], drive, part)
        if doing[tick] == "pause":
            work = 0
            continue
        work += TICK
        drive += TICK if doing[tick] == "drive" else 0
        if (rests.work is not None and work > rests.work) or (rests.driving is not None and drive > rests.driving):
            return False
    return (rests.work is None or work <= rests.work) and (rests.driving is None or drive <= rests.driving)


def after_pause(rests, length, driven, part):
    """Driving since the last driving pause, and whether a first part was had, after a pause."""
    if length >= rests.driving_pause:
        return 0, False
    if rests.parts is None:
        return driven, False
    if part and length >= rests.parts[1]:
        return 0, False
    return driven, part or length >= rests.parts[0]


def cost(problem, solution):
    """What a plan costs, in whole cents."""
    total = sum((problem.call[call].prize or 0) * PARTS for call in solution.left_out)
    spans = []
    for route in solution.routes:
        van = problem.vehicle[route.vehicle]
        halts = [problem.call[call] for call in route.calls]
        for unload in reversed(route.unloads):
            if 0 <= unload.after <= len(route.visits):  # one that is nowhere costs no way
                halts.insert(unload.after, Centre(unload.place))
        total += Way(problem, van, tuple(halts)).parts + hours(van, route.finish - route.departure, route.finish)
        spans.append(route.finish - route.departure)
    return cents(total + uneven(problem, spans))


def hours(van, span, finish):
    return (span * van.cost_per_hour + max(0, finish - van.shift[1]) * van.cost_per_overtime_hour) * (PARTS // 3600)


def uneven(problem, spans):
    return (max(spans) - min(spans)) * problem.balance_per_hour * (PARTS // 3600) if spans else 0


def cents(parts):
    return (2 * parts + PARTS) // (2 * PARTS)


def measured(way, visits, unloads, departure, finish, pauses):
    """A route with its figures."""
    legs = way.cargo or [(0,) * len(way.problem.dimensions)]
    peak = tuple(max(leg[n] for leg in legs) for n in range(len(way.problem.dimensions)))
    return Route(way.vehicle.id, visits, departure, finish, way.metres, sum(way.drives), peak, pauses, unloads)
