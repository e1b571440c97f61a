"""What somebody has fixed for a point on a day, so that every plan of that day keeps to it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from . import points
from .db import Utc, find, one_by_one
from .errors import Conflict, Invalid, say
from .partners import Partner
from .points import Point
from .routes import Plan
from .vehicles import Vehicle

FIRST, LAST = 0, -1

Hours = tuple[int, int]
"""Minutes of the day from which and until which a vehicle may begin there."""


class Lock(SQLModel, table=True):
    """What is fixed for the stop at a point on a day; one that was let go stays, for plans that were made before."""

    __tablename__ = "stop_lock"

    point: str = Field(foreign_key="point.id", primary_key=True)
    day: date = Field(primary_key=True)
    vehicle: str | None = Field(default=None, foreign_key="vehicle.id")
    position: int | None = None
    """FIRST or LAST of its route."""
    opens: int | None = None
    """With `closes` the hours that were agreed, in minutes of the day; they count instead of the point's own."""
    closes: int | None = None
    made_by: int = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_type=Utc)

    @property
    def hours(self) -> Hours | None:
        """Return the hours that were agreed."""
        return None if self.opens is None or self.closes is None else (self.opens, self.closes)

    @property
    def said(self) -> tuple[str | None, int | None, Hours | None]:
        """Return what is fixed: the vehicle, the place in its route, the hours."""
        return self.vehicle, self.position, self.hours

    @property
    def holds(self) -> bool:
        """Say whether anything is fixed still."""
        return any(part is not None for part in self.said)


def fix(
    session: Session,
    point: str,
    day: date,
    *,
    vehicle: str | None = None,
    position: int | None = None,
    hours: Hours | None = None,
    person: int,
    at: datetime,
) -> None:
    """Fix the stop at a point on a day, in place of what was fixed before; nothing at all lets it go.

    Raises
    ------
    NotFound
        There is no such point or vehicle.
    Invalid
        The hours end before they begin, or a place in the route is that of no vehicle.
    Conflict
        The vehicle goes out no more.
    """
    # two who fix a stop at once would both be its first
    one_by_one(session, "locks")
    find(session, Point, point)
    if vehicle is not None and not find(session, Vehicle, vehicle).active:
        raise Conflict(say("This vehicle does not go out any more: choose another."), "vehicle")
    if position is not None and vehicle is None:
        # the calls of a stop could ride with several vehicles, and only one of them would have its place
        raise Invalid(say("Choose the vehicle whose first or last stop it is."), "vehicle")
    if hours is not None and hours[0] > hours[1]:
        raise Invalid(say("These hours end before they begin."), "closes")
    opens, closes = hours or (None, None)
    lock = Lock(
        point=point, day=day, vehicle=vehicle, position=position, opens=opens, closes=closes, made_by=person, made_at=at
    )
    was = session.get(Lock, (point, day))
    # saying the same once more is no change that a plan would have to follow
    if lock.said != (was.said if was else (None, None, None)):
        session.merge(lock)


def on(session: Session, day: date) -> dict[str, Lock]:
    """Return what is fixed for a day, by point."""
    return {lock.point: lock for lock in session.exec(select(Lock).where(Lock.day == day)) if lock.holds}


def windows(point: Point, day: date, held: Mapping[str, Lock]) -> list[Hours]:
    """Return when a vehicle may begin at a point: the hours agreed for the day, else those of the point."""
    lock = held.get(point.id)
    return [lock.hours] if lock and lock.hours else points.windows(point, day)


def since(session: Session, plan: Plan) -> Sequence[tuple[Point, str]]:
    """List the points for which something was fixed, or let go, since a plan of their day was made, with the partner's name."""
    query = (
        select(Point, Partner.name)
        .join(Lock, col(Point.id) == col(Lock.point))
        .join(Partner, col(Partner.id) == col(Point.partner))
        .where(Lock.day == plan.day, col(Lock.made_at) > plan.made_at)
        .order_by(col(Lock.made_at), Lock.point)
    )
    return session.exec(query).all()
