"""The full model in OR-Tools: it decides the plan, starting from the best legal routes the search proposed.

All costs are in `schedule.PER_CENT` parts of a cent, so nothing is rounded inside. Matrices and vectors only:
a Python callback for travel is three times slower, and an exception in one is swallowed.

Pauses are kept as time in the shift and put in place by `schedule` afterwards. As break intervals of the model
(optional, fixed or by distance, all tried on days of 12 and 60 calls) they made the search move departures second by
second, and on half of those days find no other routes at all. Release times and the balance between drivers are left to
`schedule` and `assemble` too, which judge every plan that is found.
"""

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # type: ignore[import-untyped]  # it ships no types

from routing.insertion import Sequences
from routing.problem import Call, Centre, Problem, Solution, Vehicle, Window
from routing.schedule import PER_CENT, PER_METRE, PER_SECOND, dearest_day, longest_unbroken
from routing.search import answerable

CALLS_COLD = 200
"""Above so many calls the model is not started without a plan to start from: its first solution takes too long."""

Told = Callable[[Sequences], None]


def polish(problem: Problem, start: Solution, until: float, progress: Told, stop: Callable[[], bool] | None = None) -> None:
    """Improve a plan by guided local search until the monotonic clock reads `until`, and tell each better one.

    Deterministic for a problem and a start, except for where the time runs out.
    """
    able = _able(problem, start)
    if able:
        Model(problem, able).search(start, until, progress, stop)


def refine(problem: Problem, start: Solution, solutions: int, progress: Told) -> None:
    """Improve a plan until so many better ones were found or none is near: the same every time, whatever the clock says."""
    able = _able(problem, start)
    if able:
        Model(problem, able).descend(start, solutions, progress)


def _able(problem: Problem, start: Solution) -> dict[str, list[int]]:
    """Give the vehicles that can answer each call, and those that do by the start plan: over another call it may be quicker."""
    able = {call: set(vehicles) for call, vehicles in answerable(problem).items()}
    index = {vehicle.id: number for number, vehicle in enumerate(problem.vehicles)}
    for route in start.routes:
        for call in route.calls:
            able.setdefault(call, set()).add(index[route.vehicle])
    return {call: sorted(vehicles) for call, vehicles in able.items()}


