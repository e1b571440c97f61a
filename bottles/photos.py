"""Pictures that events name by the SHA-256 of their bytes: sent after the facts, kept beside them, shown to whom they concern.

They live in the database, so that one backup holds all. What came is never kept itself: a picture is drawn anew, without
what it said of place and camera; `digest` remembers what it was drawn from, so that a resend is recognised.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, Session, SQLModel, col, select

from . import events
from .aside import SetAside
from .db import Utc
from .errors import Conflict, NotFound, say
from .events import Act, Event, EventKind, Receipt, Told
from .people import Role
from .points import Point
from .routes import Task

PLACE = "place"
"""The reason of a photo that shows a point's loading place; the newest that stands is the point's."""


class Photo(SQLModel, table=True):
    """A picture of an event. An id that two bodies bear, of which one was set aside, may have one for each."""

    __table_args__ = (sa.UniqueConstraint("event", "digest"),)

    row: int | None = Field(default=None, primary_key=True)
    event: str = Field(max_length=36)
    digest: str = Field(max_length=64)
    person: int = Field(foreign_key="person.id")
    received_at: datetime = Field(sa_type=Utc)
    mime: str = Field(max_length=24)
    width: int
    height: int
    body: bytes
    small: bytes


class Picture(NamedTuple):
    """A picture that was drawn anew, and a small one of it."""

    mime: str
    width: int
    height: int
    body: bytes
    small: bytes


class Reader(NamedTuple):
    """Who wants to see pictures."""

    person: int
    partner: str
    role: Role


PHOTO = Photo.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


def expect(session: Session, event: str, digest: str, person: int, device: str = "") -> Receipt:
    """Say whether we hold a picture already that somebody sends for an event of theirs.

    An event in quarantine expects its picture too: whoever lets it in finds both.

    Raises
    ------
    NotFound
        We hold no such event of this person on this device.
    Conflict
        The event names another picture, or none.
    """
    names = _named(session, event, digest, person, device)
    if not names:
        raise NotFound(say("We do not hold the event of this picture: send the event first, then the picture again."))
    if True not in names:
        raise Conflict(say("This event names another picture: this one was not kept."))
    there = select(col(Photo.row)).where(Photo.event == event, Photo.digest == digest)
    return Receipt.ALREADY_KNOWN if session.exec(there).first() else Receipt.KEPT


def _named(session: Session, event: str, digest: str, person: int, device: str) -> list[bool]:
    """Say of each body that bears an id, kept or set aside, whether it names a picture."""
    kept = select(col(Event.photo)).where(Event.id == event, Event.person == person)
    apart = select(col(SetAside.body)).where(SetAside.event_id == event, SetAside.person == person)
    if device:
        kept = kept.where(Event.device == device)
        apart = apart.where(col(SetAside.device).in_(["", device]))
    # what was set aside may be no JSON at all: the digest stands in it, or it does not
    return [name == digest for name in session.exec(kept)] + [digest.encode() in body for body in session.exec(apart)]


def keep(session: Session, event: str, digest: str, picture: Picture, person: int, *, at: datetime) -> Receipt:
    """Keep a picture that its event expects; one that two requests bring at once is kept once."""
    row = {"event": event, "digest": digest, "person": person, "received_at": at, **picture._asdict()}
    # both databases say it alike
    insert = postgresql.insert(PHOTO).values(row).on_conflict_do_nothing().returning(PHOTO.c.row)
    return Receipt.KEPT if session.connection().execute(insert).first() else Receipt.ALREADY_KNOWN


def held(session: Session, ids: Collection[str]) -> set[str]:
    """Return those of some events whose picture we hold."""
    query = select(col(Event.id)).join(Photo, _is_its()).where(col(Event.id).in_(ids))
    return set(session.exec(query)) if ids else set()


def _is_its() -> sa.ColumnElement[bool]:
    return sa.and_(col(Photo.event) == col(Event.id), col(Photo.digest) == col(Event.photo))


def open_to(session: Session, acts: Iterable[Told], reader: Reader) -> set[str]:
    """Return those of some acts whose picture somebody may see.

    The coordinator sees all; a washer those of crates; a driver their own, and every loading place; a partner those of
    their points and of what was asked for them.
    """
    acts = list(acts)
    if reader.role in (Role.WINEMAKER, Role.SHOP):
        return _of_partner(session, acts, reader.partner)
    return {act.id for act in acts if SEES[reader.role](act, reader.person)}


def _is_place(act: Told) -> bool:
    return act.kind is EventKind.PHOTO and act.reason == PLACE and act.point is not None


SEES: dict[Role, Callable[[Told, int], bool]] = {
    Role.COORDINATOR: lambda _act, _person: True,
    Role.WASHER: lambda act, _person: act.crate is not None,
    Role.DRIVER: lambda act, person: act.person == person or _is_place(act),
}


def _of_partner(session: Session, acts: list[Told], partner: str) -> set[str]:
    asked = {act.task for act in acts} - {None}
    there = {act.point for act in acts} - {None}
    tasks = set(session.exec(select(Task.id).where(col(Task.id).in_(asked), Task.partner == partner)))
    points = set(session.exec(select(Point.id).where(col(Point.id).in_(there), Point.partner == partner)))
    # what was asked for says whose it is; only what nobody asked for goes by its place
    return {act.id for act in acts if (act.task in tasks if act.task is not None else act.point in points)}


def shown(session: Session, event: str, reader: Reader, *, small: bool) -> tuple[str, str, bytes]:
    """Return the picture of an event: what it is, what tells it from others, and its bytes.

    Raises
    ------
    NotFound
        There is none, or it is not for this reader; both read alike.
    """
    acts = events.acts(session, col(Event.id) == event)
    query = sa.select(col(Photo.mime), col(Photo.digest), col(Photo.small if small else Photo.body))
    found = session.connection().execute(query.join(Event, _is_its()).where(col(Event.id) == event)).first()
    if found is None or not open_to(session, acts, reader):
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    mime, digest, body = found
    return mime, digest, body


def apart(session: Session, rows: Collection[int]) -> dict[int, int]:
    """Return for what was set aside the picture it names, where we hold it."""
    its = sa.and_(col(Photo.event) == col(SetAside.event_id), col(Photo.person) == col(SetAside.person))
    query = sa.select(col(SetAside.row), col(SetAside.body), PHOTO.c.row.label("photo"), PHOTO.c.digest)
    found = session.connection().execute(query.join(Photo, its).where(col(SetAside.row).in_(rows)))
    return {one.row: one.photo for one in found if one.digest.encode() in one.body}


def shown_apart(session: Session, row: int) -> tuple[str, str, bytes]:
    """Return a small picture of what was set aside, as `shown` does; it is for the office alone.

    Raises
    ------
    NotFound
        Nothing lies there, it names no picture, or we do not hold it.
    """
    named = apart(session, [row]).get(row)
    photo = session.get(Photo, named) if named else None
    if photo is None:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return photo.mime, photo.digest, photo.small


def of_place(session: Session, points: Collection[str]) -> dict[str, str]:
    """Return for each point whose loading place was photographed the event of the newest photo that stands."""
    # a photo has one always: saying so lets the database look among photos only
    pictured = (col(Event.photo).is_not(None), col(Event.point).in_(points))
    told = (*pictured, col(Event.kind) == EventKind.PHOTO, col(Event.reason) == PLACE)
    acts: list[Act] = events.with_undos(session, events.acts(session, *told)) if points else []
    there = held(session, [act.id for act in acts])
    return {act.point: act.id for act in events.standing(acts) if act.point and act.id in there}
