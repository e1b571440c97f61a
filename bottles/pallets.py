"""Pallets: bottles of one released lot, wrapped together under a number of their own (SSCC).

A pallet moves no bottle in the ledger and is no edge of a lot: it only says which bottles stand together, so nothing is
counted twice. A pallet that left, or was opened, is taken apart; its number is never used again.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from . import ledger, links
from .batches import Lot, LotStatus
from .db import Utc, find
from .errors import Conflict, Invalid, OutOfStock, say
from .ledger import AccountKind
from .links import KeyKind


class Pallet(SQLModel, table=True):
    """So many bottles of a lot, standing together until they are taken apart."""

    __table_args__ = (sa.CheckConstraint("quantity > 0", name="holds_something"),)

    id: int | None = Field(default=None, primary_key=True)
    sscc: str = Field(unique=True, max_length=links.SSCC)
    lot: int = Field(foreign_key="lot.id", index=True)
    quantity: int
    made_by: int = Field(foreign_key="person.id")
    made_at: datetime = Field(sa_type=Utc)
    broken_by: int | None = Field(default=None, foreign_key="person.id")
    broken_at: datetime | None = Field(default=None, sa_type=Utc)


def locked(session: Session, lot_id: int) -> Lot:
    """Return a lot of which nobody else builds a pallet before this is over."""
    return session.exec(select(Lot).where(Lot.id == lot_id).with_for_update()).first() or find(session, Lot, lot_id)


def build(session: Session, lot_id: int, quantity: int, person: int, *, prefix: str, at: datetime) -> Pallet:
    """Put bottles of a released lot on a pallet, whose number begins with our company prefix.

    Raises
    ------
    Conflict
        The lot is not released.
    OutOfStock
        Fewer of its bottles, free or reserved, stand on no pallet yet.
    """
    lot = locked(session, lot_id)
    if lot.status is not LotStatus.RELEASED:
        raise Conflict(say("%(lot)s is not released: only released bottles go on a pallet."), lot=lot.code)
    if quantity < 1:
        raise Invalid(say("An empty pallet needs no label: give at least one bottle."), field="quantity")
    left = room(session, lot_id)
    if quantity > left:
        raise OutOfStock(
            say("Only %(left)d bottles of %(lot)s stand on no pallet yet."), field="quantity", left=left, lot=lot.code
        )
    nth = len(of_lot(session, lot_id)) + 1
    code = links.sscc(prefix, links.number(session, KeyKind.PALLET, f"{lot_id}.{nth}"))
    pallet = Pallet(sscc=code, lot=lot_id, quantity=quantity, made_by=person, made_at=at)
    session.add(pallet)
    session.flush()
    return pallet


def take_apart(session: Session, pallet_id: int, person: int, *, at: datetime) -> Pallet:
    """Say that a pallet stands no more; its bottles stay where the ledger has them.

    Raises
    ------
    Conflict
        It was taken apart before.
    """
    pallet = find(session, Pallet, pallet_id)
    locked(session, pallet.lot)
    session.refresh(pallet)
    if pallet.broken_at:
        raise Conflict(say("This pallet was taken apart already; nothing was changed."))
    pallet.broken_by, pallet.broken_at = person, at
    session.flush()
    return pallet


def room(session: Session, lot_id: int) -> int:
    """Return how many bottles of a lot, free or reserved, stand on no pallet."""
    held = (AccountKind.AVAILABLE, AccountKind.RESERVED)
    account = ledger.ACCOUNT
    stock = sa.select(sa.func.sum(account.c.quantity)).where(account.c.lot == lot_id, account.c.kind.in_(held))
    there = session.scalar(stock) or 0
    on_pallets = sum(pallet.quantity for pallet in of_lot(session, lot_id) if pallet.broken_at is None)
    # delivered bottles leave the ledger before anybody says that their pallet left
    return max(0, int(there) - on_pallets)


def of_lot(session: Session, lot_id: int) -> list[Pallet]:
    """List every pallet a lot was ever put on, oldest first."""
    return list(session.exec(select(Pallet).where(Pallet.lot == lot_id).order_by(col(Pallet.id))))


def by_sscc(session: Session, code: str) -> Pallet | None:
    """Return the pallet with a number."""
    return session.exec(select(Pallet).where(Pallet.sscc == code)).first()
