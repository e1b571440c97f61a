"""Scanning at the centre: crates that come in, that are washed, and new ones put into service; each scan can be taken back."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import catalogue, codes, crates, events
from bottles.batches import Reception
from bottles.crates import LEADS_TO, Crate, CrateState, Move
from bottles.db import reading, transaction
from bottles.errors import Conflict, Invalid, NotFound, say
from bottles.events import Event, EventKind
from bottles.people import Role

from . import acts, centre_floor, centre_words, formats, words
from .acts import follow, is_known
from .auth import allowed
from .centre_floor import MAY
from .current import engine, territory
from .forms import sentence
from .language import local, zone

bp = Blueprint("centre_scan", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)

LAST = 10
"""How many scans are shown, with their undo."""


def midnight() -> datetime:
    """Return when the local day began."""
    return datetime.combine(local(g.now).date(), time.min, zone())


def _scans(session: Session, move: Move, route: int | None) -> list[Event]:
    """List the scans of a route's reception, or of a move at the centre today, the last first, the undone ones too."""
    query = select(Event).where(Event.kind == EventKind.SCAN, Event.move == move, Event.route == route)
    if route is None:
        query = query.where(Event.at >= midnight(), Event.centre == centre_floor.here(session).id)
    return sorted(session.exec(query), key=events.order, reverse=True)


def panel(
    session: Session, move: Move, route: int | None = None, last: Mapping[str, Any] | None = None, just: str = ""
) -> dict[str, Any]:
    """Return what the panel shows: how many different labels stand, the last ten scans, and the one made just now.

    The scan made just now comes first whatever its time says: another device's clock may be ahead.
    """
    scans = sorted(_scans(session, move, route), key=lambda event: event.id != just)
    standing = events.standing(events.with_undos(session, scans))
    entries = _told(session, scans[:LAST], {event.id for event in standing})
    count = len({event.crate for event in standing})
    return {"count": count, "entries": entries, "last": last or next((e for e in entries if not e["undone"]), None)}


def _told(session: Session, scans: list[Event], standing: set[str]) -> list[dict[str, Any]]:
    """Say what each scan was."""
    labels = {event.crate or "" for event in scans}
    known = {crate.code: crate for crate in session.exec(select(Crate).where(col(Crate.code).in_(labels)))}
    types = {kind.id: kind.name for kind in catalogue.crate_types(session)}
    surprises = _surprises(session, labels)
    told = []
    for event in scans:
        crate = known.get(event.crate or "")
        kind, said = _said(event, crate, types, surprises.get(event.id))
        may = event.id in standing and (event.person == g.person.id or g.person.role is Role.COORDINATOR)
        told.append(
            {
                "kind": kind,
                "code": codes.by_eye(event.label or event.crate or ""),
                "sentence": said,
                "when": formats.clock(event.at),
                "undo_url": url_for("centre_scan.undo", event=event.id) if may else None,
                "undone": event.id not in standing,
            }
        )
    return told


def _surprises(session: Session, labels: set[str]) -> dict[str, CrateState]:
    """Return the scans that nobody expected, and what each crate was believed to be."""
    found: dict[str, CrateState] = {}
    for about in crates.lives_of(session, labels).values():
        history = crates.replay(about)
        found |= {event.id: before for event, before in history.surprises}
    return found


def _said(event: Event, crate: Crate | None, types: Mapping[str, str], believed: CrateState | None) -> tuple[str, str]:
    if crate is None:
        return "unknown", gettext("Not one of our crates: it is parked until the coordinator says whose it is.")
    name = types.get(crate.type, crate.type)
    if crates.is_void(crate, event.label, event.at):
        return "unexpected", gettext("%(crate)s, recorded; this label was replaced: take it off.", crate=name)
    if believed is not None:
        return "unexpected", gettext(
            "%(crate)s, recorded; it was believed: %(state)s.", crate=name, state=words.STATES[believed]
        )
    return "known", name


def scan(session: Session, move: Move, label: str, event_id: str, *, route: int | None, vehicle: str | None) -> str:
    """Record the scan of a label; return "" when it is new, or how it was known: "sent" or "scanned"."""
    code, _edition = codes.printed(label)
    fresh = acts.id_of_scan(session, event_id, code, move)
    if fresh is None:
        return "sent"
    scans = [event for event in _scans(session, move, route) if event.crate == code]
    crate = session.get(Crate, code)
    # the same crate may be washed twice on one day, but not while it is clean since the first time
    if events.standing(events.with_undos(session, scans)) and (crate is None or crate.state is LEADS_TO[move]):
        return "scanned"
    news = [acts.act(session, EventKind.SCAN, id=fresh, crate=label, move=move, route=route)]
    acts.record(session, news, acts.author(session, vehicle))
    return ""


