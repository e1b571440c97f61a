"""Crates at the centre: wash those that came back, put new ones into service, put aside those of other networks.

Labelled ones are scanned, the others counted.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col

from bottles import catalogue, codes, events
from bottles.catalogue import CrateType
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.errors import say
from bottles.events import Basis, Event, EventKind
from bottles.ledger import AccountKind
from bottles.people import Role
from bottles.pickups import MOST_CRATES

from . import acts, centre_floor, centre_scan, centre_words, names, parked
from .acts import follow, is_known
from .auth import allowed
from .centre_floor import MAY
from .current import engine
from .forms import Form

bp = Blueprint("centre_crates", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)

MOST_ASIDE = 100
"""Crates of other networks that the page lists."""


@bp.route("/crates", methods=["GET", "POST"], defaults={"move": "wash"})
@bp.route("/crates/<any(wash, commission, park):move>", methods=["GET", "POST"])
@allowed(*MAY)
def crates(move: str) -> ResponseReturnValue:
    """Wash crates, put new ones into service, or put aside those that are not ours."""
    form, doing = Form(request.form), Move(move)
    if request.method == "POST" and doing is not Move.PARK:
        with form:
            return _count(form, doing)
    with reading(engine()) as session:
        centre = centre_floor.here(session).id
        known = names.read(session)
        values: dict[str, Any] = {
            "move": move,
            "types": catalogue.crate_types(session),
            "panel": centre_scan.panel(session, doing),
            "counts": _counts_today(session, doing),
            "unwashed": centre_floor.crates(session, AccountKind.RECEIVED, centre),
            "clean": centre_floor.crates(session, AccountKind.CLEAN, centre),
            "aside": parked.here(session, centre, known, most=MOST_ASIDE) if doing is Move.PARK else [],
        }
    return form.page("centre/crates.html", names=known, by_eye=codes.by_eye, event_id=acts.fresh_id(), **values)


@bp.post("/crates/<any(wash, commission, park):move>/scan")
@allowed(*MAY)
def scan(move: str) -> ResponseReturnValue:
    """Record the scan of one labelled crate."""
    return centre_scan.scanned(Move(move), None, url_for(".crates", move=move))


def _counts_today(session: Session, move: Move) -> list[dict[str, Any]]:
    """List today's counts of crates without a label, the last first, with who may take them back."""
    today = (col(Event.at) >= centre_scan.midnight(), col(Event.centre) == centre_floor.here(session).id)
    told = events.acts(session, col(Event.kind) == EventKind.COUNT, col(Event.move) == move, col(Event.route).is_(None), *today)
    standing = events.standing(events.with_undos(session, told))
    may = {event.id: event.person == g.person.id or g.person.role is Role.COORDINATOR for event in standing}
    return [{"event": event, "may_undo": may[event.id]} for event in reversed(standing)]


def _count(form: Form, move: Move) -> ResponseReturnValue:
    root = acts.sent_id()
    here = url_for(".crates", move=str(move))
    with transaction(engine()) as session:
        if is_known(session, root):
            flash(gettext(acts.RESENT), "info")
            return redirect(here, 303)
        types = catalogue.crate_types(session)
        counts = {kind.id: form.whole_number(f"crates-{kind.id}", low=0, high=MOST_CRATES, default=0) for kind in types}
        if not any(counts.values()) and not form.errors:
            form.refuse("", say("Nothing was counted: enter at least one quantity."))
        if move is Move.WASH:
            _are_there(form, session, types, counts)
        form.check()
        facts = {"move": move, "basis": Basis.COUNTED}
        told = [(item, n) for item, n in counts.items() if n]
        news = [
            acts.act(session, EventKind.COUNT, id=follow(root, offset), offset=offset, item=item, quantity=n, **facts)
            for offset, (item, n) in enumerate(told)
        ]
        acts.record(session, news, acts.author(session))
    flash(gettext("Count recorded."), "done")
    return redirect(here, 303)


def _are_there(form: Form, session: Session, types: list[CrateType], counts: dict[str, int]) -> None:
    """Ask once more when more crates are washed than came in; what was washed was washed, so a tick is enough."""
    unwashed = {kind.id: n for kind, n in centre_floor.crates(session, AccountKind.RECEIVED, centre_floor.here(session).id)}
    for kind in types:
        there, name = max(0, unwashed.get(kind.id, 0)), f"crates-{kind.id}"
        if counts[kind.id] > there and name not in form.errors and not form.ticked("sure"):
            message = say(
                "Only %(there)d came in unwashed and you count %(count)d: change it, or confirm below that it is right."
            )
            form.refuse(name, message, there=there, count=counts[kind.id])
