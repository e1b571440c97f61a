"""Builds routes by putting one call after the other where it costs least (regret insertion), always legal.

A call and its partner of a shipment go in together; where a vehicle is full and may unload on its way, an unloading goes
in with the call. Prices come from arrays over all waiting calls and gaps (`offers`); only what is chosen is timed in full.
Ties are broken by the order of calls and vehicles in the problem, so the same problem gives the same routes.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from time import monotonic

import numpy as np

from routing.insertion.gaps import Flags, Spans, gaps
from routing.insertion.memory import known
from routing.insertion.offers import NO_WAY, Offers, moving_parts, worth
from routing.insertion.regret import Regret
from routing.problem import Call, Centre, Problem, Route, Solution, Vehicle
from routing.schedule import PER_CENT, PER_METRE, PER_SECOND, Misfit, assemble, fits, parts_of
from routing.schedule.goods import Stop, goods_misfit
from routing.schedule.spans import Span, join

Sequences = Mapping[str, Sequence[str | Centre]]
"""Call ids in order, by vehicle id; a `Centre` in between is an unloading there."""


NEAREST = 60
"""How many calls are near one."""


class Builder:
    """Routes under construction.

    Parameters
    ----------
    until
        Reading of the monotonic clock after which nothing more is put in; what is built by then is legal.
    """

    def __init__(self, problem: Problem, until: float | None = None) -> None:
        self.problem = problem
        self.until = float("inf") if until is None else until
        self.routes: dict[str, list[Stop]] = {vehicle.id: [] for vehicle in problem.vehicles}
        self.foes = _foes(problem)
        self.known = known(problem)

    @cached_property
    def neighbours(self) -> Flags:
        """Whether the call of a column has that of the row among its nearest, by seconds there and back."""
        places = np.array([call.place for call in self.problem.calls])
        seconds = self.problem.seconds[np.ix_(places, places)]
        both = seconds + seconds.T
        near = np.zeros(both.shape, bool)
        count = min(NEAREST, len(places) - 1)
        np.put_along_axis(near, np.argpartition(both, count, axis=1)[:, : count + 1], True, axis=1)
        return np.ascontiguousarray(near.T)

    def take(self, sequences: Sequences) -> None:
        """Take over what is legal of these sequences, in their order; a call that does not fit is passed over."""
        taken = {stop.id for route in self.routes.values() for stop in route if isinstance(stop, Call)}
        for name, sequence in sequences.items():
            stops = [self.problem.call[stop] if isinstance(stop, str) else stop for stop in sequence]
            stops = [stop for stop in stops if isinstance(stop, Centre) or stop.id not in taken]
            self.routes[name] = self._legal_part(self.problem.vehicle[name], self.routes[name], stops)
            taken |= {stop.id for stop in self.routes[name] if isinstance(stop, Call)}

    def insert(self) -> None:
        """Put in every waiting call that fits: those without a prize first, then those with one, by regret."""
        waiting = self.waiting()
        for must in (True, False):
            group = [item for item in waiting if any(call.prize is None for call in item) == must]
            if group:
                Regret(self, group).run()

    def waiting(self) -> list[tuple[Call, ...]]:
        """List the calls in no route, those of a shipment together."""
        placed = {stop.id for route in self.routes.values() for stop in route if isinstance(stop, Call)}
        items: list[tuple[Call, ...]] = []
        for call in self.problem.calls:
            shipment = self.problem.shipment.get(call.id)
            if call.id in placed or (shipment is not None and shipment.left == call.id):
                continue
            items.append(self._with_partner(call))
        return [item for item in items if self._friendly(item)]

    def prune(self, vehicles: Iterable[str] | None = None) -> None:
        """Take out what does not pay, of some vehicles or of all: single calls, unloadings for nothing, then whole routes."""
        for vehicle in self.problem.vehicles if vehicles is None else [self.problem.vehicle[name] for name in vehicles]:
            while _calls(self.routes[vehicle.id]):
                item = self._dearest(vehicle, self.routes[vehicle.id])
                if item is None:
                    break
                self.routes[vehicle.id] = self._without(vehicle, self.routes[vehicle.id], item)
            stops = self.routes[vehicle.id] = self._trimmed(vehicle, self.routes[vehicle.id])
            if self.price(vehicle, stops) - self.price(vehicle, []) > worth(_calls(stops)):
                self.routes[vehicle.id] = []

    def solution(self) -> Solution:
        """Time the routes as they stand."""
        timed = [self.timed(vehicle, self.routes[vehicle.id]) for vehicle in self.problem.vehicles]
        return assemble(self.problem, [route for route in timed if isinstance(route, Route)])

    def offers(self, vehicle: Vehicle) -> Offers:
        """Give what prices calls in a vehicle's route; it is kept until the route is another."""
        return self.known.offers(vehicle, self.routes[vehicle.id])

    def timed(self, vehicle: Vehicle, stops: Sequence[Stop]) -> Route | Misfit | None:
        """Time a route, None for a vehicle that stays at home."""
        return self.known.route(vehicle, stops) if _calls(stops) or vehicle.under_way is not None else None

    def apart(self, call: Call, stops: Iterable[Stop]) -> bool:
        """Say whether a call may be in a route with these stops."""
        foes = self.foes.get(call.id)
        return foes is None or not any(isinstance(stop, Call) and stop.id in foes for stop in stops)

    def _without(self, vehicle: Vehicle, stops: Sequence[Stop], item: Sequence[Call]) -> list[Stop]:
        """Give a route without some calls, and without unloadings that are for nothing then."""
        gone = {call.id for call in item}
        left = [stop for stop in stops if isinstance(stop, Centre) or stop.id not in gone]
        kept: list[Stop] = []
        for stop in left:
            loaded = isinstance(kept[-1], Call) if kept else vehicle.under_way is not None
            if loaded or isinstance(stop, Call):
                kept.append(stop)
        while kept and isinstance(kept[-1], Centre):
            kept.pop()
        return kept

    def _legal_part(self, vehicle: Vehicle, before: Sequence[Stop], stops: Sequence[Stop]) -> list[Stop]:
        """Give the stops after those there that are legal together: all, or one after the other."""
        whole = [*before, *stops]
        if monotonic() > self.until or not stops:
            return list(before)
        if self._friendly(whole) and self.known.fits(vehicle, whole):
            return whole
        kept = list(before)
        for stop in stops:
            longer = [*kept, stop]
            if monotonic() > self.until:
                break
            if isinstance(stop, Call) and not self.apart(stop, kept):
                continue
            if fits(self.problem, vehicle, longer, growing=True):
                kept = longer
        return self._settled(vehicle, kept)

    def _friendly(self, stops: Sequence[Stop]) -> bool:
        return all(self.apart(stop, stops) for stop in stops if isinstance(stop, Call))

    def _settled(self, vehicle: Vehicle, stops: list[Stop]) -> list[Stop]:
        """Take out what is legal only in a longer route: half shipments, and calls that stand in a locked place's way."""
        while stops and not fits(self.problem, vehicle, stops):
            refused = goods_misfit(self.problem, vehicle, stops)
            calls = _calls(stops)
            named = [call for call in calls if refused is not None and call.id == refused.call]
            gone = self._with_partner(named[0] if named else calls[-1]) if calls else []
            stops = self._without(vehicle, stops, gone)
        return stops

    def _trimmed(self, vehicle: Vehicle, stops: list[Stop]) -> list[Stop]:
        """Give a route without the unloadings it is legal and cheaper without."""
        for at in reversed([at for at, stop in enumerate(stops) if isinstance(stop, Centre)]):
            straight = [*stops[:at], *stops[at + 1 :]]
            if self.price(vehicle, straight) < self.price(vehicle, stops):
                stops = straight
        return stops

    def _with_partner(self, call: Call) -> tuple[Call, ...]:
        """Give a call, and the other end of its shipment."""
        shipment = self.problem.shipment.get(call.id)
        return (call,) if shipment is None else (self.problem.call[shipment.taken], self.problem.call[shipment.left])

    def _optional(self, stops: Sequence[Stop]) -> list[tuple[Call, ...]]:
        """List what may be left out of a route at a price."""
        items = dict.fromkeys(self._with_partner(call) for call in _calls(stops))
        return [item for item in items if all(call.prize is not None for call in item)]

    def price(self, vehicle: Vehicle, stops: Sequence[Stop]) -> int:
        """Give what a route of these stops costs, 0 for none."""
        if not _calls(stops) and vehicle.under_way is None:
            return 0
        parts = self.known.parts(vehicle, stops)
        return NO_WAY if parts is None else parts + moving_parts(vehicle, _calls(stops))

    def _dearest(self, vehicle: Vehicle, stops: Sequence[Stop]) -> tuple[Call, ...] | None:
        """Give what costs most above its prize, None if all pay."""
        now = self.timed(vehicle, stops)
        if not isinstance(now, Route):
            return None
        price = parts_of(vehicle, now) + moving_parts(vehicle, _calls(stops))
        saved = _at_most_saved(self.problem, vehicle, stops, now)
        gains = []
        for item in self._optional(stops):
            value = worth(item)
            if len(item) > 1 or saved[item[0].id] > value:
                gains.append((price - self.price(vehicle, self._without(vehicle, stops, item)) - value, item))
        gain, dearest = max(gains, key=lambda pair: pair[0], default=(0, None))
        return dearest if gain > 0 else None


