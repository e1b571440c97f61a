"""Solution files of the public collections: `Route #1: 3 0 5`, and what the plan costs."""

from collections.abc import Mapping
from dataclasses import dataclass

import vrplib.parse  # type: ignore[import-untyped] # has no types

from routing.formats import demand, shown
from routing.problem import Centre, Problem, Solution
from routing.schedule import Misfit, assemble, schedule

Plan = Mapping[str, list[str | Centre]]


@dataclass(frozen=True)
class Known:
    """A published plan: call ids by vehicle, a centre where it loads anew, and its cost in our units where it is told."""

    sequences: Plan
    cost: int | None


def known_of(text: str, problem: Problem, scale: int) -> Known:
    """Read a solution file for its problem; the first route is that of the first vehicle.

    Raises
    ------
    ValueError
        With a sentence naming what was expected.
    """
    try:
        found = vrplib.parse.parse_solution(text)
    except (ValueError, IndexError) as error:
        raise ValueError(f"the file is no solution: {error}") from error
    routes = found["routes"]
    demand(bool(routes), "the file is no solution: expected lines as Route #1: 4 7 2")
    demand(len(routes) <= len(problem.vehicles), f"{len(routes)} routes, and {len(problem.vehicles)} vehicles")
    sequences = {
        vehicle.id: [_stop(problem, vehicle.centres, stop) for stop in route]
        for vehicle, route in zip(problem.vehicles, routes, strict=False)
        if route
    }
    return Known(sequences, _cost(found.get("cost"), scale))


def _stop(problem: Problem, centres: tuple[Centre, ...], number: int) -> str | Centre:
    """Give the call of this number, or the centre."""
    if str(number) in problem.call:
        return str(number)
    centre = next((centre for centre in centres if centre.place == number), None)
    demand(centre is not None, f"route: {number} is no call, and no centre of its vehicle")
    return centre  # type: ignore[return-value] # demanded above


def _cost(cost: object, scale: int) -> int | None:
    """Give the cost in our units: whole numbers are in them already, others in the file's."""
    if cost is None:
        return None
    demand(type(cost) in (int, float), f"Cost: expected a number, got {shown(cost)}")
    return cost if isinstance(cost, int) else round(float(cost) * scale)  # type: ignore[arg-type] # demanded above


def solution_of(problem: Problem, known: Known) -> Solution:
    """Time a published plan.

    Raises
    ------
    ValueError
        A route is not legal.
    """
    routes = []
    for vehicle, stops in known.sequences.items():
        route = schedule(problem, problem.vehicle[vehicle], stops)
        demand(not isinstance(route, Misfit), f"vehicle {vehicle}: its route is not legal: {route}")
        routes.append(route)
    return assemble(problem, routes)  # type: ignore[arg-type] # no misfit is left
