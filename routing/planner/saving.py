"""Writes a solution down as the day's next plan version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from bottles.db import one_by_one
from bottles.errors import say
from bottles.routes import Plan, Route, Stop, StopTask

from .. import explain, problem
from ..problem import Solution
from .asking import Day, clock


@dataclass(frozen=True, slots=True)
class Follows:
    """The version that a plan goes on from, and how many stops each vehicle has behind it."""

    version: int
    stops: Mapping[str, int]


FITTING = frozenset({"not_worth", "search_longer"})
"""Reasons of calls that a vehicle of this day could answer."""

_ID = explain.SENTENCES
AGREED = {
    _ID["closed_before"]: say(
        "Nobody can be there in the hours agreed; until %(until)s it would fit, +%(minutes)s on %(vehicle)s."
    ),
    _ID["open_longer"]: say("Agreed for %(hours)s; until %(until)s it would fit, +%(minutes)s on %(vehicle)s."),
    _ID["open_sooner"]: say("Agreed for %(hours)s; from %(since)s it would fit, +%(minutes)s on %(vehicle)s."),
    _ID["window_missed"]: say("Agreed for %(hours)s; a vehicle could only be there between %(earliest)s and %(latest)s."),
    _ID["window_moment"]: say("Agreed for %(hours)s; a vehicle could only be there at %(earliest)s."),
}
"""What is said of hours that were agreed, by what is said of opening hours."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why calls are left out, message id and values by call, what the whole day lacks, and what else is to be said."""

    reasons: Mapping[str, tuple[str, Mapping[str, str]]]
    shortage: Mapping[str, Any]
    notes: Sequence[Mapping[str, Any]] = ()


def told(asked: Day, solution: Solution) -> LeftOut:
    """Give the reason for each call left out and the shortage, as the page shows them."""
    reasons = explain.reasons(asked.problem, solution)
    # who has room for a call and does not go for it lacks nothing
    short = tuple(call for call, reason in reasons.items() if reason.code not in FITTING)
    lacks = _lacks(asked, replace(solution, left_out=short))
    said = {call: explain.sentence(reason) for call, reason in reasons.items()}
    return LeftOut(
        {call: (_as_agreed(asked, call, message), in_words(asked, values)) for call, (message, values) in said.items()}, lacks
    )


def _as_agreed(asked: Day, call: str, message: str) -> str:
    """Speak of agreed hours where these keep a call from being answered: the point itself may well be open."""
    lock = asked.held.get(asked.tasks[int(call)].point)
    return AGREED.get(message, message) if lock and lock.hours else message


def _lacks(asked: Day, solution: Solution) -> dict[str, Any]:
    lack = explain.shortage(asked.problem, solution)
    if lack is None:
        return {}
    vehicle = asked.vehicles[lack.vehicle].name
    return {"seconds": lack.seconds, "half_days": lack.half_days, "vehicle": vehicle, "calls": len(lack.calls)}


def in_words(asked: Day, values: Mapping[str, str]) -> dict[str, str]:
    """Call vehicles by their names, and turn grams into kilograms: the model counts the ones, the coordinator the others."""
    shown = dict(values)
    for name in {"vehicle", "locked"} & shown.keys():
        keys = shown[name].split(", ")
        shown[name] = ", ".join(asked.vehicles[key].name if key in asked.vehicles else key for key in keys)
    if shown.get("dimension") == "grams":
        shown |= {name: str(-(-int(text) // 1000)) for name, text in values.items() if name in explain.LOADS}
        shown["dimension"] = "kg"
    return shown


def save(
    session: Session,
    asked: Day,
    solution: Solution,
    left_out: LeftOut,
    zone: ZoneInfo,
    *,
    follows: Follows | None = None,
    made_by: int | None,
    at: datetime,
) -> int:
    """Write a solution down as the day's next version; who has done nothing and has nothing to do has no route."""
    # two who plan a day at once would both make the next version
    one_by_one(session, "plans")
    last = session.scalar(sa.select(sa.func.max(Plan.version)).where(col(Plan.day) == asked.day)) or 0
    entries: list[dict[str, Any]] = [
        {"task": int(call), "message": message, "values": dict(values)}
        for call, (message, values) in sorted(left_out.reasons.items(), key=lambda entry: int(entry[0]))
    ]
    plan = Plan(
        day=asked.day,
        version=last + 1,
        cost=solution.cost,
        metres=sum(route.metres for route in solution.routes),
        seconds=sum(route.finish - route.departure for route in solution.routes),
        estimated=asked.estimated,
        left_out=entries,
        shortage=dict(left_out.shortage),
        saw=dict(asked.saw),
        notes=[dict(note) for note in left_out.notes],
        follows=follows.version if follows else None,
        made_by=made_by,
        made_at=at,
    )
    session.add(plan)
    session.flush()
    for route in solution.routes:
        first = follows.stops.get(route.vehicle, 0) if follows else 0
        if route.visits or first:
            _save_route(session, plan.id or 0, asked, route, zone, first)
    session.flush()
    return plan.id or 0


def _save_route(session: Session, plan: int, asked: Day, route: problem.Route, zone: ZoneInfo, first: int) -> None:
    def moment(second: int) -> datetime:
        return clock(asked.day, second, zone)

    row = Route(
        plan=plan,
        vehicle=route.vehicle,
        driver=asked.vehicles[route.vehicle].driver,
        departs=moment(route.departure),
        returns=moment(route.finish),
        metres=route.metres,
        driving_seconds=route.seconds_driving,
        peak_crates=route.peak[0],
        peak_grams=route.peak[1],
        break_at=moment(route.pauses[0][0]) if route.pauses else None,
        pauses=[[moment(begins).isoformat(), moment(ends).isoformat()] for begins, ends in route.pauses],
    )
    session.add(row)
    session.flush()
    row.unloads = _save_stops(session, row.id or 0, asked, route, zone, first)
    session.add(row)


def _save_stops(
    session: Session, row: int, asked: Day, route: problem.Route, zone: ZoneInfo, first: int
) -> list[dict[str, Any]]:
    """Write the stops, counted on from `first`, calls at one point in a row as one; give the unloadings between them."""
    unloads: list[dict[str, Any]] = []
    stop: Stop | None = None
    position = first
    for number, visit in enumerate(route.visits):
        task = asked.tasks[int(visit.call)]
        before = _unloads(asked, route, number, position, zone)
        unloads += before
        if stop is None or stop.point != task.point or before:
            position += 1
            arrives, starts, leaves = (clock(asked.day, at, zone) for at in (visit.arrival, visit.start, visit.end))
            stop = Stop(route=row, position=position, point=task.point, arrives=arrives, starts=starts, leaves=leaves)
            session.add(stop)
            session.flush()
        stop.leaves = clock(asked.day, visit.end, zone)
        session.add(StopTask(stop=stop.id or 0, task=task.id or 0))
    return unloads + _unloads(asked, route, len(route.visits), position, zone)


def _unloads(asked: Day, route: problem.Route, visits: int, position: int, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Give the unloadings after so many visits, which are so many stops."""
    return [
        {
            "after": position,
            "arrives": clock(asked.day, unload.arrival, zone).isoformat(),
            "starts": clock(asked.day, unload.start, zone).isoformat(),
            "leaves": clock(asked.day, unload.end, zone).isoformat(),
        }
        for unload in route.unloads
        if unload.after == visits
    ]
