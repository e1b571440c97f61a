"""Orders and lots: what is reserved, what was washed out of what, and which lot went to whom."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from ..batches import Batch, Lot, LotEdge
from ..catalogue import BottleType
from ..disputes import Dispute, DisputeKind, DisputeStatus
from ..errors import Fault, say
from ..ledger import ACCOUNT, TRANSFER, AccountKind
from ..orders import Order, OrderLine, OrderStatus
from .rows import Found, runs, table

FOR_AN_ORDER = ACCOUNT.c.order != sa.literal_column("0")
"""What is reserved: nothing else stands under an order. It is said as the index says it, or SQLite would not use it."""


def reservations(session: Session) -> Iterator[Found]:
    """Yield a fault for each order line whose reservation is not what is still to be delivered."""
    for orders in _orders(session):
        here: dict[tuple[int, str], int] = defaultdict(int)
        for account in session.connection().execute(sa.select(ACCOUNT).where(FOR_AN_ORDER, ACCOUNT.c.order.in_(orders))):
            here[account.order, account.item] += account.quantity
        for line in session.exec(select(OrderLine).where(col(OrderLine.order).in_(orders))):
            due = 0 if orders[line.order] is OrderStatus.CANCELLED else max(0, line.quantity - line.delivered)
            held = here[line.order, line.type]
            differs = say("order %(order)s %(type)s: %(held)s reserved, %(due)s still to deliver")
            yield 1 if held == due else Fault(differs, order=line.order, type=line.type, held=held, due=due)


def _orders(session: Session) -> Iterator[dict[int, OrderStatus]]:
    """Read orders in runs: their status by their number."""
    order = table(Order).c
    for run in runs(session, sa.select(order.id, order.status), order.id):
        yield {row.id: row.status for row in run}


def _edges(session: Session, near: Any, far: Any, nodes: list[str]) -> dict[str, dict[str, int]]:
    """Return the edges at some nodes: by node, what lies at their other end, and how many bottles."""
    found: dict[str, dict[str, int]] = {node: defaultdict(int) for node in nodes}
    for node, other, quantity in session.exec(select(near, far, LotEdge.quantity).where(col(near).in_(nodes))):
        found[node][other] += quantity
    return found


def lots(session: Session) -> Iterator[Found]:
    """Yield a fault for each batch or lot whose edges do not account for its bottles."""
    batch, lot = table(Batch).c, table(Lot).c
    for run in runs(session, sa.select(batch.id, batch.quantity, batch.left), batch.id):
        names = [f"batch:{row.id}" for row in run]
        into, out = (
            _edges(session, *ends, names) for ends in ((LotEdge.child, LotEdge.parent), (LotEdge.parent, LotEdge.child))
        )
        for name, row in zip(names, run, strict=True):
            came, went = sum(into[name].values()), sum(out[name].values())
            fits = came == row.quantity and row.quantity - row.left == went
            differs = say("%(batch)s: %(quantity)s sorted, %(left)s left, edges bring %(came)s and take %(went)s")
            values = {"batch": name, "quantity": row.quantity, "left": row.left, "came": came, "went": went}
            yield 1 if fits else Fault(differs, **values)
    for run in runs(session, sa.select(lot.id, lot.quantity), lot.id):
        names = [f"lot:{row.id}" for row in run]
        into = _edges(session, LotEdge.child, LotEdge.parent, names)
        for name, row in zip(names, run, strict=True):
            came = sum(into[name].values())
            differs = say("%(lot)s: %(quantity)s washed, edges bring %(came)s")
            yield 1 if came == row.quantity else Fault(differs, lot=name, quantity=row.quantity, came=came)


def delivered(session: Session) -> Iterator[Found]:
    """Yield a fault for each delivery out of no lot without its dispute, and for each whose lots the trace does not know."""
    yield from _lotless(session)
    for orders in _orders(session):
        given = _given(session, list(orders))
        traced = _edges(session, LotEdge.child, LotEdge.parent, [f"order:{order}" for order in orders])
        for order in orders:
            told, known = {f"lot:{lot}": n for lot, n in given[order].items() if n}, dict(traced[f"order:{order}"])
            differs = say("order %(order)s: given %(told)s, the trace knows %(known)s")
            yield 1 if told == known else Fault(differs, order=order, told=_by_lot(told), known=_by_lot(known))


def _by_lot(bottles: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity} of {lot}" for lot, quantity in sorted(bottles.items())) or "nothing"


def _given(session: Session, orders: list[int]) -> dict[int, dict[int, int]]:
    """Return what the ledger says was handed over for some orders, by lot."""
    given: dict[int, dict[int, int]] = {order: defaultdict(int) for order in orders}
    reserved, customer = ACCOUNT.alias(), ACCOUNT.alias()
    for sign, near, far in ((1, TRANSFER.c.source, TRANSFER.c.target), (-1, TRANSFER.c.target, TRANSFER.c.source)):
        query = (
            sa.select(reserved.c.order, reserved.c.lot, TRANSFER.c.quantity)
            .join_from(reserved, TRANSFER, near == reserved.c.id)
            .join(customer, far == customer.c.id)
            .where(reserved.c.order != sa.literal_column("0"), reserved.c.order.in_(orders))
            .where(customer.c.kind == AccountKind.CUSTOMER)
        )
        for order, lot, quantity in session.connection().execute(query):
            given[order][lot] += sign * quantity
    return given


def _lotless(session: Session) -> Iterator[Found]:
    """Yield a fault for each delivery of bottles out of no lot that no dispute tells of."""
    bottles = sa.select(col(BottleType.id))
    mine = (ACCOUNT.c.kind == AccountKind.CUSTOMER, ACCOUNT.c.lot == 0, ACCOUNT.c.item.in_(bottles))
    net: dict[tuple[str, str, str], int] = defaultdict(int)
    for sign, side in ((1, TRANSFER.c.target), (-1, TRANSFER.c.source)):
        query = sa.select(TRANSFER.c.cause, ACCOUNT.c.holder, ACCOUNT.c.item, TRANSFER.c.quantity)
        # what a stocktake found is no delivery
        delivered = query.join(ACCOUNT, side == ACCOUNT.c.id).where(*mine, TRANSFER.c.cause.startswith("visit:"))
        for cause, *whose, quantity in session.connection().execute(delivered):
            net[(cause, *whose)] += sign * quantity
    told = select(Dispute.subject).where(Dispute.kind == DisputeKind.SHORT_STOCK, Dispute.status != DisputeStatus.EXPLAINED)
    short = set(session.exec(told)) if net else set()
    for (cause, holder, item), quantity in net.items():
        # a delivery's cause is its visit and the type: visit:7/2:jura75
        said = quantity == 0 or cause.rpartition(":")[0] in short
        lotless = say("%(holder)s was given %(quantity)s × %(item)s out of no lot (%(cause)s)")
        yield 1 if said else Fault(lotless, holder=holder, quantity=quantity, item=item, cause=cause)
