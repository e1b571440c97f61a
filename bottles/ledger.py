"""Double entry for bottles and crates: every bottle and every crate is always somewhere.

A transfer moves n items from one account to another, so the total over all accounts never changes. *Guarded* accounts are
stock that is sold: they change only by acts done online, never fall below zero, and the database says so too. *Observed*
accounts are what events tell; they may fall below zero, and then a dispute is open. *Boundary* accounts are where the loop
ends: people and bottlers on one side, cullet on the other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col

from . import disputes
from .db import Many, Utc, among, choice, said
from .disputes import DisputeKind, Oddity
from .errors import OutOfStock, say
from .events import Basis


class AccountKind(StrEnum):
    """What an account stands for; the holder is a point, vehicle, centre or partner."""

    OUTSIDE = "outside"
    POINT = "point"
    VAN = "van"
    RECEIVED = "received"
    CLEAN = "clean"
    SORTED = "sorted"
    WASHED = "washed"
    AVAILABLE = "available"
    RESERVED = "reserved"
    CUSTOMER = "customer"
    CULLET = "cullet"
    UNEXPLAINED = "unexplained"


GUARDED = frozenset({AccountKind.SORTED, AccountKind.WASHED, AccountKind.AVAILABLE, AccountKind.RESERVED})
BOUNDARY = frozenset({AccountKind.OUTSIDE, AccountKind.CULLET})


class Account(SQLModel, table=True):
    """A cached balance. `lot` and `order` are 0 where there is none, so that one unique key covers all."""

    __table_args__ = (
        sa.UniqueConstraint("kind", "holder", "item", "lot", "order"),
        sa.CheckConstraint("NOT guarded OR quantity >= 0", name="never_oversold"),
        sa.Index("ix_account_lot", "lot", **said("lot <> 0")),
        sa.Index("ix_account_order", "order", **said('"order" <> 0')),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: AccountKind = Field(sa_type=choice(AccountKind))
    holder: str = Field(max_length=60)
    item: str = Field(max_length=40)
    lot: int = 0
    order: int = 0
    guarded: bool = False
    quantity: int = 0


class Transfer(SQLModel, table=True):
    """Items that went from one account to another, once and for all. `cause` groups what belongs to one fact."""

    row: int | None = Field(default=None, primary_key=True)
    source: int = Field(foreign_key="account.id")
    target: int = Field(foreign_key="account.id")
    quantity: int = Field(gt=0)
    basis: Basis = Field(sa_type=choice(Basis))
    cause: str = Field(index=True, max_length=120)
    event: str | None = Field(default=None, max_length=36)
    at: datetime = Field(sa_type=Utc)
    known_at: datetime = Field(sa_type=Utc)

    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="moves_something"),
        sa.Index("ix_transfer_source", "source", "at"),
        sa.Index("ix_transfer_target", "target", "at"),
    )


class Key(NamedTuple):
    """What names an account."""

    kind: AccountKind
    holder: str
    item: str
    lot: int = 0
    order: int = 0


@dataclass(frozen=True)
class Posting:
    """A transfer to be made; a negative quantity goes the other way."""

    source: Key
    target: Key
    quantity: int
    cause: str
    at: datetime
    basis: Basis = Basis.COUNTED
    event: str | None = None


ACCOUNT = Account.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects
TRANSFER = Transfer.__table__  # type: ignore[attr-defined]  # the same
NAME = (ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item, ACCOUNT.c.lot, ACCOUNT.c.order)
NONE: sa.ColumnElement[int] = sa.literal_column("0", sa.Integer())
"""Nought, written out: an index that leaves noughts out is used only where they are left out in words."""
# built once: they are asked for with every batch of events
BALANCE = Many(sa.update(ACCOUNT).where(ACCOUNT.c.id == sa.bindparam("a")).values(quantity=sa.bindparam("q")), ("a", "q"))
BOOK = Many(sa.insert(TRANSFER), ("source", "target", "quantity", "basis", "cause", "event", "at", "known_at"))
SOURCE, TARGET = ACCOUNT.alias(), ACCOUNT.alias()
STANDING = (
    sa.select(
        TRANSFER.c.quantity, TRANSFER.c.cause, TRANSFER.c.at, TRANSFER.c.event,
        *(side.c[column.name] for side in (SOURCE, TARGET) for column in NAME),
    )
    .join(SOURCE, SOURCE.c.id == TRANSFER.c.source)
    .join(TARGET, TARGET.c.id == TRANSFER.c.target)
    .where(among(TRANSFER.c.cause, "causes"))
)  # fmt: skip


def post(session: Session, postings: Iterable[Posting], *, known_at: datetime) -> None:
    """Make transfers, all or none.

    Raises
    ------
    OutOfStock
        A guarded account would fall below zero; nothing was posted.
    """
    flows = [p for p in postings if p.quantity and p.source != p.target]
    if not flows:
        return
    change: dict[Key, int] = defaultdict(int)
    for flow in flows:
        change[flow.source] -= flow.quantity
        change[flow.target] += flow.quantity
    # every row is taken in the same order by everyone, so that two postings never wait for each other in a ring
    ids, balance = _accounts(session, sorted(change))
    after = {key: balance[key] + moved for key, moved in change.items()}
    for key, quantity in after.items():
        if quantity < 0 and key.kind in GUARDED:
            raise OutOfStock(say("Only %(left)d × %(item)s are left."), left=balance[key], item=key.item)
    BALANCE.execute(session, [(ids[key], after[key]) for key in sorted(change)])
    BOOK.execute(session, [_row(flow, ids, known_at) for flow in flows])
    observed = {k: q for k, q in after.items() if k.kind not in GUARDED | BOUNDARY and (q < 0 or balance[k] < 0)}
    odd = {f"account:{ids[key]}": _debts(key, quantity) for key, quantity in observed.items()}
    disputes.keep(session, odd, at=known_at)


def _row(flow: Posting, ids: dict[Key, int], known_at: datetime) -> tuple[Any, ...]:
    source, target = (flow.source, flow.target) if flow.quantity > 0 else (flow.target, flow.source)
    return ids[source], ids[target], abs(flow.quantity), flow.basis, flow.cause, flow.event, flow.at, known_at


def _debts(key: Key, quantity: int) -> list[Oddity]:
    if quantity >= 0:
        return []
    return [Oddity(DisputeKind.NEGATIVE_BALANCE, "", {"holder": key.holder, "item": key.item, "quantity": quantity})]


LOCKED = (
    sa.select(ACCOUNT.c.id, ACCOUNT.c.quantity, *NAME)
    .where(*(column == sa.bindparam(column.name, type_=column.type) for column in NAME))
    .order_by(*NAME)
    .with_for_update()
)
TAKE = Many(LOCKED, Key._fields)


def _accounts(session: Session, keys: Sequence[Key]) -> tuple[dict[Key, int], dict[Key, int]]:
    """Lock the accounts of some keys in key order, making those that are missing; return their ids and balances."""
    connection = session.connection()
    found = _find(session, keys)
    if len(found) < len(keys):
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(ACCOUNT).on_conflict_do_nothing()
        missing = [key for key in keys if key not in {Key(*row[2:]) for row in found}]
        connection.execute(insert, [{**key._asdict(), "guarded": key.kind in GUARDED, "quantity": 0} for key in missing])
        found = _find(session, keys)
    return {Key(*row[2:]): row.id for row in found}, {Key(*row[2:]): row.quantity for row in found}


def _find(session: Session, keys: Sequence[Key]) -> list[Any]:
    """Lock and read the accounts of some sorted keys, on SQLite a few at a time: a statement has room for so many."""
    connection, found = session.connection(), list[Any]()
    if connection.dialect.name == "postgresql":
        return TAKE.told(session, keys)
    for start in range(0, len(keys), FEW):
        few = keys[start : start + FEW]
        values = {f"{name}{n}": value for n, key in enumerate(few) for name, value in key._asdict().items()}
        found += connection.execute(_locked(len(few)), values)
    return found


FEW = 50


@cache
def _locked(count: int) -> sa.Select[Any]:
    """Return the query for so many accounts; asked for as a list of tuples, SQLite would look at every account there is."""
    each = [sa.and_(*(column == sa.bindparam(f"{column.name}{n}", type_=column.type) for column in NAME)) for n in range(count)]
    return sa.select(ACCOUNT.c.id, ACCOUNT.c.quantity, *NAME).where(sa.or_(*each)).order_by(*NAME).with_for_update()


Pair = tuple[Key, Key]


def posted(session: Session, cause: str) -> dict[Pair, int]:
    """Return what was posted for one cause: net quantities between pairs of accounts, each pair named in one direction."""
    net: dict[Pair, int] = defaultdict(int)
    for (_, pair, _, _), quantity in _standing(session, [cause]).items():
        net[pair] += quantity
    return {pair: quantity for pair, quantity in net.items() if quantity}


Fact = tuple[str, Pair, datetime, str | None]
"""What a transfer is about: its cause, the two accounts in their order, the time of the act, the event behind it."""


def _standing(session: Session, causes: Collection[str]) -> dict[Fact, int]:
    """Return the net quantity of every fact that some causes have posted; one that was reversed is nought."""
    net: dict[Fact, int] = defaultdict(int)
    for quantity, cause, at, event, *both in session.connection().execute(STANDING, {"causes": list(causes)}):
        _add(net, (cause, (Key(*both[:5]), Key(*both[5:])), at, event), quantity)
    return net


def _add(net: dict[Fact, int], fact: Fact, quantity: int) -> None:
    """Add a quantity to a fact, under the one of its two directions that sorts first."""
    cause, (source, target), at, event = fact
    if source < target:
        net[fact] += quantity
    else:
        net[cause, (target, source), at, event] -= quantity


def missing(session: Session, wanted: Sequence[Posting], causes: Collection[str]) -> list[Posting]:
    """Return what is still to be posted for some causes, so that they have moved what is wanted and nothing else.

    So the same facts give the same balances in whatever order they arrive, at every past time as well: what does not hold
    any more is reversed at its own act time, and history is added to, never rewritten.
    """
    net: dict[Fact, int] = defaultdict(int)
    basis = {}
    for posting in wanted:
        fact = (posting.cause, (posting.source, posting.target), posting.at, posting.event)
        _add(net, fact, posting.quantity)
        basis[posting.cause, frozenset(fact[1])] = posting.basis
    for fact, quantity in _standing(session, causes).items():
        net[fact] -= quantity
    return [
        Posting(*pair, quantity, cause, at, basis.get((cause, frozenset(pair)), Basis.COUNTED), event)
        for (cause, pair, at, event), quantity in net.items()
        if quantity
    ]


def bring(session: Session, wanted: Sequence[Posting], cause: str, *, known_at: datetime) -> None:
    """Post what is missing for one cause; see `missing`."""
    post(session, missing(session, wanted, [cause]), known_at=known_at)


def on_hand(session: Session, kind: AccountKind, holder: str, item: str, lot: int = 0, order: int = 0) -> int:
    """Return what one account holds now."""
    query = sa.select(ACCOUNT.c.quantity).where(sa.tuple_(*NAME) == sa.tuple_(kind, holder, item, lot, order))
    return session.connection().execute(query).scalar() or 0


def balances(
    session: Session, kind: AccountKind | None = None, holder: str | None = None, order: int | None = None
) -> dict[Key, int]:
    """Return every account that is not empty, of one kind, holder or order, or all."""
    query = sa.select(ACCOUNT.c.quantity, *NAME).where(ACCOUNT.c.quantity != 0).order_by(*NAME)
    if order is not None:
        # an order has few accounts: to ask for their kind as well would lead SQLite to all of that kind
        query = query.where(ACCOUNT.c.order == order, *([ACCOUNT.c.order != NONE] if order else []))
    elif kind is not None:
        query = query.where(ACCOUNT.c.kind == kind)
    if holder is not None:
        query = query.where(ACCOUNT.c.holder == holder)
    found = {Key(*row[1:]): row.quantity for row in session.connection().execute(query)}
    return {key: quantity for key, quantity in found.items() if kind is None or key.kind is kind}


def folded(session: Session, *, as_of: datetime | None = None, known_at: datetime | None = None) -> dict[int, int]:
    """Return balances by account id as the transfers tell them, at a past time of act or of knowledge if given."""
    total: dict[int, int] = defaultdict(int)
    for column, sign in ((TRANSFER.c.source, -1), (TRANSFER.c.target, 1)):
        query = sa.select(column, sa.func.sum(TRANSFER.c.quantity)).group_by(column)
        if as_of is not None:
            query = query.where(col(Transfer.at) <= as_of)
        if known_at is not None:
            query = query.where(col(Transfer.known_at) <= known_at)
        for account, quantity in session.connection().execute(query):
            total[account] += sign * quantity
    return total
