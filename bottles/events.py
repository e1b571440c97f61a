"""What people did: append-only, made on their device, never rewritten.

An event's id, time and sequence are made by the device; `received_at` is ours. Order is (act time, device, sequence), and
only the device's own clock decides it: the time something reached us never does. `wire` reads events from the bytes they
arrive as; an `Act` is an event as the folds see it, without the weight of a row that could be changed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from .codes import uuid7
from .db import Utc, among, choice, said
from .people import Role

FUTURE = timedelta(minutes=5)
"""How far ahead of our clock an act may lie before it is flagged; it is kept all the same."""


class EventKind(StrEnum):
    """What sort of act an event tells."""

    SCAN = "scan"
    COUNT = "count"
    STOP_REACHED = "stop_reached"
    STOP_DONE = "stop_done"
    STOP_PARTLY = "stop_partly"
    STOP_MISSED = "stop_missed"
    NOTE = "note"
    UNDO = "undo"
    SETTLE = "settle"
    PHOTO = "photo"
    SIGNATURE = "signature"
    STOP_ADDED = "stop_added"
    ROUTE_CLOSED = "route_closed"


class Basis(StrEnum):
    """How a quantity is known."""

    DECLARED = "declared"
    ASSUMED_FULL = "assumed_full"
    COUNTED = "counted"
    WEIGHED = "weighed"


class Receipt(StrEnum):
    """What became of an event that reached us; every one of them means that we hold it."""

    KEPT = "kept"
    ALREADY_KNOWN = "already_known"
    CONFLICT = "conflict"
    INVALID = "invalid"


class Event(SQLModel, table=True):
    """One act. Which of the optional columns are set depends on the kind."""

    __table_args__ = (
        # most events belong to no visit, undo nothing and name no route: what is not there costs no room in these
        sa.Index("ix_event_visit", "task", "plan_version", **said("task IS NOT NULL")),
        sa.Index("ix_event_route", "route", "move", **said("route IS NOT NULL")),
        sa.Index("ix_event_undoes", "undoes", **said("undoes IS NOT NULL")),
        sa.Index("ix_event_crate", "crate", **said("crate IS NOT NULL")),
        sa.Index("ix_event_photo", "point", **said("photo IS NOT NULL")),
        sa.Index("ix_event_device", "device", "sequence"),
    )

    row: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True, max_length=36)
    kind: EventKind = Field(sa_type=choice(EventKind))
    at: datetime = Field(sa_type=Utc)
    received_at: datetime = Field(sa_type=Utc)
    device: str = Field(max_length=40)
    sequence: int
    person: int = Field(foreign_key="person.id")
    partner: str = Field(foreign_key="partner.id")
    role: Role = Field(sa_type=choice(Role))
    centre: str = ""
    crate: str | None = Field(default=None, max_length=40)
    """A crate's code; it may name one that we have never seen."""
    label: str | None = Field(default=None, max_length=40)
    """The serial that was read, where the label is not the crate's first."""
    move: str | None = Field(default=None, max_length=24)
    point: str | None = Field(default=None, max_length=60)
    holder: str | None = Field(default=None, max_length=60)
    """Who has the crate after this act, where the move does not say it: a vehicle, a partner."""
    task: int | None = None
    plan_version: int | None = None
    """The plan version that the device saw, by its id."""
    route: int | None = None
    item: str | None = Field(default=None, max_length=40)
    quantity: int | None = None
    basis: Basis | None = Field(default=None, sa_type=choice(Basis))
    reason: str | None = None
    photo: str | None = Field(default=None, max_length=80)
    """The SHA-256 of a picture, in hexadecimal digits; the picture is sent apart, after the facts."""
    note: str | None = None
    undoes: str | None = Field(default=None, max_length=36)
    state: str | None = Field(default=None, max_length=24)
    """The state a settlement pins."""
    future: bool = False
    """The act lies more than five minutes ahead of when it reached us."""
    digest: str = Field(max_length=64)
    body: bytes


class Act(NamedTuple):
    """An event as the folds see it: what was told and by whom, without the body."""

    id: str
    kind: EventKind
    at: datetime
    received_at: datetime
    device: str
    sequence: int
    person: int
    partner: str
    role: Role
    centre: str = ""
    crate: str | None = None
    label: str | None = None
    move: str | None = None
    point: str | None = None
    holder: str | None = None
    task: int | None = None
    plan_version: int | None = None
    route: int | None = None
    item: str | None = None
    quantity: int | None = None
    basis: Basis | None = None
    reason: str | None = None
    photo: str | None = None
    note: str | None = None
    undoes: str | None = None
    state: str | None = None


