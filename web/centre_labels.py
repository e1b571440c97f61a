"""Labels: for new crates, for a crate whose label is worn, for batches, lots and pallets; each sheet is a page of its own."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_gettext as _
from sqlmodel import Session

from bottles import catalogue, codes, links
from bottles.batches import Batch, Lot
from bottles.catalogue import BottleType
from bottles.crates import Crate
from bottles.db import find, reading, transaction
from bottles.errors import Invalid, NotFound, say
from bottles.links import LabelKind, LabelSheet
from bottles.pallets import Pallet
from bottles.people import Role
from bottles.points import Point

from . import acts, centre_words, label_kinds, names, words
from .auth import allowed
from .centre_floor import MAY
from .current import engine, territory
from .forms import Form
from .label_sheets import PRESETS
from .nav import Entry

bp = Blueprint("centre_labels", __name__, url_prefix="/centre/labels")
NAV = [Entry(_("Labels"), "centre_labels.home", (Role.WASHER,), 50, "print")]

SHOWN = 10
"""How many of the last sheets are listed."""

SHEETS = {
    "24": _("24 labels of 70 × 37 mm"),
    "40": _("40 labels of 52.5 × 29.7 mm: QR and code only"),
    "65": _("65 labels of 38.1 × 21.2 mm: QR and code only"),
    "tag": _("8 tags of 100 × 60 mm with a hole, for cages: weatherproof sheets, to be cut"),
}
"""How the sheets are called, by their preset."""

UNKNOWN = say("We have no crate %(code)s: read its label again.")
FOREIGN = say("Crate %(crate)s bears the label of another network: it is theirs to print.")


@bp.context_processor
def around() -> dict[str, object]:
    """Give the templates what every form about labels offers."""
    return {"sheet_names": SHEETS, "preset": territory().labels.preset, "event_id": acts.fresh_id()}


def sheet_asked(form: Form, kind: LabelKind, wanted: list[str]) -> LabelSheet:
    """Read on which sheet to print, and from which place on."""
    preset = form.choice("preset", PRESETS)
    last = PRESETS[preset].per_sheet if preset in PRESETS else 1
    start = form.whole_number("start", low=1, high=last, default=1)
    return LabelSheet(id=acts.sent_id(), kind=kind, names=wanted, preset=preset, start=start, person=g.person.id, at=g.now)


def done(sheet: LabelSheet | None) -> ResponseReturnValue:
    """Lead to a sheet that was made, now or by the same form before."""
    if sheet is None:
        flash(gettext(centre_words.TWICE), "info")
    return redirect(url_for("centre_labels.sheet", sheet=acts.sent_id() if sheet is None else sheet.id), 303)


@bp.route("", methods=["GET", "POST"])
@allowed(*MAY)
def home() -> ResponseReturnValue:
    """Print labels for new crates; list the last sheets."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _new(form)
    with reading(engine()) as session:
        values = {
            "types": catalogue.crate_types(session),
            "crate": territory().pickups.crate,
            "last": links.printed(session, LabelKind.CRATE, SHOWN),
            "names": names.read(session),
        }
    return form.page("centre/labels.html", told=_told, **values)


def _new(form: Form) -> ResponseReturnValue:
    sheet = sheet_asked(form, LabelKind.CRATE, [])
    wanted = count(form, "count", sheet.preset)
    with transaction(engine()) as session:
        kind = form.choice("type", [kind.id for kind in catalogue.crate_types(session)])
        form.check()
        made = label_kinds.print_new(session, sheet, kind, wanted)
    return done(made)


def count(form: Form, name: str, preset: str) -> int:
    """Read how many labels: at most as many sheets as are made at once."""
    return form.whole_number(name, low=1, high=PRESETS[preset].most if preset in PRESETS else 1)


@bp.route("/replace", methods=["GET", "POST"])
@allowed(*MAY)
def replace() -> ResponseReturnValue:
    """Print a crate a new label: say first which crate it is, and that the label on it becomes void."""
    form = Form(request.form or request.args)
    crate = None
    with form:
        crate = _named(form)
    if crate and request.method == "POST":
        with form:
            return _replace(form, crate)
    with reading(engine()) as session:
        known, kinds = names.read(session), {kind.id: kind.name for kind in catalogue.crate_types(session)}
    voided = codes.label(crate.code, crate.edition) if crate else ""
    values: dict[str, Any] = {"crate": crate, "voided": voided, "names": known, "kinds": kinds, "words": words}
    return form.page("centre/label_replace.html", by_eye=codes.by_eye, **values)


