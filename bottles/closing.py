"""How a route ends: what its van should still carry by all that was told, and whether its driver closed it.

What was taken aboard goes off at the centre, where reception counts it. What was loaded must have been handed over: what is
left of it, or went out besides, is the route's balance, and a driver who closes with one says why. Where nobody told what was
loaded, it is taken to be what was handed over, as in the ledger. An act that comes in late simply changes the balance.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Session, col

from . import events, hauls, projections
from .crates import Move
from .events import Act, Event, EventKind
from .hauls import Line


class Closing(StrEnum):
    """Whether a route is closed; `UNCLEAR` has a balance that nobody explained."""

    OPEN = "open"
    CLOSED = "closed"
    EXPLAINED = "explained"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Moved:
    """So many of something, and how many of them had a label."""

    all: int = 0
    labelled: int = 0

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(self.all + other.all, self.labelled + other.labelled)

    def __sub__(self, other: "Moved") -> "Moved":
        return Moved(self.all - other.all, self.labelled - other.labelled)

    def __bool__(self) -> bool:
        return bool(self.all)


@dataclass(frozen=True)
class Balance:
    """One type of crate or bottle on one route; `loaded` is none where nobody told it."""

    item: str
    loaded: Moved | None = None
    taken: Moved = Moved()
    left: Moved = Moved()
    delivered: Moved = Moved()

    @property
    def handed(self) -> Moved:
        """Return what left the van at its stops."""
        return self.left + self.delivered

    @property
    def over(self) -> Moved:
        """Return what was loaded and not handed over; below nought, what was handed over and never loaded."""
        return Moved() if self.loaded is None else self.loaded - self.handed

    @property
    def aboard(self) -> Moved:
        """Return what the van should bring home: what it took, and what is over."""
        return self.taken + self.over


@dataclass(frozen=True)
class Ended:
    """A route's balance, and who closed it, when and with which words."""

    balance: tuple[Balance, ...] = ()
    closed: Act | None = None

    @property
    def over(self) -> list[Balance]:
        """List what waits for an explanation or has one."""
        return [row for row in self.balance if row.over]

    @property
    def at(self) -> datetime | None:
        """Return when it was closed."""
        return self.closed.at if self.closed else None

    @property
    def note(self) -> str:
        """Return the driver's explanation."""
        return (self.closed.note or "") if self.closed else ""

    @property
    def state(self) -> Closing:
        """Say whether it is closed, and whether it adds up."""
        if self.closed is None:
            return Closing.OPEN
        if not self.over:
            return Closing.CLOSED
        return Closing.EXPLAINED if self.note else Closing.UNCLEAR


def ended(session: Session, *routes: int) -> dict[int, Ended]:
    """Say of some routes how they ended, from everything that was told of them so far."""
    asked = sa.or_(col(Event.kind) == EventKind.ROUTE_CLOSED, col(Event.move) == Move.LOAD)
    heard = events.acts(session, col(Event.route).in_(routes), asked)
    told: dict[int, list[Act]] = defaultdict(list)
    for act in events.standing(events.with_undos(session, heard)):
        told[act.route or 0].append(act)
    moved = hauls.moved(session, *routes)
    return {route: _ended(session, told[route], [line for _, lines in moved[route] for line in lines]) for route in routes}


def _ended(session: Session, told: list[Act], lines: Iterable[Line]) -> Ended:
    loads = [act for act in told if act.kind is not EventKind.ROUTE_CLOSED]
    seen = projections.tally(session, loads)
    counts: dict[Move, dict[str, Moved]] = defaultdict(lambda: defaultdict(Moved))
    for move, item in seen.entries():
        counts[move][item] = Moved(seen.total(move, item), seen.scanned.get((move, item), 0))
    for line in lines:
        counts[line.move][line.item] += Moved(line.quantity, line.scanned)
    loaded, taken, left, delivered = (counts[move] for move in (Move.LOAD, Move.COLLECT, Move.DROP, Move.DELIVER))
    items = sorted(loaded.keys() | taken.keys() | left.keys() | delivered.keys())
    rows = [Balance(item, loaded.get(item), taken[item], left[item], delivered[item]) for item in items]
    closed = [act for act in told if act.kind is EventKind.ROUTE_CLOSED]
    return Ended(tuple(rows), closed[-1] if closed else None)
