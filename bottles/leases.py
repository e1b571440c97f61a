"""Leases: of several processes that could do a thing, one does it, and another takes over when it falls silent."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from .db import Utc


class Lease(SQLModel, table=True):
    """Who holds the right to do a thing, and until when."""

    name: str = Field(primary_key=True, max_length=40)
    holder: str = Field(max_length=80)
    until: datetime = Field(sa_type=Utc)


def hold(session: Session, name: str, holder: str, lasting: timedelta, *, at: datetime) -> bool:
    """Take or renew a lease; say whether it is this holder's now. Who loses it stops what it did under it."""
    connection = session.connection()
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(Lease.__table__)  # type: ignore[attr-defined]  # the table behind the class
    connection.execute(insert.on_conflict_do_nothing(), {"name": name, "holder": holder, "until": at + lasting})
    mine = sa.or_(col(Lease.holder) == holder, col(Lease.until) < at)
    renewal = sa.update(Lease).where(col(Lease.name) == name, mine).values(holder=holder, until=at + lasting)
    return connection.execute(renewal).rowcount == 1


def release(session: Session, name: str, holder: str) -> None:
    """Give a lease back, so that another need not wait for it to run out."""
    session.connection().execute(sa.delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))
