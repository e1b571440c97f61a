"""What a stop found beside what we believed to stand there: scanned crates and counted ones put together, by type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bottles import catalogue, events, holdings, pickups, projections
from bottles.crates import Move
from bottles.holdings import Match, Seen
from bottles.projections import Tally
from bottles.routes import Outcome, Task, Visit


@dataclass(frozen=True)
class Found:
    """One type of crate at one stop: what was taken beside what we believed, and what was left there."""

    name: str
    match: Match
    left: Seen
    is_over: bool
    """Whether somebody said how the stop ended: before, nothing is missing."""


@dataclass(frozen=True)
class Call:
    """A visit that took place, and what it found."""

    at: datetime
    found: Sequence[Found]


def of_task(session: Session, task_id: int, now: datetime) -> list[Call]:
    """Compare each visit to a task, the newest first."""
    task = session.get(Task, task_id)
    query = select(Visit).where(Visit.task == task_id, col(Visit.outcome).is_not(None), Visit.outcome != Outcome.MISSED)
    visits = session.exec(query.order_by(col(Visit.at).desc())).all()
    if task is None:
        return []
    lines = pickups.lines(session, task.pickup) if task.pickup is not None else []
    asked = {line.crate_type: line.take for line in lines}, {line.crate_type: line.leave for line in lines}
    calls = [
        Call(visit.at, _found(session, task, visit.plan or None, asked, is_over=visit.outcome is not Outcome.REACHED, now=now))
        for visit in visits
    ]
    return [call for call in calls if call.found]


def _found(
    session: Session,
    task: Task,
    plan: int | None,
    asked: tuple[Mapping[str, int], Mapping[str, int]],
    *,
    is_over: bool,
    now: datetime,
) -> list[Found]:
    acts = events.standing(events.with_undos(session, events.of_visit(session, task.id or 0, plan)))
    tally = projections.tally(session, [act for act in acts if act.task == task.id])
    began = acts[0].at if acts else now
    names = {kind.id: kind.name for kind in catalogue.crate_types(session)}
    taken = {item: _seen(tally, Move.COLLECT, item, asked[0]) for item in names}
    left = {item: _seen(tally, Move.DROP, item, asked[1]) for item in names}
    found = [
        Found(names[match.item], match, left[match.item], is_over)
        for match in holdings.reconcile(session, task.point, taken, began=began)
    ]
    return [one for one in found if one.match.believed or one.match.seen != Seen() or one.left != Seen()]


def _seen(tally: Tally, move: Move, item: str, asked: Mapping[str, int]) -> Seen:
    """Return what was scanned and counted of one type."""
    key = (move, item)
    counted = tally.total(move, item) if key in tally.counted else None
    return Seen(asked.get(item, 0), tally.scanned.get(key, 0), counted)
