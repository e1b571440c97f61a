"""OR-Tools as a peer: by itself, from no plan, with all of the time.

A problem with nothing but one vehicle kind, loads one way and opening hours is written as OR-Tools' own examples write it,
which searches faster than the full model; any other goes to the full model.
"""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # type: ignore[import-untyped]  # it ships no types

from routing.bench.questions import Question
from routing.insertion import Sequences
from routing.model import Model
from routing.problem import Call, Problem
from routing.search.able import answerable

Say = Callable[[object], None]

RUINED = 2
"""Routes that each round of iterated local search tears down."""

NO_TIMES = 10**8
"""Seconds of a shift that no route fills."""


def cold(question: Question, say: Say, iterated: bool) -> None:
    """Search from nothing and tell each better plan; iterated local search, or guided where not."""
    until = monotonic() + question.seconds
    able = answerable(question.problem)
    if is_plain(question.problem):
        _search(*_plain(question.problem, say), until, iterated)
    elif able:
        full = Model(question.problem, able)
        _search(full.model, full.listener(say), until, iterated)
    else:
        say({})


def _search(model: "pywrapcp.RoutingModel", listen: Callable[[], None], until: float, iterated: bool) -> None:
    """Run the model until the monotonic clock says so."""
    parameters = _parameters(iterated)
    parameters.time_limit.FromMilliseconds(_milliseconds(until))
    model.CloseModelWithParameters(parameters)
    model.AddAtSolutionCallback(listen)
    parameters.time_limit.FromMilliseconds(_milliseconds(until))  # closing took its part
    if iterated:
        model.SolveWithIteratedLocalSearch(parameters)
    else:
        model.SolveWithParameters(parameters)


def _milliseconds(until: float) -> int:
    return max(1, int((until - monotonic()) * 1000))


def _parameters(iterated: bool) -> "pywrapcp.RoutingSearchParameters":
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if iterated:
        parameters.use_iterated_local_search = True
        # each descent must end, which the guided one does not
        parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
        steps = parameters.iterated_local_search_parameters
        steps.ruin_recreate_parameters.ruin_strategies.add().spatially_close_routes.num_ruined_routes = RUINED
        # the fixed ones are made for costs of another size
        steps.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
    return parameters


def is_plain(problem: Problem) -> bool:
    """Say whether there is nothing but vehicles alike, goods to bring and one window each."""
    if not problem.calls or not problem.vehicles or problem.shipments or problem.apart or problem.balance_per_hour:
        return False
    van = replace(problem.vehicles[0], id="")
    if any(replace(vehicle, id="") != van for vehicle in problem.vehicles):
        return False
    bare = type(van)("", van.capacity, van.start, van.start, van.shift, cost_per_km=van.cost_per_km, profile=van.profile)
    return van == bare and all(_bare(call) for call in problem.calls)


def _bare(call: Call) -> bool:
    """Say whether a call has no rule but its load, its window and its service."""
    bare = Call(call.id, call.place, call.deliver, (0,) * len(call.deliver), call.windows, call.service)
    return call == bare and len(call.windows) == 1


def _plain(problem: Problem, say: Say) -> tuple["pywrapcp.RoutingModel", Callable[[], None]]:
    """Write a plain problem: node 0 is the depot, the calls follow."""
    van, calls = problem.vehicles[0], problem.calls
    at = [van.start, *(call.place for call in calls)]
    manager = pywrapcp.RoutingIndexManager(len(at), len(problem.vehicles), 0)
    model = pywrapcp.RoutingModel(manager)
    ways, square = problem.ways(van), np.ix_(at, at)
    costs = np.rint(ways.metres[square] * (van.cost_per_km / 1000)).astype(np.int64)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(costs.tolist()))
    rooms = [vehicle.capacity for vehicle in problem.vehicles]
    for dimension, name in enumerate(problem.dimensions):
        loads = model.RegisterUnaryTransitVector([0, *(call.deliver[dimension] for call in calls)])
        model.AddDimensionWithVehicleCapacity(loads, 0, [room[dimension] for room in rooms], True, name)
    if van.shift[1] < NO_TIMES:
        _times(model, manager, problem, ways.seconds[square])
    best = float("inf")

    def listen() -> None:
        nonlocal best
        price = model.CostVar().Min()
        if price < best:
            best = price
            say(_routes(model, manager, problem))

    return model, listen


def _times(
    model: "pywrapcp.RoutingModel", manager: "pywrapcp.RoutingIndexManager", problem: Problem, seconds: NDArray[np.int64]
) -> None:
    """Add opening hours."""
    opens, closes = problem.vehicles[0].shift
    service = np.array([0, *(call.service for call in problem.calls)])
    transit = model.RegisterTransitMatrix((seconds + service[:, None]).tolist())
    model.AddDimension(transit, closes, closes, False, "time")
    time = model.GetDimensionOrDie("time")
    for node, call in enumerate(problem.calls, 1):
        first, last = call.windows[0]
        time.CumulVar(manager.NodeToIndex(node)).SetRange(first, min(last, closes))
    for index in range(len(problem.vehicles)):
        time.CumulVar(model.Start(index)).SetRange(opens, closes)
        time.CumulVar(model.End(index)).SetRange(opens, closes)


def _routes(model: "pywrapcp.RoutingModel", manager: "pywrapcp.RoutingIndexManager", problem: Problem) -> Sequences:
    """Read the running search's plan."""
    found: dict[str, list[str]] = {}
    for index, vehicle in enumerate(problem.vehicles):
        at = model.NextVar(model.Start(index)).Value()
        while not model.IsEnd(at):
            found.setdefault(vehicle.id, []).append(problem.calls[manager.IndexToNode(at) - 1].id)
            at = model.NextVar(at).Value()
    return found
