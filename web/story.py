"""What happened, told as a timeline: events with who did them, when, from where to where, and what was undone."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import g, url_for
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import codes, events, photos, wire
from bottles.crates import LEADS_TO, WHOSE, CrateState, Move
from bottles.errors import Invalid
from bottles.events import Event, EventKind, Told
from bottles.ledger import ACCOUNT, TRANSFER, AccountKind
from bottles.routes import Plan, PlanStatus, Route, Stop, StopTask
from bottles.vehicles import Vehicle
from bottles.wire import NewEvent

from . import formats, names, words
from .driver_words import REASONS
from .names import Names

LATE = timedelta(minutes=10)
"""An event that reached us later than this says so."""


@dataclass(frozen=True)
class PlannedStop:
    """Where one plan version puts a task."""

    day: date
    version: int
    status: PlanStatus
    vehicle: str
    starts: datetime
    route: int


def planned(session: Session, task: int) -> list[PlannedStop]:
    """List where plans put a task, the newest first."""
    query = (
        select(Plan, Vehicle.name, Stop.starts, Route.id)
        .join(Route, col(Route.plan) == col(Plan.id))
        .join(Vehicle, col(Vehicle.id) == col(Route.vehicle))
        .join(Stop, col(Stop.route) == col(Route.id))
        .join(StopTask, col(StopTask.stop) == col(Stop.id))
        .where(StopTask.task == task)
        .order_by(col(Plan.id).desc())
    )
    return [
        PlannedStop(plan.day, plan.version, plan.status, vehicle, starts, route or 0)
        for plan, vehicle, starts, route in session.exec(query)
    ]


def standing(session: Session, tasks: Sequence[int], since: date) -> dict[int, PlannedStop]:
    """Return where the published plans from a day on put each of some tasks."""
    query = (
        select(StopTask.task, Plan, Stop.starts, Route.id)
        .join(Stop, col(Stop.id) == col(StopTask.stop))
        .join(Route, col(Route.id) == col(Stop.route))
        .join(Plan, col(Plan.id) == col(Route.plan))
        .where(col(StopTask.task).in_(tasks), Plan.status == PlanStatus.PUBLISHED, Plan.day >= since)
        .order_by(col(Plan.day).desc())
    )
    return {
        task: PlannedStop(plan.day, plan.version, plan.status, "", starts, route or 0)
        for task, plan, starts, route in session.exec(query)
    }


def of_task(session: Session, task: int) -> list[dict[str, Any]]:
    """Tell what was done about a task, under whatever plan."""
    return timeline(session, events.acts(session, col(Event.task) == task))


def of_crate(session: Session, code: str) -> list[dict[str, Any]]:
    """Tell the life of a crate."""
    return timeline(session, events.of_crates(session, [code])[code], one_crate=True)


def of_route(session: Session, route: int) -> list[dict[str, Any]]:
    """Tell what a route took aboard, and what was received from it."""
    stops = select(StopTask.task).join(Stop).where(Stop.route == route)
    plan = select(Route.plan).where(Route.id == route).scalar_subquery()
    taken = sa.and_(col(Event.plan_version) == plan, col(Event.task).in_(stops), col(Event.move) == Move.COLLECT)
    received = sa.and_(col(Event.route) == route, col(Event.move) == Move.RECEIVE)
    return timeline(session, events.acts(session, sa.or_(taken, received)))


def beside(session: Session, task: int) -> dict[int, list[dict[str, Any]]]:
    """Tell by plan version what was written, photographed and signed at the visits to a task, for whom it was done."""
    acts = events.with_undos(session, events.acts(session, col(Event.task) == task, col(Event.kind).in_(BESIDE)))
    standing = [act for act in events.standing(acts) if act.note or act.photo]
    called, pictures = names.read(session), _pictures(session, standing)
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for act in standing:
        entry = {"what": _what(act, called), "note": act.note or "", "is_signed": act.kind is EventKind.SIGNATURE}
        told[act.plan_version or 0].append(entry | pictures.get(act.id, NO_PICTURE))
    return told


BESIDE = (EventKind.STOP_PARTLY, EventKind.STOP_MISSED, EventKind.PHOTO, EventKind.SIGNATURE)


def timeline(session: Session, about: Iterable[Told], *, one_crate: bool = False) -> list[dict[str, Any]]:
    """Put events and their undos in the order of the acts, newest first, for the timeline component.

    The story of `one_crate` goes from where it was; in any other, each scan begins at its point and says which crate it was.
    """
    known = events.with_undos(session, list(about))
    standing = {event.id for event in events.standing(known)}
    undone_by = {event.undoes: event for event in known if event.kind is EventKind.UNDO}
    called = names.read(session)
    entries: list[dict[str, Any]] = []
    pictures, place = _pictures(session, known), ""
    for event in sorted(known, key=events.order):
        if event.kind is EventKind.UNDO:
            continue
        there = _destination(event, called)
        undo = undone_by.get(event.id) if event.id not in standing else None
        before = place if one_crate else called.points.get(event.point or "", "")
        entry = _entry(event, called, before if there != before else "", there, undo) | pictures.get(event.id, NO_PICTURE)
        code = codes.by_eye(event.crate) if event.crate and not one_crate else ""
        if code and entries and _same_act(entries[-1], entry, event):
            entries[-1] |= {"when": entry["when"], "iso": entry["iso"], "codes": [*entries[-1]["codes"], code]}
        else:
            entries.append(entry | {"task": event.task, "codes": [code] if code else []})
        place = there if event.id in standing and there else place
    return [entry | {"note": ", ".join(entry["codes"]) or entry["note"]} for entry in entries[::-1]]


def _same_act(before: Mapping[str, Any], entry: Mapping[str, Any], event: Told) -> bool:
    """Say whether a scan goes on with the act told before it: a full van would be a hundred lines otherwise."""
    same = all(
        before[fact] == entry[fact] for fact in ("what", "who", "origin", "destination", "undone", "corrected_by", "photo")
    )
    return same and bool(before["codes"]) and before["task"] == event.task


NO_PICTURE = {"photo": "", "small": "", "awaited": False}


def _pictures(session: Session, acts: Iterable[Told]) -> dict[str, dict[str, Any]]:
    """Return where the pictures are that some acts name and that the reader may see; one that is awaited is nowhere yet."""
    named = [act for act in acts if act.photo]
    mine = photos.open_to(session, named, photos.Reader(g.person.id, g.partner, g.person.role)) if named else set()
    held = photos.held(session, mine)
    return {
        event: {"photo": url_for("photos.show", event=event), "small": url_for("photos.small", event=event), "awaited": False}
        if event in held
        else NO_PICTURE | {"awaited": True}
        for event in mine
    }


def _entry(event: Told, called: Names, origin: str, destination: str, undo: Told | None) -> dict[str, Any]:
    tone, icon = _look(event)
    return {
        "what": _what(event, called),
        "when": formats.moment(event.at) + _received(event),
        "iso": event.at.isoformat(),
        "who": called.person(event.person),
        "origin": origin or destination,
        "destination": destination if origin else "",
        "note": _note(event),
        "undone": undo is not None,
        "corrected_by": called.person(undo.person) if undo else "",
        "tone": tone,
        "icon": icon,
    }


def _note(event: Told | NewEvent) -> str:
    reason = REASONS.get(event.reason, event.reason) if event.reason else ""
    return ". ".join(str(part) for part in (reason, event.note) if part)


def _received(event: Told) -> str:
    if event.received_at - event.at <= LATE:
        return ""
    return ", " + str(gettext("reached us %(moment)s", moment=formats.moment(event.received_at)))


TOLD: Mapping[EventKind, tuple[str, str]] = {
    EventKind.STOP_REACHED: ("info", "pin"),
    EventKind.STOP_DONE: ("done", "check"),
    EventKind.STOP_PARTLY: ("attention", "check"),
    EventKind.STOP_MISSED: ("problem", "warning"),
    EventKind.NOTE: ("quiet", "note"),
    EventKind.SETTLE: ("done", "lock"),
    EventKind.PHOTO: ("quiet", "photo"),
    EventKind.SIGNATURE: ("done", "signature"),
    EventKind.STOP_ADDED: ("info", "pin"),
    EventKind.ROUTE_CLOSED: ("done", "lock"),
}
"""Tone and icon of each kind of event; scans and counts have those of their move."""


def _look(event: Told) -> tuple[str, str]:
    if event.kind in TOLD:
        return TOLD[event.kind]
    return "quiet", words.MOVE_ICONS.get(Move(event.move), "check") if event.move else "check"


def unkept(body: bytes, called: Names) -> tuple[str, str]:
    """Tell in words what a device sent and we did not keep, and its note; empty when it cannot be read."""
    try:
        said = wire.read(body)
        what = _what(said, called)
    except (Invalid, ValueError):
        return "", ""
    crate = codes.by_eye(said.crate) if said.crate else ""
    parts = (what, crate, called.points.get(said.point or "", ""), formats.moment(said.at))
    return ", ".join(part for part in parts if part), _note(said)


def _what(event: Told | NewEvent, called: Names) -> str:
    move = str(words.MOVES[Move(event.move)]) if event.move else ""
    if event.kind is EventKind.SCAN:
        return move[:1].upper() + move[1:]
    if event.kind is EventKind.COUNT:
        item = called.item(event.item)
        return str(gettext("%(number)s × %(item)s %(move)s", number=formats.number(event.quantity or 0), item=item, move=move))
    if event.kind is EventKind.SETTLE and event.state:
        return str(gettext("Settled as “%(state)s”", state=words.STATES[CrateState(event.state)]))
    return str(
        {
            EventKind.STOP_REACHED: gettext("Arrived at the stop"),
            EventKind.STOP_DONE: gettext("Stop done"),
            EventKind.STOP_PARTLY: gettext("Stop partly done"),
            EventKind.STOP_MISSED: gettext("Stop missed"),
            EventKind.PHOTO: gettext("Photo"),
            EventKind.SIGNATURE: gettext("Signed"),
            EventKind.STOP_ADDED: gettext("Stop added on the way"),
            EventKind.ROUTE_CLOSED: gettext("Route closed"),
        }.get(event.kind, gettext("Note"))
    )


def _destination(event: Told, called: Names) -> str:
    """Name where crates are after the event; empty when it moved none."""
    state = CrateState(event.state) if event.state else LEADS_TO[Move(event.move)] if event.move else None
    if state is None:
        return ""
    where, column = WHOSE[state]
    return called.place(where, getattr(event, column) or "") if column else str(words.STATES[state])


def of_account(session: Session, account: int) -> list[dict[str, Any]]:
    """Tell the last movements of an account, newest first."""
    source, target = ACCOUNT.alias(), ACCOUNT.alias()
    query = (
        sa.select(
            TRANSFER.c.quantity, TRANSFER.c.at, source.c.kind, source.c.holder, source.c.item, target.c.kind, target.c.holder
        )
        .join(source, source.c.id == TRANSFER.c.source)
        .join(target, target.c.id == TRANSFER.c.target)
        .where(sa.or_(TRANSFER.c.source == account, TRANSFER.c.target == account))
        .order_by(TRANSFER.c.row.desc())
        .limit(50)
    )
    called = names.read(session)
    return [
        {
            "what": f"{formats.number(quantity)} × {called.item(item)}",
            "when": formats.moment(at),
            "iso": at.isoformat(),
            "origin": _account(out, out_holder, called),
            "destination": _account(into, into_holder, called),
            "icon": "arrow",
        }
        for quantity, at, out, out_holder, item, into, into_holder in session.connection().execute(query)
    ]


def _account(kind: AccountKind, holder: str, called: Names) -> str:
    return ", ".join(part for part in (called.holder(holder), str(words.ACCOUNTS[AccountKind(kind)])) if part)
