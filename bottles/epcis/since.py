"""Where to begin to read what became known since a time, in tables whose rows are appended as they become known."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

DISORDER = timedelta(days=1)
"""How much later than its neighbours a row may be: two requests at once swap places, and a clock is put right."""


def first(session: Session, row: Any, known_at: Any, since: datetime) -> int:
    """Return a number of a row before which everything became known earlier.

    The numbers themselves are the index, halved some thirty times: an index on the time would be written with every event.
    """
    low, high = 0, (session.scalar(sa.select(sa.func.max(row))) or 0) + 1
    look = sa.select(row, known_at).order_by(row).limit(1)
    while high - low > 1:
        middle = (low + high) // 2
        found = session.connection().execute(look.where(row >= middle)).first()
        if found is None or found[1] >= since - DISORDER:
            high = middle
        else:
            low = found[0]
    return low + 1
