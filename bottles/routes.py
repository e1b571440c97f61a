"""Tasks, plan versions, routes and stops: what is to be done, who drives it, and what came of it.

A task keeps its id across plans; a *visit* is one task under one plan version, and what was done there is a projection of
events (see intake). What a visit leaves undone is simply what the task still asks for the next day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .crates import Move
from .db import Utc, choice, find, one_by_one
from .errors import Conflict, Invalid, say
from .orders import Order, OrderLine, OrderStatus
from .people import Person, Role
from .pickups import Pickup, PickupLine, PickupStatus


class TaskKind(StrEnum):
    """Whether a task takes away or brings."""

    COLLECT = "collect"
    DELIVER = "deliver"


class PlanStatus(StrEnum):
    """Where a plan version stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Outcome(StrEnum):
    """How a visit ended, or how far it is."""

    REACHED = "reached"
    DONE = "done"
    PARTLY = "partly"
    MISSED = "missed"


class Task(SQLModel, table=True):
    """Something to collect (for a pickup) or to deliver (for an order); it is open as long as that is."""

    id: int | None = Field(default=None, primary_key=True)
    kind: TaskKind = Field(sa_type=choice(TaskKind))
    pickup: int | None = Field(default=None, foreign_key="pickup.id", unique=True)
    order: int | None = Field(default=None, foreign_key="orders.id", unique=True)
    partner: str = Field(foreign_key="partner.id")
    point: str = Field(foreign_key="point.id")
    ready_from: date = Field(index=True)
    day: date | None = None
    """The day somebody chose for it; plans for other days leave it alone."""
    made_at: datetime = Field(sa_type=Utc)


