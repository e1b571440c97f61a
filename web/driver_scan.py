"""Scanning at a stop and while loading: one field, a count, the last ten with undo; each answer says what the scan was."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import catalogue, codes, crates
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.errors import Invalid, NotFound, say
from bottles.people import Role
from bottles.routes import Route

from . import acts, driver_acts, driver_day, driver_words, formats
from .auth import allowed
from .current import engine, territory
from .driver_acts import Scanned
from .driver_stops import Halt
from .forms import sentence
from .language import local

bp = Blueprint("driver_scan", __name__, url_prefix="/driver")

LAST = 10
"""How many scans are shown, with their undo."""


@dataclass(frozen=True)
class Bench:
    """Where labels are scanned: one move at a stop, or the loading of a route."""

    route: Route
    halt: Halt | None
    move: Move
    asked: int

    def url(self, **values: object) -> str:
        """Return the address of its page."""
        if self.halt is None:
            return url_for(".load", route=self.route.id, **values)  # type: ignore[arg-type]  # Flask types its keywords, not the rest
        return url_for(".at_stop", stop=self.halt.stop.id, move=self.move, **values)  # type: ignore[arg-type]  # the same

    def undo_url(self, event: str) -> str:
        """Return the address that takes a scan back."""
        if self.halt is None:
            return url_for(".undo_load", route=self.route.id, event=event)
        return url_for(".undo", stop=self.halt.stop.id, move=self.move, event=event)


Open = Callable[[Session], Bench]


@bp.route("/stop/<int:stop>/scan/<move>", methods=["GET", "POST"])
@allowed(Role.DRIVER)
def at_stop(stop: int, move: str) -> ResponseReturnValue:
    """Scan crates at a stop: the full ones taken, the empties left, those delivered."""
    return _scan(lambda session: _stop(session, stop, move))


@bp.route("/route/<int:route>/scan/load", methods=["GET", "POST"])
@allowed(Role.DRIVER)
def load(route: int) -> ResponseReturnValue:
    """Scan crates while loading; what is not labelled needs no scan."""
    return _scan(lambda session: _loading(session, route))


@bp.post("/stop/<int:stop>/scan/<move>/undo/<event>")
@allowed(Role.DRIVER)
def undo(stop: int, move: str, event: str) -> ResponseReturnValue:
    """Take back a scan at a stop."""
    return _undo(lambda session: _stop(session, stop, move), event)


@bp.post("/route/<int:route>/scan/load/undo/<event>")
@allowed(Role.DRIVER)
def undo_load(route: int, event: str) -> ResponseReturnValue:
    """Take back a scan while loading."""
    return _undo(lambda session: _loading(session, route), event)


def _stop(session: Session, stop: int, move: str) -> Bench:
    halt = driver_day.halt(session, stop, g.person.id, local(g.now).date())
    if move not in halt.moves:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    if request.method == "POST":
        driver_day.refuse_early(halt.plan, local(g.now).date())
    asked = sum(line.asked for line in halt.lines(Move(move), crates=True))
    return Bench(halt.route, halt, Move(move), asked)


def _loading(session: Session, route: int) -> Bench:
    trip = driver_day.trip(session, route, g.person.id, local(g.now).date())
    lines = [line for halt in trip.halts for move in (Move.DROP, Move.DELIVER) for line in halt.lines(move, crates=True)]
    return Bench(trip.route, None, Move.LOAD, sum(line.asked for line in lines))


def _scan(open_: Open) -> ResponseReturnValue:
    if request.method == "GET":
        return _answer(open_, request.args.get("last", ""), is_again="again" in request.args)
    typed = request.form.get("code", "").strip()
    try:
        label = codes.read_serial(typed, territory().labels.asset_type)
    except Invalid as refusal:
        misread = {"kind": "unknown", "code": typed[:60], "sentence": sentence(refusal)}
        return _answer(open_, misread=misread)
    event_id = acts.sent_id()
    with transaction(engine()) as session:
        bench = open_(session)
        stands = driver_acts.scan(session, bench.route, bench.halt, bench.move, label, event_id)
    is_again = stands != event_id
    if _wants_panel():
        return _answer(open_, stands, is_again=is_again)
    return redirect(bench.url(last=stands, **({"again": 1} if is_again else {})), 303)


def _undo(open_: Open, event: str) -> ResponseReturnValue:
    with transaction(engine()) as session:
        bench = open_(session)
        scanned = next(
            (s for s in driver_acts.scans(session, bench.route, bench.halt, bench.move) if s.event.id == event), None
        )
        if scanned is None or scanned.event.person != g.person.id:
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        driver_acts.undo_scan(session, bench.route, scanned)
    # what was taken back is said where the scan stood, without an undo: a second tap must not take back the scan before
    return _answer(open_, event) if _wants_panel() else redirect(bench.url(last=event), 303)


def _wants_panel() -> bool:
    return "HX-Request" in request.headers


def _answer(
    open_: Open, last: str = "", *, is_again: bool = False, misread: dict[str, str] | None = None
) -> ResponseReturnValue:
    """Show the page, or its panel alone to a script; a misread code is said, and changes nothing."""
    with reading(engine()) as session:
        bench = open_(session)
        found = driver_acts.scans(session, bench.route, bench.halt, bench.move)
        names = {kind.id: kind.name for kind in catalogue.crate_types(session)}
    entries = [_entry(bench, scanned, names) for scanned in found[:LAST]]
    standing = [scanned for scanned in found if not scanned.is_undone]
    shown = next((s for s in found if s.event.id == last), standing[0] if standing else None)
    told = misread or (shown and (_repeated(shown) if is_again else _entry(bench, shown, names)))
    panel = {"count": len({s.event.crate for s in standing}), "asked": bench.asked, "last": told, "entries": entries}
    if _wants_panel():
        return render_template("driver/_panel.html", panel=panel, bench=bench)
    title = driver_words.SCANS[bench.move]
    return render_template("driver/scan.html", panel=panel, bench=bench, title=title), 422 if misread else 200


def _repeated(scanned: Scanned) -> dict[str, object]:
    clock = formats.clock(scanned.event.at)
    said = gettext("Scanned already at %(clock)s: not counted twice.", clock=clock)
    return {"kind": "repeated", "code": codes.by_eye(scanned.event.crate or ""), "sentence": said}


def _entry(bench: Bench, scanned: Scanned, names: dict[str, str]) -> dict[str, object]:
    event, crate = scanned.event, scanned.crate
    kind, said = "known", names.get(crate.type, crate.type) if crate else ""
    if crate is None:
        kind, said = "unknown", gettext("Not in our list: counted, and reported.")
    elif crates.is_void(crate, event.label, event.at):
        kind, said = (
            "unexpected",
            gettext("%(crate)s; this label was replaced: take it off. Counted, and reported.", crate=said),
        )
    elif scanned.surprised is not None:
        why = driver_words.BELIEVED[scanned.surprised]
        kind, said = "unexpected", gettext("%(crate)s; %(why)s. Counted, and reported.", crate=said, why=why)
    if scanned.is_undone:
        kind, said = "repeated", gettext("Taken back")
    may = event.person == g.person.id and not scanned.is_undone
    return {
        "kind": kind,
        "code": codes.by_eye(event.label or event.crate or ""),
        "sentence": said,
        "when": formats.clock(event.at),
        "undo_url": bench.undo_url(event.id) if may else None,
        "undone": scanned.is_undone,
    }
