"""What partners have asked for, as lists show it: pickups and orders with names and amounts, a few queries each."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from bottles import due as dues
from bottles.catalogue import BottleType, CrateType
from bottles.orders import Order, OrderLine, OrderStatus
from bottles.partners import Partner
from bottles.people import Person
from bottles.pickups import Pickup, PickupLine, PickupStatus
from bottles.points import Point
from bottles.routes import Task

from .names import beside, called
from .planned import Amount, amount

MOST = 500
"""Rows a list shows at most; the filter finds the others."""


@dataclass(frozen=True)
class Asked:
    """A pickup or an order as a list shows it; `since` is when it may be done, `last` by when at the latest."""

    id: int
    partner: str
    partner_name: str
    point: Point
    person: str
    status: PickupStatus | OrderStatus
    since: date
    last: date | None
    made_at: datetime
    note: str
    task: int | None = None
    take: Sequence[Amount] = ()
    leave: Sequence[Amount] = ()
    is_order: bool = False

    @property
    def place(self) -> str:
        """Name the point with its town, unless the name says it."""
        return called(self.point.name, self.point.town)

    @property
    def where(self) -> str:
        """Say where, beside the partner's name."""
        return beside(self.partner_name, self.point)


def pickups(session: Session, *where: Any) -> list[Asked]:
    """List pickups that answer some conditions, newest first."""
    rows = [
        Asked(p.id or 0, p.partner, partner, point, person, p.status, p.ready_from, p.wanted_by, p.made_at, p.note)
        for p, point, partner, person in _newest(session, Pickup, where)
    ]
    tasks = dict(session.exec(select(Task.pickup, Task.id).where(col(Task.pickup).in_([row.id for row in rows]))).all())
    names = dict(session.exec(select(CrateType.id, CrateType.name)).all())
    lines: dict[int, list[PickupLine]] = defaultdict(list)
    for line in session.exec(select(PickupLine).where(col(PickupLine.pickup).in_([row.id for row in rows]))):
        lines[line.pickup].append(line)
    return [replace(_with_crates(row, lines[row.id], names), task=tasks.get(row.id)) for row in rows]


def _newest(session: Session, kind: Any, where: Sequence[Any]) -> Iterable[Any]:
    """Read pickups or orders that answer some conditions, each with its point and the names of its partner and person."""
    query = (
        select(kind, Point, Partner.name, Person.name)
        .join(Partner, col(Partner.id) == kind.partner)
        .join(Point, col(Point.id) == kind.point)
        .join(Person, col(Person.id) == kind.person)
        .where(*where)
        .order_by(kind.id.desc())
        .limit(MOST)
    )
    return session.exec(query)


def _with_crates(row: Asked, lines: Iterable[PickupLine], names: dict[str, str]) -> Asked:
    take = [amount(line.take, "crate", line.crate_type, names) for line in lines if line.take]
    leave = [amount(line.leave, "empty", line.crate_type, names) for line in lines if line.leave]
    return replace(row, take=take, leave=leave)


def orders(session: Session, *where: Any) -> list[Asked]:
    """List orders that answer some conditions, newest first."""
    rows = [
        Asked(o.id or 0, o.partner, partner, point, person, o.status, o.due, o.due, o.made_at, o.note, is_order=True)
        for o, point, partner, person in _newest(session, Order, where)
    ]
    tasks = dict(session.exec(select(Task.order, Task.id).where(col(Task.order).in_([row.id for row in rows]))).all())
    names = dict(session.exec(select(BottleType.id, BottleType.name)).all())
    lines: dict[int, list[Amount]] = defaultdict(list)
    for line in session.exec(select(OrderLine).where(col(OrderLine.order).in_([row.id for row in rows]))):
        lines[line.order].append(amount(line.quantity, "bottle", line.type, names))
    return [replace(row, leave=lines[row.id], task=tasks.get(row.id)) for row in rows]


def due(session: Session, day: date, *, today: date) -> list[Asked]:
    """List what a plan for a day has to answer, longest waiting first; what no planning has gathered yet is among it."""
    pending = {task.id for task in dues.on(session, day, today=today)}
    rows = [row for row in ready(session, day) if row.task is None or row.task in pending]
    return sorted(rows, key=lambda row: (row.since, row.made_at))


def ready(session: Session, day: date) -> list[Asked]:
    """List what is open and may be done by a day."""
    return [
        *pickups(session, Pickup.status == PickupStatus.OPEN, Pickup.ready_from <= day),
        *orders(session, Order.status == OrderStatus.PLACED, Order.due <= day),
    ]


def matching(rows: Iterable[Asked], text: str) -> list[Asked]:
    """Keep the rows whose partner, point or town holds a text, whatever its case and accents."""
    wanted = bare(text)
    return [
        row
        for row in rows
        if wanted in bare(f"{row.partner_name} {row.point.name} {row.point.town} {row.point.postcode} {row.person}")
    ]


def bare(text: str) -> str:
    """Return a text without case and accents: people type "chateau" for "Château"."""
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))
