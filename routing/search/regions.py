"""Cuts a large day into parts that are searched by themselves, and puts what was found back.

Routes lie around the centre like slices: neighbouring slices make a part, and the next cut begins at another angle, so that
every seam comes to lie inside a part.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from math import atan2, tau
from typing import Any

import numpy as np

from routing.problem import Call, Problem, Route, Solution, Vehicle, Ways

CALLS = 110
"""Calls of a part, about: what the local search brings down furthest in a few seconds (docs/routes-mix.md)."""


def parts(problem: Problem, solution: Solution, turn: float, size: int | None = None) -> list[Problem]:
    """Cut a day along a plan into parts of about `size` calls (`CALLS`), the first slice `turn` of a whole turn from the east.

    A route is cut nowhere, nor are calls in no route that a shipment joins. Vehicles that stay at home go where most calls
    are in no route, those of each kind by turns.
    """
    middle = _middle(problem)
    slices: list[tuple[float, str | None, tuple[str, ...]]] = [
        (_angle(problem, route.calls, middle, turn), route.vehicle, route.calls) for route in solution.routes
    ]
    slices += [(_angle(problem, item, middle, turn), None, item) for item in _waiting(problem, solution)]
    count = max(1, min(round(len(problem.calls) / (size or CALLS)), len(problem.vehicles)))
    groups = [Group() for _ in range(count)]
    total, served = max(1, len(problem.calls)), 0
    for _, vehicle, calls in sorted(slices, key=lambda slice_: (slice_[0], slice_[2])):
        groups[min(count - 1, served * count // total)].take(vehicle, calls)
        served += len(calls)
    for idle, group in zip(_idle(problem, solution), cycle(sorted(groups, key=lambda group: -group.waiting)), strict=False):
        group.vehicles.append(idle.id)
    return [restrict(problem, set(group.calls), set(group.vehicles)) for group in groups if group.calls and group.vehicles]


@dataclass(slots=True)
class Group:
    """What makes a part: vehicles, calls, and how many of those are in no route."""

    vehicles: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    waiting: int = 0

    def take(self, vehicle: str | None, calls: Sequence[str]) -> None:
        """Take in a route, or calls in none."""
        self.calls.extend(calls)
        if vehicle is None:
            self.waiting += len(calls)
        else:
            self.vehicles.append(vehicle)


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


def _waiting(problem: Problem, solution: Solution) -> list[tuple[str, ...]]:
    """Give the calls in no route, those of a shipment together."""
    found: list[tuple[str, ...]] = []
    for call in solution.left_out:
        shipment = problem.shipment.get(call)
        if shipment is None or shipment.taken == call:
            found.append((call,) if shipment is None else (call, shipment.left))
    return found


def _idle(problem: Problem, solution: Solution) -> list[Vehicle]:
    """Give the vehicles that stay at home, kind by kind."""
    out = {route.vehicle for route in solution.routes}
    kinds: dict[Vehicle, list[Vehicle]] = {}
    for vehicle in problem.vehicles:
        if vehicle.id not in out:
            kinds.setdefault(replace(vehicle, id=""), []).append(vehicle)
    return [vehicle for alike in kinds.values() for vehicle in alike]
