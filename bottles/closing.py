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
from .people import Role
from .routes import Route


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


ABOUT = frozenset({EventKind.ROUTE_CLOSED, EventKind.STOP_ADDED})
"""What is said of a route as a whole, which only those may who drive it."""


def heeded(session: Session, acts: Iterable[Act]) -> list[Act]:
    """Leave out what is said of a route by somebody who neither drives it, nor did anything on it, nor coordinates.

    Whoever took a route over did things on it, though the plan names another driver.
    """
    acts = list(acts)
    routes = {act.route for act in acts if act.kind in ABOUT and act.role is not Role.COORDINATOR}
    if not routes:
        return acts
    drivers = sa.select(col(Route.id), col(Route.driver)).where(col(Route.id).in_(routes))
    others = sa.select(col(Event.route), col(Event.person)).where(col(Event.route).in_(routes), col(Event.kind).not_in(ABOUT))
    crew = {(route, person) for route, person in session.connection().execute(drivers.union(others))}
    return [act for act in acts if act.kind not in ABOUT or act.role is Role.COORDINATOR or (act.route, act.person) in crew]


def closes(session: Session, *routes: int) -> dict[int, Act]:
    """Return the act that closed each of some routes, where one did."""
    told = events.acts(session, col(Event.route).in_(routes), col(Event.kind) == EventKind.ROUTE_CLOSED)
    standing = events.standing(events.with_undos(session, heeded(session, told)))
    return {act.route: act for act in standing if act.route is not None}


def ended(session: Session, *routes: int) -> dict[int, Ended]:
    """Say of some routes how they ended, from everything that was told of them so far."""
    heard = events.acts(session, col(Event.route).in_(routes), col(Event.move) == Move.LOAD)
    loads: dict[int, list[Act]] = defaultdict(list)
    for act in events.standing(events.with_undos(session, heard)):
        loads[act.route or 0].append(act)
    moved, closed = hauls.moved(session, *routes), closes(session, *routes)
    return {
        route: Ended(_balance(session, loads[route], [line for _, lines in moved[route] for line in lines]), closed.get(route))
        for route in routes
    }


def _balance(session: Session, loads: list[Act], lines: Iterable[Line]) -> tuple[Balance, ...]:
    seen = projections.tally(session, loads)
    counts: dict[Move, dict[str, Moved]] = defaultdict(lambda: defaultdict(Moved))
    for move, item in seen.entries():
        counts[move][item] = Moved(seen.total(move, item), seen.scanned.get((move, item), 0))
    for line in lines:
        counts[line.move][line.item] += Moved(line.quantity, line.scanned)
    loaded, taken, left, delivered = (counts[move] for move in (Move.LOAD, Move.COLLECT, Move.DROP, Move.DELIVER))
    items = sorted(loaded.keys() | taken.keys() | left.keys() | delivered.keys())
    return tuple(Balance(item, loaded.get(item), taken[item], left[item], delivered[item]) for item in items)
