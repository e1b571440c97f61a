"""Where glass comes from and where it went, both ways, each in one query; and the life of one crate.

What becomes of bottles is kept as edges, `LotEdge(parent, child, quantity)`: point -> reception -> batch -> lot -> order,
and whatever lies between them when lots are split, merged or washed again. A mixture has no memory of which bottle came
from whom, so shares multiply along the edges. A query collects what is reachable, each node once, so that a ring of edges
ends like any other; the shares are worked out from what it found.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from . import events
from .batches import Lot, LotEdge, Reception
from .crates import LEADS_TO, WHOSE, CrateState, Move, Where
from .errors import NotFound, say
from .events import Act, Event, EventKind
from .ledger import ACCOUNT, TRANSFER, AccountKind
from .orders import Order
from .partners import Partner
from .people import Person
from .points import Point

EVENT = Event.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects
EDGE = LotEdge.__table__  # type: ignore[attr-defined]  # the same
ROUNDS = 100
"""How often a share may go round in a ring of lots that were put back, beyond the length of the way."""
OF_A_LOT = ACCOUNT.c.lot != sa.literal_column("0")
"""Said as the index of accounts by lot says it, or SQLite would not use it."""
NOTHING = 1e-12
"""A share smaller than this is one bottle in a million million: it is not followed any further."""


def lot(session: Session, named: str) -> Lot:
    """Find a lot by what is written on its pallet, L00012, or by its number.

    Raises
    ------
    NotFound
        No lot is called that.
    """
    digits = named.strip().upper().removeprefix("L")
    found = session.get(Lot, int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    if found is None:
        raise NotFound(say("There is no lot “%(lot)s”: a lot is called like L00012."), lot=named.strip()[:40])
    return found


# -- back: from a lot to the points


class Arrival(NamedTuple):
    """A reception on the way into a lot."""

    route: int
    vehicle: str
    at: datetime
    share: float
    points: Mapping[str, float]
    """The share of each point in what that van brought, the largest first."""


@dataclass(frozen=True)
class Origins:
    """Where a lot came from. The shares of `points` and `unknown` add up to 1."""

    points: Mapping[str, float] = field(default_factory=dict)
    """The share of each point in the lot, the largest first."""
    unknown: float = 1.0
    """The share that leads to no point we know."""
    arrivals: Sequence[Arrival] = ()
    """The receptions on the way, the largest share first."""
    through: Mapping[str, float] = field(default_factory=dict)
    """Every node on the way ("batch:7") with the share of the lot that came through it."""


def sources(session: Session, lot_id: int) -> Origins:
    """Return every point that a lot's bottles came from, with its share, and what lies on the way."""
    start = f"lot:{lot_id}"
    found = session.connection().execute(_upstream(start)).all()
    into: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in found:
        into[row.child].append((row.parent, row.quantity))
    parts = {child: _parts(parents) for child, parents in into.items()}
    through = _flow(start, parts)
    points = {node[6:]: share for node, share in through.items() if node.startswith("point:") and node not in parts}
    arrivals = {
        row.route: Arrival(row.route, row.vehicle, row.at, through[row.parent], _points(parts.get(row.parent, ())))
        for row in found
        if row.route is not None and row.parent in through
    }
    return Origins(
        points=_largest(points),
        unknown=max(0.0, 1.0 - sum(points.values())),
        arrivals=sorted(arrivals.values(), key=lambda arrival: (-arrival.share, arrival.route)),
        through=through,
    )


def _upstream(start: str) -> sa.Select[Any]:
    """Select every edge that leads to a node, with the reception it begins at, if it is one."""
    up = sa.select(sa.literal(start, sa.String).label("node")).cte("up", recursive=True)
    up = up.union(sa.select(EDGE.c.parent).join(up, EDGE.c.child == up.c.node).where(EDGE.c.quantity > 0))
    reception = Reception.__table__  # type: ignore[attr-defined]  # the table behind the class
    return (
        sa.select(EDGE.c.parent, EDGE.c.child, EDGE.c.quantity, reception.c.route, reception.c.vehicle, reception.c.at)
        .join(up, EDGE.c.child == up.c.node)
        .outerjoin(reception, reception.c.route == _number(EDGE.c.parent, "reception"))
        .where(EDGE.c.quantity > 0)
    )


