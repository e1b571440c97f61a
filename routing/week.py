"""Chooses the day for calls that may wait: the week's vans are full, then each day has its routes.

Roads are reckoned along the tree of shortest links between all places: a day drives every link between the depot and the
places it visits, there and back. So a call costs little on a day that passes by, and a van that is not sent out saves itself.

    movables ──> assign (CP-SAT over days) ──> day by call ──> plan (routes per day, by any solver; then the rest once more)
    simulate: weeks of movables that become known day by day, planned so, or each day by itself

References
----------
The tree as a bound on the tour: Held, M. and Karp, R. (1970), The traveling-salesman problem and minimum spanning trees.
Operations Research 18(6), 1138-1162.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from routing.problem import Call, Problem, Solution, Vehicle

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Solver = Callable[[Problem], Solution]
DaySolver = Callable[[Problem, int], Solution]

LINK = 1.4
"""Metres driven over metres of the tree's links: 2 for there and back, less as tours cut across; measured on days of `days`."""

FULL = 0.9
"""Share of room and time that is planned with: the tree is no tour, and loads do not fit without gaps."""

TOMORROW = 0.85
"""What a day is reckoned to cost of what the day before it does: others will be asked for by then, and be on its way."""

KEPT = 10**7
"""Cents that leaving out a call costs that a day had answered before it was planned once more: beyond any trip's."""

EFFORT = 4.0
"""CP-SAT's deterministic time for a week: the same answer on every machine."""


@dataclass(frozen=True, slots=True)
class Movable:
    """A call and the days, in order, on any of which it may be answered; the last is its deadline."""

    call: Call
    days: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.days or list(self.days) != sorted(set(self.days)):
            raise ValueError(f"call {self.call.id}: its days are {self.days}, expected one or more, in order")


def plan(problem: Problem, movables: Sequence[Movable], days: Sequence[int], solve: DaySolver) -> dict[int, Solution]:
    """Choose the days, then plan each day's routes; a call that a day leaves out is offered to the next of its days.

    What no day took is offered to all its days once more, at its own price: days before may have had room that was
    not needed then.

    Parameters
    ----------
    problem
        Places, ways and vehicles of every day; its calls do not matter.
    movables
        What is to be done.
    days
        The days to be planned, in order.
    solve
        What plans one day, told which; it may know more of that day, such as its opening hours.

    Returns
    -------
    dict
        A solution by day.
    """
    chosen = assign(problem, movables, days)
    left = {movable.call.id: movable for movable in movables}
    plans: dict[int, Solution] = {}
    for day in days:
        today = day_of(problem, left.values(), chosen, day)
        plans[day] = solve(today, day)
        for name in _answered(plans[day]):
            del left[name]
        for call in today.calls:
            later = [other for other in left[call.id].days if other > day] if call.id in left else []
            if later and chosen[call.id] <= day:
                chosen[call.id] = later[0]
    return {**plans, **_once_more(problem, movables, plans, solve)}


def _once_more(
    problem: Problem, movables: Sequence[Movable], plans: Mapping[int, Solution], solve: DaySolver
) -> dict[int, Solution]:
    """Plan those days again that could take what none took, with all that they answer; give those that take more so."""
    ends = max(plans, default=0)
    answered = {call for solution in plans.values() for call in _answered(solution)}
    # what may be done on a day yet to be planned is not too late
    left = [each for each in movables if each.call.id not in answered and each.days[-1] <= ends]
    better: dict[int, Solution] = {}
    # vans that go out anyway are filled first
    for day in sorted(plans, key=lambda day: not plans[day].routes):
        # its last day was asked for it at its full price
        waiting = [each for each in left if day in each.days[:-1]]
        if not waiting:
            continue
        kept = _answered(plans[day])
        calls = [replace(each.call, prize=KEPT) for each in movables if each.call.id in kept]
        calls += [each.call for each in waiting]
        found = solve(replace(problem, calls=tuple(calls)), day)
        if kept < _answered(found):
            better[day] = found
            left = [each for each in left if each.call.id not in _answered(found)]
    return better


def _answered(solution: Solution) -> set[str]:
    return {call for route in solution.routes for call in route.calls}


def day_of(problem: Problem, movables: Iterable[Movable], chosen: Mapping[str, int], day: int) -> Problem:
    """Give one day's problem: each call at the price of answering it on the best of its other days, as they are chosen now."""
    here = [movable for movable in movables if day in movable.days]
    if not here or not problem.vehicles:
        return replace(problem, calls=())
    tree = _Tree(problem, (movable.call.place for movable in here))
    later = _later(tree, here, chosen, day)
    return replace(problem, calls=tuple(_priced(problem, tree, movable, later, chosen, day) for movable in here))


