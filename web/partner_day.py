"""How far things are for one partner: when the next van comes, where each request stands, what was done at each visit.

Only reading, in a fixed number of queries however many requests there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from flask_babel import lazy_pgettext as pgettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import closing, events, locks, routes
from bottles.catalogue import BottleType, CrateType
from bottles.db import find
from bottles.events import Event, EventKind
from bottles.orders import OrderStatus
from bottles.pickups import PickupStatus
from bottles.points import Point
from bottles.routes import Outcome, Plan, PlanStatus, Route, Stop, StopTask, Task, Visit, VisitLine

from . import under_way
from .asked import Asked
from .language import local
from .planned import Amount, amounts

ENDS = (EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED)
"""The events that end a visit."""


class Stage(StrEnum):
    """How far a request or an order is, as its partner sees it."""

    ASKED = "asked"
    PLANNED = "planned"
    ON_THE_ROAD = "on_the_road"
    THERE = "there"
    PARTLY = "partly"
    MISSED = "missed"
    DONE = "done"
    CANCELLED = "cancelled"


PICKUP_WORDS = {
    Stage.ASKED: (pgettext("pickup", "asked for"), "attention", "clock"),
    Stage.PLANNED: (pgettext("pickup", "planned"), "info", "dot"),
    Stage.ON_THE_ROAD: (pgettext("pickup", "on the road"), "info", "arrow"),
    Stage.THERE: (pgettext("pickup", "the van is there"), "info", "arrow"),
    Stage.PARTLY: (pgettext("pickup", "partly collected"), "attention", "half"),
    Stage.MISSED: (pgettext("pickup", "missed"), "problem", "warning"),
    Stage.DONE: (pgettext("pickup", "collected"), "done", "check"),
    Stage.CANCELLED: (pgettext("pickup", "cancelled"), "quiet", "cross"),
}
"""The badge of a request's stage: word, tone, shape."""

ORDER_WORDS = PICKUP_WORDS | {
    Stage.ASKED: (pgettext("order", "reserved"), "attention", "clock"),
    Stage.PLANNED: (pgettext("order", "planned"), "info", "dot"),
    Stage.PARTLY: (pgettext("order", "partly delivered"), "attention", "half"),
    Stage.DONE: (pgettext("order", "delivered"), "done", "check"),
    Stage.CANCELLED: (pgettext("order", "cancelled"), "quiet", "cross"),
}
"""The badge of an order's stage."""


@dataclass(frozen=True)
class Halt:
    """Where the plan that stands puts a task."""

    task: int
    plan: int
    route: int
    stop: int
    day: date
    arrives: datetime

    @property
    def around(self) -> datetime:
        """Return the arrival to five minutes."""
        return to_five_minutes(self.arrives)


@dataclass(frozen=True)
class Standing:
    """How far one request is: its stage, the halt it waits for, and how its last visit ended."""

    stage: Stage
    halt: Halt | None = None
    visit: Visit | None = None


@dataclass(frozen=True)
class Van:
    """The next van that comes to a partner: when, where, what it takes and brings."""

    halt: Halt
    stage: Stage
    point: Point
    takes: Sequence[Amount]
    brings: Sequence[Amount]
    window: tuple[int, int] | None
    """The opening hours it is planned in, minutes of the local day."""
    expected: datetime | None = None
    """When it comes today, by what happened so far, where that is not as planned."""
    why: str = ""


def to_five_minutes(at: datetime) -> datetime:
    """Return a moment to five minutes: nobody believes 10:22."""
    return at + timedelta(minutes=2, seconds=30) - timedelta(seconds=(at.timestamp() + 150) % 300)


@dataclass(frozen=True)
class Trouble:
    """What could not be done, or not wholly, of something that stays open: when, why, and in whose words."""

    row: Asked
    visit: Visit
    note: str
    halt: Halt | None
    """When it is planned again."""


def troubles(session: Session, asked: Iterable[tuple[Asked, Standing]]) -> list[Trouble]:
    """List what was missed or left over at the last visit to each request that is still open."""
    short = [(row, at) for row, at in asked if at.visit and at.visit.outcome in (Outcome.MISSED, Outcome.PARTLY)]
    open_ones = [(row, at) for row, at in short if at.stage not in (Stage.DONE, Stage.CANCELLED)]
    said = notes(session, [row.task for row, _ in open_ones if row.task])
    return [Trouble(row, at.visit, said.get((at.visit.task, at.visit.plan), ""), at.halt) for row, at in open_ones if at.visit]


def notes(session: Session, tasks: Sequence[int]) -> dict[tuple[int, int], str]:
    """Return what the driver wrote when a visit ended, by task and plan."""
    if not tasks:
        return {}
    heard = events.acts(session, col(Event.task).in_(tasks), col(Event.kind).in_(ENDS))
    told = events.standing(events.with_undos(session, heard))
    return {(act.task or 0, act.plan_version or 0): act.note or "" for act in told}


def standings(session: Session, rows: Iterable[Asked], today: date) -> dict[int, Standing]:
    """Say how far each request or order is, by its id."""
    rows = list(rows)
    tasks = [row.task for row in rows if row.task]
    ended = _visits(session, tasks)
    halts = _halts(session, tasks, ended, today)
    begun = _begun(session, {halt.route for halt in halts.values()})
    return {row.id: _standing(row, halts.get(row.task or 0), ended.get(row.task or 0, []), begun) for row in rows}


