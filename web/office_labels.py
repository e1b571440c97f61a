"""Labels for points: whoever scans one is led to the page of that point, a partner to the request for a pickup there."""

from collections.abc import Collection

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlmodel import select

from bottles.db import reading, transaction
from bottles.errors import say
from bottles.links import LabelKind
from bottles.people import Role
from bottles.points import Point, PointKind

from . import centre_labels, label_kinds
from .auth import allowed
from .current import engine
from .forms import Form
from .label_sheets import PRESETS

bp = Blueprint("office_labels", __name__, url_prefix="/office/labels")
bp.context_processor(centre_labels.around)

MOST_COPIES = 24
"""Of each point's label."""


@bp.route("", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def points() -> ResponseReturnValue:
    """Choose points and print their labels."""
    form = Form(request.form)
    with reading(engine()) as session:
        query = select(Point).where(Point.kind != PointKind.CENTRE).order_by(Point.town, Point.name)
        rows = list(session.exec(query))
    if request.method == "POST":
        with form:
            return _print(form, [row.id for row in rows])
    return form.page("office/labels.html", rows=rows)


def _print(form: Form, known: Collection[str]) -> ResponseReturnValue:
    ticked = known if form.value("which") == "all" else request.form.getlist("point")
    chosen = [point for point in dict.fromkeys(ticked) if point in known]
    copies = form.whole_number("copies", low=1, high=MOST_COPIES, default=1)
    sheet = centre_labels.sheet_asked(form, LabelKind.POINT, [point for point in chosen for _ in range(copies)])
    if not chosen:
        form.refuse("point", say("Choose at least one point."))
    if sheet.preset in PRESETS and len(sheet.names) > PRESETS[sheet.preset].most:
        form.refuse("point", say("That is more than %(most)d labels: choose fewer points."), most=PRESETS[sheet.preset].most)
    form.check()
    with transaction(engine()) as session:
        made = label_kinds.print_again(session, sheet)
    return centre_labels.done(made)
