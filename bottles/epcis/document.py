"""The whole story as one stream, or page by page.

Facts come from several tables, one after the other; a `Mark` says how far a reader has come, so that a page goes on exactly
where the last one ended, and nothing grows with the length of the story.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sqlmodel import Session

from ..errors import Invalid, say
from . import acts, shipping, stock, washing
from .naming import Asked, Json, Made, instant, text_of

ROWS = 1_000
"""Rows read at once."""

PIECE = 1 << 16
"""Characters handed over at once, about."""


class Mark(NamedTuple):
    """How far a reader has come: the table, its row, and how many of that row's events are told."""

    table: int = 0
    row: int = 0
    told: int = 0

    def __str__(self) -> str:
        return ".".join(str(number) for number in self)


def mark(text: str) -> Mark:
    """Read a mark that a page ended with.

    Raises
    ------
    Invalid
        No page of ours ended so.
    """
    found = re.fullmatch(r"(\d)\.(\d{1,18})\.(\d{1,6})", text, re.ASCII)
    if found is None or int(found[1]) >= len(TABLES):
        raise Invalid(say("“%(token)s” is no token of ours: begin again without one."), field="nextPageToken", token=text[:60])
    return Mark(*(int(number) for number in found.groups()))


Table = Callable[[Session, Asked, int, int], Made]
"""Returns what is asked for out of one table, from a row on, so many rows."""

TABLES: tuple[Table, ...] = (
    acts.arrived,
    washing.sortings,
    washing.washes,
    shipping.transfers,
    stock.pallets,
    stock.stocktakes,
    stock.held,
)
"""Where facts come from, in the order in which they are told: first what people did, which is all there is of a crate."""


def told(session: Session, asked: Asked, begin: Mark = Mark()) -> Iterator[tuple[Mark, Json]]:  # noqa: B008  # it is a tuple
    """Yield every event that is asked for, each with the mark to go on from after it."""
    tables = TABLES[:1] if asked.crate is not None else TABLES
    for number, table in enumerate(tables):
        if number < begin.table:
            continue
        row, skip = (begin.row, begin.told) if number == begin.table else (0, 0)
        while rows := table(session, asked, row, ROWS):
            for key, events in rows:
                done = skip if key == begin.row else 0
                yield from ((Mark(number, key, n), event) for n, event in enumerate(events[done:], start=done + 1))
            row, skip = rows[-1][0] + 1, 0


def document(session: Session, asked: Asked) -> Iterator[str]:
    """Write an EPCISDocument, piece by piece."""
    head = _head(asked, "EPCISDocument") | {"epcisBody": {"eventList": []}}
    yield from _pieces(text_of(head), (event for _, event in told(session, asked)))


def page(session: Session, asked: Asked, size: int, begin: Mark = Mark()) -> tuple[list[Json], Mark | None]:  # noqa: B008  # it is a tuple
    """Return at most so many events, and the mark of the next page if there is one."""
    found = list(islice(told(session, asked, begin), size + 1))
    return [event for _, event in found[:size]], found[size - 1][0] if len(found) > size else None


def query_document(asked: Asked, events: Iterable[Json]) -> Iterator[str]:
    """Write what EPCIS answers a query with, piece by piece."""
    results = {"queryName": "SimpleEventQuery", "resultsBody": {"eventList": []}}
    head = _head(asked, "EPCISQueryDocument") | {"epcisBody": {"queryResults": results}}
    yield from _pieces(text_of(head), events)


def _head(asked: Asked, kind: str) -> Json:
    return {
        "@context": asked.territory.context(),
        "type": kind,
        "schemaVersion": "2.0",
        "creationDate": instant(asked.at),
    }


def _pieces(frame: str, events: Iterable[Json]) -> Iterator[str]:
    """Write events into the empty list that a frame ends with, one a line."""
    before, after = frame.rsplit("[]", 1)
    piece, between = f"{before}[", "\n"
    for event in events:
        piece += between + text_of(event)
        between = ",\n"
        if len(piece) >= PIECE:
            yield piece
            piece = ""
    yield f"{piece}\n]{after}\n"
