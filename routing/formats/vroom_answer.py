"""A solution as VROOM answers it.

Times, loads and travel are told step by step as a vehicle that leaves each stop at once has them. A route is moved as a whole
to where its breaks begin within their windows, as nothing in a request makes one hour dearer than another. Breaks that begin
outside them all the same have a violation, as VROOM has in the mode that takes a plan as it is; `warnings` is a key of ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from routing.formats.vroom import Request
from routing.formats.vroom_fields import Entry
from routing.problem import Route, Solution, Visit, Window

Step = dict[str, Any]

SUMMED = ("cost", "setup", "service", "duration", "waiting_time", "priority", "delivery", "pickup", "distance")
"""What the summary adds up over the routes."""


def answer(request: Request, solution: Solution, reasons: Mapping[str, str], loading: float, solving: float) -> dict[str, Any]:
    """Write a solution, each task left out with the reason for it; `loading` and `solving` are in seconds."""
    routes = [_route(request, route) for route in solution.routes]
    unassigned = [_unassigned(request, call, reasons.get(call, "")) for call in solution.left_out]
    sums = {key: _sum([route[key] for route in routes if key in route], request.sizes) for key in SUMMED}
    if not all("distance" in route for route in routes):
        del sums["distance"]
    summary = sums | {
        "routes": len(routes),
        "unassigned": len(unassigned),
        "violations": [violation for route in routes for violation in route["violations"]],
        "computing_times": {"loading": round(1000 * loading), "solving": round(1000 * solving), "routing": 0},
    }
    said = {"warnings": list(request.warnings)} if request.warnings else {}
    return {"code": 0, "summary": summary, "unassigned": unassigned, "routes": routes} | said


def refusal(sentence: str) -> dict[str, Any]:
    """Write that there is no answer; VROOM's code 2 is for an error of the request."""
    return {"code": 2, "error": sentence}


def _sum(values: Sequence[Any], size: int) -> Any:
    """Add numbers, or amounts part by part."""
    if values and isinstance(values[0], list):
        return [sum(parts) for parts in zip(*values, strict=True)]
    return sum(values)


def _unassigned(request: Request, call: str, reason: str) -> Step:
    """Write a task that is left out."""
    task = request.tasks[call]
    told = {key: task.entry[key] for key in ("location", "location_index") if key in task.entry}
    return {"id": task.entry["id"], "type": task.kind, **told, "description": reason}


def _route(request: Request, route: Route) -> dict[str, Any]:
    """Write one route with its steps."""
    entry, route = request.vehicles[route.vehicle], _moved(request, route)
    steps = _Walk(request, route).steps()
    calls = [request.problem.call[call] for call in route.calls]
    told = {key: entry[key] for key in ("description", "profile") if key in entry}
    size = request.sizes
    shipped = [request.problem.shipment[call.id].load for call in calls if call.id in request.problem.shipment]
    halves = [load[:size] for load in shipped][::2] if shipped else []
    return {
        "vehicle": entry["id"],
        **told,
        "steps": steps,
        "cost": _cost(request, route),
        "setup": sum(step["setup"] for step in steps),
        "service": sum(step["service"] for step in steps),
        "duration": route.seconds_driving,
        "waiting_time": sum(step["waiting_time"] for step in steps),
        "priority": sum(request.tasks[call].priority for call in route.calls),
        "delivery": _total([call.deliver[:size] for call in calls] + halves, size),
        "pickup": _total([call.collect[:size] for call in calls] + halves, size),
        "violations": [violation for step in steps for violation in step["violations"]],
        **({"distance": steps[-1]["distance"]} if "distance" in steps[-1] else {}),
    }


def _moved(request: Request, route: Route) -> Route:
    """Move a whole route to where its breaks begin within their windows, or least outside, if all else of it holds there."""
    rests = list(zip(route.pauses, _breaks(request.vehicles[route.vehicle]), strict=False))
    windows = [(begin + request.offset, rest.get("time_windows") or []) for (begin, _), rest in rests]
    moves = [0, *(edge - begin for begin, listed in windows for window in listed for edge in window)]

    def outside(seconds: int) -> int:
        late = [violation for begin, listed in windows for violation in _late(begin + seconds, listed)]
        return sum(violation["duration"] for violation in late)

    seconds = min((move for move in moves if _may_move(request, route, move)), key=lambda move: (outside(move), abs(move)))
    visits = [Visit(v.call, v.arrival + seconds, v.start + seconds, v.end + seconds) for v in route.visits]
    pauses = tuple((begin + seconds, end + seconds) for begin, end in route.pauses)
    departure, finish = route.departure + seconds, route.finish + seconds
    return replace(route, departure=departure, finish=finish, visits=tuple(visits), pauses=pauses)


def _may_move(request: Request, route: Route, seconds: int) -> bool:
    """Say whether a route may be driven so many seconds later; the ways of a request take as long at any hour."""
    vehicle = request.problem.vehicle[route.vehicle]
    within = vehicle.shift[0] <= route.departure + seconds and route.finish + seconds <= vehicle.latest
    starts = ((visit.start + seconds, request.problem.call[visit.call].windows) for visit in route.visits)
    open_ = all(any(opens <= start <= closes for opens, closes in windows) for start, windows in starts)
    return seconds == 0 or (within and open_)


def _breaks(entry: Entry) -> list[Entry]:
    """Give the breaks of a vehicle that take time."""
    return [rest for rest in entry.get("breaks") or [] if rest.get("service")]


def _total(amounts: Sequence[Sequence[int]], size: int) -> list[int]:
    return [sum(amount[part] for amount in amounts) for part in range(size)]