def _named(form: Form) -> Crate | None:
    """Return the crate whose code was scanned or typed; None as long as none was."""
    if "code" not in form.sent:
        return None
    typed = form.text("code", longest=200)
    form.check()
    try:
        code = codes.read(typed, territory().labels.asset_type)
    except Invalid as refusal:
        raise Invalid(refusal.message, "code", **refusal.values) from refusal
    with reading(engine()) as session:
        crate = session.get(Crate, code)
    if codes.is_foreign(code):
        form.refuse("code", FOREIGN, crate=codes.by_eye(code))
    elif crate is None:
        form.refuse("code", UNKNOWN, code=codes.by_eye(code))
    form.check()
    return crate


def _replace(form: Form, crate: Crate) -> ResponseReturnValue:
    sheet = sheet_asked(form, LabelKind.CRATE, [crate.code])
    form.check()
    sheet.anew = True
    with transaction(engine()) as session:
        made = label_kinds.print_anew(session, sheet)
    return done(made)


@bp.route("/<any(batch, lot, pallet):kind>/<int:number>", methods=["GET", "POST"])
@allowed(*MAY)
def of_one(kind: str, number: int) -> ResponseReturnValue:
    """Print labels of a batch, a lot or a pallet."""
    form, chosen = Form(request.form), LabelKind(kind)
    with reading(engine()) as session:
        called, bottle, back = SAID[chosen](session, number)
    if request.method == "POST":
        with form:
            return _of_one(form, chosen, number)
    return form.page("centre/label_one.html", kind=kind, number=number, called=called, bottle=bottle, back=back)


def _of_one(form: Form, kind: LabelKind, number: int) -> ResponseReturnValue:
    sheet = sheet_asked(form, kind, [])
    sheet.names = [str(number)] * count(form, "copies", sheet.preset)
    form.check()
    with transaction(engine()) as session:
        made = label_kinds.print_again(session, sheet)
    return done(made)


Said = tuple[str, str, str]
"""What a thing is called, which bottles it holds, and the address of its page."""


def _batch(session: Session, number: int) -> Said:
    row = find(session, Batch, number)
    called = gettext("Batch %(batch)s", batch=links.batch_code(number))
    return called, find(session, BottleType, row.type).name, url_for("centre_sorting.sorting", route=row.reception)


def _lot(session: Session, number: int) -> Said:
    row = find(session, Lot, number)
    name = find(session, BottleType, row.type).name
    return gettext("Lot %(lot)s", lot=row.code), name, url_for("centre_lots.lot", lot=number)


def _pallet(session: Session, number: int) -> Said:
    row = find(session, Pallet, number)
    name = find(session, BottleType, find(session, Lot, row.lot).type).name
    return (
        gettext("Pallet %(pallet)s", pallet=label_kinds.grouped(row.sscc)),
        name,
        url_for("centre_pallets.show", pallet=number),
    )


SAID: dict[LabelKind, Callable[[Session, int], Said]] = {
    LabelKind.BATCH: _batch,
    LabelKind.LOT: _lot,
    LabelKind.PALLET: _pallet,
}
"""How each kind is told on its form."""


@bp.get("/sheet/<sheet>")
@allowed(*MAY)
def sheet(sheet: str) -> ResponseReturnValue:
    """Show a sheet that was made, with the way to its PDF."""
    with reading(engine()) as session:
        row = find(session, LabelSheet, sheet)
        known = names.read(session)
        told = _listed(session, row)
    return render_template("centre/label_sheet.html", row=row, told=told, names=known)


@bp.get("/sheet/<sheet>.pdf")
@allowed(*MAY)
def pdf(sheet: str) -> ResponseReturnValue:
    """Draw a sheet; the browser shows it."""
    with reading(engine()) as session:
        row = find(session, LabelSheet, sheet)
        drawn = label_kinds.draw(session, row, territory())
    name = f"labels-{row.kind}-{row.id[:8]}.pdf"
    return Response(drawn, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _told(row: LabelSheet) -> str:
    """Say which crates a sheet names: the first and the last."""
    first, last = codes.by_eye(row.names[0]), codes.by_eye(row.names[-1])
    return first if first == last else str(gettext("%(first)s to %(last)s", first=first, last=last))


def _listed(session: Session, row: LabelSheet) -> str:
    """Say what a sheet names, whatever its kind."""
    if row.anew:
        crate = find(session, Crate, row.names[0])
        return codes.by_eye(codes.label(crate.code, crate.edition))
    if row.kind is LabelKind.CRATE:
        return _told(row)
    if row.kind is LabelKind.POINT:
        point = find(session, Point, row.names[0])
        more = len(set(row.names)) - 1
        name = names.called(point.name, point.town)
        return str(ngettext("%(name)s and %(num)d more", "%(name)s and %(num)d more", more, name=name)) if more else name
    if row.kind not in SAID:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return SAID[row.kind](session, int(row.names[0]))[0]
