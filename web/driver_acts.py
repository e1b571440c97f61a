"""What a driver does, as events: reaching a stop, scanning, counting and ending it, and taking any of it back.

Each act carries one id made with its form; the other events of the same act have ids that follow from it, so the same
form sent twice is one act, and so is the same act told by a phone and by a page.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bottles import codes, crates, events
from bottles.crates import Crate, CrateState, Move
from bottles.errors import Conflict, say
from bottles.events import Basis, Event, EventKind, Told
from bottles.projections import OUTCOMES
from bottles.routes import Outcome, Route, Task

from . import acts
from .driver_stops import Halt, Key, Part, share

ENDS = (EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED)
"""The events that end a visit."""


def _here(halt: Halt, task: Task) -> dict[str, Any]:
    """Return what every event at a stop says of where and when it belongs."""
    route = halt.route
    return {"task": task.id, "plan_version": route.plan, "route": route.id, "point": halt.point.id, "holder": route.vehicle}


def _record(session: Session, root: str, told: Iterable[tuple[EventKind, dict[str, Any]]], vehicle: str) -> None:
    news = [acts.act(session, kind, id=acts.follow(root, n), offset=n, **facts) for n, (kind, facts) in enumerate(told)]
    acts.record(session, news, acts.author(session, vehicle))


def reach(session: Session, halt: Halt, root: str) -> bool:
    """Say that the van stands at a stop; return whether that was new."""
    if any(visit.outcome is not None for visit in halt.visits.values()) or acts.is_known(session, root):
        return False
    told = [(EventKind.STOP_REACHED, _here(halt, task)) for task in halt.tasks]
    _record(session, root, told, halt.route.vehicle)
    return True


def end(
    session: Session, halt: Halt, kind: EventKind, counts: Mapping[Key, int], root: str, *, reason: str = "", note: str = ""
) -> bool:
    """End a stop with its counts, or correct how it ended; return whether anything was new.

    A stop done in part ends well for each task that got all it asked for. What is sent twice, and what stands already, is
    not recorded again; an id that is known but says something else now is a correction, and gets an id of its own.
    """
    told = [*_counts(halt, kind, counts), *_ends(halt, kind, counts, reason, note)]
    if all(_stands(halt, event, facts) for event, facts in told) and _is_noted(session, halt, note):
        return False
    _record(session, acts.fresh_id() if acts.is_known(session, root) else root, told, halt.route.vehicle)
    return True


def _counts(halt: Halt, kind: EventKind, counts: Mapping[Key, int]) -> list[tuple[EventKind, dict[str, Any]]]:
    """Tell the counts, task by task; a stop that could not be done takes back what was counted before."""
    told = []
    for (move, item), part, quantity in _shares(halt, counts):
        seen = part.scanned or part.counted is not None
        if seen or (kind is not EventKind.STOP_MISSED and (quantity or part.asked)):
            facts = _here(halt, part.task) | {"move": move, "item": item, "quantity": quantity, "basis": Basis.COUNTED}
            told.append((EventKind.COUNT, facts))
    return told


def _shares(halt: Halt, counts: Mapping[Key, int]) -> list[tuple[Key, Part, int]]:
    rows = []
    for key, total in counts.items():
        parts = halt.line(*key).parts
        rows += [(key, part, quantity) for part, quantity in zip(parts, share(total, parts), strict=True)]
    return rows


def _ends(
    halt: Halt, kind: EventKind, counts: Mapping[Key, int], reason: str, note: str
) -> list[tuple[EventKind, dict[str, Any]]]:
    short = {part.task.id for _, part, quantity in _shares(halt, counts) if quantity < part.asked}
    told = []
    for task in halt.tasks:
        is_whole = kind is EventKind.STOP_PARTLY and bool(short) and task.id not in short
        own = EventKind.STOP_DONE if is_whole else kind
        why = {} if own is EventKind.STOP_DONE else {"reason": reason}
        told.append((own, _here(halt, task) | why | ({"note": note} if note else {})))
    return told


def _stands(halt: Halt, kind: EventKind, facts: Mapping[str, Any]) -> bool:
    """Say whether an event would tell what stands already."""
    if kind is EventKind.COUNT:
        part = halt.found.get((facts["move"], facts["item"]), {}).get(facts["task"])
        return part is not None and part.counted == facts["quantity"]
    visit = halt.visits.get(facts["task"])
    return visit is not None and visit.outcome is OUTCOMES[kind] and visit.reason == facts.get("reason", "")


def said(session: Session, halt: Halt) -> str:
    """Return what the driver wrote when the stop was ended; nothing once it is open again."""
    heard = [event for task in halt.tasks for event in events.of_visit(session, task.id or 0, halt.plan.id)]
    ending = [e for e in events.standing(events.with_undos(session, heard)) if e.kind in ENDS]
    return (max(ending, key=events.order).note or "") if ending else ""


def _is_noted(session: Session, halt: Halt, note: str) -> bool:
    query = select(Event.id).where(col(Event.task).in_([task.id for task in halt.tasks]), Event.plan_version == halt.plan.id)
    return not note or session.exec(query.where(Event.note == note)).first() is not None


def reopen(session: Session, halt: Halt, root: str) -> bool:
    """Take back how a stop ended, its counts too; scans stay. Return whether there was anything to take back.

    Raises
    ------
    Conflict
        Somebody else ended it.
    """
    if halt.is_open:
        return False
    heard = events.with_undos(session, [e for task in halt.tasks for e in events.of_visit(session, task.id or 0, halt.plan.id)])
    wanted = (*ENDS, EventKind.COUNT)
    ending = [event for event in events.standing(heard) if event.kind in wanted]
    author = acts.author(session, halt.route.vehicle)
    if any(event.person != author.person for event in ending):
        raise Conflict(say("Somebody else recorded how this stop ended: ask the coordinator to correct it."))
    root = acts.fresh_id() if acts.is_known(session, root) else root
    told = [(EventKind.UNDO, _undoing(event)) for event in ending]
    _record(session, root, told, halt.route.vehicle)
    return True


@dataclass(frozen=True)
class Scanned:
    """One scan as the page tells it."""

    event: Event
    crate: Crate | None
    surprised: CrateState | None
    """What the crate was believed to be, when this move was not expected of it."""
    is_undone: bool


def scan(session: Session, route: Route, halt: Halt | None, move: Move, label: str, event_id: str) -> str:
    """Record the scan of a label, at a stop or while loading; return the id of the scan that stands.

    A label that was scanned here already, and a scan that was sent already, is not recorded again.
    """
    code, _edition = codes.printed(label)
    fresh = acts.id_of_scan(session, event_id, code, move)
    if fresh is None:
        return event_id
    standing = [s for s in scans(session, route, halt, move) if not s.is_undone]
    twice = next((s.event.id for s in standing if s.event.crate == code), None)
    if twice is not None:
        return twice
    facts: dict[str, Any] = {"plan_version": route.plan, "route": route.id, "holder": route.vehicle}
    if halt is not None:
        crate = session.get(Crate, code)
        facts = _here(halt, task_for(halt, move, crate.type if crate else ""))
    _record(session, fresh, [(EventKind.SCAN, facts | {"crate": label, "move": move})], route.vehicle)
    return fresh


def task_for(halt: Halt, move: Move, item: str) -> Task:
    """Choose whose crate it is: the first task that still wants one of these, else the first that is open, else the first."""
    parts = halt.line(move, item).parts
    wanting = [part.task for part in parts if part.scanned < part.asked]
    waiting = [p.task for p in parts if (v := halt.visits.get(p.task.id or 0)) is None or v.outcome in (None, Outcome.REACHED)]
    return [*wanting, *(task for task in waiting if task.kind is parts[0].task.kind), parts[0].task][0]


def scans(session: Session, route: Route, halt: Halt | None, move: Move) -> list[Scanned]:
    """List the scans of one move at a stop, or while loading, the last first, the undone ones too."""
    query = select(Event).where(Event.kind == EventKind.SCAN, Event.move == move, Event.plan_version == route.plan)
    if halt is not None:
        query = query.where(col(Event.task).in_([task.id for task in halt.tasks]))
    else:
        query = query.where(Event.route == route.id, col(Event.task).is_(None))
    found = sorted(session.exec(query), key=events.order, reverse=True)
    stands = {event.id for event in events.standing(events.with_undos(session, found))}
    known, surprises = _of_crates(session, {event.crate or "" for event in found})
    return [Scanned(e, known.get(e.crate or ""), surprises.get(e.id), e.id not in stands) for e in found]


def _of_crates(session: Session, about: Collection[str]) -> tuple[dict[str, Crate], dict[str, CrateState]]:
    known = {crate.code: crate for crate in session.exec(select(Crate).where(col(Crate.code).in_(list(about))))}
    surprises: dict[str, CrateState] = {}
    for life in crates.lives_of(session, about).values():
        surprises |= {event.id: before for event, before in crates.replay(life).surprises}
    return known, surprises


def undo_scan(session: Session, route: Route, scanned: Scanned) -> bool:
    """Take a scan back; return whether it still stood."""
    event = scanned.event
    if scanned.is_undone:
        return False
    root = acts.follow(event.id, 1)
    root = acts.fresh_id() if acts.is_known(session, root) else root
    _record(session, root, [(EventKind.UNDO, _undoing(event))], route.vehicle)
    return True


def _undoing(event: Told) -> dict[str, Any]:
    """Return what the undo of an event says: it belongs where that one did."""
    return {"undoes": event.id, "task": event.task, "plan_version": event.plan_version, "route": event.route}
