"""What the events of one visit or one reception add up to: counts, balances, outcome, disputes.

Each projection reads everything known about its subject, works out what should stand, and posts the difference to what
stands. At a stop the count is the total; what is not scanned is unlabelled.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from . import disputes, events, hauls, ledger, orders, routes
from .batches import LotEdge, Reception
from .catalogue import UNSORTED, CrateType
from .crates import Crate, Move
from .db import Many, among, find, over, renew
from .disputes import Dispute, DisputeKind, Oddity
from .events import Act, Basis, Event, EventKind, Told
from .hauls import AddedLine, AddedStop
from .ledger import AccountKind, Key, Posting
from .orders import Order
from .pickups import Pickup, PickupStatus
from .routes import Outcome, Route, Task, Visit, VisitLine
from .vehicles import Vehicle

OUTCOMES = {
    EventKind.STOP_REACHED: Outcome.REACHED,
    EventKind.STOP_DONE: Outcome.DONE,
    EventKind.STOP_PARTLY: Outcome.PARTLY,
    EventKind.STOP_MISSED: Outcome.MISSED,
}

TALLIED = {EventKind.SCAN, EventKind.COUNT}
"""Kinds that say how many there were."""


# the tables behind the classes, for statements without objects
TASKS, VISIT, LINE, PICKUP = (SQLModel.metadata.tables[name] for name in ("task", "visit", "visit_line", "pickup"))
LINE_KEY = [column.name for column in LINE.primary_key]
# built once: they are asked for with every batch that comes in
TYPES = sa.select(col(Crate.code), col(Crate.type)).where(among(col(Crate.code), "codes"))
SIZES = sa.select(col(CrateType.id), col(CrateType.bottles))
LOCKED = sa.select(col(Route.id)).where(col(Route.id) == sa.bindparam("route")).with_for_update()
RECEIVED = events.ACTS.where(col(Event.route) == sa.bindparam("route"), col(Event.move) == Move.RECEIVE)
TASK = sa.select(*TASKS.c).where(TASKS.c.id == sa.bindparam("task")).with_for_update()
VISITS = sa.select(VISIT.c.plan, VISIT.c.outcome, VISIT.c.reason, VISIT.c.at).where(VISIT.c.task == sa.bindparam("task"))
LINES = sa.select(LINE.c.move, LINE.c.item, LINE.c.quantity, LINE.c.scanned).where(
    LINE.c.task == sa.bindparam("task"), LINE.c.plan == sa.bindparam("plan")
)
ON_THE_WAY = events.ACTS.where(
    col(Event.route) == sa.bindparam("route"), col(Event.point) == sa.bindparam("point"), col(Event.task).is_(None)
)
WRITE_VISIT, WRITE_LINES = (Many(over(table), table.c.keys()) for table in (VISIT, LINE))
DROP_LINES = Many(sa.delete(LINE).where(*(column == sa.bindparam(column.name) for column in LINE.primary_key)), LINE_KEY)
CLOSE = (
    sa.update(PICKUP)
    .where(PICKUP.c.id == sa.bindparam("of"), PICKUP.c.status != PickupStatus.CANCELLED)
    .where(sa.or_(PICKUP.c.status != sa.bindparam("then"), PICKUP.c.closed_at.is_distinct_from(sa.bindparam("when"))))
    .values(status=sa.bindparam("then"), closed_at=sa.bindparam("when"))
)


@dataclass
class Tally:
    """Scans and counts of one visit or reception, by move and item."""

    scanned: dict[tuple[Move, str], int] = field(default_factory=dict)
    counted: dict[tuple[Move, str], Told] = field(default_factory=dict)

    def total(self, move: Move, item: str) -> int:
        """Return how many there were: what was counted, or else what was scanned."""
        count = self.counted.get((move, item))
        return self.scanned.get((move, item), 0) if count is None else count.quantity or 0

    def unlabelled(self, move: Move, item: str) -> int:
        """Return how many of them bore no label."""
        return max(0, self.total(move, item) - self.scanned.get((move, item), 0))

    def entries(self) -> list[tuple[Move, str]]:
        """List every move and item that was scanned or counted."""
        return sorted(self.scanned.keys() | self.counted.keys())


def tally(session: Session, standing: Iterable[Told]) -> Tally:
    """Count scans and keep the last count of each item; the same label twice is one crate."""
    result, labels = Tally(), defaultdict(set)
    for event in standing:
        if event.kind is EventKind.SCAN and event.move:
            labels[event.crate].add(Move(event.move))
        elif event.kind is EventKind.COUNT and event.move:
            result.counted[Move(event.move), event.item or ""] = event
    for code, kind in session.connection().execute(TYPES, {"codes": list(labels)}) if labels else ():
        for move in labels[code]:
            result.scanned[move, kind] = result.scanned.get((move, kind), 0) + 1
    return result


def visit(session: Session, task_id: int, plans: Collection[int], *, at: datetime) -> tuple[list[Posting], set[int]]:
    """Project the visits to one task under some plan versions.

    Return what is still to be posted, and the routes whose reception may have to be worked out again.
    """
    # locked before its events are read: of two phones at once, the second sees what the first told
    task = session.connection().execute(TASK, {"task": task_id}).one()
    short = _short(session, task)
    # those that lack bottles come last: the others may give some back
    ordered = [*sorted(set(plans) - short), *sorted(short)]
    flows = [flow for plan in ordered for flow in _visit(session, task, plan, at)]
    renew(session, Visit, VisitLine, Pickup)
    return flows, {route for plan in plans if (route := routes.route_of(session, task_id, plan)) is not None}


def _short(session: Session, task: sa.Row[Any]) -> set[int]:
    """Return the plan versions under which more was delivered than was reserved: another visit may give some back."""
    if task.order is None:
        return set()
    plans = {f"visit:{task.id}/{v.plan}": v.plan for v in session.exec(select(Visit).where(Visit.task == task.id))}
    short = select(Dispute.subject).where(Dispute.kind == DisputeKind.SHORT_STOCK, col(Dispute.subject).in_(plans))
    return {plans[subject] for subject in session.exec(short)} if plans else set()


def _visit(session: Session, task: sa.Row[Any], plan: int, at: datetime) -> list[Posting]:
    task_id = task.id
    heard = events.with_undos(session, events.of_visit(session, task_id, plan or None))
    standing = events.standing(heard)
    seen = tally(session, standing)
    holder = next((e.holder for e in reversed(standing) if e.holder), None)
    vehicle = holder or routes.vehicle_of(session, task_id, plan) or "unknown"
    # a visit's figures count from its first act: they stand still while it goes on, and at every past time afterwards
    began, when = (standing[0].at, standing[-1].at) if standing else (at, at)
    cause = f"visit:{task_id}/{plan}"
    wanted = _postings(session, seen, task.point, vehicle, _centre(standing), cause, began)
    short = _deliver(session, task, seen, cause, began, at)
    outcomes = _write(session, task_id, plan, standing, seen, when)
    disputes.keep(session, {cause: [*_counted_below(seen), *short]}, at=at)
    _close(session, task, outcomes, when)
    return ledger.missing(session, wanted, [cause])


def _capacity(session: Session) -> dict[str, int]:
    return {row.id: row.bottles for row in session.connection().execute(SIZES)}


def _centre(standing: Iterable[Told]) -> str:
    return next((event.centre for event in standing if event.centre), "")


def _postings(session: Session, seen: Tally, point: str, vehicle: str, centre: str, cause: str, at: datetime) -> list[Posting]:
    """Return all that a call at a point moves between the point and the van."""
    wanted = _crate_postings(seen, point, vehicle, centre, cause, at)
    if any(move is Move.COLLECT for move, _ in seen.entries()):
        wanted += _bottle_postings(seen, point, vehicle, _capacity(session), cause, at)
    return wanted


def _crate_postings(seen: Tally, point: str, vehicle: str, centre: str, cause: str, at: datetime) -> list[Posting]:
    """Unlabelled crates: from point to van, or from the centre's clean ones through the van to the point."""
    flows = []
    for move, item in seen.entries():
        count, told = seen.unlabelled(move, item), seen.counted.get((move, item))
        fact: dict[str, Any] = {"cause": cause, "at": at, "event": told.id if told else None}
        here, van, clean = (
            Key(AccountKind.POINT, point, item),
            Key(AccountKind.VAN, vehicle, item),
            Key(AccountKind.CLEAN, centre, item),
        )
        if move is Move.COLLECT and item != UNSORTED:
            flows.append(Posting(here, van, count, **fact))
        if move is Move.DROP:
            flows += [Posting(clean, van, count, **fact), Posting(van, here, count, **fact)]
    return flows


