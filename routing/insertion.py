"""Builds routes by putting one call after the other where it costs least (regret insertion), always legal.

Ties are broken by the order of calls and vehicles in the problem, so the same problem gives the same routes.

References
----------
Potvin, J.-Y. and Rousseau, J.-M. (1993), A parallel route building algorithm for the vehicle routing and scheduling
problem with time windows. European Journal of Operational Research 66(3), 331-340.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from routing.problem import Call, Problem, Solution, Vehicle
from routing.schedule import PER_CENT, PER_METRE, PER_SECOND, Misfit, assemble, fits, parts_of, schedule

Sequences = Mapping[str, Sequence[str]]
"""Call ids in order, by vehicle id."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The cheapest legal place for a call in one vehicle's route, in parts of a cent."""

    parts: int
    position: int


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
        self.routes: dict[str, list[Call]] = {vehicle.id: [] for vehicle in problem.vehicles}

    def take(self, sequences: Sequences) -> None:
        """Take over what is legal of these sequences, in their order; a call that does not fit is passed over."""
        taken: set[str] = set()
        for vehicle, calls in sequences.items():
            for call in calls:
                if call not in taken and self._take(vehicle, self.problem.call[call]):
                    taken.add(call)

    def insert(self) -> None:
        """Put in every waiting call that fits: those without a prize first, then those with one, by regret."""
        placed = {call.id for route in self.routes.values() for call in route}
        waiting = [call for call in self.problem.calls if call.id not in placed]
        for group in ([call for call in waiting if call.prize is None], [call for call in waiting if call.prize is not None]):
            self._insert(group)

    def prune(self) -> None:
        """Take out single calls, then whole routes, whose prizes are below what they cost."""
        for vehicle in self.problem.vehicles:
            while gains := [(self._gain(vehicle, at), at) for at in range(len(self.routes[vehicle.id]))]:
                gain, at = max(gains, key=lambda pair: (pair[0], -pair[1]))
                if gain <= 0:
                    break
                del self.routes[vehicle.id][at]
            if self._price(vehicle, self.routes[vehicle.id]) > _worth(self.routes[vehicle.id]):
                self.routes[vehicle.id] = []

    def solution(self) -> Solution:
        """Time the routes as they stand."""
        timed = []
        for vehicle, stops in self.routes.items():
            route = schedule(self.problem, self.problem.vehicle[vehicle], [call.id for call in stops]) if stops else None
            if route is not None and not isinstance(route, Misfit):
                timed.append(route)
        return assemble(self.problem, timed)

    def _take(self, vehicle: str, call: Call) -> bool:
        """Append one call if the route stays legal and there is time."""
        longer = [*self.routes[vehicle], call]
        if monotonic() > self.until or not fits(self.problem, self.problem.vehicle[vehicle], longer):
            return False
        self.routes[vehicle] = longer
        return True

    def _insert(self, waiting: list[Call]) -> None:
        """Insert by regret; after each step only the changed vehicle is looked at again."""
        spots: dict[str, dict[str, Spot]] = {call.id: {} for call in waiting}
        changed: Sequence[Vehicle] = self.problem.vehicles
        while waiting and monotonic() < self.until:
            for call in waiting:
                for vehicle in changed:
                    self._refresh(spots[call.id], call, vehicle)
                if monotonic() > self.until:
                    return
            waiting = [call for call in waiting if spots[call.id]]
            if not waiting:
                return
            chosen = max(waiting, key=lambda call: _urgency(call, spots[call.id]))
            vehicle_id, spot = min(spots[chosen.id].items(), key=lambda item: item[1].parts)
            self.routes[vehicle_id].insert(spot.position, chosen)
            waiting = [call for call in waiting if call is not chosen]
            changed = [self.problem.vehicle[vehicle_id]]

    def _refresh(self, spots: dict[str, Spot], call: Call, vehicle: Vehicle) -> None:
        """Look again for the call's spot in this vehicle."""
        spots.pop(vehicle.id, None)
        spot = self.spot(call, vehicle)
        if spot:
            spots[vehicle.id] = spot

    def spot(self, call: Call, vehicle: Vehicle) -> Spot | None:
        """Find the cheapest legal position for a call in a vehicle's route."""
        stops = self.routes[vehicle.id]
        if not call.tags <= vehicle.tags or _overfull(vehicle, [*stops, call]):
            return None
        for parts, position in sorted(self._offers(call, vehicle, stops)):
            if fits(self.problem, vehicle, [*stops[:position], call, *stops[position:]]):
                return Spot(parts, position)
        return None

    def _offers(self, call: Call, vehicle: Vehicle, stops: Sequence[Call]) -> Iterator[tuple[int, int]]:
        """Give the added cost of driving and service for each position, waiting not counted."""
        places = [vehicle.start, *(stop.place for stop in stops), vehicle.end]
        seconds, metres = self.problem.seconds_rows, self.problem.metres_rows
        km, hour = vehicle.cost_per_km * PER_METRE, vehicle.cost_per_hour * PER_SECOND
        for position in range(len(stops) + 1):
            a, b, via = places[position], places[position + 1], call.place
            way = metres[a][via] + metres[via][b] - (metres[a][b] if stops else 0)
            time = seconds[a][via] + seconds[via][b] - (seconds[a][b] if stops else 0) + call.service
            fixed = 0 if stops else vehicle.fixed_cost * PER_CENT
            yield way * km + time * hour + fixed, position

    def _price(self, vehicle: Vehicle, stops: Sequence[Call]) -> int:
        """Give what a route of these stops costs, 0 for none."""
        if not stops:
            return 0
        route = schedule(self.problem, vehicle, [call.id for call in stops])
        return _NEVER if isinstance(route, Misfit) else parts_of(vehicle, route)

    def _gain(self, vehicle: Vehicle, at: int) -> int:
        """Give what leaving out one stop saves, its prize counted."""
        stops = self.routes[vehicle.id]
        if stops[at].prize is None:
            return 0
        without = [*stops[:at], *stops[at + 1 :]]
        return self._price(vehicle, stops) - self._price(vehicle, without) - _worth([stops[at]])


_NEVER = 10**18
"""More than any day costs, in parts of a cent."""


def _overfull(vehicle: Vehicle, stops: Sequence[Call]) -> bool:
    """Say whether the goods going out, or those coming back, are too many in any order."""
    return any(
        max(sum(stop.deliver[dimension] for stop in stops), sum(stop.collect[dimension] for stop in stops)) > room
        for dimension, room in enumerate(vehicle.capacity)
    )


def _worth(stops: Sequence[Call]) -> int:
    """Add up the prizes in parts of a cent; a call without one is worth any journey."""
    return sum(_NEVER if call.prize is None else call.prize * PER_CENT for call in stops)


def _urgency(call: Call, spots: Mapping[str, Spot]) -> tuple[int, int]:
    """Rank a call by what is lost when its best vehicle is taken, and by what it earns there.

    Earnings matter on days that are too full: without them a first plan cost 8 to 15 % more on random days.
    """
    left_out = _worth([call])
    cheapest = sorted(spot.parts for spot in spots.values())[:2]
    second = cheapest[1] if len(cheapest) > 1 else left_out
    return second - cheapest[0] + left_out - cheapest[0], -cheapest[0]
