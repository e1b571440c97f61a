"""What reached us and could not be kept as an event: in quarantine with a sentence, until somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col

from .db import Utc, choice, find, one_by_one
from .errors import Conflict, say
from .events import Receipt
from .people import Role


class SetAside(SQLModel, table=True):
    """What reached us and could not be kept as an event: the raw body, whose it is, and what was answered.

    The same body from the same person is set aside once, however often it is sent. `message` and `values` are the refusal's.
    """

    __tablename__ = "set_aside"
    __table_args__ = (sa.Index("ix_set_aside_digest", "digest"),)

    row: int | None = Field(default=None, primary_key=True)
    event_id: str | None = Field(default=None, index=True, max_length=36)
    receipt: Receipt = Field(sa_type=choice(Receipt))
    device: str = Field(default="", max_length=40)
    sequence: int | None = None
    person: int | None = Field(default=None, foreign_key="person.id")
    partner: str = ""
    role: Role | None = Field(default=None, sa_type=choice(Role))
    centre: str = ""
    received_at: datetime = Field(sa_type=Utc)
    message: str
    values: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    is_barred: bool = False
    """It was set aside for who sent it, not for what it says."""
    digest: str = Field(max_length=64)
    body: bytes
    decided_at: datetime | None = Field(default=None, sa_type=Utc)
    decided_by: int | None = Field(default=None, foreign_key="person.id")


def keep(session: Session, rows: Sequence[SetAside]) -> None:
    """Set bodies aside; one that lies there already, from the same person, is not laid there again."""
    if not rows:
        return
    one_by_one(session, "aside")
    lies = sa.select(col(SetAside.digest), col(SetAside.person)).where(col(SetAside.digest).in_([row.digest for row in rows]))
    there = {(digest, person) for digest, person in session.connection().execute(lies)}
    for row in rows:
        if (row.digest, row.person) not in there:
            session.add(row)
            there.add((row.digest, row.person))


def decide(session: Session, row: int, person: int, *, at: datetime) -> SetAside:
    """Put away what was set aside: somebody has seen to it.

    Raises
    ------
    Conflict
        Somebody decided already.
    """
    aside = find(session, SetAside, row, lock=True)
    if aside.decided_at:
        raise Conflict(say("Somebody decided about this meanwhile; nothing was changed."))
    aside.decided_at, aside.decided_by = at, person
    return aside
