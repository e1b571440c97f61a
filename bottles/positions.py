"""Where drivers were who share it: kept while a route is on, shown to the office and to them, then forgotten.

Sharing is the driver's own choice, made on their phone. What a phone sends besides, of a day without a route or of after its
end, is not kept.
"""

from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, Session, SQLModel, col, select

from . import closing, routes
from .db import Utc
from .events import FUTURE
from .routes import Route


class Position(SQLModel, table=True):
    """Where a vehicle was, by its driver's phone; degrees north and east, metres of doubt."""

    __table_args__ = (sa.Index("ix_position_person_at", "person", "at"),)

    id: str = Field(primary_key=True, max_length=36)
    person: int = Field(foreign_key="person.id")
    vehicle: str = Field(foreign_key="vehicle.id")
    at: datetime = Field(sa_type=Utc, index=True)
    lat: float
    lon: float
    accuracy: float


class Spot(NamedTuple):
    """A place and a time, as a phone tells it."""

    id: str
    at: datetime
    lat: float
    lon: float
    accuracy: float


POSITION = Position.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


def keep(session: Session, spots: Sequence[Spot], person: int, *, since: datetime, zone: tzinfo, at: datetime) -> int:
    """Keep where a driver was on their routes, each once, and return how many of these we hold now.

    What is older than `since` would be forgotten at once, and what lies ahead was never so.
    """
    # first, since each day is looked up: a phone may name five hundred
    spots = [spot for spot in spots if since <= spot.at <= at + FUTURE]
    drives = _drives(session, person, {spot.at.astimezone(zone).date() for spot in spots})
    ends = closing.closes(session, *(route.id or 0 for mine in drives.values() for route in mine))
    rows: list[dict[str, Any]] = []
    for spot in spots:
        mine = drives[spot.at.astimezone(zone).date()]
        route = next((r for r in mine[::-1] if r.departs <= spot.at), mine[0] if mine else None)
        closed = ends.get(route.id or 0) if route else None
        if route is not None and (closed is None or spot.at <= closed.at):
            rows.append({**spot._asdict(), "person": person, "vehicle": route.vehicle})
    if rows:
        # both databases say it alike
        session.connection().execute(postgresql.insert(POSITION).on_conflict_do_nothing(), rows)
    return len(rows)


def _drives(session: Session, person: int, days: set[date]) -> dict[date, list[Route]]:
    return {day: routes.of_driver(session, person, day) for day in days}


def last(session: Session, since: datetime) -> dict[str, Position]:
    """Return the last position of each vehicle whose driver shares it, since a time."""
    query = select(Position).where(col(Position.at) >= since).order_by(col(Position.at))
    return {position.vehicle: position for position in session.exec(query)}


def of_person(session: Session, person: int, since: datetime) -> list[Position]:
    """List where somebody was since a time, the newest first: what the office sees of them."""
    query = select(Position).where(Position.person == person, col(Position.at) >= since)
    return list(session.exec(query.order_by(col(Position.at).desc())))


def forget(session: Session, *, before: datetime) -> None:
    """Erase what is older than it may be."""
    session.execute(sa.delete(Position).where(col(Position.at) < before))
