"""Pallets at the centre: build one of a released lot, print its label, take it apart."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles import pallets
from bottles.batches import Lot
from bottles.catalogue import BottleType
from bottles.db import find, reading, transaction
from bottles.orders import MOST_BOTTLES
from bottles.pallets import Pallet

from . import centre_words, label_kinds, names
from .auth import allowed
from .centre_floor import MAY
from .current import engine, territory
from .forms import Form

bp = Blueprint("centre_pallets", __name__, url_prefix="/centre")


@bp.route("/lots/<int:lot>/pallet", methods=["GET", "POST"])
@allowed(*MAY)
def build(lot: int) -> ResponseReturnValue:
    """Put bottles of a lot on a pallet: a full one, or what is left."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _build(form, lot)
    with reading(engine()) as session:
        row = find(session, Lot, lot)
        left = pallets.room(session, lot)
        values: dict[str, Any] = {
            "lot": row,
            "kind": find(session, BottleType, row.type),
            "left": left,
            "usual": min(left, territory().washing.pallet_bottles),
            "last": max((pallet.id or 0 for pallet in pallets.of_lot(session, lot)), default=0),
        }
    return form.page("centre/pallet_new.html", **values)


def _build(form: Form, lot_id: int) -> ResponseReturnValue:
    quantity = form.whole_number("quantity", low=1, high=MOST_BOTTLES)
    form.check()
    with transaction(engine()) as session:
        pallets.locked(session, lot_id)
        after = centre_words.last_seen(form.value("last", ""))
        made = [pallet for pallet in pallets.of_lot(session, lot_id) if (pallet.id or 0) > after]
        # the same form sent twice: since it was drawn, this person built just such a pallet
        known = next((p for p in made if (p.made_by, p.quantity) == (g.person.id, quantity)), None)
        pallet = known or pallets.build(session, lot_id, quantity, g.person.id, prefix=territory().labels.prefix, at=g.now)
        number = pallet.id
    if known:
        flash(gettext(centre_words.TWICE), "info")
    else:
        flash(gettext("The pallet is built: label it."), "done")
    return redirect(url_for(".show", pallet=number), 303)


@bp.get("/pallets/<int:pallet>")
@allowed(*MAY)
def show(pallet: int) -> ResponseReturnValue:
    """Show one pallet."""
    with reading(engine()) as session:
        row = find(session, Pallet, pallet)
        lot = find(session, Lot, row.lot)
        kind, known = find(session, BottleType, lot.type), names.read(session)
    number = label_kinds.grouped(row.sscc)
    return render_template("centre/pallet.html", row=row, lot=lot, kind=kind, names=known, number=number)


@bp.post("/pallets/<int:pallet>/apart")
@allowed(*MAY)
def take_apart(pallet: int) -> ResponseReturnValue:
    """Say that a pallet stands no more: it was opened, or it left."""
    with transaction(engine()) as session:
        pallets.take_apart(session, pallet, g.person.id, at=g.now)
    flash(gettext("The pallet is taken apart; its bottles stay in the lot."), "done")
    return redirect(url_for(".show", pallet=pallet), 303)