Told = Event | Act
T = TypeVar("T", Event, Act)
ACT = [col(getattr(Event, name)) for name in Act._fields]
ACTS = sa.select(*ACT)
# built once: they are asked for with every batch that comes in
UNDOING = ACTS.where(among(col(Event.undoes), "ids"))
OF_CRATES = ACTS.where(among(col(Event.crate), "codes"))
OF_TASK = ACTS.where(col(Event.task) == sa.bindparam("task"))
UNDER_PLAN = OF_TASK.where(col(Event.plan_version) == sa.bindparam("plan"))
UNDER_NONE = OF_TASK.where(sa.or_(col(Event.plan_version).is_(None), col(Event.plan_version) == 0))


PART = 10_000
"""Values in one statement; SQLite takes 32,766 and PostgreSQL 65,535."""


def acts(session: Session, *where: sa.ColumnElement[bool]) -> list[Act]:
    """Return what was told under some conditions, in no order."""
    return told(session, ACTS.where(*where), {})


def told(session: Session, query: sa.Select[Any], values: Mapping[str, Any]) -> list[Act]:
    """Return what a query over the columns of acts finds."""
    return [Act._make(row) for row in session.connection().execute(query, values)]


def order(event: Told) -> tuple[datetime, str, int, str]:
    """Return the key that puts acts in the one order that counts."""
    return event.at, event.device, event.sequence, event.id


def standing(events: Iterable[T]) -> list[T]:
    """Put events in order and leave out the undone ones, the undos with them.

    An undo counts when its author made the event, or coordinates. An undo that is itself undone counts for nothing.
    """
    ordered = sorted(events, key=order)
    undos = [event for event in ordered if event.kind is EventKind.UNDO]
    if not undos:
        return ordered
    undone = _undone({undo.id: undo for undo in undos}, {event.id: event for event in ordered})
    return [e for e in ordered if e.id not in undone and e.kind is not EventKind.UNDO]


def _undone(undos: Mapping[str, T], known: Mapping[str, T]) -> set[str]:
    """Return what is undone; two clocks may disagree, so what an undo names says which one was there first."""
    may = {id_: undo for id_, undo in undos.items() if _may_undo(undo, known.get(undo.undoes or ""))}
    named, undone = Counter(undo.undoes or "" for undo in may.values()), set[str]()
    # an undo is weighed after all those that name it; those in a ring count for nothing
    ready = [undo for id_, undo in may.items() if not named[id_]]
    for undo in ready:
        target = undo.undoes or ""
        if undo.id not in undone:
            undone.add(target)
        named[target] -= 1
        if not named[target] and target in may:
            ready.append(may[target])
    return undone


def _may_undo(undo: Told, target: Told | None) -> bool:
    return target is not None and (undo.person == target.person or undo.role is Role.COORDINATOR)


def with_undos(session: Session, events: Collection[Told]) -> list[Act]:
    """Add to events the undos that name them, and the undos of those."""
    found = {event.id: act_of(event) for event in events}
    fresh = list(found)
    while fresh:
        # a statement has room for so many values, and a crate's life knows no such end
        parts = [fresh[start : start + PART] for start in range(0, len(fresh), PART)]
        undos = [undo for part in parts for undo in told(session, UNDOING, {"ids": part})]
        fresh = [undo.id for undo in undos if undo.id not in found]
        found |= {undo.id: undo for undo in undos}
    return list(found.values())


def act_of(event: Told) -> Act:
    """Return an event as the folds see it."""
    return event if isinstance(event, Act) else Act(*(getattr(event, name) for name in Act._fields))


def of_crates(session: Session, codes: Collection[str]) -> dict[str, list[Act]]:
    """Return the events about each of these crates, without the undos that do not name the crate themselves."""
    by_crate: dict[str, list[Act]] = {code: [] for code in codes}
    for act in told(session, OF_CRATES, {"codes": list(codes)}):
        by_crate[act.crate or ""].append(act)
    return by_crate


def of_visit(session: Session, task: int, plan_version: int | None) -> list[Act]:
    """Return what was done about one task under one plan version, undos included."""
    if plan_version:
        return told(session, UNDER_PLAN, {"task": task, "plan": plan_version})
    return told(session, UNDER_NONE, {"task": task})


def next_sequence(session: Session, device: str) -> int:
    """Return the number after the last that a device used; for pages that are their own device."""
    last = session.scalar(sa.select(sa.func.max(Event.sequence)).where(col(Event.device) == device))
    return 0 if last is None else last + 1


def next_id(at: datetime, randomness: int) -> str:
    """Make an event id, as a phone makes it."""
    return uuid7(at, randomness)
