"""Accounts: cached balances, the total, what is guarded, and what stands below zero."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, select

from ..disputes import Dispute, DisputeKind, DisputeStatus
from ..errors import Fault, say
from ..ledger import ACCOUNT, BOUNDARY, GUARDED, TRANSFER
from .rows import Found, Read, count, name, runs

OFF = say("%(account)s: balance %(balance)s, transfers add up to %(told)s")


def balances(session: Session) -> Iterator[Found]:
    """Yield a fault for each account whose cached balance is not what its transfers add up to."""
    moved: dict[int, int] = defaultdict(int)
    # in the order of the rows: to group them by account in the database would read a large table out of order, twice
    rows = sa.select(TRANSFER.c.row, TRANSFER.c.source, TRANSFER.c.target, TRANSFER.c.quantity)
    for run in runs(session, rows, TRANSFER.c.row):
        for row in run:
            moved[row.source] -= row.quantity
            moved[row.target] += row.quantity
        yield Read(len(run))
    for run in runs(session, sa.select(ACCOUNT), ACCOUNT.c.id):
        for account in run:
            told = moved.get(account.id, 0)
            same = told == account.quantity
            yield 1 if same else Fault(OFF, account=name(account), balance=account.quantity, told=told)


def totals(session: Session) -> Iterator[Found]:
    """Yield a fault when the total over all accounts is not nought, or a transfer turns one thing into another."""
    total = session.scalar(sa.select(sa.func.sum(ACCOUNT.c.quantity))) or 0
    yield 1 if total == 0 else Fault(say("all accounts together hold %(total)s, not 0"), total=total)
    source, target = ACCOUNT.alias(), ACCOUNT.alias()
    query = (
        sa.select(TRANSFER.c.row, source.c.item, target.c.item)
        .join(source, source.c.id == TRANSFER.c.source)
        .join(target, target.c.id == TRANSFER.c.target)
        .where(source.c.item != target.c.item, source.c.item != "unsorted")
    )
    faults = 0
    for row, out, into in session.connection().execute(query):
        faults += 1
        yield Fault(say("transfer %(row)s turns %(out)s into %(into)s"), row=row, out=out, into=into)
    yield count(session, TRANSFER) - faults


def guarded(session: Session) -> Iterator[Found]:
    """Yield a fault for each guarded account below zero, or that nothing guards."""
    query = sa.select(ACCOUNT).where(ACCOUNT.c.kind.in_(GUARDED), sa.or_(ACCOUNT.c.quantity < 0, ~ACCOUNT.c.guarded))
    faults = [f"{name(account)}: {account.quantity}" for account in session.connection().execute(query)]
    yield from faults
    yield count(session, ACCOUNT, ACCOUNT.c.kind.in_(GUARDED)) - len(faults)


def _told(session: Session) -> set[int]:
    """Return the accounts that a dispute says are below zero."""
    query = select(Dispute.subject).where(
        Dispute.kind == DisputeKind.NEGATIVE_BALANCE, Dispute.status != DisputeStatus.EXPLAINED
    )
    return {int(subject.removeprefix("account:")) for subject in session.exec(query)}


def debts(session: Session) -> Iterator[Found]:
    """Yield a fault for each observed account below zero that no dispute tells of."""
    query = sa.select(ACCOUNT).where(ACCOUNT.c.kind.not_in(GUARDED | BOUNDARY), ACCOUNT.c.quantity < 0)
    told = _told(session)
    for account in session.connection().execute(query):
        untold = say("%(account)s holds %(balance)s and no dispute says so")
        yield 1 if account.id in told else Fault(untold, account=name(account), balance=account.quantity)
