"""Lots: inspect and release them, hold them, wash them again; where each came from and where it went."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import batches, catalogue, pallets, trace
from bottles.batches import Lot, LotStatus, Recipe, WashRun
from bottles.catalogue import BottleType
from bottles.db import find, reading, transaction
from bottles.errors import Conflict
from bottles.orders import MOST_BOTTLES

from . import centre_trace, centre_words, formats, label_kinds, names
from .auth import allowed
from .centre_floor import MAY, here
from .current import engine, territory
from .forms import Form
from .language import local

bp = Blueprint("centre_lots", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)

SHOWN = 100
"""How many lots the list shows at most, the newest first."""

STATES = ("inspection", "held", "released", "washing")
"""What the list can be narrowed to."""


@bp.get("/lots")
@allowed(*MAY)
def lots() -> ResponseReturnValue:
    """List the lots, newest first."""
    state, kind = request.args.get("state", ""), request.args.get("type", "")
    with reading(engine()) as session:
        query = select(Lot).where(Lot.centre == here(session).id).order_by(col(Lot.id).desc())
        if state in STATES:
            query = query.where(Lot.status == LotStatus(state), Lot.quantity > 0)
        if kind:
            query = query.where(Lot.type == kind)
        rows = list(session.exec(query.limit(SHOWN)))
        types = catalogue.bottle_types(session, accepted_only=False)
        free = trace.free(session, [row.id or 0 for row in rows])
    known = {one.id: one.name for one in types}
    values: dict[str, Any] = {"state": state, "kind": kind, "types": types, "names": known, "free": free, "most": SHOWN}
    return render_template("centre/lots.html", rows=rows, today=local(g.now).date(), **values)


@bp.get("/lots/<int:lot>")
@allowed(*MAY)
def lot(lot: int) -> ResponseReturnValue:
    """Show one lot: where it came from, how it was washed and inspected, where its bottles are."""
    return _page("centre/lot.html", lot, Form({}))


def _page(template: str, lot_id: int, form: Form) -> ResponseReturnValue:
    with reading(engine()) as session:
        row = find(session, Lot, lot_id)
        run = find(session, WashRun, row.run)
        values: dict[str, Any] = {
            "lot": row,
            "run": run,
            "kind": find(session, BottleType, row.type),
            "recipe": find(session, Recipe, run.recipe),
            "judged": centre_words.judge(run.limits, run.readings),
            "bad": batches.out_of_limits(run) if run.ended_at else [],
            "reasons": catalogue.reasons(session, "inspection"),
            "origins": trace.sources(session, lot_id),
            "whereabouts": centre_trace.whereabouts(trace.buyers(session, lot_id), trace.here(session, lot_id), lot_id),
            "pallets": pallets.of_lot(session, lot_id),
            "grouped": label_kinds.grouped,
            "names": names.read(session),
        }
    use_by = local(g.now + _use_within()).date()
    bad = centre_words.measures(values["bad"])
    return form.page(template, today=local(g.now).date(), use_by=use_by, bad_measures=bad, **values)


def _use_within() -> timedelta:
    return timedelta(days=territory().washing.use_within_days)


@bp.route("/inspection/<int:lot>", methods=["GET", "POST"])
@allowed(*MAY)
def inspection(lot: int) -> ResponseReturnValue:
    """Count what is rejected and release the rest; the use-by date is said before."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _release(form, lot)
    return _page("centre/inspection.html", lot, form)


def _release(form: Form, lot_id: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        row = _locked(session, lot_id)
        reasons = catalogue.reasons(session, "inspection")
        rejected = {why.id: form.whole_number(f"reason-{why.id}", low=0, high=MOST_BOTTLES, default=0) for why in reasons}
        form.check()
        said = {why: n for why, n in rejected.items() if n}
        if row.status is LotStatus.RELEASED and row.rejected == said:
            flash(gettext(centre_words.TWICE), "info")
            return redirect(url_for(".lot", lot=lot_id), 303)
        zone = territory().territory.time_zone
        try:
            batches.inspect(session, lot_id, rejected, g.person.id, use_within=_use_within(), zone=zone, at=g.now)
        except Conflict as refusal:
            raise centre_words.named(refusal) from refusal
        code, accepted = row.code, row.accepted
    flash(
        gettext("%(lot)s is released, free to order: %(bottles)s.", lot=code, bottles=formats.quantity(accepted, "bottle")),
        "done",
    )
    return redirect(url_for(".lot", lot=lot_id), 303)


def _locked(session: Session, lot_id: int) -> Lot:
    """Return a lot that nobody else can change before this is over."""
    return session.exec(select(Lot).where(Lot.id == lot_id).with_for_update()).first() or find(session, Lot, lot_id)


@bp.post("/lots/<int:lot>/hold")
@allowed(*MAY)
def hold(lot: int) -> ResponseReturnValue:
    """Hold a lot, with the reason."""
    form = Form(request.form)
    with form:
        with transaction(engine()) as session:
            row = _locked(session, lot)
            why = form.text("why", longest=200)
            form.check()
            batches.hold(session, lot, why, at=g.now)
            code, is_new = row.code, row.inspected_at is None
        flash(gettext("%(lot)s is held: nobody can order from it.", lot=code), "done")
        return redirect(url_for(".inspection" if is_new else ".lot", lot=lot), 303)
    return _page("centre/lot.html", lot, form)


@bp.post("/lots/<int:lot>/free")
@allowed(*MAY)
def let_go(lot: int) -> ResponseReturnValue:
    """Free a lot that was held after its release."""
    with transaction(engine()) as session:
        _locked(session, lot)
        code = batches.let_go(session, lot).code
    flash(gettext("%(lot)s can be ordered again.", lot=code), "done")
    return redirect(url_for(".lot", lot=lot), 303)


@bp.post("/lots/<int:lot>/rewash")
@allowed(*MAY)
def rewash(lot: int) -> ResponseReturnValue:
    """Put a held lot back among the bottles that wait to be washed."""
    with transaction(engine()) as session:
        row = _locked(session, lot)
        if row.status is LotStatus.HELD and not row.quantity:
            flash(gettext(centre_words.TWICE), "info")
            return redirect(url_for("centre_washing.washing"), 303)
        batches.rewash(session, lot, at=g.now)
        code = row.code
    flash(gettext("The bottles of %(lot)s wait to be washed again.", lot=code), "done")
    return redirect(url_for("centre_washing.washing"), 303)
