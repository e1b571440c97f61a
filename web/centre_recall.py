"""A recall: everybody who holds bottles of a lot, on a page and as a file for a spreadsheet."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from bottles.batches import Lot, LotStatus
from bottles.catalogue import BottleType
from bottles.db import find, reading

from . import centre_trace, names
from .auth import allowed
from .centre_floor import MAY
from .current import engine

bp = Blueprint("centre_recall", __name__, url_prefix="/centre")


@bp.get("/lots/<int:lot>/recall")
@allowed(*MAY)
def show(lot: int) -> ResponseReturnValue:
    """Show who holds what of a lot, and how to reach them."""
    with reading(engine()) as session:
        row = find(session, Lot, lot)
        kind = find(session, BottleType, row.type)
        found = centre_trace.recall(session, lot, names.read(session))
    is_free = row.status is not LotStatus.HELD and any(line.order is None for line in found.here)
    return render_template("centre/recall.html", lot=row, kind=kind, recall=found, is_free=is_free, called=names.called)


@bp.get("/lots/<int:lot>/recall.csv")
@allowed(*MAY)
def download(lot: int) -> Response:
    """Give the same list as a file."""
    with reading(engine()) as session:
        row = find(session, Lot, lot)
        found = centre_trace.recall(session, lot, names.read(session))
    return centre_trace.answer(found, row)
