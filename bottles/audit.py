"""Does it all add up? Every cached figure is worked out again from what cannot change, and compared.

Each check says how many things it compared and names every one that differs; an audit that finds nothing has looked at all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session, col, select

from . import crates, events, ledger, orders, projections
from .batches import Batch, Lot, LotEdge
from .crates import Crate
from .disputes import Dispute, DisputeKind, DisputeStatus
from .errors import say
from .events import Event, NewEvent
from .ledger import ACCOUNT, BOUNDARY, GUARDED, NAME, TRANSFER, AccountKind, Key
from .orders import Order, OrderStatus
from .routes import Visit, VisitLine


@dataclass
class Check:
    """One question of the audit: how many things were compared, and what differs."""

    name: str
    compared: int = 0
    faults: list[str] = field(default_factory=list)


def audit(session: Session) -> list[Check]:
    """Ask every question of the audit; nothing is changed."""
    return [_check(name, look, session) for name, look in QUESTIONS.items()]


def _check(name: str, look: "Callable[[Session], Iterator[str | None]]", session: Session) -> Check:
    check = Check(name)
    for fault in look(session):
        check.compared += 1
        if fault:
            check.faults.append(fault)
    return check


def _balances(session: Session) -> Iterator[str | None]:
    """Yield a fault for each account whose cached balance is not what its transfers add up to."""
    folded = ledger.folded(session)
    for account in session.connection().execute(sa.select(ACCOUNT)):
        told = folded.get(account.id, 0)
        name = f"{account.kind} {account.holder} {account.item} lot {account.lot} order {account.order}"
        yield None if told == account.quantity else f"{name}: balance {account.quantity}, transfers add up to {told}"


def _totals(session: Session) -> Iterator[str | None]:
    """Yield a fault when the total over all accounts is not nought, or a transfer turns one thing into another."""
    total = session.scalar(sa.select(sa.func.sum(ACCOUNT.c.quantity))) or 0
    yield None if total == 0 else f"all accounts together hold {total}, not 0"
    source, target = ACCOUNT.alias(), ACCOUNT.alias()
    query = (
        sa.select(TRANSFER.c.row, source.c.item, target.c.item)
        .join(source, source.c.id == TRANSFER.c.source)
        .join(target, target.c.id == TRANSFER.c.target)
    )
    for row, out, into in session.connection().execute(query):
        yield None if out == into or out == "unsorted" else f"transfer {row} turns {out} into {into}"


def _guarded(session: Session) -> Iterator[str | None]:
    """Yield a fault for each guarded account below zero."""
    for account in session.connection().execute(sa.select(ACCOUNT).where(ACCOUNT.c.kind.in_(GUARDED))):
        fault = f"{account.kind} {account.holder} {account.item} lot {account.lot}: {account.quantity}"
        yield fault if account.quantity < 0 or not account.guarded else None


def _told(session: Session) -> set[int]:
    """Return the accounts that a dispute says are below zero."""
    query = select(Dispute.subject).where(
        Dispute.kind == DisputeKind.NEGATIVE_BALANCE, Dispute.status != DisputeStatus.EXPLAINED
    )
    return {int(subject.removeprefix("account:")) for subject in session.exec(query)}


def _debts(session: Session) -> Iterator[str | None]:
    """Yield a fault for each observed account below zero that no dispute tells of."""
    query = sa.select(ACCOUNT).where(ACCOUNT.c.kind.not_in(GUARDED | BOUNDARY), ACCOUNT.c.quantity < 0)
    told = _told(session)
    for account in session.connection().execute(query):
        fault = f"{account.kind} {account.holder} {account.item} holds {account.quantity} and no dispute says so"
        yield None if account.id in told else fault


def _crates(session: Session) -> Iterator[str | None]:
    """Yield a fault for each crate whose cached state is not what its events replay to."""
    for chunk in _chunks(list(session.exec(select(Crate)))):
        about = events.of_crates(session, [crate.code for crate in chunk])
        undos: dict[str, list[Event]] = {code: [] for code in about}
        every = [event for listed in about.values() for event in listed]
        owner = {event.id: event.crate for event in every}
        for undo in events.with_undos(session, every):
            if undo.id not in owner:
                owner[undo.id] = owner.get(undo.undoes or "")
                undos[owner[undo.id] or ""].append(undo)
        for crate in chunk:
            told = crates.replay([*about[crate.code], *undos[crate.code]])
            cached = (crate.state, crate.clean, crate.where, crate.holder)
            same = cached == (told.state, told.clean, told.where, told.holder)
            yield (
                None
                if same
                else f"crate {crate.code}: cached {cached}, events say {(told.state, told.clean, told.where, told.holder)}"
            )


def _chunks(rows: list[Crate], size: int = 500) -> Iterator[list[Crate]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _labels(session: Session) -> Iterator[str | None]:
    """Yield a fault for each holder who has more labelled crates of a type than crates of it, unless a dispute says so."""
    told = _told(session)
    accounts = {
        tuple(row[2:5]): row for row in session.connection().execute(sa.select(ACCOUNT.c.id, ACCOUNT.c.quantity, *NAME))
    }
    held = session.exec(
        select(Crate.where, Crate.holder, Crate.type, sa.func.count()).group_by(Crate.where, Crate.holder, Crate.type)
    )
    for where, holder, kind, count in held:
        if AccountKind(where) in BOUNDARY:
            continue
        account = accounts.get((AccountKind(where), holder, kind))
        balance = account.quantity if account else 0
        fits = balance >= count or (account is not None and account.id in told)
        yield None if fits else f"{where} {holder}: {count} labelled {kind}, but the ledger holds {balance}"


def _visits(session: Session) -> Iterator[str | None]:
    """Yield a fault for each visit line that its counts and scans do not tell."""
    for visit in session.exec(select(Visit)).all():
        standing = events.standing(events.with_undos(session, events.of_visit(session, visit.task, visit.plan or None)))
        seen = projections.tally(session, standing)
        lines = session.exec(select(VisitLine).where(VisitLine.task == visit.task, VisitLine.plan == visit.plan))
        cached = {(line.move, line.item): line.quantity for line in lines}
        told = {key: seen.total(*key) for key in seen.entries()}
        yield None if cached == told else f"task {visit.task} under plan {visit.plan}: {cached}, events say {told}"


def _reservations(session: Session) -> Iterator[str | None]:
    """Yield a fault for each order line whose reservation is not what is still to be delivered."""
    for order in session.exec(select(Order)).all():
        held = orders.reserved(session, order.id or 0)
        for line in orders.lines(session, order.id or 0):
            here = sum(n for key, n in held.items() if key.item == line.type)
            due = max(0, line.quantity - line.delivered) if order.status is not OrderStatus.CANCELLED else 0
            yield None if here == due else f"order {order.id} {line.type}: {here} reserved, {due} still to deliver"


def _lots(session: Session) -> Iterator[str | None]:
    """Yield a fault for each batch or lot whose edges do not account for its bottles."""
    into = dict(session.exec(select(LotEdge.child, sa.func.sum(LotEdge.quantity)).group_by(col(LotEdge.child))).all())
    out = dict(session.exec(select(LotEdge.parent, sa.func.sum(LotEdge.quantity)).group_by(col(LotEdge.parent))).all())
    for batch in session.exec(select(Batch)):
        name = f"batch:{batch.id}"
        fits = into.get(name, 0) == batch.quantity and batch.quantity - batch.left == out.get(name, 0)
        yield (
            None
            if fits
            else f"{name}: {batch.quantity} sorted, {batch.left} left, edges in {into.get(name)}, out {out.get(name)}"
        )
    for lot in session.exec(select(Lot)):
        came = into.get(f"lot:{lot.id}", 0)
        yield None if came == lot.quantity else f"lot {lot.code}: {lot.quantity} washed, edges bring {came}"


def _delivered(session: Session) -> Iterator[str | None]:
    """Yield a fault for each bottle a customer has that no lot accounts for, unless a dispute says so."""
    short = set(session.exec(select(Dispute.subject).where(Dispute.kind == DisputeKind.SHORT_STOCK)))
    for key, quantity in ledger.balances(session, AccountKind.CUSTOMER).items():
        fault = f"{key.holder} was given {quantity} × {key.item} out of no lot"
        yield fault if not key.lot and not short and _is_bottle(session, key) else None


def _is_bottle(session: Session, key: Key) -> bool:
    return session.scalar(sa.text("SELECT 1 FROM bottle_type WHERE id = :item"), params={"item": key.item}) is not None


def _bodies(session: Session) -> Iterator[str | None]:
    """Yield a fault for each event that no longer says what its kept body says."""
    for event in session.exec(select(Event)):
        whole = events.digest(event.body) == event.digest
        same = whole and NewEvent.model_validate_json(event.body) == NewEvent.model_validate(event.model_dump())
        yield None if same else f"event {event.id}: it does not say what was received"


QUESTIONS: dict[str, Callable[[Session], Iterator[str | None]]] = {
    say("Balances equal the transfers"): _balances,
    say("Nothing appears or vanishes"): _totals,
    say("No stock is below zero"): _guarded,
    say("Every negative balance has its dispute"): _debts,
    say("Crate states equal their events replayed"): _crates,
    say("Nobody has more labelled crates than crates"): _labels,
    say("Visits equal their counts and scans"): _visits,
    say("Reservations equal what is still to deliver"): _reservations,
    say("Batches and lots are accounted for"): _lots,
    say("Every delivered bottle has a lot"): _delivered,
    say("No event was changed"): _bodies,
}
