"""Pickups: what partners ask to be taken away, and how many empties to leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from .catalogue import CrateType
from .db import Utc, choice, find
from .errors import Conflict, Invalid, NotFound, say
from .points import Point

MOST_CRATES = 400
"""More than this at one point is a slip of the finger, or needs a lorry and a telephone call."""


class PickupStatus(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Pickup(SQLModel, table=True):
    """A request. `partner` is whose it is, `person` who asked: a coordinator may ask for a partner on the phone."""

    id: int | None = Field(default=None, primary_key=True)
    partner: str = Field(foreign_key="partner.id", index=True)
    point: str = Field(foreign_key="point.id")
    person: int = Field(foreign_key="person.id")
    ready_from: date
    wanted_by: date | None = None
    note: str = ""
    reference: str | None = Field(default=None, unique=True, max_length=60)
    """The number it bears in a list that was imported; a second import finds it again."""
    status: PickupStatus = Field(default=PickupStatus.OPEN, sa_type=choice(PickupStatus))
    made_at: datetime = Field(sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)


class PickupLine(SQLModel, table=True):
    """Crates of one type: how many full ones to take, how many empties to leave."""

    __tablename__ = "pickup_line"

    pickup: int = Field(foreign_key="pickup.id", primary_key=True)
    crate_type: str = Field(foreign_key="crate_type.id", primary_key=True)
    take: int = 0
    leave: int = 0


@dataclass(frozen=True)
class Crates:
    """So many crates of one type to take and to leave."""

    crate_type: str
    take: int = 0
    leave: int = 0


def request(
    session: Session,
    partner: str,
    point: str,
    crates: Sequence[Crates],
    person: int,
    *,
    ready_from: date,
    wanted_by: date | None = None,
    note: str = "",
    reference: str | None = None,
    at: datetime,
) -> Pickup:
    """Ask for a pickup at one of a partner's points.

    Raises
    ------
    NotFound
        The point is not this partner's.
    Invalid
        Nothing to take or leave, too many crates, or a last day before the first.
    """
    place = find(session, Point, point)
    if place.partner != partner:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    crates = [c for c in crates if c.take or c.leave]
    _check(crates, ready_from, wanted_by)
    pickup = Pickup(
        partner=partner,
        point=point,
        person=person,
        ready_from=ready_from,
        wanted_by=wanted_by,
        note=note.strip(),
        reference=reference,
        made_at=at,
    )
    session.add(pickup)
    session.flush()
    for crate in crates:
        kind = find(session, CrateType, crate.crate_type)
        session.add(PickupLine(pickup=pickup.id or 0, crate_type=kind.id, take=crate.take, leave=crate.leave))
    session.flush()
    return pickup


def _check(crates: Sequence[Crates], ready_from: date, wanted_by: date | None) -> None:
    if not crates:
        raise Invalid(say("Say how many crates to take, or how many empties to leave."), field="take")
    for crate in crates:
        if not (0 <= crate.take <= MOST_CRATES and 0 <= crate.leave <= MOST_CRATES):
            raise Invalid(
                say("Between 0 and %(most)d crates can be asked for at once; call us for more."), field="take", most=MOST_CRATES
            )
    if wanted_by and wanted_by < ready_from:
        raise Invalid(say("The last day lies before the first one: choose a later day."), field="wanted_by")


def lines(session: Session, pickup: int) -> list[PickupLine]:
    """List what a request asks for."""
    return list(session.exec(select(PickupLine).where(PickupLine.pickup == pickup).order_by(PickupLine.crate_type)))


def of_partner(session: Session, partner: str, *, limit: int = 50) -> list[Pickup]:
    """List a partner's requests, newest first."""
    query = select(Pickup).where(Pickup.partner == partner).order_by(col(Pickup.id).desc()).limit(limit)
    return list(session.exec(query))


def last(session: Session, partner: str) -> Pickup | None:
    """Return a partner's last request that was not cancelled, to be asked for once more."""
    query = select(Pickup).where(Pickup.partner == partner, Pickup.status != PickupStatus.CANCELLED)
    return session.exec(query.order_by(col(Pickup.id).desc()).limit(1)).first()


def mine(session: Session, pickup_id: int, partner: str) -> Pickup:
    """Return a request of this partner; another's reads as if it did not exist."""
    # a number larger than a database keeps is nobody's
    pickup = session.get(Pickup, pickup_id) if 0 < pickup_id < 2**31 else None
    if pickup is None or pickup.partner != partner:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return pickup


def repeat(session: Session, pickup_id: int, partner: str, person: int, *, ready_from: date, at: datetime) -> Pickup:
    """Ask once more for what an earlier request asked for, from a new day."""
    earlier = mine(session, pickup_id, partner)
    crates = [Crates(line.crate_type, line.take, line.leave) for line in lines(session, pickup_id)]
    return request(session, partner, earlier.point, crates, person, ready_from=ready_from, note=earlier.note, at=at)


def cancel(session: Session, pickup_id: int, partner: str, *, at: datetime) -> Pickup:
    """Take a request back.

    Raises
    ------
    Conflict
        It was collected or cancelled already.
    """
    pickup = mine(session, pickup_id, partner)
    if pickup.status is not PickupStatus.OPEN:
        raise Conflict(say("This request is closed already; nothing was changed."))
    pickup.status, pickup.closed_at = PickupStatus.CANCELLED, at
    return pickup
