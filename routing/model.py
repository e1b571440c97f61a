"""The full model in OR-Tools: it decides the plan, starting from the best legal routes the search proposed.

All costs are in `schedule.PER_CENT` parts of a cent, so nothing is rounded inside. Matrices and vectors only:
a Python callback for travel is three times slower, and an exception in one is swallowed.

The pause is kept as time in the shift and put in place by `schedule` afterwards. As break intervals of the model
(optional, fixed or by distance, all tried on days of 12 and 60 calls) it made the search move departures second by
second, and on half of those days find no other routes at all.
"""

from collections.abc import Callable
from time import monotonic

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # type: ignore[import-untyped]  # it ships no types

from routing.insertion import Sequences
from routing.problem import Problem, Solution
from routing.schedule import PER_CENT, PER_METRE, PER_SECOND, dearest_day, longest_unbroken
from routing.search import answerable

CALLS_COLD = 200
"""Above so many calls the model is not started without a plan to start from: its first solution takes too long."""


def polish(
    problem: Problem,
    start: Solution,
    until: float,
    progress: Callable[[Sequences], None],
    stop: Callable[[], bool] | None = None,
) -> None:
    """Improve a plan by guided local search until the monotonic clock reads `until`, and tell each better one.

    Deterministic for a problem and a start, except for where the time runs out.
    """
    able = answerable(problem)
    if able:
        _Model(problem, able).search(start, until, progress, stop)


