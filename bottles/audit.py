"""Does it all add up? Every cached figure is worked out again from what cannot change, and compared.

Each question says how many things it compared and names every one that differs; an audit that finds nothing has looked at
all. Tables are read in runs of rows, so a season and a century need the same memory.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from . import crates, events, projections, seals, wire
from .aside import SetAside
from .batches import Batch, Lot, LotEdge
from .catalogue import BottleType
from .crates import CRATE
from .disputes import Dispute, DisputeKind, DisputeStatus
from .errors import Fault, Invalid, say
from .events import Act, Event
from .ledger import ACCOUNT, BOUNDARY, GUARDED, TRANSFER, AccountKind
from .orders import Order, OrderLine, OrderStatus
from .routes import Visit, VisitLine

RUN = 1000
"""Rows read at a time."""
NAMED = 1000
"""Faults a question names at most; it counts them all."""
STEP = 10_000
"""How many comparisons lie between two signs of life."""

OFF = say("%(account)s: balance %(balance)s, transfers add up to %(told)s")

FOR_AN_ORDER = ACCOUNT.c.order != sa.literal_column("0")
"""What is reserved: nothing else stands under an order. It is said as the index says it, or SQLite would not use it."""

Look = Callable[[Session], Iterator[str | int]]
"""A question: it yields a sentence for each fault, and how many things it found equal, bit by bit."""


@dataclass
class Check:
    """One question of the audit: how many things were compared, how many differ, and the first of those by name."""

    name: str
    compared: int = 0
    faults: list[str] = field(default_factory=list)
    differing: int = 0
    is_done: bool = False


Watch = Callable[[Check], object]
"""What is told how far a question has come: when it begins, after every `STEP` comparisons, and when it is done."""


def audit(session: Session, watch: Watch | None = None) -> list[Check]:
    """Ask every question of the audit; nothing is changed."""
    return [_ask(name, look, session, watch or (lambda check: None)) for name, look in QUESTIONS.items()]


def _ask(name: str, look: Look, session: Session, watch: Watch) -> Check:
    check, told = Check(name), 0
    watch(check)
    for found in look(session):
        check.compared += found if isinstance(found, int) else 1
        if isinstance(found, str):
            check.differing += 1
            if len(check.faults) < NAMED:
                check.faults.append(found)
        if check.compared >= told + STEP:
            told = check.compared
            watch(check)
    check.is_done = True
    watch(check)
    return check


def _runs(session: Session, query: sa.Select[Any], *key: sa.ColumnElement[Any]) -> Iterator[list[sa.Row[Any]]]:
    """Read rows in runs, in the order of a unique key, which they begin with."""
    after: sa.Select[Any] = query
    while found := session.connection().execute(after.order_by(*key).limit(RUN)).all():
        yield list(found)
        last = tuple(found[-1][: len(key)])
        after = query.where(sa.tuple_(*key) > last if len(key) > 1 else key[0] > last[0])


def _table(model: type[SQLModel]) -> sa.FromClause:
    """Return the table behind a class, for rows without objects."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]  # SQLModel does not declare it


