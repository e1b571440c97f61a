"""A problem in VROOM's words, and its routes in ours."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from time import monotonic
from typing import Any

import numpy as np

from routing.bench.questions import Question
from routing.insertion import Sequences
from routing.problem import LONGEST, NO_RESTS, Call, Problem, Vehicle

EXPLORATION = 5
"""The most thorough of VROOM's levels."""

THREADS = 2

PRIORITIES = 100
"""VROOM's highest priority; a call with a prize has one by its prize, one without has this."""


def unknown(problem: Problem) -> list[str]:
    """List the problem's rules that VROOM does not know, or knows otherwise."""
    vehicles, calls = problem.vehicles, problem.calls
    rules = {
        "unloading on the way": any(vehicle.unloads for vehicle in vehicles),
        "rests or longest days of ours": any(vehicle.rests != NO_RESTS for vehicle in vehicles),
        "overtime": any(vehicle.overtime for vehicle in vehicles),
        "clean before dirty": any(not vehicle.mixed for vehicle in vehicles),
        "vehicle under way": any(vehicle.under_way is not None for vehicle in vehicles),
        "release": any(call.release for call in calls),
        "set-up inside the window": any(call.setup for call in calls),
        "place in a route": any(call.position is not None for call in calls),
        "price of moving a call": any(call.moving_cost for call in calls),
        "shipment of ours": bool(problem.shipments),
        "groups apart": bool(problem.apart),
        "balance": bool(problem.balance_per_hour),
        "vehicle paid by the hour": any(vehicle.cost_per_hour for vehicle in vehicles),
    }
    return [rule for rule, there in rules.items() if there]


def vroom(question: Question, say: Callable[[object], None]) -> None:
    """Ask VROOM, with its most thorough search on two threads, until the time is up or it thinks it is done."""
    began = monotonic()
    problem = question.problem
    asked = _input(problem)
    left = max(0.1, question.seconds - (monotonic() - began))
    answer = asked.solve(EXPLORATION, THREADS, timedelta(milliseconds=round(1000 * left)))
    say(_sequences(problem, answer.routes))


def _engine() -> Any:
    """Load pyvroom, which has no types and need not be there."""
    return import_module("vroom")


def _input(problem: Problem) -> Any:
    """Write the problem."""
    engine = _engine()

    asked = engine.Input()
    for name, (vehicle, seconds, metres) in _profiles(problem).items():
        asked.set_durations_matrix(name, np.minimum(seconds, LONGEST).astype(np.uint32))
        asked.set_costs_matrix(name, np.rint(metres * (vehicle.cost_per_km / 1000)).clip(0, LONGEST).astype(np.uint32))
    skills = _skills(problem)
    ends = max(vehicle.latest for vehicle in problem.vehicles)
    top = max((call.prize or 0 for call in problem.calls), default=0)
    asked.add_vehicle([_vehicle(problem, number, skills, ends) for number in range(len(problem.vehicles))])
    asked.add_job([_job(number, call, skills, ends, top) for number, call in enumerate(problem.calls)])
    return asked


def _profile(vehicle: Vehicle) -> str:
    return f"{vehicle.profile} at {vehicle.cost_per_km}"


def _profiles(problem: Problem) -> dict[str, tuple[Vehicle, Any, Any]]:
    """Give the ways and prices by name."""
    found: dict[str, tuple[Vehicle, Any, Any]] = {}
    for vehicle in problem.vehicles:
        ways = problem.ways(vehicle)
        found[_profile(vehicle)] = (vehicle, ways.seconds, ways.metres)
    return found


def _skills(problem: Problem) -> dict[str, int]:
    """Give numbers to the tags, and the calls that only some vehicles may answer."""
    names = sorted({tag for call in problem.calls for tag in call.tags})
    names += [f"call {call.id}" for call in problem.calls if call.vehicles is not None]
    return {name: number for number, name in enumerate(names, 1)}


def _vehicle(problem: Problem, number: int, skills: dict[str, int], ends: int) -> Any:
    engine = _engine()

    vehicle = problem.vehicles[number]
    able = {skills[tag] for tag in vehicle.tags if tag in skills}
    able |= {skills[f"call {call.id}"] for call in problem.calls if call.vehicles is not None and vehicle.id in call.vehicles}
    timed = vehicle.shift[0] > 0 or vehicle.latest < ends or any(call.windows != ((0, ends),) for call in problem.calls)
    return engine.Vehicle(
        number,
        vehicle.start,
        vehicle.end,
        _profile(vehicle),
        vehicle.capacity,
        able,
        # a day without hours is told so: VROOM then searches by other heuristics
        engine.TimeWindow(vehicle.shift[0], vehicle.latest) if timed else None,
        costs=engine.VehicleCosts(fixed=vehicle.fixed_cost),
    )


def _job(number: int, call: Call, skills: dict[str, int], ends: int, top: int) -> Any:
    engine = _engine()

    needed = {skills[tag] for tag in call.tags} | ({skills[f"call {call.id}"]} if call.vehicles is not None else set())
    windows = [engine.TimeWindow(*window) for window in call.windows if window[0] > 0 or window[1] < ends]
    return engine.Job(
        number,
        call.place,
        default_service=call.service,
        delivery=list(call.deliver),
        pickup=list(call.collect),
        skills=needed,
        priority=PRIORITIES if call.prize is None else (PRIORITIES - 1) * call.prize // max(1, top),
        time_windows=windows,
    )


def _sequences(problem: Problem, routes: Any) -> Sequences:
    """Read VROOM's table of steps."""
    found: dict[str, list[str]] = {}
    for vehicle, kind, number in zip(routes["vehicle_id"], routes["type"], routes["id"], strict=True):
        if kind == "job":
            found.setdefault(problem.vehicles[int(vehicle)].id, []).append(problem.calls[int(number)].id)
    return found
