"""Finding things: one crate with its whole life, and a box that takes whatever a label says, a partner or a place."""

import re
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from bottles import codes, events, links, pallets
from bottles.batches import Batch, Lot
from bottles.catalogue import CrateType
from bottles.codes import by_eye
from bottles.crates import Crate
from bottles.db import reading
from bottles.disputes import Dispute, DisputeStatus
from bottles.errors import Invalid, NotFound, say
from bottles.links import SSCC, KeyKind, LabelKind
from bottles.partners import Partner
from bottles.people import Role
from bottles.points import Point

from . import names, story, words
from .asked import bare
from .auth import allowed
from .current import engine, territory
from .forms import sentence
from .links import is_of
from .office_disputes import sentence as told

bp = Blueprint("office_crates", __name__, url_prefix="/office")

MOST = 20
"""Answers of each kind that a search shows."""


@bp.get("/crates/<path:code>")
@allowed(Role.COORDINATOR)
def show(code: str) -> ResponseReturnValue:
    """Show a crate: where it stands, who has it, and everything that was done to it."""
    with reading(engine()) as session:
        # ours are typed in small letters too; another network's serial may be written in them, and with a stroke
        code = code if known(session, code) else code.upper()
        crate = session.get(Crate, code)
        if not known(session, code):
            raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
        called = names.read(session)
        about = (Dispute.subject == f"crate:{code}", Dispute.status == DisputeStatus.OPEN)
        disputes = session.exec(select(Dispute).where(*about).order_by(col(Dispute.id))).all()
        return render_template(
            "office/crate.html",
            code=code,
            by_eye=by_eye(code),
            crate=crate,
            type=session.get(CrateType, crate.type) if crate else None,
            holder=called.place(crate.where, crate.holder) if crate else "",
            disputes=[(dispute, told(dispute, called)) for dispute in disputes],
            entries=story.of_crate(session, code),
            words=words,
        )


@dataclass(frozen=True)
class Found:
    """What a search found."""

    crates: list[Crate]
    partners: list[Partner]
    points: list[Point]

    def __bool__(self) -> bool:
        return bool(self.crates or self.partners or self.points)


@bp.get("/search")
@allowed(Role.COORDINATOR)
def search() -> ResponseReturnValue:
    """Find what a scanned or typed code names, else crates, partners and points by a part of their name."""
    text, misread = request.args.get("q", "").strip()[:200], ""
    with reading(engine()) as session:
        other = labelled(session, text)
        if other:
            return redirect(other, 303)
        # a lot or a pallet that we do not have is not a crate misread
        code, misread = ("", "") if LABEL.fullmatch(text) else read_code(text)
        if code and known(session, code):
            return redirect(url_for(".show", code=code), 303)
        found = find(session, text) if text else Found([], [], [])
    return render_template("office/search.html", text=text, found=found, misread=misread if not found else "", words=words)


LABEL = re.compile(r"(?:.*?/(?:01/(?P<gtin>\d{14})/10|00|414)/)?(?P<name>[LB]\d{5,9}|\d{18}|\d{13})/?(?:\?.*)?", re.IGNORECASE)
"""A link of a lot, a batch, a pallet or a point, or only the code beside its QR."""


def labelled(session: Session, text: str) -> str:
    """Return the page of the lot, batch, pallet or point that a label names; empty when it names none of ours."""
    found = LABEL.fullmatch(text if "/" in text else text.replace(" ", ""))
    if found is None:
        return ""
    name, gtin = found["name"].upper(), found["gtin"]
    if name[0] in "LB":
        return _of_lot(session, name, gtin)
    if len(name) == SSCC:
        pallet = pallets.by_sscc(session, name)
        return url_for("centre_pallets.show", pallet=pallet.id) if pallet else ""
    point = session.get(Point, links.named(session, KeyKind.POINT, name, territory().labels.prefix) or "")
    return url_for("office_balances.show", group="points", holder=point.id) if point else ""


def _of_lot(session: Session, name: str, gtin: str | None) -> str:
    kind, number = links.read_lot(name) or (LabelKind.LOT, 0)
    row: Lot | Batch | None = session.get(Lot, number) if kind is LabelKind.LOT else session.get(Batch, number)
    # a link that names another loop's bottle is not ours, whatever number its lot has
    if row is None or (gtin and not is_of(session, gtin, row.type)):
        return ""
    if isinstance(row, Batch):
        return url_for("centre_sorting.sorting", route=row.reception)
    return url_for("centre_lots.lot", lot=row.id)


def known(session: Session, code: str) -> bool:
    """Say whether a crate has this code, or something was ever scanned under it."""
    crate = session.get(Crate, code)
    return crate is not None or bool(events.of_crates(session, [code])[code])


def read_code(text: str) -> tuple[str, str]:
    """Return the code in a text, or the sentence that says why there is none; a word is no code and needs no sentence."""
    try:
        return codes.read(text, territory().labels.asset_type), ""
    except Invalid as refusal:
        return "", sentence(refusal) if any(character.isdigit() for character in text) else ""


def find(session: Session, text: str) -> Found:
    """Find crates, partners and points by a part of what they are called, whatever its case and accents."""
    wanted = bare(text)
    partners = [row for row in session.exec(select(Partner).order_by(Partner.name)) if wanted in bare(row.name)]
    points = [
        row
        for row in session.exec(select(Point).order_by(Point.town, Point.name))
        if wanted in bare(f"{row.name} {row.town} {row.postcode}")
    ]
    begins = wanted.upper().replace(" ", "")
    crates = session.exec(select(Crate).where(col(Crate.code).startswith(begins, autoescape=True)).limit(MOST)).all()
    return Found(list(crates), partners[:MOST], points[:MOST])