class _Model:
    """One problem as an OR-Tools routing model: nodes are the vehicles' depots, then the calls some vehicle can answer."""

    def __init__(self, problem: Problem, able: dict[str, list[int]]) -> None:
        self.problem = problem
        self.calls = [call for call in problem.calls if call.id in able]
        depots = sorted({place for vehicle in problem.vehicles for place in (vehicle.start, vehicle.end)})
        self.first = len(depots)
        self.places = np.array(depots + [call.place for call in self.calls])
        self.service = [0] * self.first + [call.service for call in self.calls]
        self.manager = pywrapcp.RoutingIndexManager(
            len(self.places),
            len(problem.vehicles),
            [depots.index(vehicle.start) for vehicle in problem.vehicles],
            [depots.index(vehicle.end) for vehicle in problem.vehicles],
        )
        self.model = pywrapcp.RoutingModel(self.manager)
        self._costs()
        self._times()
        for dimension in range(len(problem.dimensions)):
            self._load(dimension)
        self._order()
        self._choices(able)

    def search(
        self, start: Solution, until: float, progress: Callable[[Sequences], None], stop: Callable[[], bool] | None
    ) -> None:
        """Search from the start plan; each plan that costs less than all before is told."""
        parameters = self._parameters()
        parameters.time_limit.FromMilliseconds(_milliseconds(until))
        if stop is not None:
            solver = self.model.solver()
            self.model.AddSearchMonitor(solver.CustomLimit(stop))
        self.model.CloseModelWithParameters(parameters)
        self.model.AddAtSolutionCallback(self._listener(progress))
        warm = self.model.ReadAssignmentFromRoutes(self._routes(start), True)
        parameters.time_limit.FromMilliseconds(_milliseconds(until))  # closing took its part
        if warm is not None:
            self.model.SolveFromAssignmentWithParameters(warm, parameters)
        elif len(self.calls) <= CALLS_COLD:
            self.model.SolveWithParameters(parameters)

    def _costs(self) -> None:
        """Kilometres and vehicles, each vehicle at its own price."""
        metres = self.problem.metres[np.ix_(self.places, self.places)]
        prices = {vehicle.cost_per_km for vehicle in self.problem.vehicles}
        by_price = {price: self.model.RegisterTransitMatrix((metres * (price * PER_METRE)).tolist()) for price in prices}
        for index, vehicle in enumerate(self.problem.vehicles):
            self.model.SetArcCostEvaluatorOfVehicle(by_price[vehicle.cost_per_km], index)
            self.model.SetFixedCostOfVehicle(vehicle.fixed_cost * PER_CENT, index)

    def _times(self) -> None:
        """Travel, service, opening hours, shifts, time kept for the pause, and the hours away as cost."""
        seconds = self.problem.seconds[np.ix_(self.places, self.places)] + np.array(self.service)[:, None]
        horizon = max(vehicle.shift[1] for vehicle in self.problem.vehicles)
        way = self.model.RegisterTransitMatrix(seconds.tolist())
        self.model.AddDimension(way, horizon, horizon, False, "time")
        self.time = self.model.GetDimensionOrDie("time")
        for node, call in enumerate(self.calls, self.first):
            at = self.time.CumulVar(self.manager.NodeToIndex(node))
            at.SetRange(call.windows[0][0], min(call.windows[-1][1], horizon))
            for (_, closes), (opens, _) in zip(call.windows, call.windows[1:], strict=False):
                at.RemoveInterval(closes + 1, opens - 1)
        for index, vehicle in enumerate(self.problem.vehicles):
            for end in (self.model.Start(index), self.model.End(index)):
                self.time.CumulVar(end).SetRange(*vehicle.shift)
                self.model.AddVariableMinimizedByFinalizer(self.time.CumulVar(self.model.End(index)))
            self.model.AddVariableMaximizedByFinalizer(self.time.CumulVar(self.model.Start(index)))
            self.time.SetSpanCostCoefficientForVehicle(vehicle.cost_per_hour * PER_SECOND, index)
            self.time.SetSpanUpperBoundForVehicle(longest_unbroken(vehicle), index)

    def _load(self, dimension: int) -> None:
        """Load on every leg: out with all deliveries, changed at each stop."""
        delivers = [0] * self.first + [call.deliver[dimension] for call in self.calls]
        collects = [0] * self.first + [call.collect[dimension] for call in self.calls]
        room = [vehicle.capacity[dimension] for vehicle in self.problem.vehicles]
        change = [collected - delivered for delivered, collected in zip(delivers, collects, strict=True)]
        load, back = f"load {dimension}", f"collected {dimension}"
        self.model.AddDimensionWithVehicleCapacity(self.model.RegisterUnaryTransitVector(change), 0, room, False, load)
        if not (any(delivers) and any(collects)):
            return
        self.model.AddDimensionWithVehicleCapacity(self.model.RegisterUnaryTransitVector(collects), 0, room, True, back)
        loads, collected = self.model.GetDimensionOrDie(load), self.model.GetDimensionOrDie(back)
        for index in range(len(self.problem.vehicles)):
            end = self.model.End(index)
            # an inequality, as it finds first solutions 2.5 times sooner than saying they are equal
            self.model.solver().Add(loads.CumulVar(end) >= collected.CumulVar(end))

    def _order(self) -> None:
        """Clean goods before dirty ones in vehicles that must not mix: there, nothing is delivered after a collection."""
        if all(vehicle.mixed for vehicle in self.problem.vehicles):
            return
        dirty = self.model.RegisterUnaryTransitVector([0] * self.first + [int(call.collects) for call in self.calls])
        none = self.model.RegisterUnaryTransitVector([0] * len(self.places))
        transits = [none if vehicle.mixed else dirty for vehicle in self.problem.vehicles]
        self.model.AddDimensionWithVehicleTransits(transits, 0, len(self.calls), True, "dirty stops")
        stops = self.model.GetDimensionOrDie("dirty stops")
        for node, call in enumerate(self.calls, self.first):
            if call.delivers:
                stops.CumulVar(self.manager.NodeToIndex(node)).SetMax(0)

    def _choices(self, able: dict[str, list[int]]) -> None:
        """Which vehicles may answer a call, and what leaving it out costs."""
        top = dearest_day(self.problem)
        for node, call in enumerate(self.calls, self.first):
            index = self.manager.NodeToIndex(node)
            self.model.AddDisjunction([index], (top if call.prize is None else call.prize) * PER_CENT)
            # SetAllowedVehiclesForIndex raises TypeError in the 9.15 wheel
            self.model.VehicleVar(index).SetValues([-1, *able[call.id]])

    def _parameters(self) -> "pywrapcp.RoutingSearchParameters":
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        return parameters

    def _routes(self, start: Solution) -> list[list[int]]:
        """Write a plan as node indices per vehicle."""
        nodes = {call.id: self.manager.NodeToIndex(node) for node, call in enumerate(self.calls, self.first)}
        by_vehicle = {route.vehicle: [nodes[call] for call in route.calls] for route in start.routes}
        return [by_vehicle.get(vehicle.id, []) for vehicle in self.problem.vehicles]

    def _listener(self, progress: Callable[[Sequences], None]) -> Callable[[], None]:
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
        found: dict[str, list[str]] = {}
        for index, vehicle in enumerate(self.problem.vehicles):
            at = self.model.NextVar(self.model.Start(index)).Value()
            while not self.model.IsEnd(at):
                found.setdefault(vehicle.id, []).append(self.calls[self.manager.IndexToNode(at) - self.first].id)
                at = self.model.NextVar(at).Value()
        return found


def _milliseconds(until: float) -> int:
    """Give what is left until then, at least 1: 0 would be no limit."""
    return max(1, int((until - monotonic()) * 1000))
