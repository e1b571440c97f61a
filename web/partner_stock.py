"""What a partner holds and gave back: crates at their points, and what was collected week by week.

Only reading, like partner_day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bottles import crates, holdings, ledger, points
from bottles.catalogue import UNSORTED, CrateType
from bottles.crates import Crate, Move, Where
from bottles.holdings import Holding
from bottles.ledger import Account, AccountKind, Transfer
from bottles.points import Point
from bottles.routes import Task, Visit, VisitLine

from .language import local

WEEKS = 8
"""How far back the little line of collected crates looks."""


@dataclass(frozen=True)
class Collected:
    """Crates taken from a partner, week by week, the last one being this week; and the bottles that were in them."""

    crates: Sequence[int]
    bottles: int

    @property
    def total(self) -> int:
        """Return the crates of all weeks."""
        return sum(self.crates)


@dataclass(frozen=True)
class Stock:
    """Crates of one type at one point: how many, since when, how many of them by label, and when that last changed."""

    point: Point
    crate_type: str
    name: str
    count: int
    labelled: Sequence[Crate]
    changed: datetime | None
    ages: Sequence[int] = ()
    """How many have been there how long, by bracket."""
    oldest: datetime | None = None


def collected(session: Session, partner: str, now: datetime) -> Collected:
    """Add up the crates taken from a partner in the last weeks, and the bottles in them: counted, else as many as they hold."""
    query = (
        sa.select(col(Visit.at), col(VisitLine.task), col(VisitLine.plan), col(VisitLine.item), col(VisitLine.quantity))
        .join(VisitLine, sa.and_(col(VisitLine.task) == col(Visit.task), col(VisitLine.plan) == col(Visit.plan)))
        .join(Task, col(Task.id) == col(Visit.task))
        .where(col(Task.partner) == partner, col(VisitLine.move) == Move.COLLECT)
        .where(col(Visit.at) > now - timedelta(weeks=WEEKS), col(Visit.at) <= now)
    )
    holds = dict(session.exec(select(CrateType.id, CrateType.bottles)).all())
    weeks, full, counted = [0] * WEEKS, defaultdict[tuple[int, int], int](int), {}
    for at, task, plan, item, quantity in session.execute(query):
        if item == UNSORTED:
            counted[task, plan] = quantity
        else:
            weeks[WEEKS - 1 - (now - at) // timedelta(weeks=1)] += quantity
            full[task, plan] += quantity * holds.get(item, 0)
    return Collected(weeks, sum((full | counted).values()))


def stocks(session: Session, partner: str, now: datetime) -> list[Stock]:
    """List the crates that stand at a partner's points, by point and type, as the ledger counts them."""
    mine = {point.id: point for point in points.of_partner(session, partner)}
    kinds = {kind.id: (kind.position, kind.name) for kind in session.exec(select(CrateType))}
    aged = {(held.holder, held.item): held for held in _held(session, AccountKind.POINT, mine, now)}
    found = []
    for (holder, item), (count, changed) in _accounts(session, mine).items():
        held = [crate for crate in crates.held(session, Where.POINT, holder) if crate.type == item]
        if count or held:
            age = aged.get((holder, item))
            since = (age.ages, age.oldest) if age else ((), None)
            found.append(Stock(mine[holder], item, kinds.get(item, (0, item))[1], count, held, changed, *since))
    return sorted(found, key=lambda stock: (stock.point.name, kinds.get(stock.crate_type, (0, ""))))


def lent(session: Session, partner: str, now: datetime) -> list[tuple[str, Holding]]:
    """List the crates lent to a partner, by type, with their name; bottles they bought are theirs."""
    names = dict(session.exec(select(CrateType.id, CrateType.name)).all())
    held = _held(session, AccountKind.CUSTOMER, [partner], now)
    return [(names[one.item], one) for one in held if one.item in names and one.quantity > 0]


def _held(session: Session, kind: AccountKind, holders: Iterable[str], now: datetime) -> list[Holding]:
    return holdings.balances(session, kinds=[kind], holders=list(holders), at=now)


def _accounts(session: Session, holders: Iterable[str]) -> dict[tuple[str, str], tuple[int, datetime | None]]:
    query = (
        select(Account.holder, Account.item, Account.quantity, sa.func.max(Transfer.at))
        .join(Transfer, sa.or_(col(Transfer.source) == col(Account.id), col(Transfer.target) == col(Account.id)))
        .where(Account.kind == AccountKind.POINT, col(Account.holder).in_(list(holders)))
        .group_by(col(Account.holder), col(Account.item), col(Account.quantity))
    )
    return {(holder, item): (count, changed) for holder, item, count, changed in session.execute(query)}


def on_hand(session: Session, point: str, crate_type: str) -> int:
    """Return how many crates of a type stand at a point, never below none."""
    return max(0, ledger.on_hand(session, AccountKind.POINT, point, crate_type))


def working_day(session: Session, now: datetime) -> date:
    """Return the first day something can be ready for: today while a centre works, else the next day that one does."""
    here, centres = local(now), points.centres(session)
    for n in range(15):
        day = here.date() + timedelta(days=n)
        closes = [window[1] for centre in centres for window in points.windows(centre, day)]
        if closes and (n or here.hour * 60 + here.minute < max(closes)):
            return day
    return here.date()
