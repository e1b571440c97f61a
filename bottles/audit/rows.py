"""What every question needs: rows in runs, how many there are, and what an account is called."""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

RUN = 1000
"""Rows read at a time."""


class Read(int):
    """So many rows that were read and are compared later: a sign of life on the way."""


Found = str | int
"""A sentence for a fault, how many things were equal, or how many rows were only `Read`."""
Look = Callable[[Session], Iterator[Found]]
"""A question: it yields what it finds, bit by bit."""


def runs(session: Session, query: sa.Select[Any], *key: sa.ColumnElement[Any]) -> Iterator[list[sa.Row[Any]]]:
    """Read rows in runs, in the order of a unique key, which they begin with."""
    after: sa.Select[Any] = query
    while found := session.connection().execute(after.order_by(*key).limit(RUN)).all():
        yield list(found)
        last = tuple(found[-1][: len(key)])
        after = query.where(sa.tuple_(*key) > last if len(key) > 1 else key[0] > last[0])


def table(model: type[SQLModel]) -> sa.FromClause:
    """Return the table behind a class, for rows without objects."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel does not declare it


def count(session: Session, rows: sa.FromClause, *where: sa.ColumnElement[bool]) -> int:
    """Count the rows of a table that meet some conditions."""
    return session.scalar(sa.select(sa.func.count()).select_from(rows).where(*where)) or 0


def name(account: Any) -> str:
    """Name an account; what it does not have is left out."""
    lot, order = (f" {word} {number}" if number else "" for word, number in (("lot", account.lot), ("order", account.order)))
    return " ".join(str(part) for part in (account.kind, account.holder, account.item) if part) + lot + order
