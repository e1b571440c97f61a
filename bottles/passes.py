"""Passes: a code on the coordinator's screen that signs one driver in on one phone, for one vehicle and one day.

A pass is used once and reaches nothing but that day. The phone keeps no password, so whoever finds the phone the next week
finds nothing. Only a digest of the secret is kept: whoever reads the database, or the log, cannot use it.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, find
from .errors import Conflict, Invalid, say
from .people import Person, Role, SignIn, digest
from .tokens import Token


class PassState(StrEnum):
    """Where a pass stands."""

    WAITING = "waiting"
    USED = "used"
    REVOKED = "revoked"
    OVER = "over"


class DriverPass(SQLModel, table=True):
    """A pass. It goes with the vehicle and not with the route: a day that is planned again makes its routes anew."""

    __tablename__ = "driver_pass"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64)
    person: int = Field(foreign_key="person.id", index=True)
    vehicle: str = Field(foreign_key="vehicle.id", max_length=60)
    day: date = Field(index=True)
    made_by: int | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    used_at: datetime | None = Field(default=None, sa_type=Utc)
    used_device: str = Field(default="", max_length=40)
    revoked_at: datetime | None = Field(default=None, sa_type=Utc)
    revoked_by: int | None = Field(default=None, foreign_key="person.id")

    def state(self, at: datetime) -> PassState:
        """Say where it stands at that time."""
        if self.revoked_at is not None:
            return PassState.REVOKED
        if self.expires_at <= at:
            return PassState.OVER
        return PassState.WAITING if self.used_at is None else PassState.USED


REFUSALS = {
    PassState.USED: say("This code was used already: ask the coordinator for a new one."),
    PassState.REVOKED: say("This code was withdrawn: ask the coordinator for a new one."),
    PassState.OVER: say("The day of this code is over: ask the coordinator for a new one."),
}
"""Why a pass opens nothing any more."""

UNKNOWN = say("This code is not one of ours: scan it again, or ask the coordinator for a new one.")


def create(
    session: Session, secret: str, person: int | None, vehicle: str, day: date, *, until: datetime, by: int, at: datetime
) -> DriverPass:
    """Keep a new pass for a secret that only the screen shows; it takes the place of one that nobody used.

    Raises
    ------
    Invalid
        This person does not drive.
    Conflict
        The day is over.
    """
    driver = session.get(Person, person) if person else None
    if driver is None or not _drives(driver):
        raise Invalid(say("Give the route to a driver first: the code is made for one."))
    if until <= at:
        raise Conflict(say("This day has passed: there is nothing to sign in for."))
    same = (col(DriverPass.person) == person, col(DriverPass.vehicle) == vehicle, col(DriverPass.day) == day)
    unused = sa.update(DriverPass).where(*same, col(DriverPass.used_at).is_(None), col(DriverPass.revoked_at).is_(None))
    session.execute(unused.values(revoked_at=at, revoked_by=by))
    made = DriverPass(
        digest=digest(secret), person=driver.id or 0, vehicle=vehicle, day=day, made_by=by, made_at=at, expires_at=until
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def redeem(session: Session, secret: str, device: str, *, today: date, at: datetime) -> tuple[DriverPass, Person]:
    """Use a pass up on a device, and return it with whom it signs in; of two phones at once the second is refused.

    Raises
    ------
    Invalid
        No pass has this secret.
    Conflict
        It was used, withdrawn, is over, or is for a later day.
    """
    known = session.exec(select(DriverPass.id).where(DriverPass.digest == digest(secret))).first()
    if known is None:
        raise Invalid(UNKNOWN)
    found = find(session, DriverPass, known, lock=True)
    state = found.state(at)
    person = find(session, Person, found.person)
    if state is PassState.WAITING and not _drives(person):
        state = PassState.REVOKED
    if state is not PassState.WAITING:
        raise Conflict(REFUSALS[state])
    if today < found.day:
        raise Conflict(say("This code is for another day: it does not open anything yet."))
    found.used_at, found.used_device = at, device
    session.flush()
    return found, person


def _drives(person: Person) -> bool:
    return person.active and person.role is Role.DRIVER


def stands(session: Session, pass_id: int | None, *, at: datetime) -> bool:
    """Say whether what a pass opened is still open, and keep it so until this unit of work is over; a password needs none."""
    return pass_id is None or find(session, DriverPass, pass_id, lock=True).state(at) is PassState.USED


def revoke(session: Session, pass_id: int, person: int, *, at: datetime) -> DriverPass:
    """Withdraw a pass, with the sign-in and the token it led to; events that still come under it go to quarantine.

    Raises
    ------
    NotFound
        There is none of this number.
    Conflict
        It was withdrawn already.
    """
    found = find(session, DriverPass, pass_id, lock=True)
    if found.revoked_at is not None:
        raise Conflict(say("This code was withdrawn already; nothing was changed."))
    found.revoked_at, found.revoked_by = at, person
    opened = (col(SignIn.driver_pass) == pass_id, col(SignIn.ended_at).is_(None))
    session.execute(sa.update(SignIn).where(*opened).values(ended_at=at))
    handed = (col(Token.driver_pass) == pass_id, col(Token.revoked_at).is_(None))
    session.execute(sa.update(Token).where(*handed).values(revoked_at=at, revoked_by=person))
    session.flush()
    return found


def listed(session: Session, *, since: date) -> list[tuple[DriverPass, Person]]:
    """List the passes of a day and later with whom they are for, the newest first."""
    query = select(DriverPass, Person).join(Person, col(Person.id) == col(DriverPass.person)).where(DriverPass.day >= since)
    return [(each, person) for each, person in session.exec(query.order_by(col(DriverPass.id).desc()))]


def of(session: Session, person: int, vehicle: str, day: date) -> list[DriverPass]:
    """List the passes made for one driver, vehicle and day, the newest first."""
    query = select(DriverPass).where(DriverPass.person == person, DriverPass.vehicle == vehicle, DriverPass.day == day)
    return list(session.exec(query.order_by(col(DriverPass.id).desc())))