class Model:
    """One problem as an OR-Tools routing model.

    Its nodes are the places where vehicles start and end, then the calls that some vehicle can answer, then the unloadings:
    as many for each vehicle as it may make at each of its centres.
    """

    def __init__(self, problem: Problem, able: dict[str, list[int]]) -> None:
        self.problem = problem
        self.calls = [call for call in problem.calls if call.id in able]
        depots = sorted({place for vehicle in problem.vehicles for place in (vehicle.start, vehicle.end)})
        self.first, self.after = len(depots), len(depots) + len(self.calls)
        self.unloads = [
            (index, centre)
            for index, vehicle in enumerate(problem.vehicles)
            for centre in vehicle.centres
            for _ in range(vehicle.unloads)
        ]
        self.places = np.array([*depots, *(call.place for call in self.calls), *(centre.place for _, centre in self.unloads)])
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.places),
            len(problem.vehicles),
            [depots.index(vehicle.start) for vehicle in problem.vehicles],
            [depots.index(vehicle.end) for vehicle in problem.vehicles],
        )
        self.model = pywrapcp.RoutingModel(self.manager)
        self.solver = self.model.solver()
        self.nodes = {call.id: self.manager.NodeToIndex(node) for node, call in enumerate(self.calls, self.first)}
        self._costs()
        self._times()
        for dimension in range(len(problem.dimensions)):
            self._load(dimension)
        self._order()
        self._choices(able)
        self._shipments()
        self._apart()
        self._positions()

    def search(self, start: Solution, until: float, progress: Told, stop: Callable[[], bool] | None) -> None:
        """Search from the start plan; each plan that costs less than all before is told."""
        parameters = self._parameters()
        parameters.time_limit.FromMilliseconds(_milliseconds(until))
        if stop is not None:
            self.model.AddSearchMonitor(self.solver.CustomLimit(stop))
        self.model.CloseModelWithParameters(parameters)
        self.model.AddAtSolutionCallback(self.listener(progress))
        warm = self.model.ReadAssignmentFromRoutes(self._routes(start), True)
        parameters.time_limit.FromMilliseconds(_milliseconds(until))  # closing took its part
        if warm is not None:
            self.model.SolveFromAssignmentWithParameters(warm, parameters)
        elif len(self.calls) <= CALLS_COLD:
            self.model.SolveWithParameters(parameters)

    def descend(self, start: Solution, solutions: int, progress: Told) -> None:
        """Go downhill from the start plan to a local optimum, without the guidance that never ends."""
        parameters = self._parameters()
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        parameters.solution_limit = solutions
        self.model.CloseModelWithParameters(parameters)
        self.model.AddAtSolutionCallback(self.listener(progress))
        warm = self.model.ReadAssignmentFromRoutes(self._routes(start), True)
        if warm is not None:
            self.model.SolveFromAssignmentWithParameters(warm, parameters)

    def _costs(self) -> None:
        """Kilometres, vehicles and calls that change their vehicle, each vehicle at its own price."""
        known: dict[tuple[object, ...], int] = {}
        for index, vehicle in enumerate(self.problem.vehicles):
            moved = tuple(call.moving_cost if call.usual not in (None, vehicle.id) else 0 for call in self.calls)
            kind = (vehicle.profile, vehicle.cost_per_km, moved)
            if kind not in known:
                priced = self._grid(self.problem.ways(vehicle).metres) * (vehicle.cost_per_km * PER_METRE)
                priced[:, self.first : self.after] += np.array(moved, dtype=np.int64) * PER_CENT
                known[kind] = self.model.RegisterTransitMatrix(priced.tolist())
            self.model.SetArcCostEvaluatorOfVehicle(known[kind], index)
            self.model.SetFixedCostOfVehicle(vehicle.fixed_cost * PER_CENT, index)
            # who is out comes home, whether there is something left to do or not
            self.model.SetVehicleUsedWhenEmpty(vehicle.under_way is not None, index)

    def _times(self) -> None:
        """Travel, setup, service, opening hours, shifts, time kept for pauses, and the hours away as cost."""
        horizon = max(vehicle.latest for vehicle in self.problem.vehicles)
        transits = [self.model.RegisterTransitMatrix(self._seconds(ways.seconds)) for ways in self.problem.profiles]
        each = [transits[vehicle.profile] for vehicle in self.problem.vehicles]
        self.model.AddDimensionWithVehicleTransits(each, horizon, horizon, False, "time")
        self.time = self.model.GetDimensionOrDie("time")
        for node, call in enumerate(self.calls, self.first):
            # the model's time of a call is when its service begins, after the setup
            self._open(node, tuple((opens + call.setup, closes + call.setup) for opens, closes in call.windows), horizon)
        for node, (_, centre) in enumerate(self.unloads, self.after):
            self._open(node, centre.windows, horizon)
        for index, vehicle in enumerate(self.problem.vehicles):
            self._shift(index, vehicle)

    def _shift(self, index: int, vehicle: Vehicle) -> None:
        start, end = self.model.Start(index), self.model.End(index)
        self.time.CumulVar(start).SetRange(*vehicle.shift)
        self.time.CumulVar(end).SetRange(vehicle.shift[0], max(vehicle.shift[0], vehicle.latest))
        self.model.AddVariableMinimizedByFinalizer(self.time.CumulVar(end))
        self.model.AddVariableMaximizedByFinalizer(self.time.CumulVar(start))
        self.time.SetSpanCostCoefficientForVehicle(vehicle.cost_per_hour * PER_SECOND, index)
        self.time.SetSpanUpperBoundForVehicle(longest_unbroken(vehicle), index)
        if vehicle.overtime and vehicle.cost_per_overtime_hour:
            self.time.SetCumulVarSoftUpperBound(end, vehicle.shift[1], vehicle.cost_per_overtime_hour * PER_SECOND)

    def _open(self, node: int, windows: tuple[Window, ...], horizon: int) -> None:
        at = self.time.CumulVar(self.manager.NodeToIndex(node))
        within = [(opens, min(closes, horizon)) for opens, closes in windows if opens <= horizon]
        if not within:
            at.SetRange(0, 0)  # answerable by nobody, or a centre that nobody needs
            return
        at.SetRange(within[0][0], within[-1][1])
        for (_, closes), (opens, _) in pairwise(within):
            at.RemoveInterval(closes + 1, opens - 1)

    def _seconds(self, seconds: NDArray[np.int64]) -> list[list[int]]:
        """Give the seconds from service to service: what is done here, the way, and the setup there unless a halt goes on."""
        done = [0] * self.first + [call.service for call in self.calls] + [centre.seconds for _, centre in self.unloads]
        setup = np.array([0] * self.first + [call.setup for call in self.calls] + [0] * len(self.unloads))
        numbers = np.arange(len(self.places))
        visited = (numbers >= self.first) & (numbers < self.after)
        goes_on = (self.places[:, None] == self.places) & visited[:, None] & visited
        rows: list[list[int]] = (self._grid(seconds) + np.array(done)[:, None] + np.where(goes_on, 0, setup)).tolist()
        return rows

    def _grid(self, matrix: NDArray[np.int64]) -> NDArray[np.int64]:
        grid: NDArray[np.int64] = matrix[np.ix_(self.places, self.places)]
        return grid

    def _load(self, dimension: int) -> None:
        """Load on every leg, goods going out and goods coming back; at an unloading both begin anew."""
        delivers, collects = self._goods(dimension)
        if not self.unloads and not (any(delivers) and any(collects)) and not self._aboard(dimension):
            self._one_way(dimension, [taken - left for left, taken in zip(delivers, collects, strict=True)])
        elif not self.unloads:
            self._both_ways(dimension, delivers, collects)
        else:
            self._trips(dimension, delivers, collects)

    def _goods(self, dimension: int) -> tuple[list[int], list[int]]:
        """Give what goes off and what comes on at each node; a shipment comes on where it is taken."""
        delivers = [0] * self.first + [call.deliver[dimension] for call in self.calls] + [0] * len(self.unloads)
        collects = [0] * self.first + [call.collect[dimension] for call in self.calls] + [0] * len(self.unloads)
        for node, call in enumerate(self.calls, self.first):
            shipment = self.problem.shipment.get(call.id)
            if shipment is not None:
                collects[node] += shipment.load[dimension] * (1 if shipment.taken == call.id else -1)
        return delivers, collects

    def _aboard(self, dimension: int) -> bool:
        return any(v.under_way is not None and v.under_way.aboard[dimension] for v in self.problem.vehicles)

    def _room(self, dimension: int) -> list[int]:
        """Give the room of each vehicle, without what one under way has collected already."""
        taken = [v.under_way.aboard[dimension] if v.under_way and not v.unloads else 0 for v in self.problem.vehicles]
        return [max(0, v.capacity[dimension] - n) for v, n in zip(self.problem.vehicles, taken, strict=True)]

    def _one_way(self, dimension: int, change: list[int]) -> None:
        transit = self.model.RegisterUnaryTransitVector(change)
        self.model.AddDimensionWithVehicleCapacity(transit, 0, self._room(dimension), False, f"load {dimension}")

    def _both_ways(self, dimension: int, delivers: list[int], collects: list[int]) -> None:
        self._one_way(dimension, [taken - left for left, taken in zip(delivers, collects, strict=True)])
        back = f"collected {dimension}"
        transit = self.model.RegisterUnaryTransitVector(collects)
        self.model.AddDimensionWithVehicleCapacity(transit, 0, self._room(dimension), True, back)
        loads, collected = self.model.GetDimensionOrDie(f"load {dimension}"), self.model.GetDimensionOrDie(back)
        for index in range(len(self.problem.vehicles)):
            end = self.model.End(index)
            # an inequality, as it finds first solutions 2.5 times sooner than saying they are equal
            self.solver.Add(loads.CumulVar(end) >= collected.CumulVar(end))

    def _trips(self, dimension: int, delivers: list[int], collects: list[int]) -> None:
        """Count what is still to be delivered and what was collected apart: at an unloading one fills up, the other empties."""
        most = max(vehicle.capacity[dimension] for vehicle in self.problem.vehicles)
        empties = [0] * self.after + [-most] * len(self.unloads)
        out, back = f"to deliver {dimension}", f"collected {dimension}"
        room = self._room(dimension)
        lowered = self.model.RegisterUnaryTransitVector([-left for left in delivers])
        raised = self.model.RegisterUnaryTransitVector(
            [taken + emptied for taken, emptied in zip(collects, empties, strict=True)]
        )
        self.model.AddDimensionWithVehicleCapacity(lowered, most, room, False, out)
        self.model.AddDimensionWithVehicleCapacity(raised, most, room, False, back)
        ahead, behind = self.model.GetDimensionOrDie(out), self.model.GetDimensionOrDie(back)
        for node in range(self.first, self.after):
            index = self.manager.NodeToIndex(node)
            ahead.SlackVar(index).SetValue(0)
            behind.SlackVar(index).SetValue(0)
        for index, vehicle in enumerate(self.problem.vehicles):
            start = self.model.Start(index)
            ahead.SlackVar(start).SetValue(0)
            behind.SlackVar(start).SetValue(0)
            behind.CumulVar(start).SetValue(vehicle.under_way.aboard[dimension] if vehicle.under_way else 0)
        self._never_over(dimension, ahead, behind)

    def _never_over(self, dimension: int, ahead: "pywrapcp.RoutingDimension", behind: "pywrapcp.RoutingDimension") -> None:
        """Keep what is still to be delivered and what was collected together within the vehicle's room."""
        room = [vehicle.capacity[dimension] for vehicle in self.problem.vehicles]
        for node in range(self.first, len(self.places)):
            index = self.manager.NodeToIndex(node)
            both = ahead.CumulVar(index) + behind.CumulVar(index)
            # the vehicle of a node that is not visited is -1
            here = self.solver.Element([max(room), *room], self.model.VehicleVar(index) + 1)
            self.solver.Add(both <= (max(room) if len(set(room)) == 1 else here))
        for index, most in enumerate(room):
            for at in (self.model.Start(index), self.model.End(index)):
                self.solver.Add(ahead.CumulVar(at) + behind.CumulVar(at) <= most)

    def _order(self) -> None:
        """Clean goods before dirty ones in vehicles that must not mix: on a trip, nothing is delivered after a collection."""
        if all(vehicle.mixed for vehicle in self.problem.vehicles):
            return
        most = len(self.calls)
        dirty = [0] * self.first + [int(call.collects) for call in self.calls] + [-most] * len(self.unloads)
        counted = self.model.RegisterUnaryTransitVector(dirty)
        none = self.model.RegisterUnaryTransitVector([0] * len(self.places))
        transits = [none if vehicle.mixed else counted for vehicle in self.problem.vehicles]
        self.model.AddDimensionWithVehicleTransits(transits, most if self.unloads else 0, most, True, "dirty stops")
        stops = self.model.GetDimensionOrDie("dirty stops")
        for node, call in enumerate(self.calls, self.first):
            index = self.manager.NodeToIndex(node)
            if self.unloads:
                stops.SlackVar(index).SetValue(0)
            if call.delivers:
                stops.CumulVar(index).SetMax(0)

    def _choices(self, able: dict[str, list[int]]) -> None:
        """Which vehicles may answer a call, and what leaving it out costs; unloadings are free to leave out."""
        top = dearest_day(self.problem)
        for call in self.calls:
            index = self.nodes[call.id]
            self.model.AddDisjunction([index], (top if call.prize is None else call.prize) * PER_CENT)
            # SetAllowedVehiclesForIndex raises TypeError in the 9.15 wheel
            self.model.VehicleVar(index).SetValues([-1, *(n for n in able[call.id] if self._brings(n, call))])
        for node, (vehicle, _) in enumerate(self.unloads, self.after):
            index = self.manager.NodeToIndex(node)
            self.model.AddDisjunction([index], 0)
            self.model.VehicleVar(index).SetValues([-1, vehicle])

    def _brings(self, index: int, call: Call) -> bool:
        """Say whether a vehicle may have the call's goods: one under way has what is aboard, or loads anew."""
        vehicle = self.problem.vehicles[index]
        return vehicle.under_way is None or vehicle.unloads > 0 or not call.delivers or call.id in vehicle.under_way.carries

    def _shipments(self) -> None:
        """Take goods before they are left, in the same vehicle."""
        for shipment in self.problem.shipments:
            taken, left = self.nodes.get(shipment.taken), self.nodes.get(shipment.left)
            if taken is None or left is None:
                for index in (taken, left):
                    if index is not None:
                        self.model.VehicleVar(index).SetValues([-1])
                continue
            self.model.AddPickupAndDelivery(taken, left)
            self.solver.Add(self.model.VehicleVar(taken) == self.model.VehicleVar(left))
            self.solver.Add(self.time.CumulVar(taken) <= self.time.CumulVar(left))

    def _apart(self) -> None:
        """Keep calls that must not meet in different vehicles; two that are left out do not meet."""
        for group in self.problem.apart:
            here = [self.nodes[call] for call in sorted(group) if call in self.nodes]
            for one, other in combinations(here, 2):
                mine, theirs = self.model.VehicleVar(one), self.model.VehicleVar(other)
                self.solver.Add((mine != theirs) + (mine == -1) >= 1)

    def _positions(self) -> None:
        """Keep calls at the place in their route that they are locked to."""
        locked = [call for call in self.calls if call.position is not None]
        if not locked:
            return
        visits = [0] * self.first + [1] * len(self.calls) + [0] * len(self.unloads)
        most = len(self.calls) + 1
        self.model.AddDimension(self.model.RegisterUnaryTransitVector(visits), 0, most, True, "position")
        position = self.model.GetDimensionOrDie("position")
        ends = [position.CumulVar(self.model.End(index)) for index in range(len(self.problem.vehicles))]
        for call in locked:
            at, vehicle = position.CumulVar(self.nodes[call.id]), self.model.VehicleVar(self.nodes[call.id])
            if call.position is not None and call.position >= 0:
                self.solver.Add((at == call.position) + (vehicle == -1) >= 1)
            else:
                for index, end in enumerate(ends):
                    self.solver.Add((at == end - 1) + (vehicle != index) >= 1)

    def _parameters(self) -> "pywrapcp.RoutingSearchParameters":
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        return parameters

    def _routes(self, start: Solution) -> list[list[int]]:
        """Write a plan as node indices per vehicle."""
        free: dict[tuple[str, int], list[int]] = {}
        for node, (index, centre) in enumerate(self.unloads, self.after):
            free.setdefault((self.problem.vehicles[index].id, centre.place), []).append(self.manager.NodeToIndex(node))
        found: dict[str, list[int]] = {}
        for route in start.routes:
            stops = [self.nodes[call] for call in route.calls]
            for unload in reversed(route.unloads):
                stops.insert(unload.after, free[route.vehicle, unload.place].pop())
            found[route.vehicle] = stops
        return [found.get(vehicle.id, []) for vehicle in self.problem.vehicles]

    def listener(self, progress: Told) -> Callable[[], None]:
        """Make the callback that reads each better plan out of the running search, once for the same routes."""
        best, told = float("inf"), None

        def listen() -> None:
            nonlocal best, told
            price = self.model.CostVar().Min()
            if price < best:
                found = self._sequences()
                if found != told:
                    progress(found)
                best, told = price, found

        return listen

    def _sequences(self) -> Sequences:
        return {vehicle.id: stops for index, vehicle in enumerate(self.problem.vehicles) if (stops := self._stops(index))}

    def _stops(self, index: int) -> Sequence[str | Centre]:
        """Read one vehicle's stops out of the running search."""
        stops: list[str | Centre] = []
        at = self.model.NextVar(self.model.Start(index)).Value()
        while not self.model.IsEnd(at):
            node = self.manager.IndexToNode(at)
            stops.append(self.calls[node - self.first].id if node < self.after else self.unloads[node - self.after][1])
            at = self.model.NextVar(at).Value()
        return stops


def _milliseconds(until: float) -> int:
    """Give what is left until then, at least 1: 0 would be no limit."""
    return max(1, int((until - monotonic()) * 1000))
