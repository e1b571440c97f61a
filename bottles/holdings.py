"""Who holds how many, since when, at any past time and as known at any past time; what a stop or a stocktake finds.

A transfer carries two times: `at`, when it was done, and `known_at`, when we heard of it. A balance *as of* a moment leaves
out what was done later, *as known at* a moment what was heard later; the present is the cached quantity of the accounts.

Ageing is first in, first out: what is held is taken to be the latest arrivals. A crate with a label is no guess: it has been
there since its own last arrival, so the labelled ones are counted first and the others share the rest. A correction bears
the cause, the time and the event of what it corrects, so that both cancel out before anything is called an arrival.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from . import ledger
from .ledger import ACCOUNT, BOUNDARY, TRANSFER, AccountKind

BRACKETS = (30, 60, 90)
"""Days an item may have been held to fall into each bracket; a last bracket takes what is older."""

INSTANT = timedelta(microseconds=1)
"""The finest step of our clock."""


@dataclass(frozen=True)
class When:
    """The two times a balance is told for; None is now."""

    as_of: datetime | None = None
    known_at: datetime | None = None

    def __bool__(self) -> bool:
        return self.as_of is not None or self.known_at is not None

    def admits(self, since: datetime | None = None) -> list[sa.ColumnElement[bool]]:
        """Return what a transfer must answer to count; with `since`, only what was done after that."""
        found = []
        if self.as_of is not None:
            found.append(TRANSFER.c.at <= self.as_of)
        if self.known_at is not None:
            found.append(TRANSFER.c.known_at <= self.known_at)
        if since is not None:
            found.append(TRANSFER.c.at > since)
        return found


NOW = When()


@dataclass(frozen=True)
class Holding:
    """How many of an item somebody holds. `ages` counts them by bracket, the youngest first; they add up to what is held."""

    kind: AccountKind
    holder: str
    item: str
    quantity: int
    ages: tuple[int, ...] = ()
    oldest: datetime | None = None
    """When the longest held one came; None where nothing is held, or it came before the time that was looked at."""


# -- balances and their ages


Held = tuple[AccountKind, str, str]
"""What a holding is of: kind of account, holder, item."""


def quantities(
    session: Session,
    *,
    kinds: Collection[AccountKind] | None = None,
    holders: Collection[str] | None = None,
    item: str | None = None,
    when: When = NOW,
) -> dict[Held, int]:
    """Return what is held by whom, without ages: see `balances`."""
    held = _held(_accounts(kinds, holders, item), when)
    name, total = (ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item), sa.func.sum(held.c.quantity)
    query = sa.select(*name, total).join(held, held.c.account == ACCOUNT.c.id).group_by(*name).having(total != 0)
    found = session.connection().execute(query.order_by(*name))
    return {(AccountKind(kind), holder, what): int(quantity) for kind, holder, what, quantity in found}


def balances(
    session: Session,
    *,
    kinds: Collection[AccountKind] | None = None,
    holders: Collection[str] | None = None,
    item: str | None = None,
    when: When = NOW,
    brackets: Sequence[int] = BRACKETS,
    is_deep: bool = True,
    at: datetime,
) -> list[Holding]:
    """Return what is held by whom, lots and orders summed, with its ages; ordered by kind, holder and item.

    Without `kinds`, all accounts but those where the loop ends. `at` is now: ages count back from it, or from the time the
    balance is told for. Where it is not `is_deep`, nothing older than the last bracket is read; that is enough for the
    brackets, of which the last takes the rest, but does not find when the oldest came.
    """
    wanted = _accounts(kinds, holders, item)
    moment = when.as_of or at
    limits = [moment - timedelta(days=days + 1) for days in brackets]
    held = _held(wanted, when)
    taken = _taken(wanted, held, when, None if is_deep else limits[-1])
    counts = [sa.func.sum(sa.case((taken.c.at > limit, taken.c.n), else_=0)) for limit in limits]
    query = (
        sa.select(ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item, held.c.quantity, sa.func.min(taken.c.at), *counts)
        .join(held, held.c.account == ACCOUNT.c.id)
        .outerjoin(taken, taken.c.account == ACCOUNT.c.id)
        .group_by(ACCOUNT.c.id, *ledger.NAME, held.c.quantity)
        .order_by(ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.item)
    )
    parts: dict[tuple[AccountKind, str, str], list[Holding]] = defaultdict(list)
    for kind, holder, what, quantity, oldest, *younger in session.connection().execute(query):
        ages = _ages(int(quantity), [int(n or 0) for n in younger])
        part = Holding(AccountKind(kind), holder, what, int(quantity), ages, oldest if is_deep or not ages[-1] else None)
        parts[part.kind, holder, what].append(part)
    return [whole for found in parts.values() if (whole := _sum(found)).quantity]


def _ages(quantity: int, up_to: Sequence[int]) -> tuple[int, ...]:
    """Turn counts of those at most so old into counts by bracket, the last one taking the rest."""
    edges = [0, *up_to, max(0, quantity)]
    return tuple(after - before for before, after in pairwise(edges))


def _sum(parts: Sequence[Holding]) -> Holding:
    """Add up the lots and orders of one item."""
    first = parts[0]
    days = [part.oldest for part in parts if part.quantity > 0]
    known = [day for day in days if day is not None]
    oldest = min(known) if known and len(known) == len(days) else None
    ages = tuple(sum(column) for column in zip(*(part.ages for part in parts), strict=True))
    return Holding(first.kind, first.holder, first.item, sum(part.quantity for part in parts), ages, oldest)


def _accounts(kinds: Collection[AccountKind] | None, holders: Collection[str] | None, item: str | None) -> sa.Select[Any]:
    chosen = set(AccountKind) - BOUNDARY if kinds is None else kinds
    query = sa.select(ACCOUNT.c.id).where(ACCOUNT.c.kind.in_(sorted(chosen)))
    if holders is not None:
        query = query.where(ACCOUNT.c.holder.in_(sorted(holders)))
    return query if item is None else query.where(ACCOUNT.c.item == item)


def _legs(wanted: sa.Select[Any], *conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    """Return the transfers of some accounts, each as what it did to the account: so many came, or so many left."""
    sides = []
    for mine, other, sign in ((TRANSFER.c.target, TRANSFER.c.source, 1), (TRANSFER.c.source, TRANSFER.c.target, -1)):
        columns = (TRANSFER.c.row, TRANSFER.c.at, TRANSFER.c.known_at, TRANSFER.c.cause, TRANSFER.c.event)
        leg = sa.select(mine.label("account"), other.label("other"), (TRANSFER.c.quantity * sign).label("n"), *columns)
        sides.append(leg.where(mine.in_(wanted), *conditions))
    return sa.union_all(*sides).subquery()


def _held(wanted: sa.Select[Any], when: When) -> sa.CTE:
    """Return what each of some accounts holds: its cached quantity, or at a past time what its transfers add up to."""
    if not when:
        mine = ACCOUNT.c.id.in_(wanted)
        now = sa.select(ACCOUNT.c.id.label("account"), ACCOUNT.c.quantity).where(mine, ACCOUNT.c.quantity != 0)
        return now.cte("held")
    legs = _legs(wanted, *when.admits())
    total = sa.func.sum(legs.c.n)
    past = sa.select(legs.c.account, total.label("quantity")).group_by(legs.c.account).having(total != 0)
    return past.cte("held")


def _taken(wanted: sa.Select[Any], held: sa.CTE, when: When, since: datetime | None) -> sa.Subquery:
    """Return the arrivals that are still held: account, time, and how many of them."""
    legs = _legs(wanted, *when.admits(since))
    key, net = (legs.c.account, legs.c.cause, legs.c.at, legs.c.event), sa.func.sum(legs.c.n)
    labelled = sa.case((legs.c.cause.startswith("crate:"), 1), else_=0)
    nets = sa.select(*key, net.label("n"), labelled.label("labelled")).group_by(*key).having(net != 0).subquery()
    # the last thing that befell a label here says whether it is here; its older arrivals are history
    latest = sa.func.row_number().over(partition_by=(nets.c.account, nets.c.cause), order_by=nets.c.at.desc())
    told = sa.select(nets, latest.label("latest")).subquery()
    newest_first = (told.c.labelled.desc(), told.c.at.desc(), told.c.cause)
    through = sa.func.sum(told.c.n).over(partition_by=told.c.account, order_by=newest_first, rows=(None, 0))
    arrivals = (
        sa.select(told.c.account, told.c.at, told.c.n, through.label("through"))
        .where(told.c.n > 0, sa.or_(told.c.labelled == 0, told.c.latest == 1))
        .subquery()
    )
    left = held.c.quantity - (arrivals.c.through - arrivals.c.n)
    return (
        sa.select(arrivals.c.account, arrivals.c.at, sa.case((left < arrivals.c.n, left), else_=arrivals.c.n).label("n"))
        .join(held, held.c.account == arrivals.c.account)
        .where(left > 0)
        .subquery()
    )


# -- the statement of one holder


@dataclass(frozen=True)
class Movement:
    """What one cause did to a holding at one time, with what was held after it; corrections are within it."""

    at: datetime
    known_at: datetime
    quantity: int
    balance: int
    kind: AccountKind
    holder: str
    cause: str


def movements(
    session: Session, kind: AccountKind, holder: str, item: str, *, when: When = NOW, most: int = 100, skip: int = 0
) -> list[Movement]:
    """Return the last movements of a holding, newest first, with the balance after each."""
    legs = _legs(_accounts([kind], [holder], item), *when.admits())
    other = ACCOUNT.alias()
    key, net = (legs.c.at, legs.c.cause, legs.c.event, other.c.kind, other.c.holder), sa.func.sum(legs.c.n)
    facts = (net.label("n"), sa.func.max(legs.c.known_at).label("known_at"), sa.func.min(legs.c.row).label("row"))
    nets = sa.select(*key, *facts).join(other, other.c.id == legs.c.other).group_by(*key).having(net != 0).subquery()
    order = (nets.c.at, nets.c.row)
    balance = sa.func.sum(nets.c.n).over(order_by=order, rows=(None, 0))
    query = sa.select(nets, balance.label("balance")).order_by(*(column.desc() for column in order)).limit(most).offset(skip)
    return [
        Movement(row.at, row.known_at, int(row.n), int(row.balance), AccountKind(row.kind), row.holder, row.cause)
        for row in session.connection().execute(query)
    ]


# -- what a stop found


@dataclass(frozen=True)
class Seen:
    """Crates of one type at one stop: how many were asked for, scanned, and taken in all; None where nobody counted."""

    asked: int = 0
    scanned: int = 0
    counted: int | None = None


@dataclass(frozen=True)
class Match:
    """What a stop found of one type of crate, beside what we believed to stand there when it began."""

    item: str
    believed: int
    seen: Seen

    @property
    def total(self) -> int:
        """Return how many were taken: the count is the total, scans alone where nobody counted."""
        return self.seen.scanned if self.seen.counted is None else self.seen.counted

    @property
    def unlabelled(self) -> int:
        """Return how many of them bore no label."""
        return max(0, self.total - self.seen.scanned)

    @property
    def difference(self) -> int:
        """Return how many more were there than we believed; below zero, how many fewer were taken."""
        return self.total - self.believed


def reconcile(session: Session, point: str, seen: Mapping[str, Seen], *, began: datetime) -> list[Match]:
    """Compare what was taken at a point with what we believe stood there just before the visit began.

    What we believe is the ledger as of that moment as known now: an older act that reaches us late mends the difference.
    """
    before = When(as_of=began - INSTANT)
    believed = quantities(session, kinds=[AccountKind.POINT], holders=[point], when=before)
    return [Match(item, believed.get((AccountKind.POINT, point, item), 0), facts) for item, facts in seen.items()]