def scanned(move: Move, route: int | None, back: str, vehicle: str | None = None) -> ResponseReturnValue:
    """Take the code a form sent, and answer with the panel, or without scripts with the page."""
    typed = request.form.get("code", "")
    last: dict[str, Any] | None = None
    sent = acts.sent_id()
    with transaction(engine()) as session:
        try:
            label = codes.read_serial(typed, territory().labels.asset_type)
            twice = scan(session, move, label, sent, route=route, vehicle=vehicle)
            if twice == "scanned":
                last = {"kind": "repeated", "code": codes.by_eye(label), "sentence": gettext("Scanned already, counted once.")}
        except Invalid as refusal:
            last = {"kind": "unknown", "code": typed[:40], "sentence": sentence(refusal)}
        shown = panel(session, move, route, last, just=sent)
    return _answer(shown, back, last)


def _answer(shown: Mapping[str, Any], back: str, last: Mapping[str, Any] | None) -> ResponseReturnValue:
    if "HX-Request" in request.headers:
        return render_template("centre/_panel.html", panel=shown)
    if last:
        flash(last["sentence"], "problem" if last["kind"] == "unknown" else "info")
    return redirect(back, 303)


@bp.route("/reception/<int:route>/scan", methods=["GET", "POST"])
@allowed(*MAY)
def receive(route: int) -> ResponseReturnValue:
    """Scan the labelled crates of a van, one after the other."""
    with reading(engine()) as session:
        way, vehicle, _plan, _driver = centre_floor.driven(session, route)
        row = session.get(Reception, route)
        if row and row.finished_at:
            raise Conflict(centre_words.FINISHED)
        shown = panel(session, Move.RECEIVE, route)
    if request.method == "POST":
        return scanned(Move.RECEIVE, route, url_for(".receive", route=route), vehicle.id)
    return render_template("centre/scan.html", route=way, vehicle=vehicle, panel=shown)


@bp.post("/scans/<event>/undo")
@allowed(*MAY)
def undo(event: str) -> ResponseReturnValue:
    """Take back a scan, or a count of unlabelled crates."""
    with transaction(engine()) as session:
        target = session.exec(select(Event).where(Event.id == event)).first()
        if target is None or not _is_ours(target):
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        move, route = Move(target.move or ""), target.route
        said = gettext("Taken back.") if take_back(session, target) else gettext(acts.RESENT)
        last = {"kind": "repeated", "code": codes.by_eye(target.crate or ""), "sentence": said}
        shown = panel(session, move, route, last) if target.crate else {}
    if target.crate and route:
        return _answer(shown, url_for(".receive", route=route), last)
    return _answer(shown, url_for("centre_crates.crates", move=str(move)), last)


def _is_ours(event: Event) -> bool:
    """Say whether an event was made on one of these pages: a scan here, or a count that belongs to no route."""
    if event.task is not None or event.kind not in (EventKind.SCAN, EventKind.COUNT):
        return False
    if event.move == Move.RECEIVE:
        return event.kind is EventKind.SCAN and event.route is not None
    return event.move in (Move.WASH, Move.COMMISSION, Move.PARK) and event.route is None


def take_back(session: Session, target: Event) -> bool:
    """Undo an event; return whether it still stood.

    Raises
    ------
    Conflict
        Somebody else made it, or its reception is finished.
    """
    if target.person != g.person.id and g.person.role is not Role.COORDINATOR:
        raise Conflict(say("Somebody else recorded this: ask the coordinator to take it back."))
    row = session.get(Reception, target.route) if target.route else None
    if row and row.finished_at:
        raise Conflict(centre_words.FINISHED)
    if target.id not in {event.id for event in events.standing(events.with_undos(session, [target]))}:
        return False
    root = follow(target.id, 1)
    root = acts.fresh_id() if is_known(session, root) else root
    news = [acts.act(session, EventKind.UNDO, id=root, undoes=target.id, route=target.route)]
    acts.record(session, news, acts.author(session))
    return True
