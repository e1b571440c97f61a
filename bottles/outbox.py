"""Letters that wait to be sent: the row is the truth, and its key makes writing the same letter twice harmless.

A letter goes out at least once: whoever sends one claims it first, and says so when the mail server has taken it.
"""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, find

PATIENCE = timedelta(minutes=2)
"""How long a claim lasts, and how long a letter waits after its first failure; each further one doubles it."""
MOST = 8
"""Attempts after which a letter waits for a person."""
KEPT = timedelta(days=30)
"""How long a letter is kept, sent or not."""


class Letter(SQLModel, table=True):
    """A mail to one address. After `until` it is not worth sending any more."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=120)
    address: str
    subject: str
    body: str
    made_at: datetime = Field(sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)
    sent_at: datetime | None = Field(default=None, sa_type=Utc)
    next_at: datetime = Field(sa_type=Utc, index=True)
    """From when on it may be sent, or tried again."""
    attempts: int = 0
    trouble: str = ""
    """What the mail server said last."""


LETTER = Letter.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


def write(
    session: Session, key: str, address: str, subject: str, body: str, *, until: datetime | None = None, at: datetime
) -> bool:
    """Put a letter into the outbox; say whether it is a new one."""
    # both databases say it alike
    insert = postgresql.insert(LETTER)
    values = {"key": key, "address": address, "subject": subject, "body": body, "made_at": at, "next_at": at, "until": until}
    fresh = insert.on_conflict_do_nothing().values(**values, attempts=0, trouble="").returning(LETTER.c.id)
    return session.connection().execute(fresh).first() is not None


def due(session: Session, *, at: datetime) -> list[int]:
    """List what should be sent now, oldest first."""
    query = select(Letter.id).where(col(Letter.sent_at).is_(None), col(Letter.next_at) <= at, col(Letter.attempts) < MOST)
    fresh = query.where(sa.or_(col(Letter.until).is_(None), col(Letter.until) > at))
    return [id_ for id_ in session.exec(fresh.order_by(col(Letter.id))) if id_ is not None]


def claim(session: Session, letter_id: int, *, at: datetime) -> Letter | None:
    """Take a letter to send it, unless somebody else does or it has been sent; a claim that is not kept runs out."""
    mine = sa.update(Letter).where(
        col(Letter.id) == letter_id, col(Letter.sent_at).is_(None), col(Letter.next_at) <= at, col(Letter.attempts) < MOST
    )
    done = session.connection().execute(mine.values(next_at=at + PATIENCE, attempts=Letter.attempts + 1))
    return find(session, Letter, letter_id) if done.rowcount == 1 else None


def sent(session: Session, letter_id: int, *, at: datetime) -> None:
    """Say that the mail server has taken a letter."""
    letter = find(session, Letter, letter_id)
    letter.sent_at, letter.trouble = at, ""


def failed(session: Session, letter_id: int, trouble: str, *, at: datetime) -> None:
    """Say that a letter could not be sent, and why; it is tried again later each time."""
    letter = find(session, Letter, letter_id)
    letter.trouble, letter.next_at = trouble[:500], at + PATIENCE * 2 ** (letter.attempts - 1)


def forget(session: Session, *, before: datetime) -> None:
    """Erase what was written before a time: it says where somebody's van was expected, and is told to nobody any more."""
    session.execute(sa.delete(Letter).where(col(Letter.made_at) < before))


def stuck(session: Session, *, at: datetime) -> list[Letter]:
    """List what was never sent and will not be any more, as long as it is kept, newest first."""
    over = sa.or_(col(Letter.attempts) >= MOST, col(Letter.until) <= at)
    recent = col(Letter.made_at) > at - KEPT
    query = select(Letter).where(col(Letter.sent_at).is_(None), over, recent, col(Letter.attempts) > 0)
    return list(session.exec(query.order_by(col(Letter.id).desc())))
