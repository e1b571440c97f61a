"""VROOM's JSON request as a `Problem`, so that its users can swap engines.

What VROOM minimises is what the checker adds up: a vehicle's `metres` hold its travel cost and not its distance. A route
without a start or an end gets a place that is nowhere, no way from anywhere. A greatest number of tasks is a load of one a
task, a greatest travel time a limit of driving. Breaks have their length, and the work between them is as long as their
windows allow at most; that each begins within its window cannot be had for sure, and is reported with the answer.

References
----------
VROOM's API, github.com/VROOM-Project/vroom, docs/API.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import gcd
from typing import Any

import numpy as np

from routing.formats import demand, demand_few, shown
from routing.formats.own import decode
from routing.formats.vroom_fields import Entry, count, entries, number_of, skills, travel_costs
from routing.formats.vroom_keys import demand_understood, unknown
from routing.formats.vroom_roads import Matrix, clip, roads_of
from routing.problem import ALWAYS, LONGEST, NO_RESTS, Call, Place, Problem, Rests, Shipment, Vehicle, Ways, Window
from routing.problem.rules import MOST_CENTS

DAY = 86_400


@dataclass(frozen=True)
class Task:
    """What a call was in the request: its kind ("job", "pickup" or "delivery"), its entry there, and its priority.

    Both steps of a shipment have the shipment's priority, as in VROOM.
    """

    kind: str
    entry: Entry
    priority: int


@dataclass(frozen=True)
class Request:
    """A problem, and what the answer needs to speak as the request did.

    Parameters
    ----------
    offset
        Seconds that were taken off all times, as timestamps count from 1970.
    tasks, vehicles
        The request's entries by our ids.
    distances
        Metres between places by routing profile, where they are known.
    sizes
        How many numbers an amount has.
    warnings
        Sentences on what was asked for and cannot be had.
    """

    problem: Problem
    offset: int
    tasks: Mapping[str, Task]
    vehicles: Mapping[str, Entry]
    distances: Mapping[str, Matrix]
    sizes: int
    warnings: tuple[str, ...] = ()


def request_of(document: Entry) -> Request:
    """Read a request.

    Raises
    ------
    ValueError
        With a sentence naming the field and what was expected.
    """
    reading = _Reading(document)
    tasks = dict(reading.tasks())
    demand_few(len(tasks), "tasks")
    fleet = {str(number_of(entry, f"vehicles[{n}]")): entry for n, entry in enumerate(reading.fleet)}
    demand(len(fleet) == len(reading.fleet), "vehicles: an id is there twice")
    vehicles = reading.vehicles()  # before the calls, whose worth depends on the ways
    calls, shipments = reading.calls(tasks, vehicles), reading.shipments()
    base, *others = reading.ways.values() or [reading.still()]
    problem = Problem(
        tuple(reading.places), calls, vehicles, base.seconds, base.metres, reading.dimensions, shipments, others=tuple(others)
    )
    return Request(
        problem, reading.offset, tasks, fleet, reading.roads.distances, reading.sizes, tuple(dict.fromkeys(reading.warnings))
    )


@dataclass
class _Reading:
    """One request on its way to a problem."""

    document: Entry
    warnings: list[str] = field(default_factory=list)
    ways: dict[Any, Ways] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.jobs = entries(self.document, "jobs")
        self.paired = entries(self.document, "shipments")
        self.fleet = entries(self.document, "vehicles")
        demand(bool(self.fleet), "vehicles: expected at least one")
        demand_understood(self.document)
        self.warnings.extend(unknown(self.document))
        self.roads = roads_of(self.document, self.jobs, self.paired, self.fleet)
        self.sizes = self._size()
        self.counted = any("max_tasks" in entry for entry in self.fleet)
        self.offset = self._offset()
        self.nowhere = len(self.roads.places)
        self.open = any("start" not in entry and "start_index" not in entry for entry in self.fleet) or any(
            "end" not in entry and "end_index" not in entry for entry in self.fleet
        )

    @property
    def places(self) -> list[Place]:
        """The places, nowhere the last of them where a route is open."""
        return [*self.roads.places, *self.roads.places[:1]] if self.open else self.roads.places

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the loads."""
        return (*(f"amount {number + 1}" for number in range(self.sizes)), *(("tasks",) if self.counted else ()))

    def still(self) -> Ways:
        """Give ways for a fleet that has none."""
        zeros = np.zeros((len(self.places),) * 2, np.int64)
        return Ways(zeros, zeros)

    def tasks(self) -> Iterator[tuple[str, Task]]:
        """Give the tasks by the ids their calls get."""
        seen: set[str] = set()
        for at, kind, entry in self._steps():
            name = f"{kind}:{number_of(entry, at)}"
            demand(name not in seen, f"{at}.id: {kind} {entry['id']} is there twice")
            seen.add(name)
            yield name, Task(kind, entry, self._priority(at))

    def calls(self, tasks: Mapping[str, Task], vehicles: tuple[Vehicle, ...]) -> tuple[Call, ...]:
        """Make a call of each task."""
        steps = [(at, entry) for at, _, entry in self._steps()]
        made = [self._call(name, task, at) for (name, task), (at, _) in zip(tasks.items(), steps, strict=True)]
        priorities = [task.priority for task in tasks.values()]
        if len(set(priorities)) <= 1:
            return tuple(made)
        prizes = self._prizes(priorities, vehicles)
        return tuple(replace(call, prize=prize) for call, prize in zip(made, prizes, strict=True))

    def shipments(self) -> tuple[Shipment, ...]:
        """Link the two tasks of each shipment."""
        return tuple(
            Shipment(
                f"pickup:{entry['pickup']['id']}",
                f"delivery:{entry['delivery']['id']}",
                self._padded(self._amount(entry, "amount", f"shipments[{number}]"), tasks=0),
            )
            for number, entry in enumerate(self.paired)
        )

    def vehicles(self) -> tuple[Vehicle, ...]:
        """Make a vehicle of each entry; ways are kept on the way."""
        return tuple(self._vehicle(entry, f"vehicles[{number}]") for number, entry in enumerate(self.fleet))

    def _steps(self) -> Iterator[tuple[str, str, Entry]]:
        """Give every task with where it stands and its kind."""
        for number, entry in enumerate(self.jobs):
            yield f"jobs[{number}]", "job", entry
        for number, entry in enumerate(self.paired):
            for kind in ("pickup", "delivery"):
                step: Any = entry.get(kind)
                demand(isinstance(step, dict), f"shipments[{number}].{kind}: expected an object, got {shown(step)}")
                yield f"shipments[{number}].{kind}", kind, step

    def _owner(self, at: str) -> Entry:
        """Give the job or shipment that holds what both steps of a shipment share."""
        name, number = at.split(".")[0].rstrip("]").split("[")
        return (self.jobs if name == "jobs" else self.paired)[int(number)]

    def _call(self, name: str, task: Task, at: str) -> Call:
        entry, job = task.entry, task.kind == "job"
        twice = job and "amount" in entry and ("delivery" in entry or "pickup" in entry)
        demand(not twice, f"{at}.amount: expected none beside delivery or pickup; it is an older name of delivery")
        brought = self._amount(entry, "delivery" if "delivery" in entry else "amount", at) if job else ()
        return Call(
            id=name,
            place=self.roads.place(entry, "location", at),
            deliver=self._padded(brought, tasks=1),
            collect=self._padded(self._amount(entry, "pickup", at) if job else (), tasks=0),
            windows=self._windows(entry, at),
            service=count(entry, "service", at),
            setup=count(entry, "setup", at),
            tags=skills(self._owner(at), at),
        )

    def _priority(self, at: str) -> int:
        """Read the priority of a job, or of the shipment that a step is of."""
        priority = count(self._owner(at), "priority", at)
        demand(priority <= 100, f"{at}.priority: expected 0 to 100, got {priority}")
        return priority

    def _prizes(self, priorities: list[int], vehicles: tuple[Vehicle, ...]) -> list[int]:
        """Price the tasks as VROOM ranks plans: by the sum of priorities, then by the number of tasks, then by cost."""
        task = self._worth(vehicles)
        unit = gcd(*priorities)  # sums of priorities differ by this or more, and small prices leave the search more room
        step = task * (len(priorities) + 1)  # more than all tasks together and one detour
        prizes = [task + priority // unit * step for priority in priorities]
        fits = max(prizes) <= MOST_CENTS
        demand(fits, f"priorities: weighed above such costs, they pass {MOST_CENTS:,}; give smaller costs or fewer tasks")
        return prizes

    def _worth(self, vehicles: tuple[Vehicle, ...]) -> int:
        """Give what leaving out a task of priority 0 costs: more than any vehicle saves by it."""
        fixed = max(vehicle.fixed_cost for vehicle in vehicles)
        dearest = [int(ways.metres.max(initial=0, where=ways.metres < LONGEST)) for ways in self.ways.values()]
        return 1 + fixed + 3 * max(-(-dearest[vehicle.profile] * vehicle.cost_per_km // 1000) for vehicle in vehicles)

    def _vehicle(self, entry: Entry, at: str) -> Vehicle:
        window = decode(Window, entry["time_window"], f"{at}.time_window") if "time_window" in entry else None
        shift = (window[0] - self.offset, window[1] - self.offset) if window else ALWAYS[0]
        demand(shift[0] <= shift[1], f"{at}.time_window: expected an opening before the closing")
        tasks = count(entry, "max_tasks", at) if "max_tasks" in entry else len(self.jobs) + 2 * len(self.paired)
        if entries(entry, "steps", at):
            self.warnings.append(f"{at}.steps: the search begins anew, without them.")
        profile, per_km = self._profile(entry, at)
        return Vehicle(
            id=str(entry["id"]),
            capacity=self._padded(self._amount(entry, "capacity", at), tasks),
            start=self._end(entry, "start", at),
            end=self._end(entry, "end", at),
            shift=shift,
            fixed_cost=count(entry.get("costs", {}), "fixed", f"{at}.costs"),
            cost_per_km=per_km,
            tags=skills(entry, at),
            rests=self._rests(entry, shift if window else None, at),
            profile=profile,
        )

    def _end(self, entry: Entry, name: str, at: str) -> int:
        """Give a vehicle's start or end, or nowhere."""
        other = "end" if name == "start" else "start"
        if name in entry or f"{name}_index" in entry:
            return self.roads.place(entry, name, at)
        demand(other in entry or f"{other}_index" in entry, f"{at}: expected a start or an end")
        return self.nowhere

    def _profile(self, entry: Entry, at: str) -> tuple[int, int]:
        """Give the number of a vehicle's ways, made where nobody drives them yet, and cents per 1,000 units of their cost."""
        profile = decode(str, entry.get("profile", "car"), f"{at}.profile")
        demand(profile in self.roads.durations, f"{at}.profile: there are no matrices of {profile}")
        speed = decode(float, entry.get("speed_factor", 1.0), f"{at}.speed_factor")
        demand(0 < speed <= 5, f"{at}.speed_factor: expected more than 0 and at most 5, got {speed}")
        costs = travel_costs(entry.get("costs", {}), f"{at}.costs")
        own = profile not in self.roads.costs or costs == (3600, 0)
        demand(own, f"{at}.costs: per_hour and per_km count for nothing beside matrices.{profile}.costs; leave out one of them")
        key = (profile, speed, costs)
        exact = profile in self.roads.costs or costs == (3600, 0)
        if key not in self.ways:
            seconds = clip(np.round(self.roads.durations[profile] / speed))
            self.ways[key] = self._open(seconds, self._travel_cost(profile, seconds, costs, 1 if exact else 1000, at))
        return list(self.ways).index(key), 1000 if exact else 1

    def _travel_cost(self, profile: str, seconds: Matrix, costs: tuple[int, int], scale: int, at: str) -> Matrix:
        """Give what each way costs, times the scale: the request's own costs, or those of time and distance."""
        if profile in self.roads.costs:
            return self.roads.costs[profile]
        hour, km = costs
        demand(not km or profile in self.roads.distances, f"{at}.costs.per_km: there are no distances of {profile}")
        metres = self.roads.distances[profile] if km else np.zeros_like(seconds)
        parts = np.round(scale * (hour * seconds / 3600 + km * metres / 1000))
        dear = bool((parts[seconds < LONGEST] >= LONGEST).any())
        demand(not dear, f"{at}.costs: a way costs {LONGEST // scale:,} or more, and would be none")
        return clip(parts)

    def _open(self, seconds: Matrix, metres: Matrix) -> Ways:
        """Add nowhere, which is no way from anywhere."""
        room = (0, 1 if self.open else 0)
        return Ways(np.pad(seconds, room), np.pad(metres, room))

    def _rests(self, entry: Entry, shift: Window | None, at: str) -> Rests:
        """Give pauses as long as the breaks, the work between them never longer than their windows allow."""
        driving = count(entry, "max_travel_time", at) if "max_travel_time" in entry else None
        breaks = [self._break(rest, shift, f"{at}.breaks[{n}]") for n, rest in enumerate(entries(entry, "breaks", at))]
        breaks = [(windows, seconds) for windows, seconds in breaks if seconds]
        if not breaks:
            return NO_RESTS if driving is None else Rests(driving_day=max(1, driving))
        self.warnings.append(f"{at}.breaks: a break may begin outside its time window; where it does, its step says so.")
        work = None
        if shift is not None:
            begins = [shift[0], *(windows[0][0] + seconds for windows, seconds in breaks)]
            ends = [*(windows[-1][1] for windows, _ in breaks), shift[1]]
            work = max(1, *(late - soon for soon, late in zip(begins, ends, strict=True)))
        lengths = [seconds for _, seconds in breaks]
        return Rests(work=work, due=((0, sum(lengths)),), shortest=min(lengths), driving_day=driving and max(1, driving))

    def _break(self, entry: Entry, shift: Window | None, at: str) -> tuple[tuple[Window, ...], int]:
        """Read a break."""
        number_of(entry, at)
        if entry.get("max_load") is not None:
            self.warnings.append(f"{at}.max_load: the load during a break cannot be limited.")
        windows = self._windows(entry, at)
        demand(all(opens <= closes for opens, closes in windows), f"{at}.time_windows: expected openings before closings")
        seconds, most = count(entry, "service", at), DAY if shift is None else min(shift[1] - shift[0], LONGEST)
        demand(seconds <= most, f"{at}.service: expected at most {most:,}, as long as the vehicle's day, got {seconds:,}")
        return windows, seconds

    def _windows(self, entry: Entry, at: str) -> tuple[Window, ...]:
        """Read time windows."""
        if "time_windows" not in entry:
            return ALWAYS
        windows: tuple[Window, ...] = decode(tuple[Window, ...], entry["time_windows"], f"{at}.time_windows")
        demand(bool(windows), f"{at}.time_windows: expected at least one")
        return tuple((opens - self.offset, closes - self.offset) for opens, closes in windows)

    def _offset(self) -> int:
        """Give the midnight before the first time named; 0 for times that count from a day's own."""
        firsts = [decode(Window, window, at)[0] for at, window in self._named_windows()]
        return min(firsts, default=0) // DAY * DAY

    def _named_windows(self) -> Iterator[tuple[str, Any]]:
        """Give each window of a vehicle or task, unread, with where it stands."""
        for number, entry in enumerate(self.fleet):
            if "time_window" in entry:
                yield f"vehicles[{number}].time_window", entry["time_window"]
        for at, _, step in self._steps():
            if isinstance(step.get("time_windows"), list):
                yield from ((f"{at}.time_windows[{number}]", window) for number, window in enumerate(step["time_windows"]))

    def _size(self) -> int:
        """Give how many numbers each amount has, the same for all; a vehicle without a capacity carries nothing."""
        sizes = [(len(self._amount(entry, key, at)), f"{at}.{key}") for entry, key, at in self._amounts()]
        sizes = [(size, at) for size, at in sizes if size]
        for size, at in sizes:
            demand(size == sizes[0][0], f"{at}: expected as many numbers as {sizes[0][1]} has, {sizes[0][0]}, got {size}")
        return sizes[0][0] if sizes else 1

    def _amounts(self) -> Iterator[tuple[Entry, str, str]]:
        """Give every amount that the request may hold, capacities first."""
        yield from ((entry, "capacity", f"vehicles[{number}]") for number, entry in enumerate(self.fleet))
        for number, entry in enumerate(self.jobs):
            yield from ((entry, key, f"jobs[{number}]") for key in ("delivery", "pickup", "amount"))
        yield from ((entry, "amount", f"shipments[{number}]") for number, entry in enumerate(self.paired))

    def _amount(self, entry: Entry, key: str, at: str) -> tuple[int, ...]:
        """Read an amount."""
        amount: tuple[int, ...] = decode(tuple[int, ...], entry.get(key, []), f"{at}.{key}")
        demand(all(part >= 0 for part in amount), f"{at}.{key}: expected 0 or more, got {shown(list(amount))}")
        return amount

    def _padded(self, amount: tuple[int, ...], tasks: int) -> tuple[int, ...]:
        """Fill an amount up with zeros, and add its tasks where they are counted."""
        return (*amount, *(0,) * (self.sizes - len(amount)), *((tasks,) if self.counted else ()))