def _at_most_saved(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop], now: Route) -> dict[str, int]:
    """Give parts of a cent that leaving out a call saves at most, by its id: no day without it is shorter than its spans."""
    there = gaps(problem, vehicle, stops)
    ways = problem.ways(vehicle)
    hour, overtime = vehicle.cost_per_hour * PER_SECOND, vehicle.cost_per_overtime_hour * PER_SECOND
    besides = max(0, now.finish - vehicle.shift[1]) * overtime + (vehicle.fixed_cost * PER_CENT if len(stops) == 1 else 0)
    saved = {}
    for at, stop in enumerate(stops):
        if isinstance(stop, Call):
            before, after = there.before[at], there.after[at + 1]
            ahead, behind = _span(there.ahead, at), _span(there.behind, at + 1)
            joined = join(ahead, int(ways.seconds[before, after]), behind)
            shorter = now.finish - now.departure - (joined[0] if joined else 0)
            metres = int(there.metres[at] + there.metres[at + 1] - ways.metres[before, after])
            saved[stop.id] = metres * vehicle.cost_per_km * PER_METRE + shorter * hour + besides
            saved[stop.id] += moving_parts(vehicle, [stop])
    return saved


def _span(spans: Spans, at: int) -> Span:
    return int(spans[0][at]), int(spans[1][at]), int(spans[2][at])


def _calls(stops: Iterable[Stop]) -> list[Call]:
    return [stop for stop in stops if isinstance(stop, Call)]


def _foes(problem: Problem) -> dict[str, set[str]]:
    """Give the calls that each call may not be in one route with."""
    foes: dict[str, set[str]] = {}
    for group in problem.apart:
        for call in group:
            foes.setdefault(call, set()).update(group - {call})
    return foes