def _standing(row: Asked, halt: Halt | None, ended: Sequence[Visit], begun: set[int]) -> Standing:
    last = ended[-1] if ended else None
    if row.status in (PickupStatus.CANCELLED, OrderStatus.CANCELLED):
        return Standing(Stage.CANCELLED, visit=last)
    if row.status in (PickupStatus.DONE, OrderStatus.DELIVERED):
        return Standing(Stage.DONE, visit=last)
    here = next((visit for visit in ended if halt and visit.plan == halt.plan), None)
    if halt:
        stage = Stage.THERE if here else Stage.ON_THE_ROAD if halt.route in begun else Stage.PLANNED
        return Standing(stage, halt, last)
    told = {Outcome.MISSED: Stage.MISSED, Outcome.PARTLY: Stage.PARTLY}
    return Standing(told.get(last.outcome, Stage.ASKED) if last and last.outcome else Stage.ASKED, visit=last)


def _halts(session: Session, tasks: Sequence[int], ended: Mapping[int, Sequence[Visit]], today: date) -> dict[int, Halt]:
    """Return the next halt of each task in plans that stand, from today on; one that is over is not to come."""
    over = {(v.task, v.plan) for visits in ended.values() for v in visits if v.outcome is not Outcome.REACHED}
    query = (
        sa.select(col(StopTask.task), col(Plan.id), col(Route.id), col(Stop.id), col(Plan.day), col(Stop.starts))
        .join(Stop, col(Stop.id) == col(StopTask.stop))
        .join(Route, col(Route.id) == col(Stop.route))
        .join(Plan, col(Plan.id) == col(Route.plan))
        .where(col(Plan.status) == PlanStatus.PUBLISHED, col(Plan.day) >= today, col(StopTask.task).in_(tasks))
        .order_by(col(Plan.day).desc(), col(Stop.starts).desc())
    )
    halts = [Halt(*row) for row in session.execute(query) if (row[0], row[1]) not in over]
    ends = closing.ended(session, *{halt.route for halt in halts})
    # a van whose route is closed comes no more; of the others the earliest comes last and stays
    return {halt.task: halt for halt in halts if not ends[halt.route].at}


def _visits(session: Session, tasks: Sequence[int]) -> dict[int, list[Visit]]:
    """Return what came of the visits to each task, in order; loading a van is no visit yet."""
    found: dict[int, list[Visit]] = defaultdict(list)
    query = select(Visit).where(col(Visit.task).in_(tasks), col(Visit.outcome).is_not(None)).order_by(col(Visit.at))
    for visit in session.exec(query):
        found[visit.task].append(visit)
    return found


def _begun(session: Session, found: set[int]) -> set[int]:
    """Return the routes on which a stop was reached already."""
    query = (
        select(Stop.route)
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .join(Route, col(Route.id) == col(Stop.route))
        .join(Visit, sa.and_(col(Visit.task) == col(StopTask.task), col(Visit.plan) == col(Route.plan)))
        .where(col(Stop.route).in_(found), col(Visit.outcome).is_not(None))
    )
    return set(session.exec(query))


def next_van(session: Session, asked: Iterable[tuple[Asked, Standing]], now: datetime) -> Van | None:
    """Return the next van among what a partner asked for; whatever else it does at the same halt comes with it."""
    found = [(standing.halt, standing.stage, row) for row, standing in asked if standing.halt]
    if not found:
        return None
    first, stage, row = min(found, key=lambda entry: (entry[0].day, entry[0].arrives))
    tasks = session.exec(select(Task).where(col(Task.id).in_({h.task for h, _s, _r in found if h.stop == first.stop})))
    loads = routes.loads(session, tasks).values()
    names = item_names(session)
    takes = amounts(_total(load.take for load in loads), "crate", names)
    brings = amounts(_total(load.leave for load in loads), "empty", names)
    brings += amounts(_total(load.bottles for load in loads), "bottle", names)
    at = local(first.arrives)
    minute = at.hour * 60 + at.minute
    window = next(
        (w for w in locks.windows(row.point, first.day, locks.on(session, first.day)) if w[0] <= minute <= w[1]), None
    )
    if first.day != local(now).date() or stage is Stage.THERE:
        return Van(first, stage, row.point, takes, brings, window)
    foreseen = under_way.forecasts(session, [find(session, Route, first.route)], now)[first.route]
    expected = foreseen.differs(first.stop)
    why = under_way.why(foreseen) if expected else ""
    return Van(first, stage, row.point, takes, brings, window, expected and to_five_minutes(expected), why)


def _total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for count in counts:
        for item, n in count.items():
            total[item] += n
    return total


def item_names(session: Session) -> dict[str, str]:
    """Return what crate and bottle types are called."""
    names = dict(session.exec(select(CrateType.id, CrateType.name)).all())
    return names | dict(session.exec(select(BottleType.id, BottleType.name)).all())


def done_at(session: Session, task: int) -> list[tuple[Visit, list[VisitLine]]]:
    """Return each visit to a task with what was counted and scanned there, the newest first."""
    lines: dict[int, list[VisitLine]] = defaultdict(list)
    for line in session.exec(select(VisitLine).where(VisitLine.task == task, VisitLine.quantity > 0).order_by(VisitLine.item)):
        lines[line.plan].append(line)
    return [(visit, lines[visit.plan]) for visit in reversed(_visits(session, [task]).get(task, []))]
