"""Sealing what is committed: read, work out, then write a moment, block by block, so that nobody waits for it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.engine import Engine

from bottles import seals
from bottles.db import reading, transaction


def seal(engine: Engine, *, rows: int, at: datetime, heard: Callable[[int], object] = lambda sealed: None) -> int:
    """Seal everything that is old enough and return how many rows that is; `heard` is told how far it has come.

    To do it twice changes nothing, and two that do it at once make one chain: whose blocks come second starts again after
    those of the other.
    """
    sealed = 0
    while True:
        with reading(engine) as session:
            drafted = seals.draft(session, at=at, rows=rows)
        if not drafted:
            return sealed
        with transaction(engine) as session:
            sealed += seals.keep(session, drafted)
        heard(sealed)
