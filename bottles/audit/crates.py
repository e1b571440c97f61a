"""Crates, where they stand, and the visits that brought and took them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from .. import crates, events, projections
from ..crates import CRATE
from ..errors import Fault, say
from ..events import Act, Event
from ..hauls import AddedLine, AddedStop
from ..ledger import ACCOUNT, BOUNDARY, TRANSFER
from ..routes import Visit, VisitLine
from .rows import Found, runs, table


def states(session: Session) -> Iterator[Found]:
    """Yield a fault for each crate whose cached state is not what its events replay to."""
    for run in runs(session, sa.select(CRATE), CRATE.c.code):
        lives = crates.lives_of(session, [crate.code for crate in run])
        for crate in run:
            told = crates.replay(lives[crate.code]).now
            cached = crates.Standing(crate.state, crate.clean, crate.where, crate.holder, crate.since)
            differs = say("crate %(code)s: cached %(cached)s, events say %(told)s")
            yield 1 if cached == told else Fault(differs, code=crate.code, cached=_said(cached), told=_said(told))


def _said(standing: crates.Standing) -> str:
    washed = "clean" if standing.clean else "dirty"
    return f"{standing.state} {washed} {standing.where} {standing.holder}".strip() + f" since {standing.since}"


def labels(session: Session) -> Iterator[Found]:
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


def visits(session: Session) -> Iterator[Found]:
    """Yield a fault for each visit whose lines are not what its counts and scans tell."""
    visit, lines = table(Visit).c, table(VisitLine)
    for run in runs(session, sa.select(visit.task, visit.plan), visit.task, visit.plan):
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
    yield from _added(session)


def _added(session: Session) -> Iterator[Found]:
    """Yield a fault for each stop added on the way whose lines are not what its counts and scans tell; there are few."""
    named = sa.select(col(Event.route), col(Event.point)).where(col(Event.route).is_not(None), col(Event.point).is_not(None))
    rows = sa.select(col(AddedStop.route), col(AddedStop.point))
    run = session.connection().execute
    cached: dict[tuple[int, str], dict[Any, int]] = {(route, point): {} for route, point in run(rows)}
    for line in run(sa.select(table(AddedLine))):
        cached.setdefault((line.route, line.point), {})[line.move, line.item] = line.quantity
    told = {(route or 0, point or "") for route, point in run(named.where(col(Event.task).is_(None)).distinct())}
    for route, point in sorted(told | cached.keys()):
        standing = projections.heard_on_the_way(session, route, point)
        seen = projections.tally(session, standing)
        lines = {entry: seen.total(*entry) for entry in seen.entries()}
        differs = say("route %(route)s, added stop at %(point)s: %(cached)s, events say %(told)s")
        values = {"route": route, "point": point, "told": _things(lines)}
        known = cached.get((route, point))
        is_same = known == lines if standing else known is None
        yield 1 if is_same else Fault(differs, cached=_things(known or {}), **values)


def _things(lines: Mapping[Any, int]) -> str:
    return ", ".join(f"{move} {quantity} {item}" for (move, item), quantity in sorted(lines.items())) or "nothing"
