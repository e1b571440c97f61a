"""What people did: append-only, made on their device, never rewritten.

An event's id, time and sequence are made by the device; `received_at` is ours. Order is (act time, device, sequence), and
only the device's own clock decides it: the time something reached us never does.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .codes import uuid7
from .db import Utc, choice
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

    __table_args__ = (sa.Index("ix_event_visit", "task", "plan"), sa.Index("ix_event_device", "device", "sequence"))

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
    crate: str | None = Field(default=None, index=True, max_length=40)
    """A serial; it may name a crate we have never seen."""
    move: str | None = Field(default=None, max_length=24)
    point: str | None = Field(default=None, max_length=60)
    holder: str | None = Field(default=None, max_length=60)
    """Who has the crate after this act, where the move does not say it: a vehicle, a partner."""
    task: int | None = None
    plan: int | None = None
    """The plan version that the device saw."""
    route: int | None = Field(default=None, index=True)
    item: str | None = Field(default=None, max_length=40)
    quantity: int | None = None
    basis: Basis | None = Field(default=None, sa_type=choice(Basis))
    reason: str | None = None
    note: str | None = None
    undoes: str | None = Field(default=None, index=True, max_length=36)
    state: str | None = Field(default=None, max_length=24)
    """The state a settlement pins."""
    future: bool = False
    """The act lies more than five minutes ahead of when it reached us."""
    digest: str = Field(max_length=64)
    body: bytes


class SetAside(SQLModel, table=True):
    """What reached us and could not be kept as an event: the raw body, and the sentence that was answered."""

    __tablename__ = "set_aside"

    row: int | None = Field(default=None, primary_key=True)
    event_id: str | None = Field(default=None, index=True)
    receipt: Receipt = Field(sa_type=choice(Receipt))
    device: str
    person: int | None = None
    received_at: datetime = Field(sa_type=Utc)
    message: str
    body: bytes


class NewEvent(SQLModel):
    """An event as a device sends it, checked for shape; `at` is the act's time by the device."""

    id: str = Field(regex=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
    kind: EventKind
    at: datetime
    device: str = Field(min_length=1, max_length=40)
    sequence: int = Field(ge=0)
    crate: str | None = Field(default=None, max_length=40)
    move: str | None = None
    point: str | None = None
    holder: str | None = None
    task: int | None = None
    plan: int | None = None
    route: int | None = None
    item: str | None = None
    quantity: int | None = Field(default=None, ge=0, le=100_000)
    basis: Basis | None = None
    reason: str | None = Field(default=None, max_length=200)
    note: str | None = Field(default=None, max_length=2000)
    undoes: str | None = None
    state: str | None = None


def body_of(new: NewEvent) -> bytes:
    """Return the canonical bytes of an event: what is digested, and kept when the device sent no bytes of its own."""
    return json.dumps(new.model_dump(mode="json", exclude_none=True), sort_keys=True, separators=(",", ":")).encode()


def digest(body: bytes) -> str:
    """Return what tells two bodies apart."""
    return hashlib.sha256(body).hexdigest()


def order(event: Event) -> tuple[datetime, str, int, str]:
    """Return the key that puts acts in the one order that counts."""
    return event.at, event.device, event.sequence, event.id


def standing(events: Iterable[Event]) -> list[Event]:
    """Put events in order and leave out the undone ones, the undos with them.

    An undo counts when its author made the event, or coordinates. An undo that is itself undone counts for nothing.
    """
    ordered = sorted(events, key=order)
    known = {event.id: event for event in ordered}
    undone: set[str] = set()
    for undo in reversed([e for e in ordered if e.kind is EventKind.UNDO]):
        target = known.get(undo.undoes or "")
        may = target is not None and (undo.person == target.person or undo.role is Role.COORDINATOR)
        if may and undo.id not in undone:
            undone.add(undo.undoes or "")
    return [e for e in ordered if e.id not in undone and e.kind is not EventKind.UNDO]


def with_undos(session: Session, events: Collection[Event]) -> list[Event]:
    """Add to events the undos that name them, and the undos of those."""
    found = {event.id: event for event in events}
    fresh = list(found)
    while fresh:
        query = select(Event).where(col(Event.undoes).in_(fresh))
        fresh = [e.id for e in session.exec(query) if found.setdefault(e.id, e) is e and e.id not in fresh]
    return list(found.values())


def of_crates(session: Session, codes: Collection[str]) -> dict[str, list[Event]]:
    """Return the events about each of these crates, undos included."""
    by_crate: dict[str, list[Event]] = {code: [] for code in codes}
    for event in session.exec(select(Event).where(col(Event.crate).in_(list(codes)))):
        by_crate[event.crate or ""].append(event)
    return by_crate


def of_visit(session: Session, task: int, plan: int | None) -> list[Event]:
    """Return what was done about one task under one plan version, undos included."""
    query = select(Event).where(Event.task == task, Event.plan == plan)
    return list(session.exec(query))


def next_sequence(session: Session, device: str) -> int:
    """Return the number after the last that a device used; for pages that are their own device."""
    last = session.scalar(sa.select(sa.func.max(Event.sequence)).where(col(Event.device) == device))
    return 0 if last is None else last + 1


def next_id(at: datetime, randomness: int) -> str:
    """Make an event id, as a phone makes it."""
    return uuid7(at, randomness)


def facts(event: Event) -> dict[str, Any]:
    """Return the columns that were set, for a timeline or an export."""
    return {key: value for key, value in event.model_dump(exclude={"body", "digest", "row"}).items() if value is not None}