def _number(node: sa.ColumnElement[str], kind: str) -> sa.ColumnElement[int]:
    """Return the number in nodes of one kind, and null for all others."""
    # guarded by CASE: PostgreSQL refuses to read "point:cellar" as a number, and may try before it filters
    return sa.case((node.startswith(f"{kind}:"), sa.cast(sa.func.substr(node, len(kind) + 2), sa.Integer)), else_=sa.null())


def _parts(parents: Sequence[tuple[str, int]]) -> list[tuple[str, float]]:
    total = sum(quantity for _, quantity in parents)
    return [(parent, quantity / total) for parent, quantity in parents]


def _points(parts: Sequence[tuple[str, float]]) -> dict[str, float]:
    shares: dict[str, float] = defaultdict(float)
    for parent, share in parts:
        shares[parent.removeprefix("point:")] += share
    return _largest(shares)


def _largest(shares: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(shares.items(), key=lambda entry: (-entry[1], entry[0])))


def _flow(start: str, steps: Mapping[str, Sequence[tuple[str, float]]]) -> dict[str, float]:
    """Send 1 along weighted steps, wave by wave, and return how much of it came through each node.

    Ways that meet go on as one, so that a lattice of splits and merges costs its edges and not its paths.
    """
    through: dict[str, float] = defaultdict(float)
    wave = {start: 1.0}
    for _ in range(len(steps) + ROUNDS):
        following: dict[str, float] = defaultdict(float)
        for node, share in wave.items():
            through[node] += share
            for further, weight in steps.get(node, ()):
                following[further] += share * weight
        wave = {node: share for node, share in following.items() if share > NOTHING}
    return dict(through)


# -- forward: from a lot to its buyers, from a point to lots


class Buyer(NamedTuple):
    """Bottles that were delivered for one order, out of a lot or of one that took it in."""

    lot: int
    order: Order
    partner: Partner
    point: Point
    quantity: int
    delivered_at: datetime | None


class Holding(NamedTuple):
    """Bottles of a lot that have not left: washed, free to order, or reserved for an order and its partner."""

    lot: int
    kind: AccountKind
    centre: str
    quantity: int
    order: Order | None
    partner: Partner | None


HERE = (AccountKind.WASHED, AccountKind.AVAILABLE, AccountKind.RESERVED)
"""The accounts of bottles that stand at a centre under their lot."""


def _downstream(start: str) -> sa.CTE:
    """Select every node that glass of one reaches, orders apart: they end the way."""
    down = sa.select(sa.literal(start, sa.String).label("node")).cte("down", recursive=True)
    further = sa.select(EDGE.c.child).join(down, EDGE.c.parent == down.c.node)
    return down.union(further.where(EDGE.c.quantity > 0, ~EDGE.c.child.startswith("order:")))


def buyers(session: Session, lot_id: int) -> list[Buyer]:
    """Return everybody who was given bottles of a lot, the first delivery first."""
    down, number = _downstream(f"lot:{lot_id}"), _number(EDGE.c.parent, "lot")
    query = (
        sa.select(number, Order, Partner, Point, EDGE.c.quantity, _delivered(number))
        .select_from(EDGE)
        .join(down, EDGE.c.parent == down.c.node)
        .join(Order, col(Order.id) == _number(EDGE.c.child, "order"))
        .join(Partner, col(Partner.id) == col(Order.partner))
        .join(Point, col(Point.id) == col(Order.point))
        .where(EDGE.c.child.startswith("order:"), EDGE.c.quantity > 0)
    )
    found = [Buyer(*row) for row in session.execute(query)]
    return sorted(found, key=lambda buyer: (str(buyer.delivered_at or ""), buyer.order.id or 0, buyer.lot))


