"""Says why a call is left out: by relaxing one thing at a time and trying to put it in."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from routing.problem import Call, Problem, Route, Solution, Vehicle
from routing.schedule import PER_CENT, Misfit, along, drive, parts_of

WHENEVER = (0, 10**7)
"""Seconds no day reaches: always open, or a shift without end."""

SENTENCES = {
    "no_vehicle": "No vehicle goes out this day.",
    "closed_all_day": "Closed all day.",
    "too_heavy_for_any_vehicle": "Needs room for %(needed)s %(dimension)s; the largest vehicle takes %(most)s.",
    "access": "No vehicle that could carry it can come here: %(tag)s is needed.",
    "too_far": "There and back takes %(minutes)s min; the longest shift has %(longest)s.",
    "window_missed": "Open %(hours)s; a vehicle could only be there between %(earliest)s and %(latest)s.",
    "full": "The vehicles are full: room for %(missing)s %(dimension)s is missing.",
    "clean_and_dirty": "Fits only a vehicle that may carry clean and dirty goods together.",
    "no_time": "The shifts are full: %(minutes)s min are missing.",
    "not_worth": "It would fit, but %(km)s km and %(minutes)s min more are not worth it today.",
}
"""Message ids by code, for the coordinator."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a call is left out; values are in seconds, metres, cents and load units."""

    code: str
    values: dict[str, int | str] = field(default_factory=dict)


def reasons(problem: Problem, solution: Solution) -> dict[str, Reason]:
    """Give the reason for each call the solution leaves out."""
    routes = {route.vehicle: [problem.call[call] for call in route.calls] for route in solution.routes}
    return {call: _Question(problem, routes, problem.call[call]).reason() for call in solution.left_out}


def sentence(reason: Reason) -> tuple[str, dict[str, str]]:
    """Give the message id and its values as people read them: clock times, whole minutes up, whole km."""
    return SENTENCES[reason.code], {name: _READ.get(name, _plain)(value) for name, value in reason.values.items()}


def _plain(value: int | str) -> str:
    return str(value)


def _clock(value: int | str) -> str:
    return f"{int(value) // 3600:02}:{int(value) % 3600 // 60:02}"


