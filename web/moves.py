"""What a plan version changes of another: stops that ride elsewhere, are new, are dropped, or come at another hour."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import routes
from bottles.routes import Plan, PlanStatus, Route, Stop, StopTask, Visit
from bottles.vehicles import Vehicle
from routing.replan import difference

from . import formats
from .planned import Call, minute, read_calls

Starts = dict[str, tuple[str, int]]
"""Vehicle and second of the day at which each task's stop starts."""


@dataclass(frozen=True)
class Move:
    """One stop, by one of its calls, and how it is changed: kind is moved, added, dropped, later or sooner."""

    kind: str
    call: Call
    values: dict[str, Any]

    @property
    def says(self) -> str:
        """Say the change."""
        sentences = {
            "moved": gettext("rides with %(after)s instead of %(before)s"),
            "added": gettext("is new, on %(after)s"),
            "dropped": gettext("is on no route any more"),
            "later": gettext("comes %(time)s later"),
            "sooner": gettext("comes %(time)s sooner"),
        }
        return str(sentences[self.kind]) % self.values


def base(session: Session, plan: Plan) -> Plan | None:
    """Return the version a plan is held against: the one it goes on from, else for a draft the one that stands."""
    if plan.follows is not None:
        return session.exec(select(Plan).where(Plan.day == plan.day, Plan.version == plan.follows)).first()
    standing = routes.published(session, plan.day)
    return standing if plan.status is PlanStatus.DRAFT else None


def between(session: Session, before: Plan, after: Plan) -> list[Move]:
    """List what a version changes of another, stops in their order on it; what was done by then is no change."""
    old, new = _starts(session, before), _starts(session, after)
    done = set(session.exec(select(Visit.task).where(Visit.plan == before.id, col(Visit.outcome).is_not(None))))
    change = difference({task: old[task] for task in old if int(task) not in done}, new)
    names = {vehicle.id: vehicle.name for vehicle in session.exec(select(Vehicle))}
    found: list[tuple[str, str, dict[str, Any]]] = [
        *(("moved", task, {"before": names[was], "after": names[now]}) for task, (was, now) in change.moved.items()),
        *(("added", task, {"after": names[now]}) for task, now in change.added.items()),
        *(("dropped", task, {}) for task in change.dropped),
        *(
            ("later" if seconds > 0 else "sooner", task, {"time": formats.duration(abs(seconds))})
            for task, seconds in change.shifted.items()
        ),
    ]
    calls = read_calls(session, before, (int(task) for _, task, _ in found)) | read_calls(
        session, after, (int(task) for _, task, _ in found if task in new)
    )
    return _by_stop([Move(kind, calls[int(task)], values) for kind, task, values in found if int(task) in calls])


def _by_stop(moves: Iterable[Move]) -> list[Move]:
    """Keep one of the calls that one place's stop answers together: what is changed for both is one change."""
    kept: dict[Hashable, Move] = {}
    for move in moves:
        kept.setdefault((move.kind, move.call.partner, move.call.point.id, *move.values.values()), move)
    return list(kept.values())


def _starts(session: Session, plan: Plan) -> Starts:
    query = (
        select(StopTask.task, Route.vehicle, Stop.starts)
        .join(Stop, col(Stop.id) == col(StopTask.stop))
        .join(Route, col(Route.id) == col(Stop.route))
        .where(Route.plan == plan.id)
        .order_by(col(Route.id), col(Stop.position))
    )
    return {str(task): (vehicle, round(minute(starts) * 60)) for task, vehicle, starts in session.exec(query)}
