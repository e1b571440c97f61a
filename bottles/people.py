"""People, what they may do and for whom, and the sessions they are signed in with.

Passwords are hashed by web/ with argon2; this floor keeps the hash and knows nothing of how it was made.
"""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, choice


class Role(StrEnum):
    """Who may do what. A person has one role, for one partner."""

    WINEMAKER = "winemaker"
    SHOP = "shop"
    DRIVER = "driver"
    WASHER = "washer"
    COORDINATOR = "coordinator"


class Person(SQLModel, table=True):
    """Somebody with an account."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)
    role: Role = Field(sa_type=choice(Role))
    partner: str = Field(foreign_key="partner.id", index=True)
    password_hash: str = ""
    language: str = ""
    active: bool = True
    van_mail: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether they want a mail when a van is near."""


class SignIn(SQLModel, table=True):
    """A signed-in device. Only a digest of its token is kept; `ended_at` ends it on the server."""

    __tablename__ = "sign_in"

    id: int | None = Field(default=None, primary_key=True)
    token_digest: str = Field(unique=True, max_length=64)
    person: int = Field(foreign_key="person.id", index=True)
    device: str = Field(max_length=40)
    made_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    driver_pass: int | None = Field(default=None, foreign_key="driver_pass.id", unique=True)
    """The pass that opened it, and that it reaches no further than; none for a password."""


class SignInAttempt(SQLModel, table=True):
    """A sign-in that failed; limits are counted from these, by account and by address."""

    __tablename__ = "sign_in_attempt"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(index=True)
    address: str = Field(index=True)
    at: datetime = Field(sa_type=Utc)


def digest(token: str) -> str:
    """Return what is kept of a token: it is random and long, so one plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_email(session: Session, email: str) -> Person | None:
    """Find an active person by the address they sign in with."""
    query = select(Person).where(Person.email == email.strip().lower(), col(Person.active))
    return session.exec(query).first()


def sign_in(
    session: Session, person: int, token: str, device: str, *, lasting: timedelta, driver_pass: int | None = None, at: datetime
) -> SignIn:
    """Keep a new sign-in for a token that only the device knows."""
    row = SignIn(
        token_digest=digest(token), person=person, device=device, made_at=at, expires_at=at + lasting, driver_pass=driver_pass
    )
    session.add(row)
    session.flush()
    return row


def signed_in(session: Session, token: str, *, at: datetime) -> tuple[Person, SignIn] | None:
    """Return who holds this token, if it is still good at that time."""
    query = (
        select(Person, SignIn)
        .join(SignIn, col(SignIn.person) == col(Person.id))
        .where(SignIn.token_digest == digest(token), col(SignIn.ended_at).is_(None))
        .where(SignIn.expires_at > at, col(Person.active))
    )
    found = session.exec(query).first()
    return (found[0], found[1]) if found else None


def sign_out(session: Session, token: str, *, at: datetime) -> None:
    """End a sign-in on the server; ending it twice changes nothing."""
    query = sa.update(SignIn).where(col(SignIn.token_digest) == digest(token), col(SignIn.ended_at).is_(None))
    session.execute(query.values(ended_at=at))


def failed(session: Session, email: str, address: str, *, at: datetime) -> None:
    """Remember a sign-in that failed."""
    session.add(SignInAttempt(email=email.strip().lower(), address=address, at=at))


def failures(session: Session, email: str, address: str, *, since: datetime) -> tuple[int, int]:
    """Count failed sign-ins since a time: for this account, and from this address."""
    count = sa.select(sa.func.count()).select_from(SignInAttempt).where(col(SignInAttempt.at) > since)
    by_account = session.scalar(count.where(col(SignInAttempt.email) == email.strip().lower()))
    by_address = session.scalar(count.where(col(SignInAttempt.address) == address))
    return by_account or 0, by_address or 0


def forgive(session: Session, email: str, address: str) -> None:
    """Forget the misses at one account from one address, and no others: one's own sign-in clears nobody else's."""
    mine = (col(SignInAttempt.email) == email.strip().lower(), col(SignInAttempt.address) == address)
    session.execute(sa.delete(SignInAttempt).where(*mine))


def forget_misses(session: Session, *, before: datetime) -> None:
    """Forget failed sign-ins that no limit counts any more: they name people and addresses."""
    session.execute(sa.delete(SignInAttempt).where(col(SignInAttempt.at) < before))
