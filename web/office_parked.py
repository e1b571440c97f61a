"""Crates nobody knows: make them known, as ours or as another network's, or settle them with a word."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types

from bottles import catalogue, codes, intake
from bottles.db import reading, transaction
from bottles.errors import say
from bottles.people import Role

from . import names, parked, story
from .auth import allowed
from .current import engine
from .forms import Form

bp = Blueprint("office_parked", __name__, url_prefix="/office/parked")

MOST = 200
"""Crates of each sort that the page shows."""


@bp.get("")
@allowed(Role.COORDINATOR)
def home() -> ResponseReturnValue:
    """List the crates nobody knows, and those of other networks that we know."""
    with reading(engine()) as session:
        called = names.read(session)
        strangers = parked.strangers(session, called, most=MOST)
        guests = parked.guests(session, called, most=MOST)
    return render_template("office/parked.html", strangers=strangers, guests=guests, by_eye=codes.by_eye)


@bp.route("/<int:dispute_id>", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def show(dispute_id: int) -> ResponseReturnValue:
    """Show a crate nobody knows; make it known, and all that was ever scanned of it counts from now on."""
    form = Form(request.form)
    with reading(engine()) as session:
        called = names.read(session)
        stranger = parked.stranger(session, dispute_id, called)
        entries = story.of_crate(session, stranger.code)
        types = [(kind.id, kind.name) for kind in catalogue.crate_types(session)]
    if request.method == "POST":
        with form:
            _adopt(form, stranger.code, [key for key, _name in types])
            said = gettext(
                "Crate %(code)s is known from now on, with all that was scanned of it.", code=codes.by_eye(stranger.code)
            )
            flash(said, "done")
            return redirect(url_for(".home"), 303)
    values = {"stranger": stranger, "entries": entries, "types": types, "dispute_id": dispute_id}
    return form.page("office/stranger.html", by_eye=codes.by_eye, is_foreign=codes.is_foreign(stranger.code), **values)


def _adopt(form: Form, code: str, kinds: list[str]) -> None:
    kind, owner = form.choice("crate_type", kinds), form.text("owner", required=False, longest=60)
    if codes.is_foreign(code) and not owner:
        form.refuse("owner", say("Its label is another network's: say whose it is."))
    form.check()
    with transaction(engine()) as session:
        intake.adopt(session, code, kind, owner, at=g.now)
