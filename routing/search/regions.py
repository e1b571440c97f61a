"""Cuts a large day into parts that are searched by themselves, and puts what was found back.

Routes lie around the centre like slices: neighbouring slices make a part, and the next cut begins at another angle, so that
every seam comes to lie inside a part.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from math import atan2, tau
from typing import Any

import numpy as np

from routing.problem import Call, Problem, Route, Solution, Vehicle, Ways

CALLS = 200
"""Calls of a part, about: a size at which the local search still finds much in a few seconds."""


def parts(problem: Problem, solution: Solution, turn: float, size: int = CALLS) -> list[Problem]:
    """Cut a day along a plan into parts of about `size` calls, the first slice `turn` of a whole turn from the east."""
    middle = _middle(problem)
    spare = [vehicle for vehicle in problem.vehicles if vehicle.id not in {route.vehicle for route in solution.routes}]
    slices = sorted((_angle(problem, route.calls, middle, turn), route.vehicle, route.calls) for route in solution.routes)
    count = max(1, round(len(problem.calls) / size))
    groups: list[tuple[list[str], list[str]]] = [([], []) for _ in range(count)]
    served = 0
    total = max(1, sum(len(calls) for _, _, calls in slices))
    for _, vehicle, calls in slices:
        vehicles, held = groups[min(count - 1, served * count // total)]
        vehicles.append(vehicle)
        held.extend(calls)
        served += len(calls)
    angles = [_angle(problem, held, middle, turn) for _, held in groups]
    for group in _nearest_group(problem, solution.left_out, middle, turn, angles):
        groups[group[0]][1].append(group[1])
    for number, idle in enumerate(spare):
        groups[number % count][0].append(idle.id)
    return [restrict(problem, set(held), set(vehicles)) for vehicles, held in groups if held and vehicles]


def restrict(problem: Problem, calls: Collection[str], vehicles: Collection[str]) -> Problem:
    """Give the part of a day that some calls and vehicles make, with the places they need."""
    kept = [_among(call, vehicles) for call in problem.calls if call.id in calls]
    vans = [vehicle for vehicle in problem.vehicles if vehicle.id in vehicles]
    needed = {call.place for call in kept}
    needed |= {place for van in vans for place in (van.start, van.end, *(centre.place for centre in van.centres))}
    order = sorted(needed)
    new = {place: number for number, place in enumerate(order)}
    grid = np.ix_(order, order)
    return replace(
        problem,
        places=tuple(problem.places[place] for place in order),
        calls=tuple(replace(call, place=new[call.place]) for call in kept),
        vehicles=tuple(_moved(van, new) for van in vans),
        seconds=problem.seconds[grid],
        metres=problem.metres[grid],
        others=tuple(Ways(ways.seconds[grid], ways.metres[grid]) for ways in problem.others),
        shipments=tuple(shipment for shipment in problem.shipments if shipment.taken in calls and shipment.left in calls),
        apart=tuple(group & frozenset(calls) for group in problem.apart),
        balance_per_hour=0,
    )


def restored(problem: Problem, part: Problem, routes: Sequence[Route]) -> list[Route]:
    """Give the routes of a part with the day's own places."""
    found = []
    for route in routes:
        vehicle, own = part.vehicle[route.vehicle], problem.vehicle[route.vehicle]
        place = {mine.place: theirs.place for mine, theirs in zip(vehicle.centres, own.centres, strict=True)}
        found.append(replace(route, unloads=tuple(replace(unload, place=place[unload.place]) for unload in route.unloads)))
    return found


def within(part: Problem, solution: Solution, place_of: Problem) -> list[Route]:
    """Give a plan's routes that belong to a part, with the part's places."""
    return restored(part, place_of, [route for route in solution.routes if route.vehicle in part.vehicle])


def _among(call: Call, vehicles: Collection[str]) -> Call:
    """Give a call without what it says of vehicles that are not here."""
    if call.vehicles is not None:
        call = replace(call, vehicles=call.vehicles & frozenset(vehicles))
    return call


def _moved(vehicle: Vehicle, new: dict[int, int]) -> Vehicle:
    centres = tuple(replace(centre, place=new[centre.place]) for centre in vehicle.centres)
    return replace(vehicle, start=new[vehicle.start], end=new[vehicle.end], centres=centres)


def _middle(problem: Problem) -> "np.ndarray[Any, Any]":
    """Give the middle of the places where vehicles start."""
    starts = [problem.places[vehicle.start] for vehicle in problem.vehicles]
    middle: np.ndarray[Any, Any] = np.array([[place.lon, place.lat] for place in starts]).mean(0)
    return middle


def _angle(problem: Problem, calls: Sequence[str], middle: "np.ndarray[Any, Any]", turn: float) -> float:
    """Give where calls lie around the middle, in turns from 0 to 1."""
    if not calls:
        return 0.0
    places = [problem.places[problem.call[call].place] for call in calls]
    away = np.array([[place.lon, place.lat] for place in places]).mean(0) - middle
    return float((atan2(away[1], away[0]) / tau - turn) % 1.0)


def _nearest_group(
    problem: Problem, left_out: Sequence[str], middle: "np.ndarray[Any, Any]", turn: float, angles: Sequence[float]
) -> list[tuple[int, str]]:
    """Give for each call in no route the group it lies in."""
    found = []
    for call in left_out:
        angle = _angle(problem, [call], middle, turn)
        gaps = [min(abs(angle - other), 1 - abs(angle - other)) for other in angles]
        found.append((gaps.index(min(gaps)), call))
    return found
