"""Sorting: what a van brought becomes batches by type, and cullet by reason of refusal.

A sorting entry is no event, so its form says which entry of this person was the last when it was drawn. When another has
come since, and it says the same, the form was sent twice; when it says something else, the person decides again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import batches, catalogue, links
from bottles.batches import Batch, Reception, Sorting
from bottles.db import find, reading, transaction
from bottles.errors import Conflict, Invalid, say

from . import centre_floor, centre_words, formats
from .auth import allowed
from .centre_floor import MAY
from .current import engine
from .forms import Form

bp = Blueprint("centre_sorting", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)

MOST_BOTTLES = 100_000
"""More than this in one field is a slip of the finger."""


@bp.route("/sorting/<int:route>", methods=["GET", "POST"])
@allowed(*MAY)
def sorting(route: int) -> ResponseReturnValue:
    """Sort what a van brought; to finish it, say first what will be written off."""
    form = Form(request.form)
    with reading(engine()) as session:
        if session.get(Reception, route) is None:
            centre_floor.driven(session, route)
            return redirect(url_for("centre_reception.reception", route=route), 303)
    if request.method == "POST" and form.value("action") != "edit":
        with form:
            return _sort(form, route)
    return form.page("centre/sorting.html", **_table(route))


def _table(route_id: int) -> dict[str, Any]:
    """Read what the sorting page shows."""
    with reading(engine()) as session:
        row = find(session, Reception, route_id)
        _route, vehicle, _plan, _driver = centre_floor.driven(session, route_id)
        return {
            "row": row,
            "vehicle": vehicle,
            "left": batches.left_to_sort(session, row),
            "types": catalogue.bottle_types(session),
            "reasons": catalogue.reasons(session, "sorting"),
            "batches": list(session.exec(select(Batch).where(Batch.reception == route_id).order_by(col(Batch.id)))),
            "batch_code": links.batch_code,
            "done": _by_field(session.exec(select(Sorting).where(Sorting.reception == route_id))),
            "last": max((entry.id or 0 for entry in _mine(session, route_id)), default=0),
        }


def _mine(session: Session, route: int, after: int = 0) -> list[Sorting]:
    """List the entries of this person at this reception, after one of them."""
    query = select(Sorting).where(Sorting.reception == route, Sorting.person == g.person.id, col(Sorting.id) > after)
    return list(session.exec(query))


def _sort(form: Form, route_id: int) -> ResponseReturnValue:
    action = form.choice("action", ("record", "review", "finish"))
    with transaction(engine()) as session:
        # two tablets at one reception take turns
        row = session.exec(select(Reception).where(Reception.route == route_id).with_for_update()).one()
        good, refused = _sorted(form, session)
        form.check()
        counts = {f"type-{kind}": n for kind, n in good.items()} | {f"reason-{why}": n for why, n in refused.items()}
        if _is_resent(form, session, row, counts):
            flash(gettext(centre_words.TWICE), "info")
            return redirect(url_for(".sorting", route=route_id), 303)
        if action == "review":
            return _review(session, row, form, counts)
        batches.sort(session, route_id, good, refused, g.person.id, finished=action == "finish", at=g.now)
    if action == "finish":
        flash(gettext("This reception is finished."), "done")
        return redirect(url_for("centre.home"), 303)
    flash(gettext("Recorded: %(bottles)s.", bottles=formats.quantity(sum(counts.values()), "bottle")), "done")
    return redirect(url_for(".sorting", route=route_id), 303)


def _sorted(form: Form, session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """Read how many bottles are good, by type, and how many refused, by reason."""
    types, reasons = catalogue.bottle_types(session), catalogue.reasons(session, "sorting")
    good = {f"type-{kind.id}": kind.id for kind in types}
    refused = {f"reason-{why.id}": why.id for why in reasons}
    counts = {field: form.whole_number(field, low=0, high=MOST_BOTTLES, default=0) for field in good | refused}
    return {good[field]: counts[field] for field in good}, {refused[field]: counts[field] for field in refused}


def _is_resent(form: Form, session: Session, row: Reception, counts: Mapping[str, int]) -> bool:
    """Say whether this very form was entered already.

    Raises
    ------
    Conflict
        The same person entered something else since this page was drawn, or the reception is finished.
    """
    since = _by_field(_mine(session, row.route, centre_words.last_seen(form.value("last", ""))))
    if since == {field: n for field, n in counts.items() if n} and (since or row.finished_at):
        return True
    if row.finished_at:
        raise Conflict(centre_words.FINISHED)
    if since:
        message = say(
            "%(n)d bottles were entered under your name since this page was opened: check what is left, then send it again."
        )
        raise Conflict(message, n=sum(since.values()))
    return False


def _by_field(entries: Iterable[Sorting]) -> dict[str, int]:
    """Add up entries by the field of the form they came from."""
    total: dict[str, int] = {}
    for entry in entries:
        field = f"type-{entry.type}" if entry.type else f"reason-{entry.reason}"
        total[field] = total.get(field, 0) + entry.quantity
    return total


def _review(session: Session, row: Reception, form: Form, counts: Mapping[str, int]) -> ResponseReturnValue:
    """Say what finishing will write off."""
    left, total = batches.left_to_sort(session, row), sum(counts.values())
    if total > left:
        raise Invalid(
            say("Only %(left)d bottles are left to sort, not %(asked)d: count again, or correct the reception."),
            left=left,
            asked=total,
        )
    names = {f"type-{kind.id}": kind.name for kind in catalogue.bottle_types(session)}
    names |= {f"reason-{why.id}": why.name for why in catalogue.reasons(session, "sorting")}
    fields = {name: value for name, value in form.sent.items() if name not in ("action", "csrf_token")}
    rows = [(names[field], n) for field, n in counts.items() if n]
    return render_template("centre/sorting_finish.html", row=row, rows=rows, total=total, missing=left - total, fields=fields)
