"""What anybody's phone shows when it scans one of our labels: a crate, a lot, a batch, a pallet, a point.

Labels carry GS1 Digital Links in capitals; people type them in small letters. These pages name no partner and no place.
Whoever works at the centre or in the office is led to their own page of the same thing, unless the address ends in ?public.
"""

from collections.abc import Mapping

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import codes, links, pallets
from bottles.batches import Batch, Lot, WashRun
from bottles.catalogue import BottleType, CrateType
from bottles.crates import Crate, CrateState
from bottles.db import find, reading
from bottles.errors import Invalid
from bottles.links import KeyKind, LabelKind
from bottles.people import Role
from bottles.points import Point

from . import centre_words, label_kinds
from .auth import public
from .centre_floor import MAY
from .current import engine, territory
from .forms import sentence
from .language import local
from .partner import MINE

bp = Blueprint("links", __name__)

CRATES: Mapping[CrateState, object] = {
    CrateState.NEW: _("It has a label and waits for its first use."),
    CrateState.CLEAN: _("We believe it is clean, at our centre."),
    CrateState.FILLED: _("We believe it is full of washed bottles, at our centre."),
    CrateState.ABOARD: _("We believe it is aboard one of our vans."),
    CrateState.OUT: _("It stands at one of our points, to be filled with empty bottles."),
    CrateState.RECEIVED: _("We believe it is at our centre, to be washed."),
    CrateState.EMPTIED: _("We believe it is at our centre, to be washed."),
    CrateState.LENT: _("It is lent to one of our partners."),
    CrateState.LOST: _("We have been looking for it."),
    CrateState.RETIRED: _("It is out of service; it should not be in use any more."),
    CrateState.PARKED: _("We believe it is at our centre, and waits to go home."),
}
"""Where a crate stands, in words for whoever finds it: no place, no partner."""

LOTS: Mapping[str, object] = {
    "batch": _("These bottles are sorted and wait to be washed: do not fill them."),
    "washing": _("These bottles are in the washing machine."),
    "inspection": _("These bottles are washed and wait to be inspected: do not fill them yet."),
    "held": _("These bottles are held: do not fill them. Call us."),
    "released": _("These bottles are washed, inspected and released."),
    "late": _("The use-by day of these bottles has passed: they are rinsed again before they are filled."),
    "rewashed": _("These bottles were put back to be washed again: do not fill them."),
}
"""Where the bottles of a lot stand, in words for whoever has them in hand."""


def _unread(refusal: Invalid) -> ResponseReturnValue:
    return render_template("public/unread.html", said=sentence(refusal)), 422


def _unknown(what: str, code: str) -> ResponseReturnValue:
    return render_template("public/unknown.html", what=what, code=code), 404


def _is_staff(*roles: Role) -> bool:
    """Say whether somebody asks who has a page of their own for this, and wants it."""
    return g.person is not None and g.person.role in roles and "public" not in request.args


# -- crates


@bp.get("/8003/<path:grai>")
@public
def crate(grai: str) -> ResponseReturnValue:
    """Say whose crate this is and what to do with it; a bare serial in place of the whole GRAI is understood too."""
    ours = territory().labels.asset_type
    try:
        code, edition = codes.read_label(grai, ours)
    except Invalid as refusal:
        return _unread(refusal)
    with reading(engine()) as session:
        found = session.get(Crate, code) or session.get(Crate, code.upper())
        kind = session.get(CrateType, found.type) if found else None
    if found is None or kind is None:
        return _unknown("foreign" if codes.is_foreign(code) else "crate", codes.by_eye(code))
    if _is_staff(Role.COORDINATOR):
        return redirect(url_for("office_crates.show", code=found.code), 303)
    values = {"state": CRATES[found.state], "is_void": edition < found.edition, "may_replace": _is_staff(Role.WASHER)}
    return render_template(
        "public/crate.html", crate=found, kind=kind, code=codes.by_eye(codes.label(found.code, edition)), **values
    )


# -- lots, batches, pallets


@bp.get("/01/<gtin>/10/<name>")
@public
def lot(gtin: str, name: str) -> ResponseReturnValue:
    """Say what bottles these are, when they were washed and until when they are good."""
    try:
        links.checked(gtin, links.GTIN)
    except Invalid as refusal:
        return _unread(refusal)
    kind, number = links.read_lot(name) or (LabelKind.LOT, 0)
    with reading(engine()) as session:
        row: Lot | Batch | None = session.get(Lot, number) if kind is LabelKind.LOT else session.get(Batch, number)
        if row is None or not is_of(session, gtin, row.type):
            return _unknown("lot", name[:20])
        if isinstance(row, Batch):
            return _batch(session, row)
        return _lot(session, row)


def is_of(session: Session, gtin: str, bottle_type: str) -> bool:
    """Say whether a GTIN is that of a bottle type."""
    number = links.known(session, KeyKind.BOTTLE, bottle_type)
    return number is not None and links.gtin(territory().labels.prefix, number) == gtin


def _batch(session: Session, row: Batch) -> ResponseReturnValue:
    if _is_staff(*MAY):
        return redirect(url_for("centre_sorting.sorting", route=row.reception), 303)
    kind = find(session, BottleType, row.type)
    said = {"code": links.batch_code(row.id or 0), "standing": "batch", "state": LOTS["batch"]}
    return render_template("public/lot.html", kind=kind, lot=None, sorted_at=row.made_at, **said)


def _lot(session: Session, row: Lot) -> ResponseReturnValue:
    if _is_staff(*MAY):
        return redirect(url_for("centre_lots.lot", lot=row.id), 303)
    return render_template("public/lot.html", code=row.code, **_told(session, row))


def _told(session: Session, row: Lot) -> dict[str, object]:
    """Return what the pages of a lot and of its pallets say alike."""
    standing = centre_words.state(row, local(g.now).date())
    run = find(session, WashRun, row.run)
    washed = run.ended_at if standing != "rewashed" else None
    return {
        "lot": row,
        "kind": find(session, BottleType, row.type),
        "washed_at": washed,
        "standing": standing,
        "state": LOTS[standing],
    }


@bp.get("/00/<sscc>")
@public
def pallet(sscc: str) -> ResponseReturnValue:
    """Say what stands on a pallet."""
    try:
        links.checked(sscc, links.SSCC)
    except Invalid as refusal:
        return _unread(refusal)
    with reading(engine()) as session:
        row = pallets.by_sscc(session, sscc)
        if row is None:
            return _unknown("pallet", label_kinds.grouped(sscc))
        if _is_staff(*MAY):
            return redirect(url_for("centre_pallets.show", pallet=row.id), 303)
        code = label_kinds.grouped(sscc)
        return render_template("public/lot.html", code=code, pallet=row, **_told(session, find(session, Lot, row.lot)))


# -- points


@bp.get("/414/<gln>")
@public
def point(gln: str) -> ResponseReturnValue:
    """Lead to the page of a point: its own people to the request for a pickup there, everybody else to what it takes.

    A point that is not for citizens reads as if it did not exist, but for the way to sign in.
    """
    try:
        links.checked(gln, links.GLN)
    except Invalid as refusal:
        return _unread(refusal)
    with reading(engine()) as session:
        key = links.named(session, KeyKind.POINT, gln, territory().labels.prefix)
        found = session.get(Point, key) if key else None
    if found and g.person and g.person.role in MINE and found.partner == g.partner:
        return redirect(url_for("partner_pickups.new", point=found.id), 303)
    if found is None or not found.public:
        return _unknown("point", label_kinds.grouped(gln))
    return redirect(url_for("public.point", key=found.id), 303)
