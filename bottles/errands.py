"""Work that somebody asked for and that takes a while: the row is the truth, a queue only wakes who works on it.

Work that stops giving signs of life is lost and begun again: at least once, so doing it twice must be harmless.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc, choice, find


class ErrandStatus(StrEnum):
    """How far a piece of work is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Errand(SQLModel):
    """What every kind of such work keeps of itself; each kind is a table of its own."""

    id: int | None = Field(default=None, primary_key=True)
    status: ErrandStatus = Field(default=ErrandStatus.WAITING, sa_type=choice(ErrandStatus))
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Utc)
    started_at: datetime | None = Field(default=None, sa_type=Utc)
    seen_at: datetime | None = Field(default=None, sa_type=Utc)
    """The worker's last sign of life."""
    stop_asked: bool = False
    trouble: str = ""

    @property
    def is_under_way(self) -> bool:
        """Say whether it waits or runs."""
        return self.status in (ErrandStatus.WAITING, ErrandStatus.RUNNING)


E = TypeVar("E", bound=Errand)


def take(session: Session, kind: type[Errand], errand_id: int, *, at: datetime) -> bool:
    """Start working, unless somebody else does or it has ended; say which."""
    session.flush()
    start = sa.update(kind).where(col(kind.id) == errand_id, col(kind.status) == ErrandStatus.WAITING)
    result = session.connection().execute(start.values(status=ErrandStatus.RUNNING, started_at=at, seen_at=at))
    return result.rowcount == 1


def tell(session: Session, kind: type[Errand], errand_id: int, *, at: datetime, **found: Any) -> bool:
    """Give a sign of life with what was found so far; say whether to stop.

    Where another worker has ended it meanwhile, what that one found stays, and there is nothing to go on for.
    """
    errand = find(session, kind, errand_id, lock=True)
    if errand.is_under_way:
        errand.sqlmodel_update({**found, "seen_at": at})
    return errand.stop_asked or not errand.is_under_way


def stop(session: Session, kind: type[E], errand_id: int) -> E:
    """Ask for an end with what was found until then."""
    errand = find(session, kind, errand_id)
    errand.stop_asked = True
    return errand


def finish(session: Session, kind: type[Errand], errand_id: int, *, at: datetime, **found: Any) -> None:
    """End with what was found, unless another worker has: somebody may have acted on what that one found."""
    _end(session, kind, errand_id, at=at, status=ErrandStatus.DONE, **found)


def fail(session: Session, kind: type[Errand], errand_id: int, trouble: str, *, at: datetime) -> None:
    """End with the reason why nothing came of it, unless another worker has ended it with something."""
    _end(session, kind, errand_id, at=at, status=ErrandStatus.FAILED, trouble=trouble)


def _end(session: Session, kind: type[Errand], errand_id: int, *, at: datetime, **found: Any) -> None:
    errand = find(session, kind, errand_id, lock=True)
    if errand.status is not ErrandStatus.DONE:
        errand.sqlmodel_update({**found, "seen_at": at})


def waiting(session: Session, kind: type[E]) -> list[E]:
    """List what nobody works on, oldest first."""
    return list(session.exec(select(kind).where(kind.status == ErrandStatus.WAITING).order_by(col(kind.id))))


def revive(session: Session, kind: type[E], *, silent_since: datetime) -> list[E]:
    """Put what runs and gave no sign of life since a time back to wait."""
    query = select(kind).where(kind.status == ErrandStatus.RUNNING, col(kind.seen_at) < silent_since)
    lost = list(session.exec(query))
    for errand in lost:
        errand.status = ErrandStatus.WAITING
    return lost


def put_back(session: Session, kind: type[Errand], errand_id: int) -> None:
    """Let somebody else begin again: this worker has to end."""
    errand = find(session, kind, errand_id, lock=True)
    if errand.is_under_way:
        errand.status = ErrandStatus.WAITING
