"""What somebody has fixed for a point on a day, so that every plan of that day keeps to it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, find
from .errors import Conflict, say
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
    def holds(self) -> bool:
        """Say whether anything is fixed still."""
        return (self.vehicle, self.position, self.opens) != (None, None, None)


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
) -> Lock:
    """Fix the stop at a point on a day, in place of what was fixed before; nothing at all lets it go.

    Raises
    ------
    NotFound
        There is no such point or vehicle.
    Conflict
        The vehicle goes out no more, or the hours end before they begin.
    """
    find(session, Point, point)
    if vehicle is not None and not find(session, Vehicle, vehicle).active:
        raise Conflict(say("This vehicle does not go out any more: choose another."))
    if hours is not None and hours[0] > hours[1]:
        raise Conflict(say("These hours end before they begin."))
    opens, closes = hours or (None, None)
    said = Lock(
        point=point, day=day, vehicle=vehicle, position=position, opens=opens, closes=closes, made_by=person, made_at=at
    )
    return session.merge(said)


def on(session: Session, day: date) -> dict[str, Lock]:
    """Return what is fixed for a day, by point."""
    return {lock.point: lock for lock in session.exec(select(Lock).where(Lock.day == day)) if lock.holds}


def since(session: Session, plan: Plan) -> Sequence[tuple[Lock, Point, str]]:
    """List what was fixed, or let go, for a plan's day since it was made, with the point and its partner's name."""
    query = (
        select(Lock, Point, Partner.name)
        .join(Point, col(Point.id) == col(Lock.point))
        .join(Partner, col(Partner.id) == col(Point.partner))
        .where(Lock.day == plan.day, col(Lock.made_at) > plan.made_at)
        .order_by(col(Lock.made_at), Lock.point)
    )
    return session.exec(query).all()