def _delivered(number: sa.ColumnElement[int]) -> sa.ScalarSelect[datetime]:
    """Select when bottles of a lot were last handed over for an order, by the act's own time."""
    reserved, customer = ACCOUNT.alias("reserved"), ACCOUNT.alias("customer")
    return (
        sa.select(sa.func.max(TRANSFER.c.at, type_=TRANSFER.c.at.type))
        .select_from(reserved)
        .join(TRANSFER, TRANSFER.c.source == reserved.c.id)
        .join(customer, customer.c.id == TRANSFER.c.target)
        # only reserved bottles stand under an order; to ask for the kind would lead SQLite away from the lot's few accounts
        .where(reserved.c.lot == number, reserved.c.lot != sa.literal_column("0"), reserved.c.order == col(Order.id))
        .where(customer.c.kind == AccountKind.CUSTOMER)
        .correlate(EDGE, Order)
        .scalar_subquery()
    )


def here(session: Session, lot_id: int) -> list[Holding]:
    """Return what is still at a centre of a lot, and of every lot that took it in, by account."""
    down = _downstream(f"lot:{lot_id}")
    query = (
        sa.select(ACCOUNT.c.lot, ACCOUNT.c.kind, ACCOUNT.c.holder, ACCOUNT.c.quantity, Order, Partner)
        .select_from(down)
        .join(ACCOUNT, ACCOUNT.c.lot == _number(down.c.node, "lot"))
        .outerjoin(Order, col(Order.id) == ACCOUNT.c.order)
        .outerjoin(Partner, col(Partner.id) == col(Order.partner))
        .where(OF_A_LOT, ACCOUNT.c.quantity > 0)
    )
    found = [held for row in session.execute(query) if (held := Holding(*row)).kind in HERE]
    return sorted(found, key=lambda one: (one.lot, HERE.index(one.kind), one.order.id or 0 if one.order else 0))


def free(session: Session, lots: Collection[int]) -> dict[int, int]:
    """Return how many bottles of each of these lots are free to order."""
    query = sa.select(ACCOUNT.c.lot, ACCOUNT.c.kind, ACCOUNT.c.quantity).where(OF_A_LOT, ACCOUNT.c.lot.in_(list(lots)))
    found = session.connection().execute(query).all()
    return {number: quantity for number, kind, quantity in found if kind is AccountKind.AVAILABLE}


# -- a crate


@dataclass(frozen=True)
class Entry:
    """One line in the life of a crate. `act` has both times: `at` is the device's, `received_at` ours."""

    act: Act
    person: str
    where: Where | None
    """The kind of place the act leaves the crate in; none for an act that moves nothing."""
    holder: str
    undone_by: Act | None
    """The undo that holds; what was undone counts for nothing."""
    settled_by: Act | None
    """The next settlement, by which a person pinned the state after this act."""


def of_crate(session: Session, code: str) -> list[Entry]:
    """Return the life of a crate in the order of the acts, what was undone included."""
    who = _told_of(session, code)
    ordered = sorted(who, key=events.order)
    standing = {act.id for act in events.standing(ordered)}
    undos = {act.undoes: act for act in ordered if act.kind is EventKind.UNDO}
    entries: list[Entry] = []
    settlement: Act | None = None
    for act in reversed(ordered):
        stands = act.id in standing
        if act.kind is not EventKind.UNDO:
            undo = None if stands else undos.get(act.id)
            entries.append(Entry(act, who[act], *_left(act), undo, settlement if stands else None))
        if act.kind is EventKind.SETTLE and stands:
            settlement = act
    return entries[::-1]


def _told_of(session: Session, code: str) -> dict[Act, str]:
    """Return everything told about a crate, undos and undos of undos included, each with who did it."""
    told = sa.select(EVENT.c.row, EVENT.c.id).where(EVENT.c.crate == code).cte("told", recursive=True)
    undo = EVENT.alias("undo")
    told = told.union(sa.select(undo.c.row, undo.c.id).join(told, undo.c.undoes == told.c.id))
    query = sa.select(*events.ACT, col(Person.name)).join(told, col(Event.row) == told.c.row)
    query = query.join(Person, col(Person.id) == col(Event.person))
    return {Act(*row[:-1]): row[-1] for row in session.connection().execute(query)}


def _left(act: Act) -> tuple[Where | None, str]:
    """Return where an act leaves a crate, and with whom."""
    state = CrateState(act.state) if act.state else LEADS_TO[Move(act.move)] if act.move else None
    if state is None:
        return None, ""
    where, column = WHOSE[state]
    return where, (getattr(act, column) or "") if column else ""
