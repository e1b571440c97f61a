"""What drivers' days taught about how long ways take; the newest row is what planning reckons with."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from .db import Utc


class Calibration(SQLModel, table=True):
    """Factors on the seconds that one source of ways gives, by profile, and by profile and hour where the days bore that.

    `margin` is the share that all legs together took longer still; `before` and `after` are the median error of a leg, as a
    share of what it took.
    """

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=10)
    """Where the ways it was compared with came from: another source's seconds mean something else."""
    factors: dict[str, float] = Field(default_factory=dict, sa_type=sa.JSON)
    hours: dict[str, dict[str, float]] = Field(default_factory=dict, sa_type=sa.JSON)
    margin: float = 0.0
    legs: int
    used: int
    before: float
    after: float
    made_at: datetime = Field(sa_type=Utc)


def latest(session: Session, source: str) -> Calibration | None:
    """Return what was learned last about a source of ways; a row without factors says to forget what came before."""
    query = select(Calibration).where(Calibration.source == source).order_by(col(Calibration.id).desc()).limit(1)
    found = session.exec(query).first()
    return found if found and found.factors else None
