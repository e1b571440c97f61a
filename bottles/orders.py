"""Orders of washed bottles: placed, reserved oldest lot first, delivered or cancelled."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, select

from . import batches, ledger
from .batches import Lot, LotEdge
from .catalogue import BottleType, CrateType
from .db import Utc, choice, find
from .errors import Conflict, Invalid, NotFound, OutOfStock, say
from .ledger import AccountKind, Key, Posting
from .points import Point

MOST_BOTTLES = 20_000
"""More than this in one line is a slip of the finger."""


class OrderStatus(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Order(SQLModel, table=True):
    """An order for one of a partner's points; its bottles are reserved from the moment it is placed."""

    __tablename__ = "orders"  # "order" is a word of SQL

    id: int | None = Field(default=None, primary_key=True)
    partner: str = Field(foreign_key="partner.id", index=True)
    point: str = Field(foreign_key="point.id")
    person: int = Field(foreign_key="person.id")
    due: date
    note: str = ""
    status: OrderStatus = Field(default=OrderStatus.PLACED, sa_type=choice(OrderStatus))
    made_at: datetime = Field(sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)


class OrderLine(SQLModel, table=True):
    """Bottles of one type, the crates they travel in, and the price agreed when ordering."""

    __tablename__ = "order_line"

    order: int = Field(foreign_key="orders.id", primary_key=True)
    type: str = Field(foreign_key="bottle_type.id", primary_key=True)
    quantity: int = Field(gt=0)
    crate_type: str = Field(foreign_key="crate_type.id")
    price_cents: int
    delivered: int = 0


def place(
    session: Session,
    partner: str,
    point: str,
    wanted: Mapping[str, int],
    person: int,
    *,
    due: date,
    crate_type: str,
    note: str = "",
    at: datetime,
) -> Order:
    """Place an order and reserve its bottles, oldest lot first.

    Raises
    ------
    OutOfStock
        Fewer bottles are released than a line asks for; nothing is reserved.
    """
    where = find(session, Point, point)
    if where.partner != partner:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    wanted = {kind: n for kind, n in wanted.items() if n}
    if not wanted:
        raise Invalid(say("Say how many bottles you need of at least one type."), field="quantity")
    crate = find(session, CrateType, crate_type)
    order = Order(partner=partner, point=point, person=person, due=due, note=note.strip(), made_at=at)
    session.add(order)
    session.flush()
    for kind, quantity in sorted(wanted.items()):
        bottle = find(session, BottleType, kind)
        if not 0 < quantity <= MOST_BOTTLES:
            raise Invalid(say("Between 1 and %(most)d bottles can be ordered at once."), field="quantity", most=MOST_BOTTLES)
        line = OrderLine(order=order.id or 0, type=kind, quantity=quantity, crate_type=crate.id, price_cents=bottle.price_cents)
        session.add(line)
        _reserve(session, order, bottle, quantity, at)
    session.flush()
    return order


def _reserve(session: Session, order: Order, bottle: BottleType, quantity: int, at: datetime) -> None:
    missing, flows = quantity, []
    for lot, free in batches.oldest(session, bottle.id, order.due):
        taken = min(free, missing)
        missing -= taken
        if taken:
            source = Key(AccountKind.AVAILABLE, lot.centre, bottle.id, lot.id or 0)
            target = Key(AccountKind.RESERVED, lot.centre, bottle.id, lot.id or 0, order.id or 0)
            flows.append(Posting(source, target, taken, f"order:{order.id}", at))
    if missing == quantity:
        nothing = say("%(name)s: none is ready for that day. Order for a later day, or another type.")
        raise OutOfStock(nothing, field=f"quantity-{bottle.id}", name=bottle.name)
    if missing:
        raise OutOfStock(
            say(
                "Only %(left)d %(name)s are ready for that day, and %(asked)d were asked for: order fewer, or for a later day."
            ),
            field=f"quantity-{bottle.id}",
            left=quantity - missing,
            name=bottle.name,
            asked=quantity,
        )
    ledger.post(session, flows, known_at=at)


def lines(session: Session, order: int) -> list[OrderLine]:
    """List what an order asks for."""
    return list(session.exec(select(OrderLine).where(OrderLine.order == order).order_by(OrderLine.type)))


def mine(session: Session, order_id: int, partner: str, *, lock: bool = False) -> Order:
    """Return an order of this partner; another's reads as if it did not exist."""
    order = find(session, Order, order_id, lock=lock)
    if order.partner != partner:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return order


