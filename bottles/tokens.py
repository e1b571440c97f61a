"""Tokens: what a program or a phone shows instead of a password.

A token speaks for one person in one role. An *upload* token belongs to one device and only hands in events; what reaches us
under one that is over is put into quarantine, never lost. A *bearer* token also reads, until its end. Only a digest of the
secret is kept: whoever reads the database cannot use it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, choice, find
from .errors import Conflict, say
from .people import Person, Role, digest

SELDOM = timedelta(hours=1)
"""How exactly we remember when a token was used last: a write for each request would cost more than it tells."""


class TokenKind(StrEnum):
    """What a token opens."""

    UPLOAD = "upload"
    BEARER = "bearer"


class Token(SQLModel, table=True):
    """A token. `role`, `partner` and `centre` are those of the person when it was made, and stand on what it hands in."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True, max_length=64)
    kind: TokenKind = Field(sa_type=choice(TokenKind))
    person: int = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=choice(Role))
    partner: str = Field(foreign_key="partner.id")
    centre: str = Field(default="", max_length=60)
    device: str = Field(default="", max_length=40, index=True)
    """The only device whose events an upload token hands in; empty for a bearer."""
    label: str = Field(default="", max_length=80)
    made_by: int | None = Field(default=None, foreign_key="person.id")
    """Who made it; none when it was made on the command line."""
    made_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    revoked_at: datetime | None = Field(default=None, sa_type=Utc)
    revoked_by: int | None = Field(default=None, foreign_key="person.id")
    last_used_at: datetime | None = Field(default=None, sa_type=Utc)
    driver_pass: int | None = Field(default=None, foreign_key="driver_pass.id", index=True)
    """The pass whose phone it was made for: it is withdrawn with it."""

    def stands(self, at: datetime) -> bool:
        """Say whether it opens anything at that time."""
        return self.revoked_at is None and self.expires_at > at


class Holder(NamedTuple):
    """Who shows a token, read in one query without any object of the session behind it.

    `id`, `role`, `partner` and `language` read like those of a `Person`, so that a view need not ask which it has.
    """

    token: int
    kind: TokenKind
    id: int
    name: str
    language: str
    role: Role
    partner: str
    centre: str
    device: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    active: bool
    current: bool
    """The person still has the role and the partner of the token."""

    def may(self, at: datetime) -> bool:
        """Say whether the token opens anything at that time: a phone's queue outlives a change of role, a reader does not."""
        stands = self.active and self.revoked_at is None and self.expires_at > at
        return stands and (self.current or self.kind is TokenKind.UPLOAD)


_SAME = sa.and_(col(Person.role) == col(Token.role), col(Person.partner) == col(Token.partner))
_HOLDER = (
    sa.select(
        col(Token.id), col(Token.kind), col(Token.person), col(Person.name), col(Person.language),
        col(Token.role), col(Token.partner), col(Token.centre), col(Token.device),
        col(Token.expires_at), col(Token.revoked_at), col(Token.last_used_at),
        col(Person.active), sa.case((_SAME, True), else_=False),
    )
    .join(Person, col(Person.id) == col(Token.person))
    .where(col(Token.digest) == sa.bindparam("shown"))
)  # fmt: skip
"""Made once: it is asked for each request."""


def create(
    session: Session,
    secret: str,
    kind: TokenKind,
    person: Person,
    *,
    centre: str = "",
    device: str = "",
    label: str = "",
    lasting: timedelta,
    by: int | None = None,
    driver_pass: int | None = None,
    at: datetime,
) -> Token:
    """Keep a new token for a secret that only its holder knows, in the person's present role."""
    token = Token(
        digest=digest(secret),
        kind=kind,
        person=person.id or 0,
        role=person.role,
        partner=person.partner,
        centre=centre,
        device=device,
        label=label,
        made_by=by,
        made_at=at,
        expires_at=at + lasting,
        driver_pass=driver_pass,
    )
    session.add(token)
    session.flush()
    return token


def of(session: Session, secret: str) -> Holder | None:
    """Return who holds this secret, also when it is over; `Holder.may` says so."""
    row = session.connection().execute(_HOLDER, {"shown": digest(secret)}).first()
    return Holder._make(row) if row else None


def used(session: Session, holder: Holder, *, at: datetime) -> None:
    """Remember when a token was used last."""
    session.execute(sa.update(Token).where(col(Token.id) == holder.token).values(last_used_at=at))


def is_stale(holder: Holder, at: datetime) -> bool:
    """Say whether what we remember of a token's last use is old enough to be written again."""
    return holder.last_used_at is None or at - holder.last_used_at >= SELDOM


def revoke(session: Session, token_id: int, person: int | None, *, at: datetime) -> Token:
    """End a token now; events that still come under it go to quarantine.

    Raises
    ------
    NotFound
        There is none of this number.
    Conflict
        It was revoked already.
    """
    token = find(session, Token, token_id)
    if token.revoked_at is not None:
        raise Conflict(say("This token was revoked already; nothing was changed."))
    token.revoked_at, token.revoked_by = at, person
    session.flush()
    return token


def replace(session: Session, person: int, device: str, *, at: datetime) -> None:
    """End the upload tokens that a person had on a device, because a new one takes their place."""
    mine = (col(Token.person) == person, col(Token.device) == device, col(Token.kind) == TokenKind.UPLOAD)
    session.execute(sa.update(Token).where(*mine, col(Token.revoked_at).is_(None)).values(revoked_at=at, revoked_by=person))


def listed(session: Session) -> list[tuple[Token, Person]]:
    """List tokens with whom they speak for, the newest first."""
    query = select(Token, Person).join(Person, col(Person.id) == col(Token.person)).order_by(col(Token.id).desc())
    return [(token, person) for token, person in session.exec(query)]


def of_devices(session: Session, devices: Collection[str]) -> dict[tuple[str, int], Token]:
    """Return the newest upload token that each person ever had on some devices, over or not, by device and person."""
    query = select(Token).where(Token.kind == TokenKind.UPLOAD, col(Token.device).in_(devices)).order_by(col(Token.id))
    return {(token.device, token.person): token for token in session.exec(query)} if devices else {}