def _cost(request: Request, route: Route) -> int:
    """Give the cost of a route as VROOM has it: the vehicle's, and that of its travel."""
    vehicle = request.problem.vehicle[route.vehicle]
    return int(vehicle.fixed_cost + Fraction(route.metres * vehicle.cost_per_km, 1000) + Fraction(1, 2))


@dataclass
class _Walk:
    """A route on its way: the clock, the load, and how far it came."""

    request: Request
    route: Route
    clock: int = 0
    driven: int = 0
    distance: int = 0
    pauses: list[Window] = field(default_factory=list)
    breaks: list[Entry] = field(default_factory=list)
    load: list[int] = field(default_factory=list)

    def steps(self) -> list[Step]:
        """Write every step from start to end."""
        problem, route = self.request.problem, self.route
        vehicle, entry = problem.vehicle[route.vehicle], self.request.vehicles[route.vehicle]
        calls = [problem.call[call] for call in route.calls]
        self.clock, self.pauses = route.departure, list(route.pauses)
        self.breaks = _breaks(entry)
        self.load = _total([call.deliver for call in calls], self.request.sizes)
        steps = [self._step("start", self._spot(entry, "start", calls[0].id))]
        halts = [vehicle.start, *(call.place for call in calls), vehicle.end]
        for (a, b), visit in zip(pairwise(halts), route.visits, strict=False):
            steps.extend(self._rests(visit.arrival - self._way(a, b)))
            self._drive(a, b)
            steps.extend(self._rests(visit.start))
            steps.append(self._visit(visit, setup=a != b or len(steps) == 1))
        a, b = halts[-2:]
        steps.extend(self._rests(route.finish - self._way(a, b)))
        self._drive(a, b)
        steps.extend(self._rests(route.finish))
        steps.append(self._step("end", self._spot(entry, "end", calls[-1].id)))
        steps[-1]["violations"] = [{"cause": "missing_break"}] * len(self.breaks)
        return steps

    def _spot(self, entry: Entry, name: str, task: str) -> Step:
        """Give where a vehicle starts or ends: its own place, or that of its first or last task."""
        told = {"location": entry.get(name), "location_index": entry.get(f"{name}_index")}
        if told == {"location": None, "location_index": None}:
            return _location(self.request.tasks[task].entry)
        return {key: value for key, value in told.items() if value is not None}

    def _step(self, kind: str, told: Step, **times: int) -> Step:
        """Write a step at the clock's time, and move the clock on by what it takes."""
        zeros = {"setup": 0, "service": 0, "waiting_time": 0}
        step = {"type": kind, **told, **zeros, **times, "load": list(self.load), "arrival": self.clock + self.request.offset}
        far = {"distance": self.distance} if self._metres() is not None else {}
        self.clock += sum(times.values())
        return step | {"duration": self.driven, "violations": []} | far

    def _visit(self, visit: Visit, setup: bool) -> Step:
        """Write the step of a task."""
        call, task = self.request.problem.call[visit.call], self.request.tasks[visit.call]
        shipment = self.request.problem.shipment.get(call.id)
        moved = [took - gave for took, gave in zip(call.collect, call.deliver, strict=True)]
        if shipment is not None:
            sign = 1 if shipment.taken == call.id else -1
            moved = [part + sign * amount for part, amount in zip(moved, shipment.load, strict=True)]
        self.load = [have + part for have, part in zip(self.load, moved, strict=False)]
        told = {key: task.entry[key] for key in ("id", "description") if key in task.entry} | _location(task.entry)
        waiting = visit.start - self.clock
        times = {"setup": call.setup if setup else 0, "service": call.service, "waiting_time": waiting}
        step = self._step(task.kind, told, **times)
        self.clock = max(self.clock, visit.end)
        return step

    def _rests(self, until: int) -> Iterator[Step]:
        """Write the pauses that begin before the vehicle moves on, each as the next of its breaks."""
        while self.pauses and self.pauses[0][1] <= until:
            begin, end = self.pauses.pop(0)
            entry = self.breaks.pop(0) if self.breaks else {}
            told = {key: entry[key] for key in ("id", "description") if key in entry}
            step = self._step("break", told, service=end - begin, waiting_time=begin - self.clock)
            step["violations"] = _late(begin + self.request.offset, entry.get("time_windows") or [])
            yield step

    def _drive(self, a: int, b: int) -> None:
        """Take a way."""
        way, metres = self._way(a, b), self._metres()
        self.clock += way
        self.driven += way
        if metres is not None and max(a, b) < len(metres):
            self.distance += int(metres[a, b])

    def _way(self, a: int, b: int) -> int:
        problem = self.request.problem
        return problem.ways(problem.vehicle[self.route.vehicle]).seconds_rows[a][b]

    def _metres(self) -> Any:
        """Give the distances of the vehicle's profile, where they are known."""
        return self.request.distances.get(self.request.vehicles[self.route.vehicle].get("profile", "car"))


def _location(entry: Entry) -> Step:
    return {key: entry[key] for key in ("location", "location_index") if key in entry}


def _late(begin: int, windows: Sequence[Sequence[int]]) -> list[Step]:
    """Say by how much a break begins outside its windows."""
    if not windows or any(opens <= begin <= closes for opens, closes in windows):
        return []
    following = [opens - begin for opens, _ in windows if opens > begin]
    if following:
        return [{"cause": "lead_time", "duration": min(following)}]
    return [{"cause": "delay", "duration": begin - windows[-1][1]}]
