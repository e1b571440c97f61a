"""Where vehicles may stop: collection points, cellars, shops, and the centres themselves."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import choice


class PointKind(StrEnum):
    """What a point is to the people who come there."""

    WINERY = "winery"
    SHOP = "shop"
    DROPOFF = "dropoff"
    CENTRE = "centre"


class Point(SQLModel, table=True):
    """A place with hours and access.

    `hours` maps a weekday ("0" is Monday) to its opening windows in minutes of the local day, [[480, 720], [840, 1080]];
    a day that is absent is closed. `closures` lists ISO dates it is closed all day. `service_seconds` is spent at each halt,
    `crate_seconds` for each crate handed over. `tags` are access words a vehicle must answer ("narrow", "tail-lift").
    """

    id: str = Field(primary_key=True, max_length=60)
    partner: str = Field(foreign_key="partner.id", index=True)
    kind: PointKind = Field(sa_type=choice(PointKind))
    name: str
    street: str = ""
    town: str
    postcode: str
    lat: float
    lon: float
    hours: dict[str, list[list[int]]] = Field(default_factory=dict, sa_type=sa.JSON)
    closures: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    service_seconds: int = 300
    crate_seconds: int = 20
    tags: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    access_note: str = ""
    contact: str = ""
    phone: str = ""
    public: bool = False
    """Whether citizens are sent here with their bottles."""


def windows(point: Point, day: date) -> list[tuple[int, int]]:
    """Return the opening windows of one day, in minutes of the local day; none when it is closed."""
    if day.isoformat() in point.closures:
        return []
    return [(opens, closes) for opens, closes in point.hours.get(str(day.weekday()), [])]


def centres(session: Session) -> list[Point]:
    """List the centres, the first named in the config first."""
    return list(session.exec(select(Point).where(Point.kind == PointKind.CENTRE).order_by(Point.id)))


def public(session: Session) -> list[Point]:
    """List the points citizens may use, by town and name."""
    return list(session.exec(select(Point).where(col(Point.public)).order_by(Point.town, Point.name)))


def of_partner(session: Session, partner: str) -> list[Point]:
    """List one partner's points."""
    return list(session.exec(select(Point).where(Point.partner == partner).order_by(Point.name)))


def save(session: Session, values: Mapping[str, Any]) -> bool:
    """Create or update a point by its id; say whether anything changed."""
    known = session.get(Point, values["id"])
    if known is None:
        session.add(Point.model_validate(values))
        return True
    changed = {key: value for key, value in values.items() if getattr(known, key) != value}
    known.sqlmodel_update(changed)
    session.add(known)
    return bool(changed)