def _bottle_postings(
    seen: Tally, point: str, vehicle: str, capacity: Mapping[str, int], cause: str, at: datetime
) -> list[Posting]:
    """Bottles nobody has sorted: as many as the crates hold when full, unless the driver counted them."""
    counted = (Move.COLLECT, UNSORTED) in seen.counted
    full = sum(seen.total(move, item) * capacity.get(item, 0) for move, item in seen.entries() if move is Move.COLLECT)
    bottles = seen.total(Move.COLLECT, UNSORTED) if counted else full
    source, target = Key(AccountKind.OUTSIDE, point, UNSORTED), Key(AccountKind.VAN, vehicle, UNSORTED)
    return [Posting(source, target, bottles, cause, at, Basis.COUNTED if counted else Basis.ASSUMED_FULL)]


def _deliver(session: Session, task: sa.Row[Any], seen: Tally, cause: str, began: datetime, at: datetime) -> list[Oddity]:
    if task.order is None:
        return []
    order, short = find(session, Order, task.order, lock=True), []
    for line in orders.lines(session, task.order):
        count = seen.counted.get((Move.DELIVER, line.type))
        quantity, event = seen.total(Move.DELIVER, line.type), count.id if count else None
        missing = orders.deliver(session, order, line.type, quantity, f"{cause}:{line.type}", event, at=began, known_at=at)
        if missing:
            values = {"delivered": quantity, "reserved": quantity - missing, "item": line.type}
            short.append(Oddity(DisputeKind.SHORT_STOCK, line.type, values))
    return short


