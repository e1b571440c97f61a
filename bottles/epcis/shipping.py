"""Events out of the ledger: what was inspected, put back, delivered, and what was not delivered after all.

A transfer is never rewritten, so each is told once; what is reversed is told as what it is, a shipment declared void.
"""

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from ..batches import Lot
from ..ledger import ACCOUNT, TRANSFER, AccountKind
from ..orders import Order
from . import since
from .naming import Asked, Json, Made, Territory, observed, refused, some
from .words import DELETED, OBSERVED


def transfers(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return what was inspected, put back, shipped and taken back, from a row of the ledger on."""
    source, target = ACCOUNT.alias(), ACCOUNT.alias()
    sides = [side.c[name].label(f"{end}_{name}") for end, side in (("source", source), ("target", target)) for name in NAMED]
    query = (
        sa.select(TRANSFER, *sides)
        .join(source, source.c.id == TRANSFER.c.source)
        .join(target, target.c.id == TRANSFER.c.target)
        .where(sa.tuple_(source.c.kind, target.c.kind).in_(list(TOLD)))
        # what a count on the spot put right went nowhere: it is told as the count that it is
        .where(TRANSFER.c.cause.not_like("stock:%"))
    )
    if asked.since is not None:
        first = first or since.first(session, TRANSFER.c.row, TRANSFER.c.known_at, asked.since)
        query = query.where(TRANSFER.c.known_at >= asked.since)
    if asked.lot is not None:
        # by the accounts of the lot, which are few, and not through all that was ever moved
        of_lot = sa.select(ACCOUNT.c.id).where(ACCOUNT.c.lot == asked.lot)
        query = query.where(TRANSFER.c.source.in_(of_lot) | TRANSFER.c.target.in_(of_lot))
    rows = session.connection().execute(query.where(TRANSFER.c.row >= first).order_by(TRANSFER.c.row).limit(limit)).all()
    lots, places = _lots(session, rows), _destinations(session, rows)
    return [(t.row, TOLD[t.source_kind, t.target_kind](asked.territory, t, lots, places)) for t in rows]


NAMED = ("kind", "holder", "item", "lot", "order")
"""What names both accounts of a transfer."""


def _lots(session: Session, rows: Iterable[Any]) -> dict[int, Lot]:
    wanted = {t.source_lot for t in rows if t.source_lot}
    return {lot.id or 0: lot for lot in session.exec(select(Lot).where(col(Lot.id).in_(wanted)))}


def _destinations(session: Session, rows: Iterable[Any]) -> dict[int, str]:
    wanted = {t.source_order or t.target_order for t in rows}
    return {key or 0: point for key, point in session.exec(select(Order.id, Order.point).where(col(Order.id).in_(wanted)))}


def _passed(territory: Territory, t: Any, lots: dict[int, Lot], _places: dict[int, str]) -> list[Json]:
    use_by = lots[t.source_lot].use_by if t.source_lot in lots else None
    told = {
        "action": OBSERVED,
        "quantityList": [some(territory.lot(t.source_lot, t.source_item), t.quantity)],
        "bizStep": "inspecting",
        "disposition": "conformant",
        "persistentDisposition": {"set": ["available"]},
        **territory.at(t.source_holder),
        **({"jmb:useBy": use_by.isoformat()} if use_by else {}),
    }
    return [observed(territory, f"transfer:{t.row}", t.at, t.known_at, **told)]


def _failed(territory: Territory, t: Any, lots: dict[int, Lot], _places: dict[int, str]) -> list[Json]:
    what = some(territory.lot(t.source_lot, t.source_item), t.quantity)
    rejected = lots[t.source_lot].rejected if t.source_lot in lots else {}
    why = {"jmb:rejected": {f"jmb:{reason}": quantity for reason, quantity in rejected.items()}} if rejected else {}
    return refused(territory, f"transfer:{t.row}", what, t.at, t.known_at, t.source_holder, **why)


def _put_back(territory: Territory, t: Any, _lots: dict[int, Lot], _places: dict[int, str]) -> list[Json]:
    """Tell that a lot is no more: its bottles wait among the sorted ones to be washed again."""
    told = {
        "action": DELETED,
        "quantityList": [some(territory.lot(t.source_lot, t.source_item), t.quantity)],
        "bizStep": "decommissioning",
        "disposition": "inactive",
        **territory.at(t.source_holder),
    }
    return [observed(territory, f"transfer:{t.row}", t.at, t.known_at, **told)]


def _shipped(territory: Territory, t: Any, _lots: dict[int, Lot], places: dict[int, str]) -> list[Json]:
    """Tell what was delivered of a lot, or that it was not after all."""
    is_back = t.source_kind == AccountKind.CUSTOMER
    buyer, order, lot = (
        (t.source_holder, t.target_order, t.source_lot) if is_back else (t.target_holder, t.source_order, t.target_lot)
    )
    told: Json = {
        "action": OBSERVED,
        "quantityList": [some(territory.lot(lot, t.source_item), t.quantity)],
        "bizStep": "void_shipping" if is_back else "shipping",
        "disposition": "reserved" if is_back else "in_transit",
        "destinationList": [{"type": "owning_party", "destination": territory.named("partner", buyer)}],
    }
    if order:
        centre = t.target_holder if is_back else t.source_holder
        told |= territory.at(centre, gone=True)
        told["bizTransactionList"] = [{"type": "po", "bizTransaction": territory.named("order", order)}]
        told["sourceList"] = [{"type": "location", "source": territory.named("place", centre)}]
        told["destinationList"].append({"type": "location", "destination": territory.named("place", places[order])})
    return [observed(territory, f"transfer:{t.row}", t.at, t.known_at, **told)]


Telling = Callable[[Territory, Any, dict[int, Lot], dict[int, str]], list[Json]]
TOLD: dict[tuple[AccountKind, AccountKind], Telling] = {
    (AccountKind.WASHED, AccountKind.AVAILABLE): _passed,
    (AccountKind.WASHED, AccountKind.CULLET): _failed,
    (AccountKind.WASHED, AccountKind.SORTED): _put_back,
    (AccountKind.RESERVED, AccountKind.CUSTOMER): _shipped,
    (AccountKind.UNEXPLAINED, AccountKind.CUSTOMER): _shipped,
    (AccountKind.CUSTOMER, AccountKind.RESERVED): _shipped,
    (AccountKind.CUSTOMER, AccountKind.UNEXPLAINED): _shipped,
}
"""What a transfer between two kinds of accounts tells; all others are told by scans, counts and washes."""
