"""A lot's way for people to read: where its glass came from, where its bottles are, and the list a recall needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter

from flask import Response
from flask_babel import gettext, pgettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import trace
from bottles.batches import Lot
from bottles.ledger import AccountKind
from bottles.trace import Buyer, Holding

from . import csv_out, words
from .names import Names


@dataclass(frozen=True)
class Portion:
    """Bottles of a lot that are reserved for, or went to, one order."""

    order: int
    partner: str
    due: date
    quantity: int
    is_delivered: bool


@dataclass(frozen=True)
class Whereabouts:
    """Where the bottles of a lot are."""

    free: int
    reserved: int
    delivered: int
    portions: Sequence[Portion]


def whereabouts(buyers: Sequence[Buyer], here: Sequence[Holding], lot: int) -> Whereabouts:
    """Sum up where the bottles of one lot are; those of a lot that took it in are told on its own page."""
    mine = [holding for holding in here if holding.lot == lot]
    sold = [buyer for buyer in buyers if buyer.lot == lot]
    reserved = [holding for holding in mine if holding.kind is AccountKind.RESERVED and holding.order]
    portions = [Portion(one.order.id or 0, one.order.partner, one.order.due, one.quantity, True) for one in sold]
    portions += [
        Portion(one.order.id or 0, one.order.partner, one.order.due, one.quantity, False) for one in reserved if one.order
    ]
    return Whereabouts(
        free=sum(one.quantity for one in mine if one.kind is AccountKind.AVAILABLE),
        reserved=sum(one.quantity for one in reserved),
        delivered=sum(one.quantity for one in sold),
        portions=sorted(portions, key=attrgetter("due", "order", "is_delivered")),
    )


@dataclass(frozen=True)
class Line:
    """Who holds so many bottles of a recalled lot, and how to reach them; without an order they are free."""

    lot: int
    state: str
    is_delivered: bool
    partner: str
    point: str
    town: str
    contact: str
    email: str
    phone: str
    order: int | None
    quantity: int
    at: datetime | None

    @property
    def code(self) -> str:
        """Return the lot's name, as it is written on the pallet."""
        return f"L{self.lot:05d}"


@dataclass(frozen=True)
class Recall:
    """Everybody who holds bottles of a lot: who was given some first, then what is still at the centre."""

    delivered: Sequence[Line]
    here: Sequence[Line]

    @property
    def is_merged(self) -> bool:
        """Say whether other lots are touched besides."""
        return len({line.lot for line in (*self.delivered, *self.here)}) > 1


def recall(session: Session, lot: int, called: Names) -> Recall:
    """List who holds what of a lot, and of every lot that took it in."""
    return Recall(
        [_given(buyer) for buyer in trace.buyers(session, lot)],
        [_kept(holding, called) for holding in trace.here(session, lot)],
    )


def _given(buyer: Buyer) -> Line:
    return Line(
        lot=buyer.lot,
        state=pgettext("bottles", "delivered"),
        is_delivered=True,
        partner=buyer.partner.name,
        point=buyer.point.name,
        town=buyer.point.town,
        contact=buyer.point.contact,
        email=buyer.partner.email,
        phone=buyer.point.phone or buyer.partner.phone,
        order=buyer.order.id,
        quantity=buyer.quantity,
        at=buyer.delivered_at,
    )


def _kept(holding: Holding, called: Names) -> Line:
    partner = holding.partner
    return Line(
        lot=holding.lot,
        state=str(words.ACCOUNTS[holding.kind]),
        is_delivered=False,
        partner=partner.name if partner else "",
        point=called.holder(holding.centre),
        town="",
        contact="",
        email=partner.email if partner else "",
        phone=partner.phone if partner else "",
        order=holding.order.id if holding.order else None,
        quantity=holding.quantity,
        at=None,
    )


def columns() -> list[str]:
    """Name the columns of a recall's file."""
    return [
        gettext("Lot"),
        gettext("State"),
        gettext("Partner"),
        gettext("Point"),
        gettext("Town"),
        gettext("Contact"),
        gettext("E-mail"),
        gettext("Phone"),
        gettext("Order"),
        gettext("Bottles"),
        gettext("Delivered on"),
    ]


def cells(line: Line) -> list[csv_out.Cell]:
    """Write a line of a recall's file."""
    reach = (line.contact, line.email, line.phone)
    return [line.code, line.state, line.partner, line.point, line.town, *reach, line.order, line.quantity, line.at]


def answer(found: Recall, lot: Lot) -> Response:
    """Give a recall as a file for a spreadsheet."""
    rows = [cells(line) for line in (*found.delivered, *found.here)]
    return csv_out.answer(f"recall-{lot.code}", columns(), rows)
