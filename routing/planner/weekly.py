"""Proposes for which of the coming days each call is, so that the vans that go out are full.

Nothing is decided by it: a proposal is kept with the search that was asked for, and somebody accepts it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import due, routes
from bottles.db import transaction
from bottles.pickups import Pickup
from bottles.routes import Task

from .. import week
from ..problem import Problem, Solution
from ..week import Movable
from .asking import Asked, Day, asked, clock
from .planning import with_ways
from .settings import Settings, Solver


@dataclass(frozen=True)
class Week:
    """What is asked of some days: each day by itself, and the days on which each task may be done, by number."""

    days: Sequence[Asked]
    may: Mapping[int, tuple[int, ...]]

    def movables(self) -> list[Movable]:
        """Give the calls with their days, each at what it has come to cost by its last: it can wait no longer than that."""
        priced = [{call.id: call for call in day.calls} for day in self.days]
        return [Movable(priced[may[-1]][call.id], may) for call in self.days[0].calls if (may := self.may[int(call.id)])]


def propose_week(engine: Engine, days: Sequence[date], settings: Settings, solve: Solver, *, at: datetime) -> dict[str, Any]:
    """Choose a day for each call among some days, and give the routes that each of them would have.

    Returns
    -------
    dict
        `days`: for each day its `day`, `metres` and `routes` (vehicle, departs, returns, metres, peak_crates,
        peak_grams, tasks in order); `left`: tasks that no day takes; `saw`: what each task asked for; `estimated`.
    """
    with transaction(engine) as session:
        known = read_week(session, days, settings, at=at)
    whole = with_ways(known.days[0], settings)
    plans = plan(known, whole, solve)
    zone = ZoneInfo(settings.zone)
    answered = {int(call) for solution in plans.values() for route in solution.routes for call in route.calls}
    return {
        "days": [_told(asked, plans[number], zone) for number, asked in enumerate(known.days)],
        "left": sorted(known.may.keys() - answered),
        "saw": dict(whole.saw),
        "estimated": whole.estimated,
    }


def plan(known: Week, whole: Day, solve: Solver) -> dict[int, Solution]:
    """Plan the days one after the other, each with its own opening hours and what is fixed for it."""
    calls_of = [{call.id: call for call in day.calls} for day in known.days]
    profiles = {van.id: van.profile for van in whole.problem.vehicles}

    def one(question: Problem, number: int) -> Solution:
        if not question.calls:
            return Solution((), (), 0)
        own = calls_of[number]
        # a call whose last day has come is worth what its kind is, as on any other day
        calls = [own[call.id] if call.prize is None else replace(own[call.id], prize=call.prize) for call in question.calls]
        vans = tuple(replace(van, profile=profiles[van.id]) for van in known.days[number].vans)
        return solve(replace(question, calls=tuple(calls), vehicles=vans))

    return week.plan(whole.problem, known.movables(), range(len(known.days)), one)


def read_week(session: Session, days: Sequence[date], settings: Settings, *, at: datetime) -> Week:
    """Read what may be done on some days, in order, whatever days were chosen before."""
    routes.gather(session, at=at)
    today = at.astimezone(ZoneInfo(settings.zone)).date()
    tasks = due.free(session, days[-1], today=today)
    lasts = _lasts(session, tasks)
    read = [asked(session, day, tasks, settings) for day in days]
    open_on = [{call.id for call in day.calls if call.windows} for day in read]
    may = {}
    for task in tasks:
        opens = [number for number in range(len(days)) if str(task.id) in open_on[number] and task.ready_from <= days[number]]
        # what was fixed for a day is meant for it, whatever other day would do
        opens = [number for number in opens if task.point in read[number].held] or opens
        last = lasts.get(task.id or 0) or task.ready_from + timedelta(days=settings.patience)
        # who is late already goes first
        may[task.id or 0] = tuple(number for number in opens if days[number] <= last) or tuple(opens[:1])
    kept = [replace(day, calls=tuple(call for call in day.calls if may[int(call.id)])) for day in read]
    asks = {int(call.id) for call in read[0].calls}
    return Week(kept, {task: numbers for task, numbers in may.items() if task in asks})


def _lasts(session: Session, tasks: Sequence[Task]) -> dict[int, date]:
    """Give the last day that was asked for, by task; a delivery is promised for one day."""
    wanted = select(Pickup).where(col(Pickup.id).in_([task.pickup for task in tasks if task.pickup]))
    by = {pickup.id: pickup.wanted_by for pickup in session.exec(wanted)}
    lasts = {task.id or 0: by.get(task.pickup) for task in tasks if task.pickup}
    lasts |= {task.id or 0: task.ready_from for task in tasks if task.order}
    return {task: last for task, last in lasts.items() if last}


def _told(asked: Asked, solution: Solution, zone: ZoneInfo) -> dict[str, Any]:
    """Write a day of the proposal down as plain values."""
    return {
        "day": asked.day.isoformat(),
        "metres": sum(route.metres for route in solution.routes),
        "routes": [
            {
                "vehicle": route.vehicle,
                "departs": clock(asked.day, route.departure, zone).isoformat(),
                "returns": clock(asked.day, route.finish, zone).isoformat(),
                "metres": route.metres,
                "peak_crates": route.peak[0],
                "peak_grams": route.peak[1],
                "tasks": [int(call) for call in route.calls],
            }
            for route in solution.routes
            if route.visits
        ],
    }