def reserved(session: Session, order: int) -> dict[Key, int]:
    """Return what is reserved for an order, by lot, oldest use-by first."""
    held = ledger.balances(session, AccountKind.RESERVED, order=order)
    return dict(sorted(held.items(), key=lambda entry: entry[0].lot))


def cancel(session: Session, order_id: int, partner: str, *, at: datetime) -> Order:
    """Take an order back; its bottles are free again.

    Raises
    ------
    Conflict
        It was delivered, in part or whole, or cancelled already.
    """
    order = mine(session, order_id, partner, lock=True)
    if order.status is not OrderStatus.PLACED or any(line.delivered for line in lines(session, order_id)):
        raise Conflict(say("This order is closed or partly delivered already; nothing was changed."))
    flows = [
        Posting(key, key._replace(kind=AccountKind.AVAILABLE, order=0), n, f"order:{order_id}", at)
        for key, n in reserved(session, order_id).items()
    ]
    ledger.post(session, flows, known_at=at)
    order.status, order.closed_at = OrderStatus.CANCELLED, at
    return order


def deliver(
    session: Session, order: Order, kind: str, quantity: int, cause: str, event: str | None, *, at: datetime, known_at: datetime
) -> int:
    """Bring one delivery of one type to `quantity` bottles, oldest lot first; return how many were not reserved.

    A delivery happened in the world, so it is never refused: what the reservation does not hold goes through `unexplained`.
    """
    held = {key: n for key, n in reserved(session, order.id or 0).items() if key.item == kind}
    for (_, key), n in ledger.posted(session, cause).items():
        # what this delivery has taken so far is there to be taken again; a pair bears the customer first
        if key.kind is AccountKind.RESERVED:
            held[key] = held.get(key, 0) - n
    missing, wanted = quantity, []
    for key, there in sorted(held.items()):
        taken = min(there, missing)
        missing -= taken
        wanted.append(Posting(key, Key(AccountKind.CUSTOMER, order.partner, kind, key.lot), taken, cause, at, event=event))
    lost = Key(AccountKind.UNEXPLAINED, order.partner, kind)
    wanted.append(Posting(lost, Key(AccountKind.CUSTOMER, order.partner, kind), missing, cause, at, event=event))
    ledger.post(session, ledger.missing(session, wanted, [cause]), known_at=known_at)
    return missing


def settle_lines(session: Session, order: Order, delivered: Mapping[str, int], *, at: datetime) -> None:
    """Write what has been delivered so far into an order, and close or reopen it accordingly."""
    if order.status is OrderStatus.CANCELLED:
        return
    asked = lines(session, order.id or 0)
    for line in asked:
        line.delivered = delivered.get(line.type, 0)
    whole = all(line.delivered >= line.quantity for line in asked)
    order.status, order.closed_at = (OrderStatus.DELIVERED, at) if whole else (OrderStatus.PLACED, None)
    _edges(session, order)


def _edges(session: Session, order: Order) -> None:
    child = f"order:{order.id}"
    for edge in session.exec(select(LotEdge).where(LotEdge.child == child)).all():
        session.delete(edge)
    for lot, quantity in sent(session, order.id or 0).items():
        session.add(LotEdge(parent=f"lot:{lot}", child=child, quantity=quantity))


def sent(session: Session, order: int) -> dict[int, int]:
    """Return how many bottles of each lot were delivered for an order."""
    source, target = ledger.ACCOUNT.alias(), ledger.ACCOUNT.alias()
    out: dict[int, int] = {}
    for sign, near, far in ((1, source, target), (-1, target, source)):
        query = (
            select(near.c.lot, ledger.TRANSFER.c.quantity)
            .join_from(ledger.TRANSFER, source, source.c.id == ledger.TRANSFER.c.source)
            .join(target, target.c.id == ledger.TRANSFER.c.target)
            # only what is reserved lies under an order
            .where(near.c.order == order, near.c.order != ledger.NONE, far.c.kind == AccountKind.CUSTOMER)
        )
        for lot, quantity in session.exec(query):
            out[lot] = out.get(lot, 0) + sign * quantity
    return {lot: n for lot, n in out.items() if n}


def lots_sent(session: Session, order: int) -> list[tuple[Lot, int]]:
    """Return the lots an order was served from, with quantities."""
    return [(find(session, Lot, lot), n) for lot, n in sorted(sent(session, order).items())]
