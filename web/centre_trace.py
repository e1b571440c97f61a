"""Where a lot came from and where its bottles went: along the edges lot <- batch <- reception <- point, and lot -> order."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bottles import ledger
from bottles.batches import Batch, Lot, LotEdge, Reception
from bottles.db import find
from bottles.ledger import AccountKind
from bottles.orders import Order


@dataclass(frozen=True)
class Origin:
    """The part of a lot that one reception gave, and the share of each point in what that van brought."""

    batch: int
    route: int
    vehicle: str
    at: datetime
    bottles: int
    points: Mapping[str, float]


def origins(session: Session, lot: Lot) -> list[Origin]:
    """Return where a lot came from, the largest part first.

    A reception is mixed on the sorting table: nobody knows which point a bottle is from, so points have shares of it.
    """
    found = []
    for edge in session.exec(select(LotEdge).where(LotEdge.child == f"lot:{lot.id}")).all():
        batch = find(session, Batch, int(edge.parent.removeprefix("batch:")))
        reception = find(session, Reception, batch.reception)
        shares = _shares(session, reception.route)
        found.append(Origin(batch.id or 0, reception.route, reception.vehicle, reception.at, edge.quantity, shares))
    return sorted(found, key=lambda origin: (-origin.bottles, origin.batch))


def _shares(session: Session, route: int) -> dict[str, float]:
    """Return the share of each point in what one van brought, the largest first."""
    edges = session.exec(select(LotEdge).where(LotEdge.child == f"reception:{route}")).all()
    total = sum(edge.quantity for edge in edges)
    shares = {edge.parent.removeprefix("point:"): edge.quantity / total for edge in edges} if total else {}
    return dict(sorted(shares.items(), key=lambda entry: -entry[1]))


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
    portions: list[Portion]


def whereabouts(session: Session, lot: Lot) -> Whereabouts:
    """Return what is free, reserved and delivered of a lot, and for which orders."""
    account = ledger.ACCOUNT
    query = sa.select(account.c.kind, account.c.order, account.c.quantity).where(
        account.c.lot == lot.id, account.c.quantity > 0
    )
    held: dict[AccountKind, dict[int, int]] = defaultdict(dict)
    for kind, order, quantity in session.connection().execute(query):
        held[AccountKind(kind)][order] = quantity
    edges = session.exec(select(LotEdge).where(LotEdge.parent == f"lot:{lot.id}")).all()
    sent = {int(edge.child.removeprefix("order:")): edge.quantity for edge in edges if edge.child.startswith("order:")}
    reserved = held[AccountKind.RESERVED]
    portions = [_portion(session, order, n, False) for order, n in reserved.items()]
    portions += [_portion(session, order, n, True) for order, n in sent.items()]
    free = sum(held[AccountKind.AVAILABLE].values())
    portions.sort(key=lambda portion: (portion.due, portion.order))
    return Whereabouts(free, sum(reserved.values()), sum(sent.values()), portions)


def _portion(session: Session, order_id: int, quantity: int, is_delivered: bool) -> Portion:
    order = find(session, Order, order_id)
    return Portion(order_id, order.partner, order.due, quantity, is_delivered)


def free(session: Session, lots: Collection[int]) -> dict[int, int]:
    """Return how many bottles of each of these lots are free."""
    account = ledger.ACCOUNT
    query = sa.select(account.c.lot, sa.func.sum(account.c.quantity)).group_by(account.c.lot)
    query = query.where(account.c.kind == AccountKind.AVAILABLE, col(account.c.lot).in_(list(lots)))
    return {lot: int(quantity) for lot, quantity in session.connection().execute(query)}