def _counted_below(seen: Tally) -> list[Oddity]:
    found = []
    for (move, item), count in seen.counted.items():
        scanned = seen.scanned.get((move, item), 0)
        if (count.quantity or 0) < scanned:
            values = {"counted": count.quantity, "scanned": scanned, "item": item}
            found.append(Oddity(DisputeKind.COUNT_BELOW_SCANS, f"{move}:{item}", values))
    return found


def _write(session: Session, task: int, plan: int, standing: list[Act], seen: Tally, when: datetime) -> list[Outcome | None]:
    """Write the visit and its lines where they differ, and return how all visits of the task ended, in order."""
    run = session.connection().execute
    stood = {(move, item): counts for move, item, *counts in run(LINES, {"task": task, "plan": plan})}
    lines = {line: [seen.total(*line), seen.scanned.get(line, 0)] for line in seen.entries()}
    WRITE_LINES.execute(session, [(task, plan, *key, *now) for key, now in lines.items() if stood.get(key) != now])
    DROP_LINES.execute(session, [(task, plan, *key) for key in stood.keys() - lines.keys()])
    last = _last(standing)
    visits = {of: tuple(ended) for of, *ended in run(VISITS, {"task": task})}
    now = (OUTCOMES[last.kind], last.reason or "", last.at) if last else (None, "", when)
    if visits.get(plan) != now:
        WRITE_VISIT.execute(session, [(task, plan, *now)])
    return [outcome for outcome, _, _ in sorted((visits | {plan: now}).values(), key=lambda ended: ended[2])]


def _last(standing: list[Act]) -> Act | None:
    """Return the act that says how a visit stands: the last end, or else the arrival.

    A second phone at a stop tells that it came without knowing that the first one ended it; what opens a stop anew is an undo.
    """
    told = [act for act in standing if act.kind in OUTCOMES]
    ended = [act for act in told if act.kind is not EventKind.STOP_REACHED]
    return next(reversed(ended or told), None)


