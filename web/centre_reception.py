"""Reception: count what a van brought, blind first; a later count takes the place of an earlier one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import batches, catalogue
from bottles.batches import Reception
from bottles.catalogue import CrateType
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.errors import Conflict, say
from bottles.events import Basis, EventKind
from bottles.pickups import MOST_CRATES
from bottles.projections import Tally
from bottles.routes import Route

from . import acts, centre_floor, centre_words
from .acts import follow, is_known
from .auth import allowed
from .centre_floor import MAY
from .current import engine, territory
from .forms import Form

bp = Blueprint("centre_reception", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)


@bp.route("/reception/<int:route>", methods=["GET", "POST"])
@allowed(*MAY)
def reception(route: int) -> ResponseReturnValue:
    """Count what a van brought; the driver's count appears only when ours is entered."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _count(form, route)
    with reading(engine()) as session:
        way, vehicle, plan, driver = centre_floor.driven(session, route)
        seen, row = centre_floor.received(session, route), session.get(Reception, route)
        types = catalogue.crate_types(session)
        notes = [event.note for event in centre_floor.heard(session, route) if event.note]
        is_finished = bool(row and row.finished_at)
        values: dict[str, Any] = {
            "vehicle": vehicle,
            "driver": driver,
            "plan": plan,
            "types": types,
            "seen": seen,
            "note": notes[-1] if notes else "",
            "compared": _compare(session, way, seen, types) if seen.counted else [],
            "left": batches.left_to_sort(session, row) if row else 0,
            "is_finished": is_finished,
            "is_counting": bool(form.sent) or not seen.counted or ("correct" in request.args and not is_finished),
            "unsure": any(name.startswith("crates-") for name in form.errors),
        }
    return form.page("centre/reception.html", route=way, event_id=acts.fresh_id(), **values)


@dataclass(frozen=True)
class Compared:
    """One crate type: what was counted here, and what the driver said."""

    name: str
    counted: int
    expected: int

    @property
    def is_same(self) -> bool:
        """Say whether both counted alike."""
        return self.counted == self.expected

    @property
    def words(self) -> str:
        """Say the difference."""
        return centre_words.difference(self.counted, self.expected)


def _compare(session: Session, route: Route, seen: Tally, types: list[CrateType]) -> list[Compared]:
    expected = centre_floor.brought(session, route)
    rows = [Compared(kind.name, seen.total(Move.RECEIVE, kind.id), expected[kind.id]) for kind in types]
    return [row for row in rows if row.counted or row.expected]


def _count(form: Form, route_id: int) -> ResponseReturnValue:
    root = acts.sent_id()
    with transaction(engine()) as session:
        route, _vehicle, _plan, _driver = centre_floor.driven(session, route_id)
        if is_known(session, root):
            flash(gettext(acts.RESENT), "info")
            return redirect(url_for(".reception", route=route_id), 303)
        types, seen = catalogue.crate_types(session), centre_floor.received(session, route_id)
        counts = _counts(form, types, seen)
        _fits_what_was_sorted(form, session.get(Reception, route_id), session, counts, types)
        note = form.text("note", required=False, longest=120)
        form.check()
        _tell(session, route, root, counts, note)
    flash(gettext("Count recorded."), "done")
    return redirect(url_for(".reception", route=route_id), 303)


def _counts(form: Form, types: list[CrateType], seen: Tally) -> dict[str, int]:
    """Read the count of each crate type; fewer than were scanned, and none at all, must be confirmed."""
    counts = {kind.id: form.whole_number(f"crates-{kind.id}", low=0, high=MOST_CRATES, default=0) for kind in types}
    for item, count in counts.items():
        scanned, name = seen.scanned.get((Move.RECEIVE, item), 0), f"crates-{item}"
        if count < scanned and name not in form.errors and not form.ticked("sure"):
            message = say("%(scanned)d were scanned and you count %(count)d: change it, or confirm below that it is right.")
            form.refuse(name, message, scanned=scanned, count=count)
    if not any(counts.values()) and not form.errors and not form.ticked("empty"):
        form.refuse("empty", say("Nothing is counted: enter the crates, or confirm here that the van came back without any."))
    kept = {item: n for item, n in counts.items() if n or (Move.RECEIVE, item) in seen.entries()}
    return kept or {territory().pickups.crate: 0}


def _fits_what_was_sorted(
    form: Form, row: Reception | None, session: Session, counts: Mapping[str, int], types: list[CrateType]
) -> None:
    if row is None:
        return
    if row.finished_at:
        raise Conflict(centre_words.FINISHED)
    bottles = sum(counts.get(kind.id, 0) * kind.bottles for kind in types)
    done = row.bottles - batches.left_to_sort(session, row)
    if bottles < done and not form.errors:
        message = say("%(sorted)d bottles of this van are sorted already, and these crates hold only %(bottles)d: count again.")
        form.refuse("", message, sorted=done, bottles=bottles)


def _tell(session: Session, route: Route, root: str, counts: Mapping[str, int], note: str) -> None:
    facts: dict[str, Any] = {"move": Move.RECEIVE, "basis": Basis.COUNTED, "route": route.id} | ({"note": note} if note else {})
    news = [
        acts.act(session, EventKind.COUNT, id=follow(root, n), offset=n, item=item, quantity=quantity, **facts)
        for n, (item, quantity) in enumerate(counts.items())
    ]
    acts.record(session, news, acts.author(session, route.vehicle))
