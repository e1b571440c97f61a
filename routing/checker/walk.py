"""Reads a route halt by halt for the checker, and holds the sentences of what it may break."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from routing.problem import LONGEST, Call, Problem, Route, UnderWay

RULES = {
    "unknown_call": "call %(call)s is not of this problem",
    "missing_call": "call %(call)s is neither answered nor left out",
    "double_call": "call %(call)s is there %(times)s times, expected once",
    "unknown_vehicle": "vehicle %(vehicle)s is not of this problem",
    "double_vehicle": "vehicle %(vehicle)s has %(times)s routes, expected one",
    "missing_route": "vehicle %(vehicle)s is under way and has no route that brings it home",
    "empty_route": "vehicle %(vehicle)s goes out and visits nothing",
    "tag": "call %(call)s needs %(tags)s, which vehicle %(vehicle)s has not",
    "vehicle": "call %(call)s may not be answered by vehicle %(vehicle)s",
    "position": "call %(call)s is visit %(index)s (from 0) of vehicle %(vehicle)s, expected %(position)s (-1: the last)",
    "apart": "vehicle %(vehicle)s answers calls that may not be in one route: %(calls)s",
    "early": "vehicle %(vehicle)s leaves at second %(departure)s, its shift begins at %(begins)s",
    "late": "vehicle %(vehicle)s is back at second %(finish)s, must be at %(latest)s",
    "travel": "vehicle %(vehicle)s is at place %(place)s at second %(arrival)s, can be there at %(soonest)s",
    "unreachable": "vehicle %(vehicle)s drives to a place that no way leads to",
    "window": "vehicle %(vehicle)s starts at call %(call)s at second %(start)s, when it is closed",
    "service": "vehicle %(vehicle)s starts at call %(call)s before it is there, or ends before %(needed)s s of service",
    "unload_order": "vehicle %(vehicle)s unloads before its first visit, after more visits than it has, or in no order",
    "unloads": "vehicle %(vehicle)s unloads %(times)s times, may %(most)s times",
    "centre": "vehicle %(vehicle)s may not unload at place %(place)s",
    "centre_window": "vehicle %(vehicle)s unloads at place %(place)s at second %(start)s, when it is closed",
    "centre_service": "vehicle %(vehicle)s unloads at place %(place)s before it is there, or in too few seconds",
    "capacity": "vehicle %(vehicle)s has %(load)s %(dimension)s aboard, has room for %(room)s",
    "order": "vehicle %(vehicle)s delivers to call %(call)s with collected goods aboard, and must not mix them",
    "carries": "vehicle %(vehicle)s delivers to call %(call)s before it loads anew, and does not carry its goods",
    "release": "vehicle %(vehicle)s leaves at second %(leaves)s, the goods of call %(call)s are ready at %(release)s",
    "shipment": "what call %(call)s gives and call %(left)s gets is not taken there first on one trip of one vehicle",
    "pause_place": "vehicle %(vehicle)s pauses from second %(begins)s to %(ends)s, and does not stand still all the while",
    "pause_order": "vehicle %(vehicle)s has pauses that overlap or are out of order",
    "pause_short": "vehicle %(vehicle)s pauses for %(length)s s, the shortest pause has %(shortest)s s",
    "work": "vehicle %(vehicle)s works for %(worked)s s without a pause, may for %(most)s s",
    "due": "vehicle %(vehicle)s works for %(worked)s s and pauses for %(paused)s s in all, owes %(owed)s s",
    "driving": "vehicle %(vehicle)s drives for %(driven)s s without a driving pause, may for %(most)s s",
    "driving_day": "vehicle %(vehicle)s drives for %(driven)s s in the day, may for %(most)s s",
    "figures": "vehicle %(vehicle)s: its %(figure)s is said to be %(said)s, is %(found)s",
    "cost": "the plan is said to cost %(said)s cents, costs %(cost)s",
}
"""What a broken rule is said as, by its code; the names in brackets are a violation's facts."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a solution breaks, where, and the facts that its sentence names."""

    code: str
    vehicle: str | None
    call: str | None
    facts: tuple[tuple[str, str | int], ...]

    @classmethod
    def of(cls, code: str, vehicle: str | None = None, call: str | None = None, **facts: str | int) -> "Violation":
        """Make one of the facts by name."""
        return cls(code, vehicle, call, tuple(facts.items()))

    @property
    def says(self) -> str:
        """The sentence for the log."""
        return RULES[self.code] % {"vehicle": self.vehicle, "call": self.call, **dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Halt:
    """Where a route stands: its start and end, a visit (has a call), or an unloading."""

    place: int
    arrival: int
    start: int
    end: int
    call: Call | None = None
    unloads: bool = False

    @property
    def name(self) -> str | None:
        """The id of the call visited."""
        return self.call.id if self.call else None


@dataclass(frozen=True, slots=True)
class Trip:
    """The calls between two loadings, when the vehicle leaves with their goods, and what was aboard if that was before."""

    leaves: int
    calls: tuple[Call, ...]
    aboard: UnderWay | None


class Walk:
    """One route in the words of the definition."""

    def __init__(self, problem: Problem, route: Route) -> None:
        self.problem = problem
        self.route = route
        self.vehicle = problem.vehicle[route.vehicle]
        self.calls = [problem.call[call] for call in route.calls]
        self.first_unload = 1 if self.vehicle.under_way is None else 0

    def breaks(self, code: str, call: str | None = None, **facts: str | int) -> Violation:
        """Say that this route breaks a rule."""
        return Violation.of(code, self.vehicle.id, call, **facts)

    @cached_property
    def halts(self) -> list[Halt]:
        """Start, visits and unloadings in order, end."""
        leaving, back = self.route.departure, self.route.finish
        halts = [Halt(self.vehicle.start, leaving, leaving, leaving)]
        for index in range(len(self.calls) + 1):
            halts += [
                Halt(unload.place, unload.arrival, unload.start, unload.end, unloads=True)
                for unload in self.route.unloads
                if unload.after == index
            ]
            if index < len(self.calls):
                call, visit = self.calls[index], self.route.visits[index]
                halts.append(Halt(call.place, visit.arrival, visit.start, visit.end, call))
        return [*halts, Halt(self.vehicle.end, back, back, back)]

    @cached_property
    def seconds(self) -> list[int]:
        """The driving of each leg."""
        ways = self.problem.ways(self.vehicle).seconds
        return [int(ways[a.place, b.place]) for a, b in pairwise(self.halts)]

    @cached_property
    def metres(self) -> list[int]:
        """The length of each leg."""
        ways = self.problem.ways(self.vehicle).metres
        return [int(ways[a.place, b.place]) for a, b in pairwise(self.halts)]

    @property
    def reachable(self) -> bool:
        """Whether a way leads to each halt."""
        return max(*self.seconds, *self.metres) < LONGEST

    @cached_property
    def leaves(self) -> list[int]:
        """When each halt but the end is left: as late as the way to the next allows."""
        return [halt.arrival - way for halt, way in zip(self.halts[1:], self.seconds, strict=True)]

    @cached_property
    def slots(self) -> list[tuple[int, int]]:
        """When the vehicle stands still: from arriving to starting, and from the end to leaving."""
        return [
            slot
            for halt, leaves in zip(self.halts, self.leaves, strict=False)
            for slot in ((halt.arrival, halt.start), (halt.end, leaves))
        ]

    @cached_property
    def trips(self) -> list[Trip]:
        """The parts of the route between loadings."""
        begins = [0, *(index for index, halt in enumerate(self.halts) if halt.unloads), len(self.halts) - 1]
        return [
            Trip(
                self.leaves[begin],
                tuple(halt.call for halt in self.halts[begin:end] if halt.call),
                self.vehicle.under_way if begin == 0 else None,
            )
            for begin, end in pairwise(begins)
        ]

    @property
    def loads(self) -> Iterator[tuple[int, ...]]:
        """The load of each leg, one number per dimension."""
        dimensions = range(len(self.problem.dimensions))
        return zip(*(self._loads(dimension) for dimension in dimensions), strict=True)

    def _loads(self, dimension: int) -> Iterator[int]:
        """Give the load of each leg in one dimension; at an unloading everything goes off."""
        for trip in self.trips:
            load = self._loaded(trip, dimension)
            yield load
            passed: set[str] = set()
            for call in trip.calls:
                load += call.collect[dimension] + self._shipped(call, passed, dimension)
                if trip.aboard is None or call.id in trip.aboard.carries:
                    load -= call.deliver[dimension]
                passed.add(call.id)
                yield load

    def _loaded(self, trip: Trip, dimension: int) -> int:
        """Add up what is aboard when a trip begins."""
        if trip.aboard is None:
            return sum(call.deliver[dimension] for call in trip.calls)
        carried = [call for call in self.problem.calls if call.id in trip.aboard.carries]
        return trip.aboard.aboard[dimension] + sum(call.deliver[dimension] for call in carried)

    def _shipped(self, call: Call, passed: set[str], dimension: int) -> int:
        """Give what a call's shipment adds to the load, or takes from it where it came aboard on this trip."""
        shipment = self.problem.shipment.get(call.id)
        if shipment is None:
            return 0
        if shipment.taken == call.id:
            return shipment.load[dimension]
        return -shipment.load[dimension] if shipment.taken in passed else 0