def _close(session: Session, task: sa.Row[Any], outcomes: list[Outcome | None], when: datetime) -> None:
    """Close or reopen what a task is for, by what all its visits add up to."""
    if task.pickup is not None:
        empty = Outcome.PARTLY in outcomes and not routes.loads(session, [session.get_one(Task, task.id)])[task.id]
        done = Outcome.DONE in outcomes or empty
        then = {"then": PickupStatus.DONE, "when": when} if done else {"then": PickupStatus.OPEN, "when": None}
        session.connection().execute(CLOSE, {"of": task.pickup, **then})
    else:
        order = find(session, Order, task.order)
        moved = routes.done_so_far(session, [task.id])[task.id]
        delivered = {item: n for (move, item), n in moved.items() if move is Move.DELIVER}
        orders.settle_lines(session, order, delivered, at=when)


AT_A_STOP = frozenset({None, Move.COLLECT, Move.DROP, Move.DELIVER})
"""What the acts of a stop move; a note or a photo moves nothing."""


def is_added(act: Told) -> bool:
    """Say whether an act belongs to a stop that was added on the way: it names a route and a point, and no task."""
    told = act.task is None and act.route is not None and act.point is not None
    return told and act.kind is not EventKind.UNDO and act.move in AT_A_STOP


def heard_on_the_way(session: Session, route: int, point: str) -> list[Act]:
    """Return what stands of what was told of a stop that was added to a route, in order."""
    heard = [act for act in events.told(session, ON_THE_WAY, {"route": route, "point": point}) if is_added(act)]
    return events.standing(events.with_undos(session, heard))


def lock(session: Session, route: int) -> None:
    """Let others wait who tell of the same route: of two phones or tablets at once, the second sees what the first told."""
    if session.connection().dialect.name != "sqlite":
        session.connection().execute(LOCKED, {"route": route})


def added(session: Session, route_id: int, point: str, *, at: datetime) -> list[Posting]:
    """Project a stop that was added to a route, and return what is still to be posted for it."""
    standing = heard_on_the_way(session, route_id, point)
    cause, seen = f"visit:route-{route_id}/{point}", tally(session, standing)
    _write_added(session, (route_id, point), standing, seen)
    disputes.keep(session, {cause: _counted_below(seen)}, at=at)
    if not standing:
        return ledger.missing(session, [], [cause])
    holder = next((act.holder for act in reversed(standing) if act.holder), None)
    vehicle = holder or find(session, Route, route_id).vehicle
    wanted = _postings(session, seen, point, vehicle, _centre(standing), cause, standing[0].at)
    return ledger.missing(session, wanted, [cause])


def _write_added(session: Session, key: tuple[int, str], standing: list[Act], seen: Tally) -> None:
    """Write an added stop and its lines as they are now; one that was taken back whole leaves nothing."""
    stood = session.exec(select(AddedLine).where(AddedLine.route == key[0], AddedLine.point == key[1])).all()
    lines = {(*key, *entry): (seen.total(*entry), seen.scanned.get(entry, 0)) for entry in seen.entries()}
    for line in stood:
        if (line.route, line.point, line.move, line.item) not in lines:
            session.delete(line)
    for (route, point, move, item), (quantity, scanned) in lines.items():
        session.merge(AddedLine(route=route, point=point, move=move, item=item, quantity=quantity, scanned=scanned))
    row = session.get(AddedStop, key)
    if standing:
        last = _last(standing)
        outcome, reason = (OUTCOMES[last.kind], last.reason or "") if last else (None, "")
        began, at = standing[0].at, (last or standing[-1]).at
        session.merge(AddedStop(route=key[0], point=key[1], outcome=outcome, reason=reason, began=began, at=at))
    elif row is not None:
        session.delete(row)
    session.flush()


