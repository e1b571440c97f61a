"""Plans and weeks that were asked for; one saved twice, after its worker was lost, is only a version more."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, Session, col, select

from .db import Utc, choice, find, one_by_one
from .errands import Errand, ErrandStatus
from .errors import Conflict, say

NEWER = say("Another week was proposed meanwhile: look at that one.")


class Search(Errand, table=True):
    """A plan asked for. `curve` is the best cost in cents over the seconds searched; `key` names a job that must run once.

    With `days` it is a week asked for, and `day` is its first: which of them each call is for.
    """

    status: ErrandStatus = Field(default=ErrandStatus.WAITING, sa_type=choice(ErrandStatus, "search_status"))
    day: date = Field(index=True)
    key: str | None = Field(default=None, unique=True, max_length=60)
    limit_seconds: float
    moving: int | None = None
    """Cents that giving a call to another vehicle than in the plan that stands costs; None for what the territory says."""
    curve: list[list[float]] = Field(default_factory=list, sa_type=sa.JSON)
    plan: int | None = Field(default=None, foreign_key="plan.id")
    days: list[str] = Field(default_factory=list, sa_type=sa.JSON, sa_column_kwargs={"server_default": "[]"})
    proposal: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON, sa_column_kwargs={"server_default": "{}"})
    """What a week's search found, as `routing.planner.propose_week` writes it."""
    accepted_by: int | None = Field(default=None, foreign_key="person.id")
    accepted_at: datetime | None = Field(default=None, sa_type=Utc)


def ask(
    session: Session,
    day: date,
    *,
    seconds: float,
    moving: int | None = None,
    person: int | None = None,
    key: str | None = None,
    at: datetime,
) -> Search:
    """Ask for a plan; a key asked for before gives the same search again."""
    known = session.exec(select(Search).where(Search.key == key)).first() if key else None
    search = known or Search(day=day, key=key, limit_seconds=seconds, moving=moving, asked_by=person, asked_at=at)
    session.add(search)
    session.flush()
    return search


def ask_week(session: Session, days: Sequence[date], *, seconds: float, person: int | None = None, at: datetime) -> Search:
    """Ask which of some days each call should be answered on."""
    search = Search(day=days[0], days=[day.isoformat() for day in days], limit_seconds=seconds, asked_by=person, asked_at=at)
    session.add(search)
    session.flush()
    return search


def is_under_way(session: Session, day: date | None) -> bool:
    """Say whether a day's plan is searched for, or without one a week; who asks the same next waits for this unit of work."""
    one_by_one(session, "searches")
    last = latest(session, day) if day else latest_week(session)
    return last is not None and last.is_under_way


def accept(session: Session, search_id: int, person: int, *, at: datetime) -> Search:
    """Accept a week that was proposed.

    Raises
    ------
    Conflict
        A newer week was proposed, or it has been accepted already.
    """
    search = find(session, Search, search_id, lock=True)
    newest = latest_proposal(session)
    if newest is None or newest.id != search.id:
        raise Conflict(NEWER)
    if search.accepted_at is not None:
        raise Conflict(say("This week was accepted already."))
    search.accepted_by, search.accepted_at = person, at
    return search


def release(session: Session, search_id: int) -> Search:
    """Take back that a week was accepted.

    Raises
    ------
    Conflict
        A newer one was accepted since: the days are that one's.
    """
    search = find(session, Search, search_id, lock=True)
    if _last(session, _IS_WEEK, col(Search.id) > search_id, col(Search.accepted_at).is_not(None)):
        raise Conflict(NEWER)
    search.accepted_by = search.accepted_at = None
    return search


def latest(session: Session, day: date) -> Search | None:
    """Return the last search for a day's plan."""
    return _last(session, Search.day == day, ~_IS_WEEK)


def latest_week(session: Session) -> Search | None:
    """Return the last search over several days."""
    return _last(session, _IS_WEEK)


def latest_proposal(session: Session) -> Search | None:
    """Return the last week that was proposed, whatever is searched since."""
    return _last(session, _IS_WEEK, Search.status == ErrandStatus.DONE)


def latest_accepted(session: Session) -> Search | None:
    """Return the last week that was accepted, whatever is proposed since."""
    return _last(session, _IS_WEEK, col(Search.accepted_at).is_not(None))


_IS_WEEK = sa.cast(Search.days, sa.String) != "[]"
"""A week names its days; one day's plan names none."""


def _last(session: Session, *where: Any) -> Search | None:
    return session.exec(select(Search).where(*where).order_by(col(Search.id).desc()).limit(1)).first()
