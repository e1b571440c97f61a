"""What moved since a plan was made, call by call, so that somebody can decide whether to plan again."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, select

from bottles import due, locks, routes
from bottles.routes import Plan, PlanStatus, Task, Visit

from . import asked
from .names import beside
from .planned import read_calls


class ChangeKind(StrEnum):
    """How a call moved since the plan was made."""

    NEW = "new"
    CLOSED = "closed"
    ELSEWHERE = "elsewhere"
    OTHER = "other"
    FIXED = "fixed"


@dataclass(frozen=True)
class Change:
    """A call that is not what the plan saw."""

    kind: ChangeKind
    partner: str
    where: str


def since(session: Session, plan: Plan, *, today: date) -> list[Change]:
    """Return what changed since a plan was made; what was done under it is no change."""
    if plan.status is PlanStatus.SUPERSEDED:
        return []
    moved = set(due.changes_since(session, plan, today=today)) - _done_under(session, plan)
    rows = asked.due(session, plan.day, today=today)
    # a call asked for after the plan has no task before the next planning gathers it
    new = [row for row in rows if row.task is None or (row.task in moved and str(row.task) not in plan.saw)]
    open_now = {row.task for row in rows}
    known = read_calls(session, plan, (task for task in moved if str(task) in plan.saw))
    elsewhere = {task.id for task in routes.open_tasks(session) if task.day not in (None, plan.day)}
    changes = [Change(ChangeKind.NEW, row.partner_name, row.where) for row in new]
    for task, call in sorted(known.items()):
        gone = ChangeKind.ELSEWHERE if task in elsewhere else ChangeKind.CLOSED
        kind = ChangeKind.OTHER if task in open_now else gone
        changes.append(Change(kind, call.partner, call.where))
    here = {row.point.id for row in rows} | _points_of(session, plan)
    fixed = [(point, partner) for point, partner in locks.since(session, plan) if point.id in here]
    return changes + [Change(ChangeKind.FIXED, partner, beside(partner, point)) for point, partner in fixed]


def _points_of(session: Session, plan: Plan) -> set[str]:
    """Return the points of what a plan was made for."""
    return set(session.exec(select(Task.point).where(col(Task.id).in_([int(task) for task in plan.saw]))))


def _done_under(session: Session, plan: Plan) -> set[int]:
    return set(session.exec(select(Visit.task).where(Visit.plan == plan.id)))