def _count(session: Session, table: sa.FromClause, *where: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def _name(account: Any) -> str:
    """Name an account; what it does not have is left out."""
    lot, order = (f" {word} {number}" if number else "" for word, number in (("lot", account.lot), ("order", account.order)))
    return " ".join(str(part) for part in (account.kind, account.holder, account.item) if part) + lot + order


# -- accounts


def _balances(session: Session) -> Iterator[str | int]:
    """Yield a fault for each account whose cached balance is not what its transfers add up to."""
    moved: dict[int, int] = defaultdict(int)
    # in the order of the rows: to group them by account in the database would read a large table out of order, twice
    rows = sa.select(TRANSFER.c.row, TRANSFER.c.source, TRANSFER.c.target, TRANSFER.c.quantity)
    for run in _runs(session, rows, TRANSFER.c.row):
        for row in run:
            moved[row.source] -= row.quantity
            moved[row.target] += row.quantity
    for run in _runs(session, sa.select(ACCOUNT), ACCOUNT.c.id):
        for account in run:
            told = moved.get(account.id, 0)
            same = told == account.quantity
            yield 1 if same else Fault(OFF, account=_name(account), balance=account.quantity, told=told)


def _totals(session: Session) -> Iterator[str | int]:
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
    yield _count(session, TRANSFER) - faults


def _guarded(session: Session) -> Iterator[str | int]:
    """Yield a fault for each guarded account below zero, or that nothing guards."""
    query = sa.select(ACCOUNT).where(ACCOUNT.c.kind.in_(GUARDED), sa.or_(ACCOUNT.c.quantity < 0, ~ACCOUNT.c.guarded))
    faults = [f"{_name(account)}: {account.quantity}" for account in session.connection().execute(query)]
    yield from faults
    yield _count(session, ACCOUNT, ACCOUNT.c.kind.in_(GUARDED)) - len(faults)


def _told(session: Session) -> set[int]:
    """Return the accounts that a dispute says are below zero."""
    query = select(Dispute.subject).where(
        Dispute.kind == DisputeKind.NEGATIVE_BALANCE, Dispute.status != DisputeStatus.EXPLAINED
    )
    return {int(subject.removeprefix("account:")) for subject in session.exec(query)}


def _debts(session: Session) -> Iterator[str | int]:
    """Yield a fault for each observed account below zero that no dispute tells of."""
    query = sa.select(ACCOUNT).where(ACCOUNT.c.kind.not_in(GUARDED | BOUNDARY), ACCOUNT.c.quantity < 0)
    told = _told(session)
    for account in session.connection().execute(query):
        untold = say("%(account)s holds %(balance)s and no dispute says so")
        yield 1 if account.id in told else Fault(untold, account=_name(account), balance=account.quantity)


# -- crates and visits


def _crates(session: Session) -> Iterator[str | int]:
    """Yield a fault for each crate whose cached state is not what its events replay to."""
    for run in _runs(session, sa.select(CRATE), CRATE.c.code):
        lives = crates.lives_of(session, [crate.code for crate in run])
        for crate in run:
            told = crates.replay(lives[crate.code]).now
            cached = crates.Standing(crate.state, crate.clean, crate.where, crate.holder, crate.since)
            differs = say("crate %(code)s: cached %(cached)s, events say %(told)s")
            yield 1 if cached == told else Fault(differs, code=crate.code, cached=_said(cached), told=_said(told))


def _said(standing: crates.Standing) -> str:
    washed = "clean" if standing.clean else "dirty"
    return f"{standing.state} {washed} {standing.where} {standing.holder}".strip() + f" since {standing.since}"


def _labels(session: Session) -> Iterator[str | int]:
    """Yield a fault for each holder who has other labelled crates than their movements brought and took."""
    moved: dict[int, int] = defaultdict(int)
    for side, sign in ((TRANSFER.c.target, 1), (TRANSFER.c.source, -1)):
        query = sa.select(side, sa.func.sum(TRANSFER.c.quantity)).where(TRANSFER.c.cause.startswith("crate:")).group_by(side)
        for account, quantity in session.connection().execute(query):
            moved[account] += sign * int(quantity)
    accounts = sa.select(ACCOUNT).where(ACCOUNT.c.kind.not_in(BOUNDARY), ACCOUNT.c.id.in_(sa.bindparam("ids", expanding=True)))
    told: dict[tuple[str, str, str], int] = {}
    for ids in _parts(sorted(id_ for id_, quantity in moved.items() if quantity)):
        for row in session.connection().execute(accounts, {"ids": ids}):
            told[str(row.kind), row.holder, row.item] = moved[row.id]
    kinds = (CRATE.c.where, CRATE.c.holder, CRATE.c.type)
    held = sa.select(*kinds, sa.func.count()).where(CRATE.c.where.not_in([str(kind) for kind in BOUNDARY])).group_by(*kinds)
    here = {(str(where), holder, kind): count for where, holder, kind, count in session.connection().execute(held)}
    for key in sorted(here.keys() | told.keys()):
        known, brought = here.get(key, 0), told.get(key, 0)
        differs = say("%(account)s: %(known)s labelled crates, but their movements brought %(brought)s")
        yield 1 if known == brought else Fault(differs, account=" ".join(key), known=known, brought=brought)


def _parts(ids: list[int], size: int = 1000) -> Iterator[list[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _visits(session: Session) -> Iterator[str | int]:
    """Yield a fault for each visit whose lines are not what its counts and scans tell."""
    visit, lines = _table(Visit).c, _table(VisitLine)
    for run in _runs(session, sa.select(visit.task, visit.plan), visit.task, visit.plan):
        tasks = {row.task for row in run}
        cached: dict[tuple[int, int], dict[Any, int]] = defaultdict(dict)
        for row in session.connection().execute(sa.select(lines).where(lines.c.task.in_(tasks))):
            cached[row.task, row.plan][row.move, row.item] = row.quantity
        about: dict[tuple[int, int], list[Act]] = defaultdict(list)
        for act in events.standing(events.with_undos(session, events.acts(session, col(Event.task).in_(tasks)))):
            about[act.task or 0, act.plan_version or 0].append(act)
        for visited in run:
            key = visited.task, visited.plan
            seen = projections.tally(session, about[key])
            told = {entry: seen.total(*entry) for entry in seen.entries()}
            differs = say("task %(task)s under plan %(plan)s: %(cached)s, events say %(told)s")
            values = {"task": key[0], "plan": key[1], "cached": _things(cached[key]), "told": _things(told)}
            yield 1 if cached[key] == told else Fault(differs, **values)


def _things(lines: Mapping[Any, int]) -> str:
    return ", ".join(f"{move} {quantity} {item}" for (move, item), quantity in sorted(lines.items())) or "nothing"


# -- orders and lots


def _reservations(session: Session) -> Iterator[str | int]:
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
    order = _table(Order).c
    for run in _runs(session, sa.select(order.id, order.status), order.id):
        yield {row.id: row.status for row in run}


def _edges(session: Session, near: Any, far: Any, nodes: list[str]) -> dict[str, dict[str, int]]:
    """Return the edges at some nodes: by node, what lies at their other end, and how many bottles."""
    found: dict[str, dict[str, int]] = {node: defaultdict(int) for node in nodes}
    for node, other, quantity in session.exec(select(near, far, LotEdge.quantity).where(col(near).in_(nodes))):
        found[node][other] += quantity
    return found


def _lots(session: Session) -> Iterator[str | int]:
    """Yield a fault for each batch or lot whose edges do not account for its bottles."""
    batch, lot = _table(Batch).c, _table(Lot).c
    for run in _runs(session, sa.select(batch.id, batch.quantity, batch.left), batch.id):
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
    for run in _runs(session, sa.select(lot.id, lot.quantity), lot.id):
        names = [f"lot:{row.id}" for row in run]
        into = _edges(session, LotEdge.child, LotEdge.parent, names)
        for name, row in zip(names, run, strict=True):
            came = sum(into[name].values())
            differs = say("%(lot)s: %(quantity)s washed, edges bring %(came)s")
            yield 1 if came == row.quantity else Fault(differs, lot=name, quantity=row.quantity, came=came)


def _delivered(session: Session) -> Iterator[str | int]:
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


def _lotless(session: Session) -> Iterator[str | int]:
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


# -- events and seals


def _gaps(session: Session) -> Iterator[str | int]:
    """Yield a fault for each gap in a device's own numbers: something it did has not reached us, or was taken away.

    What was set aside counts as much as what was kept. Two pages of one device may use a number twice; that is no gap.
    """
    aside = sa.select(col(SetAside.device), col(SetAside.sequence)).where(col(SetAside.sequence).is_not(None))
    known = sa.union_all(sa.select(col(Event.device), col(Event.sequence)), aside).subquery("known")
    before = sa.func.lag(known.c.sequence).over(partition_by=known.c.device, order_by=known.c.sequence).label("before")
    steps = sa.select(known.c.device, known.c.sequence, before).subquery("steps")
    gap = steps.c.sequence - steps.c.before > 1
    for device, after, last in session.connection().execute(sa.select(steps).where(gap)):
        one = say("device %(device)s: number %(first)s never reached us, though %(after)s did")
        many = say("device %(device)s: numbers %(first)s to %(last)s never reached us, though %(after)s did")
        yield Fault(one if after - last == 2 else many, device=device, first=last + 1, last=after - 1, after=after)
    yield session.scalar(sa.select(sa.func.count(sa.distinct(known.c.device)))) or 0


def _bodies(session: Session) -> Iterator[str | int]:
    """Yield a fault for each event that no longer says what its kept body says."""
    event = _table(Event).c
    query = sa.select(event.row, event.digest, event.body, *(event[name] for name in wire.FACTS))
    for run in _runs(session, query, event.row):
        for row in run:
            changed = say("event %(row)s (%(id)s): it does not say what was received")
            yield 1 if _is_whole(row) else Fault(changed, row=row.row, id=row.id)


def _is_whole(row: sa.Row[Any]) -> bool:
    """Say whether an event says what its body says; where the body was erased on request, the seal proves the rest."""
    if not row.body:
        return row.note is None and row.reason is None
    try:
        told = wire.read(row.body)
    except Invalid:
        return False
    # a text of nothing but spaces was once kept as it came
    same = all(getattr(told, name) == wire.or_none(getattr(row, name)) for name in wire.FACTS)
    return same and wire.digest(row.body) == row.digest


QUESTIONS: dict[str, Look] = {
    say("Balances equal the transfers"): _balances,
    say("Nothing appears or vanishes"): _totals,
    say("No stock is below zero"): _guarded,
    say("Every negative balance has its dispute"): _debts,
    say("Crate states equal their events replayed"): _crates,
    say("Labelled crates are where their movements put them"): _labels,
    say("Visits equal their counts and scans"): _visits,
    say("Reservations equal what is still to deliver"): _reservations,
    say("Batches and lots are accounted for"): _lots,
    say("Every delivered bottle has a lot"): _delivered,
    say("No event of a device is missing"): _gaps,
    say("No event was changed"): _bodies,
    say("Every seal holds"): seals.verify,
}
