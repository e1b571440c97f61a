"""What kept events mean: where crates stand, what visits and receptions add up to, and what moves in the ledger for it.

Everything here is worked out again from the events, and only what differs is posted; so the order in which events reach us
does not matter.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from . import crates, events, ledger, projections, stocktakes
from .crates import Move, Retold, Standing
from .events import Act, Event, EventKind
from .ledger import AccountKind, Key, Posting
from .routes import Task
from .wire import EARLIEST

COUNTED = {
    Move.COMMISSION: ((AccountKind.OUTSIDE, None), (AccountKind.CLEAN, "centre")),
    Move.WASH: ((AccountKind.RECEIVED, "centre"), (AccountKind.CLEAN, "centre")),
    Move.DELIVER: ((AccountKind.CLEAN, "centre"), (AccountKind.POINT, "point")),
    Move.LEND: ((AccountKind.CLEAN, "centre"), (AccountKind.CUSTOMER, "holder")),
    Move.RETURN: ((AccountKind.CUSTOMER, "holder"), (AccountKind.RECEIVED, "centre")),
    Move.LOSE: ((AccountKind.POINT, "point"), (AccountKind.OUTSIDE, None)),
    Move.FIND: ((AccountKind.OUTSIDE, None), (AccountKind.POINT, "point")),
    Move.RETIRE: ((AccountKind.RECEIVED, "centre"), (AccountKind.OUTSIDE, None)),
}
"""Counts of unlabelled crates that belong to no visit: the accounts they go between, and the column that names who has them."""


def tell(session: Session, kept: list[Act], *, at: datetime) -> None:
    """Work out again whatever kept events touch: crates first, since visits count them, then visits, then receptions.

    A stop that was added on the way is worked out with the reception of its route.
    """
    # each of them once, though an undo may name what came in with it: what is missing is worked out before it is posted
    touched = list({act.id: act for act in [*kept, *_targets(session, kept)]}.values())
    flows = _crate_flows(session, crates.retell(session, touched, at=at))
    flows += _visit_flows(session, *_visited(touched), at)
    flows += [flow for act in touched for flow in _count_flows(session, act)]
    # all at once, so that the accounts are taken in one order, and for a short time
    _post(session, flows, touched, at)


def tell_anew(session: Session, code: str, *, at: datetime) -> None:
    """Work out again everything that was ever told of one crate, which is known from now on."""
    flows = _crate_flows(session, crates.retell(session, [], whole=[code], at=at))
    about = events.of_crates(session, [code])[code]
    flows += _visit_flows(session, *_visited(about), at)
    _post(session, flows, about, at)


def _post(session: Session, flows: list[Posting], told: Collection[Act], at: datetime) -> None:
    """Post what differs, and count again where stock was taken after something that is known only now."""
    ledger.post(session, flows, known_at=at)
    holders = {key.holder for flow in flows for key in (flow.source, flow.target) if key.holder}
    since = [flow.at for flow in flows]
    delivered = {act.task for act in told if act.move == Move.DELIVER or act.kind is EventKind.UNDO}
    if delivered - {None}:
        # deliveries were posted by their orders, at the first act of their visit
        holders |= set(session.exec(select(Task.partner).where(col(Task.id).in_(delivered), col(Task.order).is_not(None))))
        since.append(EARLIEST)
    if since:
        stocktakes.retake(session, holders, since=min(since), known_at=at)


def _visited(touched: Collection[Act]) -> tuple[set[tuple[int, int]], set[tuple[int, str]], set[int]]:
    """Return the visits, the added stops and the receptions that acts are about."""
    visits = {(act.task, act.plan_version or 0) for act in touched if act.task is not None}
    added = {(act.route or 0, act.point or "") for act in touched if projections.is_added(act)}
    return visits, added, {act.route for act in touched if act.route is not None and act.move == Move.RECEIVE}


def _visit_flows(
    session: Session, visits: set[tuple[int, int]], added: set[tuple[int, str]], routes: set[int], at: datetime
) -> list[Posting]:
    """Project visits, added stops and receptions, and return what is still to be posted for them."""
    flows: list[Posting] = []
    for task in sorted({task for task, _ in visits}):
        posted, touched = projections.visit(session, task, {plan for of, plan in visits if of == task}, at=at)
        flows += posted
        routes |= touched
    for route in sorted(routes | {route for route, _ in added}):
        projections.lock(session, route)
        for _, point in sorted(stop for stop in added if stop[0] == route):
            flows += projections.added(session, route, point, at=at)
        flows += projections.reception(session, route, at=at)
    return flows


def _crate_flows(session: Session, retold: Sequence[Retold]) -> list[Posting]:
    """Return what labelled crates still have to move in the ledger."""
    news = [flow for crate in retold if not crate.is_whole for flow in _steps(crate)]
    whole = [crate for crate in retold if crate.is_whole]
    if not whole:
        return news
    wanted = [flow for crate in whole for flow in _steps(crate)]
    return news + ledger.missing(session, wanted, [f"crate:{crate.code}" for crate in whole])


def _steps(crate: Retold) -> list[Posting]:
    def key(standing: Standing) -> Key:
        return Key(AccountKind(standing.where), standing.holder, crate.type)

    return [
        Posting(key(step.before), key(step.after), 1, f"crate:{crate.code}", step.act.at, event=step.act.id)
        for step in crate.steps
        if step.before.place != step.after.place
    ]


def _targets(session: Session, kept: Iterable[Act]) -> list[Act]:
    """Return the events that new undos name, through undos of undos."""
    found: list[Act] = []
    names = [act.undoes for act in kept if act.kind is EventKind.UNDO]
    while names:
        fresh = events.acts(session, col(Event.id).in_(names))
        found += fresh
        seen = {act.id for act in found}
        names = [act.undoes for act in fresh if act.undoes and act.undoes not in seen]
    return found


def said_by(move: Move) -> tuple[str, ...]:
    """Return which columns a count of a move must fill that belongs to no visit: who has the crates before and after."""
    return tuple(column for _, column in COUNTED.get(move, ()) if column in ("point", "holder"))


def _count_flows(session: Session, act: Act) -> list[Posting]:
    """Return what unlabelled crates still have to move by one count that belongs to no visit and no route."""
    if act.kind is not EventKind.COUNT or act.task or act.route or act.move not in COUNTED:
        return []
    stands = act.id in {told.id for told in events.standing(events.with_undos(session, [act]))}
    source, target = (
        Key(kind, (getattr(act, column) or "") if column else "", act.item or "") for kind, column in COUNTED[Move(act.move)]
    )
    wanted = [Posting(source, target, (act.quantity or 0) * stands, f"count:{act.id}", act.at, event=act.id)]
    return ledger.missing(session, wanted, [f"count:{act.id}"])
