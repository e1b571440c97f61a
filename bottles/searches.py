"""Plans and weeks that were asked for: the row is the truth, a queue only wakes who works on it.

A search that stops giving signs of life is lost and asked for again: at least once, and a plan saved twice is only a version
more.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, choice, find
from .errors import Conflict, say


class SearchStatus(StrEnum):
    """How far a search is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Search(SQLModel, table=True):
    """A plan asked for. `curve` is the best cost in cents over the seconds searched; `key` names a job that must run once.

    With `days` it is a week asked for, and `day` is its first: which of them each call is for.
    """

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
    days: list[str] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    proposal: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON, sa_column_kwargs={"server_default": "{}"})
    """What a week's search found, as `routing.planner.propose_week` writes it."""
    accepted_by: int | None = Field(default=None, foreign_key="person.id")
    accepted_at: datetime | None = Field(default=None, sa_type=Utc)


def ask(
    session: Session, day: date, *, seconds: float, person: int | None = None, key: str | None = None, at: datetime
) -> Search:
    """Ask for a plan; a key asked for before gives the same search again."""
    known = session.exec(select(Search).where(Search.key == key)).first() if key else None
    search = known or Search(day=day, key=key, limit_seconds=seconds, asked_by=person, asked_at=at)
    session.add(search)
    session.flush()
    return search


def ask_week(session: Session, days: Sequence[date], *, seconds: float, person: int | None = None, at: datetime) -> Search:
    """Ask which of some days each call should be answered on."""
    search = Search(day=days[0], days=[day.isoformat() for day in days], limit_seconds=seconds, asked_by=person, asked_at=at)
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


def propose(session: Session, search_id: int, proposal: Mapping[str, Any], *, at: datetime) -> None:
    """End a week's search with what it found."""
    search = find(session, Search, search_id)
    search.status, search.proposal, search.seen_at = SearchStatus.DONE, dict(proposal), at


def accept(session: Session, search_id: int, person: int, *, at: datetime) -> Search:
    """Accept a week that was proposed.

    Raises
    ------
    Conflict
        A newer week was proposed, or it has been accepted already.
    """
    search = find(session, Search, search_id)
    newest = latest_week(session)
    if newest is None or newest.id != search.id or search.status is not SearchStatus.DONE:
        raise Conflict(say("Another week was proposed meanwhile: look at that one."))
    if search.accepted_at is not None:
        raise Conflict(say("This week was accepted already."))
    search.accepted_by, search.accepted_at = person, at
    return search


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
    """Return the last search for a day's plan."""
    return _last(session, Search.day == day, ~_IS_WEEK)


def latest_week(session: Session) -> Search | None:
    """Return the last search over several days."""
    return _last(session, _IS_WEEK)


_IS_WEEK = sa.cast(Search.days, sa.String) != "[]"
"""A week names its days; one day's plan names none."""


def _last(session: Session, *where: Any) -> Search | None:
    return session.exec(select(Search).where(*where).order_by(col(Search.id).desc()).limit(1)).first()