def reception(session: Session, route_id: int, *, at: datetime) -> list[Posting]:
    """Project what a route brought home, and return what is still to be posted.

    Nothing happens before somebody counted or scanned it at the centre. The route is locked by whoever calls.
    """
    heard = events.told(session, RECEIVED, {"route": route_id})
    standing = [act for act in events.standing(events.with_undos(session, heard)) if act.kind in TALLIED]
    if not standing:
        return _take_back(session, route_id, at) if heard else []
    seen, capacity, route = tally(session, standing), _capacity(session), find(session, Route, route_id)
    centre, when = _centre(standing) or find(session, Vehicle, route.vehicle).centre, standing[0].at
    brought, expected = _brought(session, route, capacity)
    full = sum(brought.values())
    received = {item: seen.total(Move.RECEIVE, item) for move, item in seen.entries()}
    bottles = received.get(UNSORTED, sum(n * capacity.get(item, 0) for item, n in received.items()))
    cause = f"reception:{route_id}"
    flows, odd = [], []
    for item in sorted(expected.keys() | received.keys() - {UNSORTED}):
        came, loose = received.get(item, 0), expected.get(item, (0, 0))
        van, here = Key(AccountKind.VAN, route.vehicle, item), Key(AccountKind.RECEIVED, centre, item)
        # a count stands for the labels too that were collected and not scanned again: they are received at their next scan
        labelled = max(seen.scanned.get((Move.RECEIVE, item), 0), loose[0] - loose[1])
        unlabelled = max(0, came - labelled)
        flows += [Posting(van, here, unlabelled, cause, when)]
        flows += [Posting(van, Key(AccountKind.UNEXPLAINED, centre, item), loose[1] - unlabelled, cause, when)]
        if came != loose[0]:
            odd.append(Oddity(DisputeKind.RECEPTION_DIFFERENCE, item, {"received": came, "expected": loose[0], "item": item}))
    van, lost = Key(AccountKind.VAN, route.vehicle, UNSORTED), Key(AccountKind.UNEXPLAINED, centre, UNSORTED)
    flows += [Posting(van, Key(AccountKind.RECEIVED, centre, UNSORTED), bottles, cause, when, Basis.ASSUMED_FULL)]
    flows += [Posting(van, lost, full - bottles, cause, when, Basis.ASSUMED_FULL)]
    disputes.keep(session, {cause: odd}, at=at)
    row = session.get(Reception, route_id) or Reception(
        route=route_id, centre=centre, vehicle=route.vehicle, bottles=0, at=when
    )
    row.bottles = bottles
    session.add(row)
    _edges(session, route_id, brought)
    return ledger.missing(session, flows, [cause])


def _take_back(session: Session, route_id: int, at: datetime) -> list[Posting]:
    """Let a reception stand as if nobody had counted it: all who did have taken it back."""
    row = session.get(Reception, route_id)
    if row is None:
        return []
    disputes.keep(session, {f"reception:{route_id}": []}, at=at)
    row.bottles = 0
    _edges(session, route_id, {})
    return ledger.missing(session, [], [f"reception:{route_id}"])


def _brought(session: Session, route: Route, capacity: Mapping[str, int]) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """Return the bottles a route should bring from each point, and for each crate type how many, and how many unlabelled."""
    expected: dict[str, tuple[int, int]] = {}
    bottles: dict[str, int] = defaultdict(int)
    for point, moved in hauls.lines(session, route):
        lines = {line.item: line for line in moved if line.move is Move.COLLECT}
        counted = lines.pop(UNSORTED, None)
        full = sum(capacity.get(item, 0) * line.quantity for item, line in lines.items())
        if counted or lines:
            bottles[point] += counted.quantity if counted else full
        for item, line in lines.items():
            whole, loose = expected.get(item, (0, 0))
            expected[item] = (whole + line.quantity, loose + max(0, line.quantity - line.scanned))
    return bottles, expected


def _edges(session: Session, route: int, brought: Mapping[str, int]) -> None:
    child = f"reception:{route}"
    for edge in session.exec(select(LotEdge).where(LotEdge.child == child)).all():
        session.delete(edge)
    for point, bottles in brought.items():
        session.add(LotEdge(parent=f"point:{point}", child=child, quantity=bottles))
