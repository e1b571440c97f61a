"""What is due on which day: open tasks, the days chosen for them, and what has changed since a plan was made."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from .routes import Outcome, Plan, PlanStatus, Route, Stop, StopTask, Task, Visit, loads, open_tasks


def on(session: Session, day: date, *, today: date) -> list[Task]:
    """List the open tasks a plan for a day has to answer: ready by then, on no route that still goes out before it.

    One that waits for a day of its own is not among them.
    """
    planned = standing(session, after=today)
    ready = free(session, day, today=today, before=day)
    return [task for task in ready if not _waits(task, day, today, planned)]


def standing(session: Session, *, after: date) -> set[date]:
    """Return the days after one for which a plan stands."""
    return {plan.day for plan in session.exec(select(Plan).where(Plan.status == PlanStatus.PUBLISHED, Plan.day > after))}


def _waits(task: Task, day: date, today: date, planned: Collection[date]) -> bool:
    """Say whether a task is for another day to come; one that its own day's plan has left out is for any."""
    if task.day is None or task.day == day:
        return False
    return task.day > day or (task.day > today and task.day not in planned)


def free(session: Session, last: date, *, today: date, before: date | None = None) -> list[Task]:
    """List the open tasks that are ready by a day and on no route that still goes out, or none that does before a day."""
    promised = _going_out(today) if before is None else _going_out(today).where(Plan.day < before)
    taken = {task for task, _ in session.exec(promised)}
    return [task for task in open_tasks(session) if task.ready_from <= last and task.id not in taken]


def also_on(session: Session, plan: Plan, *, today: date) -> dict[date, int]:
    """Count the tasks of a plan that published plans of other days have on their routes too, by those days."""
    own = set(session.exec(select(StopTask.task).join(Stop).join(Route).where(Route.plan == plan.id)))
    others = session.exec(_going_out(today).where(Plan.day != plan.day).order_by(col(Plan.day)))
    return dict(Counter(day for task, day in others if task in own))


def _going_out(today: date) -> Select[int, date]:
    """Select the tasks on routes that still go out, not done yet, with the day."""
    return (
        select(col(StopTask.task), col(Plan.day))
        .join(Stop)
        .join(Route)
        .join(Plan)
        .outerjoin(Visit, sa.and_(col(Visit.task) == col(StopTask.task), col(Visit.plan) == col(Plan.id)))
        .where(Plan.status == PlanStatus.PUBLISHED, Plan.day >= today)
        .where(sa.or_(col(Visit.outcome).is_(None), col(Visit.outcome) == Outcome.REACHED))
    )


def choose_days(session: Session, days: Mapping[int, date | None]) -> int:
    """Give tasks the day they are for, or none; return how many are still open and took it."""
    known = [task for task in open_tasks(session) if task.id in days]
    for task in known:
        task.day = days[task.id or 0]
    return len(known)


def changes_since(session: Session, plan: Plan, *, today: date) -> list[int]:
    """Return the tasks that have changed since a plan was made: closed, new, or asking for something else."""
    tasks = on(session, plan.day, today=today)
    now = {str(task): load.facts() for task, load in loads(session, tasks).items()}
    return sorted(int(task) for task in now.keys() | plan.saw.keys() if now.get(task) != plan.saw.get(task))