def _later(tree: "_Tree", movables: Iterable[Movable], chosen: Mapping[str, int], day: int) -> dict[int, list[set[int]]]:
    """Give for each later day the ways to the depot of the calls chosen for it, as nodes of the tree."""
    ways: dict[int, list[set[int]]] = {}
    for movable in movables:
        other = chosen.get(movable.call.id, day)
        if other > day:
            ways.setdefault(other, []).append(set(tree.way(movable.call.place)))
    return ways


def _priced(
    problem: Problem,
    tree: "_Tree",
    movable: Movable,
    later: Mapping[int, Sequence[set[int]]],
    chosen: Mapping[str, int],
    day: int,
) -> Call:
    """Price a call: no price on its last day, a van's going out if it is chosen for today, else what it costs later.

    That is the links only it would need on the cheapest of its later days, and half a van's going out at most: weeks
    invented with 12 calls a day cost least so.
    """
    way = tree.way(movable.call.place)
    costs = []
    for other in movable.days:
        if other > day:
            # the call's own way is no help to itself
            driven = _others(later.get(other, ()), set(way))
            metres = sum(tree.metres[node] for node in way if node not in driven)
            costs.append(LINK * metres * _per_km(problem) / 1000 + (0 if len(driven) > 1 else problem.vehicles[0].fixed_cost))
    if not costs:
        return replace(movable.call, prize=None)
    van = sum(vehicle.fixed_cost for vehicle in problem.vehicles) // len(problem.vehicles) or round(min(costs))
    chosen_now = chosen.get(movable.call.id) == day
    return replace(movable.call, prize=van if chosen_now else min(van // 2, round(min(costs))))


def _others(ways: Sequence[set[int]], own: set[int]) -> set[int]:
    """Join ways, one that is a call's own left out."""
    joined: set[int] = {0}
    skipped = False
    for way in ways:
        if way == own and not skipped:
            skipped = True
            continue
        joined |= way
    return joined


def _per_km(problem: Problem) -> float:
    """Give the cents of a kilometre, in the mean of the vehicles."""
    return sum(vehicle.cost_per_km for vehicle in problem.vehicles) / len(problem.vehicles)


class _Tree:
    """The shortest links that join some places to the depot: each place's parent, and how far it is."""

    def __init__(self, problem: Problem, places: Iterable[int]) -> None:
        depot = problem.vehicles[0].start
        self.places = [depot, *sorted(set(places) - {depot})]
        among = np.ix_(self.places, self.places)
        metres = (problem.metres[among] + problem.metres[among].T) // 2
        seconds = (problem.seconds[among] + problem.seconds[among].T) // 2
        size = len(self.places)
        self.parent, self.metres, self.seconds = [0] * size, [0] * size, [0] * size
        near, outside = metres[0].copy(), np.ones(size, bool)
        nearest = np.zeros(size, np.int64)
        outside[0] = False
        for _ in range(size - 1):  # Prim's tree
            node = int(np.argmin(np.where(outside, near, np.iinfo(np.int64).max)))
            outside[node] = False
            parent = int(nearest[node])
            self.parent[node], self.metres[node], self.seconds[node] = (
                parent,
                int(metres[node, parent]),
                int(seconds[node, parent]),
            )
            closer = outside & (metres[node] < near)
            near[closer], nearest[closer] = metres[node][closer], node
        self.node = {place: number for number, place in enumerate(self.places)}

    def way(self, place: int) -> list[int]:
        """Give the nodes from a place to the depot, the depot included."""
        node = self.node[place]
        way = [node]
        while node:
            node = self.parent[node]
            way.append(node)
        return way


def assign(problem: Problem, movables: Sequence[Movable], days: Sequence[int]) -> dict[str, int]:
    """Choose a day for each movable that has one among `days`: the cheapest week by the tree, within room and time.

    What finds no room on any day goes where it is least in the way; the day's routes have the last word.
    """
    asked = [movable for movable in movables if set(movable.days) & set(days)]
    if not asked or not problem.vehicles:
        return {}
    from ortools.sat.python import cp_model

    week = _Week(problem, asked, days, cp_model.CpModel())
    week.build()
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = EFFORT
    status = solver.solve(week.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return {movable.call.id: _first(movable, days) for movable in asked}
    return {name: day for (name, day), choice in week.choice.items() if solver.boolean_value(choice)}


def _first(movable: Movable, days: Sequence[int]) -> int:
    return min(set(movable.days) & set(days))


def _room(vehicle: Vehicle, exchanges: Sequence[Call] = ()) -> list[int]:
    """Give the load a vehicle has room for, twice and more where it unloads on the way, or how much of some exchanges."""
    trip = [int(FULL * most) for most in vehicle.capacity]
    if exchanges and not vehicle.mixed:
        # it collects nothing before its last delivery, so a trip has one exchange
        ways = [way for call in exchanges for way in (call.deliver, call.collect)]
        trip = [min(most, max(loads)) for most, *loads in zip(trip, *ways, strict=True)]
    return [most * (1 + vehicle.unloads) for most in trip]


class _Week:
    """The choice of days as a CP-SAT model; costs in cents."""

    def __init__(self, problem: Problem, movables: Sequence[Movable], days: Sequence[int], model: "cp_model.CpModel") -> None:
        self.problem, self.movables, self.days, self.model = problem, movables, days, model
        self.tree = _Tree(problem, (movable.call.place for movable in movables))
        self.choice = {
            (movable.call.id, day): model.new_bool_var("") for movable in movables for day in days if day in movable.days
        }
        self.cost: list[tuple[object, int]] = []

    def build(self) -> None:
        """Write the model."""
        for movable in self.movables:
            self.model.add_exactly_one(self.choice[movable.call.id, day] for day in self.days if day in movable.days)
        for day in self.days:
            links = self._links(day)
            out = self._vehicles(day)
            self._room(day, out)
            self._time(day, out, links)
        self.model.minimize(sum(variable * cents for variable, cents in self.cost))  # type: ignore[misc, operator]

    def _links(self, day: int) -> "list[cp_model.IntVar]":
        """Drive each link between the depot and what is visited."""
        per_km = _per_km(self.problem)
        links = [self.model.new_bool_var("") for _ in self.tree.places]
        for node, parent in enumerate(self.tree.parent):
            if node:
                self.model.add_implication(links[node], links[parent])
                self.cost.append(
                    (links[node], round(TOMORROW ** (day - self.days[0]) * LINK * self.tree.metres[node] * per_km / 1000))
                )
        for movable in self.movables:
            if day in movable.days:
                self.model.add_implication(self.choice[movable.call.id, day], links[self.tree.node[movable.call.place]])
        return links

    def _vehicles(self, day: int) -> "list[cp_model.IntVar]":
        """Send out vehicles, those first that the problem has first."""
        out = [self.model.new_bool_var("") for _ in self.problem.vehicles]
        self.cost += [
            (goes, round(TOMORROW ** (day - self.days[0]) * vehicle.fixed_cost))
            for goes, vehicle in zip(out, self.problem.vehicles, strict=True)
        ]
        return out

    def _room(self, day: int, out: "list[cp_model.IntVar]") -> None:
        """Keep loads within the vehicles that go out; calls that bring and take within their room for such."""
        calls = [movable.call for movable in self.movables if (movable.call.id, day) in self.choice]
        exchanges = [call for call in calls if call.delivers and call.collects]
        vehicles = self.problem.vehicles
        self._loads(day, calls, out, [_room(vehicle) for vehicle in vehicles])
        if exchanges and not all(vehicle.mixed for vehicle in vehicles):
            self._loads(day, exchanges, out, [_room(vehicle, exchanges) for vehicle in vehicles])

    def _loads(self, day: int, calls: Sequence[Call], out: "list[cp_model.IntVar]", room: Sequence[Sequence[int]]) -> None:
        """Keep the loads of some calls within the room that each vehicle has for them."""
        for dimension in range(len(self.problem.dimensions)):
            over = self._over(1_000)
            for way in ("deliver", "collect"):
                load = sum(self.choice[call.id, day] * getattr(call, way)[dimension] for call in calls)
                self.model.add(load <= sum(goes * most[dimension] for goes, most in zip(out, room, strict=True)) + over)

    def _time(self, day: int, out: "list[cp_model.IntVar]", links: "list[cp_model.IntVar]") -> None:
        """Keep service and driving within the shifts that go out, and price the hours."""
        work = [
            (choice, movable.call.service + movable.call.setup)
            for movable in self.movables
            if (choice := self.choice.get((movable.call.id, day))) is not None
        ]
        drives = [(link, round(LINK * seconds)) for link, seconds in zip(links, self.tree.seconds, strict=True)]
        shifts = [
            (goes, int(FULL * (vehicle.shift[1] - vehicle.shift[0])))
            for goes, vehicle in zip(out, self.problem.vehicles, strict=True)
        ]
        over = self._over(10)
        self.model.add(sum(v * s for v, s in (*work, *drives)) <= sum(g * most for g, most in shifts) + over)
        per_hour = sum(vehicle.cost_per_hour for vehicle in self.problem.vehicles) / len(self.problem.vehicles)
        self.cost += [(link, round(seconds * per_hour / 3600)) for link, seconds in drives]

    def _over(self, cents: int) -> "cp_model.IntVar":
        """Let a day be too full at a price that nothing else outweighs: it may not be, and the routes will say so."""
        over = self.model.new_int_var(0, 10**7, "")
        self.cost.append((over, cents))
        return over