def _minutes(value: int | str) -> str:
    return str(-(-int(value) // 60))


def _kilometres(value: int | str) -> str:
    return str(-(-int(value) // 1000))


_READ: dict[str, Callable[[int | str], str]] = {
    "earliest": _clock,
    "latest": _clock,
    "minutes": _minutes,
    "longest": _minutes,
    "km": _kilometres,
}
"""How a value is read; what is not here is shown as it is."""


class _Question:
    """One call against the day's vehicles: first alone in an empty one, then among the routes as they are."""

    def __init__(self, problem: Problem, routes: dict[str, list[Call]], call: Call) -> None:
        self.problem, self.routes, self.call = problem, routes, call
        self.vehicles: Sequence[Vehicle] = problem.vehicles

    def reason(self) -> Reason:
        """Ask one rule after the other; the first that forbids it is the reason."""
        rules = (self._vehicle, self._closed, self._heavy, self._access, self._far, self._missed)
        among = (self._not_worth, self._clean_and_dirty, self._full, self._closed_then)
        for rule in (*rules, *among):
            found = rule()
            if found:
                return found
        return self._no_time()

    # alone, narrowing the vehicles down to those that could come

    def _vehicle(self) -> Reason | None:
        return None if self.vehicles else Reason("no_vehicle")

    def _closed(self) -> Reason | None:
        return None if self.call.windows else Reason("closed_all_day")

    def _heavy(self) -> Reason | None:
        needs = [max(pair) for pair in zip(self.call.deliver, self.call.collect, strict=True)]
        fitting = [v for v in self.vehicles if all(need <= room for need, room in zip(needs, v.capacity, strict=True))]
        if fitting:
            self.vehicles = fitting
            return None
        most = [max(v.capacity[dimension] for v in self.vehicles) for dimension in range(len(needs))]
        over = [dimension for dimension, need in enumerate(needs) if need > most[dimension]]
        if not over:  # each load alone has a vehicle, all together none: name the one the first vehicle lacks
            roomy = self.vehicles[0].capacity
            over = [dimension for dimension, need in enumerate(needs) if need > roomy[dimension]]
            most = list(roomy)
        at = over[0]
        values: dict[str, int | str] = {"dimension": self.problem.dimensions[at], "needed": needs[at], "most": most[at]}
        return Reason("too_heavy_for_any_vehicle", values)

    def _access(self) -> Reason | None:
        allowed = [vehicle for vehicle in self.vehicles if self.call.tags <= vehicle.tags]
        if not allowed:
            lacking = min((sorted(self.call.tags - vehicle.tags) for vehicle in self.vehicles), key=len)
            return Reason("access", {"tag": ", ".join(lacking)})
        self.vehicles = allowed
        return None

    def _far(self) -> Reason | None:
        always = replace(self.call, windows=(WHENEVER,))
        reaching = [v for v in self.vehicles if isinstance(drive(self.problem, v, [always]), Route)]
        if not reaching:
            ways = [sum(along(v, [self.call], self.problem.seconds_rows)) + self.call.service for v in self.vehicles]
            longest = max(v.shift[1] - v.shift[0] for v in self.vehicles)
            return Reason("too_far", {"minutes": min(ways), "longest": longest})
        self.vehicles = reaching
        return None

    def _missed(self) -> Reason | None:
        timely = [v for v in self.vehicles if isinstance(drive(self.problem, v, [self.call]), Route)]
        if timely:
            self.vehicles = timely
            return None
        ways = [along(vehicle, [self.call], self.problem.seconds_rows) for vehicle in self.vehicles]
        earliest = min(v.shift[0] + way[0] for v, way in zip(self.vehicles, ways, strict=True))
        latest = max(v.shift[1] - way[1] - self.call.service for v, way in zip(self.vehicles, ways, strict=True))
        return self._window(earliest, latest)

    # among the routes as they are

    def _not_worth(self) -> Reason | None:
        least: tuple[int, Route, Route | None] | None = None
        for vehicle, now, then in self._tries(self.call):
            if isinstance(then, Route):
                parts = parts_of(vehicle, then) - (parts_of(vehicle, now) if now else 0)
                least = (parts, then, now) if least is None or parts < least[0] else least
        if least is None:
            return None
        parts, then, now = least
        longer = then.finish - then.departure - (now.finish - now.departure if now else 0)
        values: dict[str, int | str] = {"km": max(0, then.metres - (now.metres if now else 0)), "minutes": max(0, longer)}
        return Reason("not_worth", values | {"cents": -(-parts // PER_CENT)})

    def _clean_and_dirty(self) -> Reason | None:
        mixing = [replace(vehicle, mixed=True) for vehicle in self.vehicles if not vehicle.mixed]
        found = any(isinstance(then, Route) for _, _, then in self._tries(self.call, mixing))
        return Reason("clean_and_dirty") if found else None

    def _full(self) -> Reason | None:
        for dimension, name in enumerate(self.problem.dimensions):
            lighter = replace(
                self.call, deliver=_without(self.call.deliver, dimension), collect=_without(self.call.collect, dimension)
            )
            if self._would_fit(lighter):
                missing = [
                    then.excess
                    for _, _, then in self._tries(self.call)
                    if isinstance(then, Misfit) and then.code == "capacity" and then.dimension == dimension
                ]
                return Reason("full", {"dimension": name, "missing": min(missing, default=1)})
        if not self._would_fit(_weightless(self.call)):
            return None
        tries = [then for _, _, then in self._tries(self.call) if isinstance(then, Misfit) and then.code == "capacity"]
        least = min(tries, key=lambda misfit: misfit.excess)
        return Reason("full", {"dimension": self.problem.dimensions[least.dimension or 0], "missing": least.excess})

    def _closed_then(self) -> Reason | None:
        always = replace(self.call, windows=(WHENEVER,))
        starts = [
            visit.start
            for _, _, then in self._tries(always)
            if isinstance(then, Route)
            for visit in then.visits
            if visit.call == self.call.id
        ]
        return self._window(min(starts), max(starts)) if starts else None

    def _no_time(self) -> Reason:
        late = [
            then.excess
            for call in (self.call, _weightless(self.call))
            for _, _, then in self._tries(call)
            if isinstance(then, Misfit) and then.code in ("shift", "window")
        ]
        return Reason("no_time", {"minutes": max(60, min(late, default=0))})

    def _would_fit(self, call: Call) -> bool:
        return any(isinstance(then, Route) for _, _, then in self._tries(call))

    def _tries(
        self, call: Call, vehicles: Sequence[Vehicle] | None = None
    ) -> Iterator[tuple[Vehicle, Route | None, Route | Misfit]]:
        """Put the call at each position of each vehicle's route: the vehicle, its route now, and then."""
        for vehicle in self.vehicles if vehicles is None else vehicles:
            stops = self.routes.get(vehicle.id, [])
            now = drive(self.problem, vehicle, stops) if stops else None
            for position in range(len(stops) + 1):
                longer = [*stops[:position], call, *stops[position:]]
                yield vehicle, now if isinstance(now, Route) else None, drive(self.problem, vehicle, longer)

    def _window(self, earliest: int, latest: int) -> Reason:
        hours = ", ".join(f"{_clock(opens)}–{_clock(closes)}" for opens, closes in self.call.windows)
        return Reason("window_missed", {"hours": hours, "earliest": earliest, "latest": max(earliest, latest)})


def _without(loads: tuple[int, ...], dimension: int) -> tuple[int, ...]:
    """Empty one dimension of a load."""
    return (*loads[:dimension], 0, *loads[dimension + 1 :])


def _weightless(call: Call) -> Call:
    """Give the call without its goods."""
    return replace(call, deliver=(0,) * len(call.deliver), collect=(0,) * len(call.collect))
