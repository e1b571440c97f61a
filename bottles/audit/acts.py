"""Acts: what devices sent, all of it, and as it was sent."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from .. import wire
from ..aside import SetAside
from ..errors import Fault, Invalid, say
from ..events import Event
from .rows import Found, runs, table


def gaps(session: Session) -> Iterator[Found]:
    """Yield a fault for each gap in a device's own numbers: something it did has not reached us, or was taken away.

    What was set aside counts as much as what was kept. Two pages of one device may use a number twice; that is no gap.
    """
    aside = sa.select(col(SetAside.device), col(SetAside.sequence)).where(col(SetAside.sequence).is_not(None))
    known = sa.union_all(sa.select(col(Event.device), col(Event.sequence)), aside).subquery("known")
    before = sa.func.lag(known.c.sequence).over(partition_by=known.c.device, order_by=known.c.sequence).label("before")
    steps = sa.select(known.c.device, known.c.sequence, before).subquery("steps")
    gap = steps.c.sequence - steps.c.before > 1
    for device, after, last in session.connection().execute(sa.select(steps).where(gap)):
        one = say("device %(device)s: number %(first)s never reached us, though %(after)s did")
        many = say("device %(device)s: numbers %(first)s to %(last)s never reached us, though %(after)s did")
        yield Fault(one if after - last == 2 else many, device=device, first=last + 1, last=after - 1, after=after)
    yield session.scalar(sa.select(sa.func.count(sa.distinct(known.c.device)))) or 0


def bodies(session: Session) -> Iterator[Found]:
    """Yield a fault for each event that no longer says what its kept body says."""
    event = table(Event).c
    query = sa.select(event.row, event.digest, event.body, *(event[name] for name in wire.FACTS))
    for run in runs(session, query, event.row):
        for row in run:
            changed = say("event %(row)s (%(id)s): it does not say what was received")
            yield 1 if _is_whole(row) else Fault(changed, row=row.row, id=row.id)


def _is_whole(row: sa.Row[Any]) -> bool:
    """Say whether an event says what its body says; where the body was erased on request, the seal proves the rest."""
    if not row.body:
        return row.note is None and row.reason is None
    if not isinstance(row.body, bytes):
        # SQLite keeps whatever somebody writes into a column
        return False
    try:
        told = wire.read(row.body)
    except Invalid:
        return False
    # a text of nothing but spaces was once kept as it came
    same = all(getattr(told, name) == wire.or_none(getattr(row, name)) for name in wire.FACTS)
    return same and wire.digest(row.body) == row.digest