class Plan(SQLModel, table=True):
    """One version of a day's decision. Costs in cents, metres, seconds; `saw` is what each task asked for when it was made."""

    __table_args__ = (sa.UniqueConstraint("day", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(index=True)
    version: int
    status: PlanStatus = Field(default=PlanStatus.DRAFT, sa_type=choice(PlanStatus))
    cost: int
    metres: int
    seconds: int
    estimated: bool = True
    """Travel was estimated from the great circle, not from roads."""
    left_out: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    """Tasks no vehicle takes: {"task", "message", "values"}."""
    shortage: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON, sa_column_kwargs={"server_default": "{}"})
    """What more vehicles could do for them: {"seconds", "half_days", "vehicle", "calls"}, or nothing."""
    notes: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    """What somebody should know who publishes it: {"message", "values"}."""
    saw: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    follows: int | None = None
    """The version of this day that it goes on from: vehicles were out by that one, and what they did stays with it."""
    made_by: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(sa_type=Utc)
    published_by: int | None = Field(default=None, foreign_key="person.id")
    published_at: datetime | None = Field(default=None, sa_type=Utc)


class Route(SQLModel, table=True):
    """One vehicle's part of a plan. Peaks are the fullest leg, in crates of twelve and grams."""

    id: int | None = Field(default=None, primary_key=True)
    plan: int = Field(foreign_key="plan.id", index=True)
    vehicle: str = Field(foreign_key="vehicle.id")
    driver: int | None = Field(default=None, foreign_key="person.id", index=True)
    departs: datetime = Field(sa_type=Utc)
    returns: datetime = Field(sa_type=Utc)
    metres: int
    driving_seconds: int
    peak_crates: int
    peak_grams: int
    break_at: datetime | None = Field(default=None, sa_type=Utc)
    pauses: list[list[str]] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    """When the driver pauses: [begin, end] each, ISO 8601; `break_at` is the first begin."""
    unloads: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    """Unloadings at the centre on the way: {"after" (a stop's position, 0 for none), "arrives", "starts", "leaves"}."""


class Stop(SQLModel, table=True):
    """One halt of a route, for one task or several at the same point."""

    id: int | None = Field(default=None, primary_key=True)
    route: int = Field(foreign_key="route.id", index=True)
    position: int
    point: str = Field(foreign_key="point.id")
    arrives: datetime = Field(sa_type=Utc)
    starts: datetime = Field(sa_type=Utc)
    leaves: datetime = Field(sa_type=Utc)


class StopTask(SQLModel, table=True):
    """A task that a stop is for."""

    __tablename__ = "stop_task"

    stop: int = Field(foreign_key="stop.id", primary_key=True)
    task: int = Field(foreign_key="task.id", primary_key=True)


class Visit(SQLModel, table=True):
    """What came of a task under one plan version, folded from events. `plan` is 0 for an unplanned stop."""

    task: int = Field(foreign_key="task.id", primary_key=True)
    plan: int = Field(primary_key=True)
    outcome: Outcome | None = Field(default=None, sa_type=choice(Outcome))
    reason: str = ""
    at: datetime = Field(sa_type=Utc)


class VisitLine(SQLModel, table=True):
    """How many of an item one visit moved: the count is the total, `scanned` of them had a label."""

    __tablename__ = "visit_line"

    task: int = Field(foreign_key="task.id", primary_key=True)
    plan: int = Field(primary_key=True)
    move: Move = Field(sa_type=choice(Move), primary_key=True)
    item: str = Field(primary_key=True, max_length=40)
    quantity: int
    scanned: int = 0


@dataclass
class Load:
    """What a task still asks for: crates to take and to leave by type, bottles to bring by type."""

    take: dict[str, int] = field(default_factory=dict)
    leave: dict[str, int] = field(default_factory=dict)
    bottles: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(n > 0 for part in (self.take, self.leave, self.bottles) for n in part.values())

    def facts(self) -> dict[str, dict[str, int]]:
        """Return the load as plain data, to be compared with what it was."""
        return {"take": self.take, "leave": self.leave, "bottles": self.bottles}


def gather(session: Session, *, at: datetime) -> list[Task]:
    """Return the open tasks, making one for each open pickup or placed order that has none yet."""
    # two searches that begin at once would both make it
    one_by_one(session, "tasks")
    fresh = select(Pickup).outerjoin(Task, col(Task.pickup) == col(Pickup.id)).where(col(Task.id).is_(None))
    for pickup in session.exec(fresh.where(Pickup.status == PickupStatus.OPEN).order_by(col(Pickup.id))).all():
        session.add(_task(TaskKind.COLLECT, pickup, pickup.ready_from, at))
    new = select(Order).outerjoin(Task, col(Task.order) == col(Order.id)).where(col(Task.id).is_(None))
    for order in session.exec(new.where(Order.status == OrderStatus.PLACED).order_by(col(Order.id))).all():
        session.add(_task(TaskKind.DELIVER, order, order.due, at))
    session.flush()
    return open_tasks(session)


def _task(kind: TaskKind, asked: Pickup | Order, ready_from: date, at: datetime) -> Task:
    pickup, order = (asked.id, None) if isinstance(asked, Pickup) else (None, asked.id)
    return Task(
        kind=kind, pickup=pickup, order=order, partner=asked.partner, point=asked.point, ready_from=ready_from, made_at=at
    )


def open_tasks(session: Session) -> list[Task]:
    """List the tasks whose pickup or order is open, longest waiting first."""
    query = (
        select(Task)
        .outerjoin(Pickup, col(Pickup.id) == col(Task.pickup))
        .outerjoin(Order, col(Order.id) == col(Task.order))
        .where(sa.or_(col(Pickup.status) == PickupStatus.OPEN, col(Order.status) == OrderStatus.PLACED))
        .order_by(col(Task.ready_from), col(Task.id))
    )
    return list(session.exec(query))


def done_so_far(session: Session, tasks: Iterable[int]) -> dict[int, dict[tuple[Move, str], int]]:
    """Return what the visits to some tasks have moved in all, by move and item."""
    done: dict[int, dict[tuple[Move, str], int]] = defaultdict(lambda: defaultdict(int))
    query = select(VisitLine.task, VisitLine.move, VisitLine.item, VisitLine.quantity)
    for task, move, item, quantity in session.exec(query.where(col(VisitLine.task).in_(list(tasks)))):
        done[task][Move(move), item] += quantity
    return done


def loads(session: Session, tasks: Iterable[Task]) -> dict[int, Load]:
    """Return what each task still asks for."""
    tasks = list(tasks)
    done = done_so_far(session, [task.id or 0 for task in tasks])
    asked: dict[int, list[PickupLine]] = defaultdict(list)
    for line in session.exec(select(PickupLine).where(col(PickupLine.pickup).in_([t.pickup for t in tasks if t.pickup]))):
        asked[line.pickup].append(line)
    ordered: dict[int, list[OrderLine]] = defaultdict(list)
    for wanted in session.exec(select(OrderLine).where(col(OrderLine.order).in_([t.order for t in tasks if t.order]))):
        ordered[wanted.order].append(wanted)
    return {task.id or 0: _remaining(asked[task.pickup or 0], ordered[task.order or 0], done[task.id or 0]) for task in tasks}


def _remaining(asked: list[PickupLine], ordered: list[OrderLine], done: dict[tuple[Move, str], int]) -> Load:
    return Load(
        take=_positive({line.crate_type: line.take - done.get((Move.COLLECT, line.crate_type), 0) for line in asked}),
        leave=_positive({line.crate_type: line.leave - done.get((Move.DROP, line.crate_type), 0) for line in asked}),
        bottles=_positive({line.type: line.quantity - done.get((Move.DELIVER, line.type), 0) for line in ordered}),
    )


def _positive(counts: dict[str, int]) -> dict[str, int]:
    return {item: n for item, n in counts.items() if n > 0}


def versions(session: Session, day: date) -> list[Plan]:
    """List a day's plan versions, newest first."""
    return list(session.exec(select(Plan).where(Plan.day == day).order_by(col(Plan.version).desc())))


def published(session: Session, day: date) -> Plan | None:
    """Return the plan that stands for a day."""
    return session.exec(select(Plan).where(Plan.day == day, Plan.status == PlanStatus.PUBLISHED)).first()


def publish(session: Session, plan_id: int, person: int, *, instead_of: int | None = None, at: datetime, today: date) -> Plan:
    """Make a plan the one that stands for its day; the one that stood is superseded.

    `instead_of` is the version that the person saw standing, 0 for none; None does not ask.

    Raises
    ------
    Conflict
        What `demand_draft` refuses, or another version was published meanwhile.
    """
    one_by_one(session, "plans")
    plan = demand_draft(session, plan_id, today=today)
    before = published(session, plan.day)
    if instead_of is not None and before is not None and before.version != instead_of:
        raise Conflict(
            say("Version %(version)d was published meanwhile: look at it before you replace it."), version=before.version
        )
    if before is not None:
        before.status = PlanStatus.SUPERSEDED
    plan.status, plan.published_by, plan.published_at = PlanStatus.PUBLISHED, person, at
    return plan


def demand_draft(session: Session, plan_id: int, *, today: date) -> Plan:
    """Give a plan that may be published.

    Raises
    ------
    Conflict
        Its day has passed, a task in it was closed meanwhile, or it is not a draft any more.
    """
    plan = find(session, Plan, plan_id)
    if plan.day < today:
        raise Conflict(say("This day has passed: plan a later one."))
    if plan.status is PlanStatus.PUBLISHED:
        raise Conflict(say("This version is published already: it is the plan of its day."))
    if plan.status is not PlanStatus.DRAFT:
        raise Conflict(say("This version is not a draft any more: make a new plan."))
    open_now = {task.id for task in open_tasks(session)}
    planned = set(session.exec(select(StopTask.task).join(Stop).join(Route).where(Route.plan == plan_id)))
    gone = planned - open_now
    if gone:
        raise Conflict(say("Calls in this plan were closed or cancelled meanwhile (%(count)d): plan again."), count=len(gone))
    return plan


def assign(session: Session, route_id: int, person: int | None) -> Route:
    """Give a route to a driver, or to nobody.

    Raises
    ------
    Invalid
        This person does not drive.
    Conflict
        Another version stands, or the driver is on another route at that time.
    """
    route = find(session, Route, route_id)
    if find(session, Plan, route.plan).status is PlanStatus.SUPERSEDED:
        raise Conflict(say("Another version stands now: give its routes to drivers instead."))
    driver = session.get(Person, person) if person is not None else None
    if person is not None and (driver is None or driver.role is not Role.DRIVER or not driver.active):
        raise Invalid(say("Choose one of the list."), field="driver")
    same = select(Route).where(Route.plan == route.plan, Route.driver == person, Route.id != route_id)
    if driver and any(other.departs < route.returns and route.departs < other.returns for other in session.exec(same)):
        raise Conflict(say("This driver is on another route at that time: choose somebody else, or free the other route."))
    route.driver = person
    return route


def of_plan(session: Session, plan: int) -> list[Route]:
    """List a plan's routes, earliest departure first."""
    return list(session.exec(select(Route).where(Route.plan == plan).order_by(col(Route.departs), col(Route.id))))


def stops(session: Session, route: int) -> list[Stop]:
    """List a route's stops in order."""
    return list(session.exec(select(Stop).where(Stop.route == route).order_by(col(Stop.position))))


def tasks_at(session: Session, stop: int) -> list[Task]:
    """List the tasks a stop is for."""
    return list(session.exec(select(Task).join(StopTask).where(StopTask.stop == stop).order_by(col(Task.id))))


def of_driver(session: Session, person: int, day: date) -> list[Route]:
    """List the routes somebody drives on a day, of the plan that stands."""
    query = select(Route).join(Plan).where(Route.driver == person, Plan.day == day, Plan.status == PlanStatus.PUBLISHED)
    return list(session.exec(query.order_by(col(Route.departs))))


def vehicle_of(session: Session, task: int, plan: int) -> str | None:
    """Return the vehicle that a plan version gives a task to."""
    query = select(Route.vehicle).join(Stop, col(Stop.route) == col(Route.id)).join(StopTask)
    return session.exec(query.where(Route.plan == plan, StopTask.task == task)).first()


ROUTE_OF = (
    sa.select(col(Stop.route))
    .join(StopTask, col(StopTask.stop) == col(Stop.id))
    .join(Route, col(Route.id) == col(Stop.route))
    .where(col(Route.plan) == sa.bindparam("plan"), col(StopTask.task) == sa.bindparam("task"))
)


def route_of(session: Session, task: int, plan: int) -> int | None:
    """Return the route that a plan version puts a task on."""
    return session.connection().execute(ROUTE_OF, {"plan": plan, "task": task}).scalar()


def visits(session: Session, route: Route) -> dict[int, Visit]:
    """Return what came of each task of a route so far."""
    query = select(Visit).join(StopTask, col(StopTask.task) == col(Visit.task)).join(Stop, col(Stop.id) == col(StopTask.stop))
    return {visit.task: visit for visit in session.exec(query.where(Stop.route == route.id, Visit.plan == route.plan))}
