"""Plans that were asked for: the row is the truth, a queue only wakes who works on it.

A search that stops giving signs of life is lost and asked for again: at least once, and a plan saved twice is only a version
more.
"""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, choice, find


class SearchStatus(StrEnum):
    """How far a search is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Search(SQLModel, table=True):
    """A plan asked for. `curve` is the best cost in cents over the seconds searched; `key` names a job that must run once."""

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(index=True)
    key: str | None = Field(default=None, unique=True, max_length=60)
    status: SearchStatus = Field(default=SearchStatus.WAITING, sa_type=choice(SearchStatus))
    limit_seconds: float
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Utc)
    started_at: datetime | None = Field(default=None, sa_type=Utc)
    seen_at: datetime | None = Field(default=None, sa_type=Utc)
    """The worker's last sign of life."""
    stop_asked: bool = False
    curve: list[list[float]] = Field(default_factory=list, sa_type=sa.JSON)
    plan: int | None = Field(default=None, foreign_key="plan.id")
    trouble: str = ""


def ask(
    session: Session, day: date, *, seconds: float, person: int | None = None, key: str | None = None, at: datetime
) -> Search:
    """Ask for a plan; a key asked for before gives the same search again."""
    known = session.exec(select(Search).where(Search.key == key)).first() if key else None
    search = known or Search(day=day, key=key, limit_seconds=seconds, asked_by=person, asked_at=at)
    session.add(search)
    session.flush()
    return search


def take(session: Session, search_id: int, *, at: datetime) -> bool:
    """Start working on a search, unless somebody else does or it has ended; say which."""
    session.flush()
    start = sa.update(Search).where(col(Search.id) == search_id, col(Search.status) == SearchStatus.WAITING)
    result = session.connection().execute(start.values(status=SearchStatus.RUNNING, started_at=at, seen_at=at))
    return result.rowcount == 1


def tell(session: Session, search_id: int, curve: list[list[float]], *, at: datetime) -> bool:
    """Give a sign of life with the best costs so far; say whether the search should stop."""
    search = find(session, Search, search_id)
    search.curve, search.seen_at = curve, at
    return search.stop_asked


def stop(session: Session, search_id: int) -> Search:
    """Ask a search to stop with the best plan it has."""
    search = find(session, Search, search_id)
    search.stop_asked = True
    return search


def finish(session: Session, search_id: int, plan: int, *, at: datetime) -> None:
    """End a search with the plan it made."""
    search = find(session, Search, search_id)
    search.status, search.plan, search.seen_at = SearchStatus.DONE, plan, at


def fail(session: Session, search_id: int, trouble: str, *, at: datetime) -> None:
    """End a search with the reason why it gave no plan."""
    search = find(session, Search, search_id)
    search.status, search.trouble, search.seen_at = SearchStatus.FAILED, trouble, at


def waiting(session: Session) -> list[Search]:
    """List the searches nobody works on, oldest first."""
    return list(session.exec(select(Search).where(Search.status == SearchStatus.WAITING).order_by(col(Search.id))))


def revive(session: Session, *, silent_since: datetime) -> list[Search]:
    """Put the running searches that gave no sign of life since a time back to wait."""
    query = select(Search).where(Search.status == SearchStatus.RUNNING, col(Search.seen_at) < silent_since)
    lost = list(session.exec(query))
    for search in lost:
        search.status = SearchStatus.WAITING
    return lost


def latest(session: Session, day: date) -> Search | None:
    """Return the last search for a day."""
    return session.exec(select(Search).where(Search.day == day).order_by(col(Search.id).desc()).limit(1)).first()
