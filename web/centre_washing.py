"""The washing line: start a run with what waits, end it with its readings; the limits stand beside each field.

A line washes one run at a time. So a start that arrives twice finds its line busy: when the run there says the same as the
form, it was sent twice; otherwise somebody was faster. A run that has ended keeps its readings in the same way.
"""

from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import batches, catalogue
from bottles.batches import Measure, Recipe, WashRun
from bottles.db import find, reading, transaction
from bottles.errors import Invalid, say
from bottles.orders import MOST_BOTTLES
from bottles.people import Person
from bottles.points import Point

from . import centre_floor, centre_words
from .auth import allowed
from .centre_floor import MAY
from .current import engine
from .forms import Form
from .language import local

bp = Blueprint("centre_washing", __name__, url_prefix="/centre")
bp.context_processor(centre_words.around)


@bp.route("/washing", methods=["GET", "POST"])
@allowed(*MAY)
def washing() -> ResponseReturnValue:
    """Show what runs on each line, and start a run on a free one."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _start(form)
    with reading(engine()) as session:
        centre = centre_floor.here(session).id
        lines, running = centre_floor.lines(centre), centre_floor.running(session, centre)
        waiting = centre_floor.to_wash(session, centre)
        types = catalogue.bottle_types(session, accepted_only=False)
        values: dict[str, Any] = {
            "lines": lines,
            "running": running,
            "free": [line for line in lines if line not in running],
            "waiting": [(kind, waiting[kind.id]) for kind in types if waiting.get(kind.id)],
            "total": sum(waiting.values()),
            "names": {kind.id: kind.name for kind in types},
            "recipes": _recipes(session),
            "minutes": round(centre_floor.wash_seconds(centre, sum(waiting.values())) / 60),
            "last": _last_run(session, centre),
        }
    return form.page("centre/washing.html", **values)


def _recipes(session: Session) -> list[tuple[str, str, str]]:
    """List the recipes with their limits in words."""
    found = session.exec(select(Recipe).order_by(col(Recipe.position), col(Recipe.id)))
    return [(recipe.id, recipe.name, _limits(recipe)) for recipe in found]


def _limits(recipe: Recipe) -> str:
    judged = [one for one in centre_words.judge(recipe.limits, {}) if one.limits]
    return " · ".join(one.limits if one.scale.unit else f"pH {one.limits}" for one in judged)


def _last_run(session: Session, centre: str) -> int:
    return session.exec(select(WashRun.id).where(WashRun.centre == centre).order_by(col(WashRun.id).desc())).first() or 0


def _start(form: Form) -> ResponseReturnValue:
    with transaction(engine()) as session:
        # starts at one centre take turns: the line is looked at and taken in one go
        centre = session.exec(select(Point).where(Point.id == centre_floor.here(session).id).with_for_update()).one()
        recipe = form.choice("recipe", [key for key, _name, _note in _recipes(session)])
        line = form.choice("line", centre_floor.lines(centre.id))
        takes = _takes(form, session)
        form.check()
        if _is_resent(form, session, centre.id, recipe, line, takes):
            flash(gettext(centre_words.TWICE), "info")
            return redirect(url_for(".washing"), 303)
        _are_there(form, session, centre.id, takes)
        form.check()
        batches.start_wash(session, centre.id, recipe, line, takes, g.person.id, at=g.now)
    flash(gettext("%(line)s is running.", line=line), "done")
    return redirect(url_for(".washing"), 303)


def _takes(form: Form, session: Session) -> dict[str, int]:
    kinds = catalogue.bottle_types(session, accepted_only=False)
    sent = [kind.id for kind in kinds if f"take-{kind.id}" in form.sent]
    counts = {kind: form.whole_number(f"take-{kind}", low=0, high=MOST_BOTTLES, default=0) for kind in sent}
    return {kind: n for kind, n in counts.items() if n}


def _are_there(form: Form, session: Session, centre: str, takes: dict[str, int]) -> None:
    waiting = centre_floor.to_wash(session, centre)
    for kind, wanted in takes.items():
        if wanted > waiting.get(kind, 0):
            form.refuse(f"take-{kind}", say("Only %(left)d wait to be washed."), left=waiting.get(kind, 0))


def _is_resent(form: Form, session: Session, centre: str, recipe: str, line: str, takes: dict[str, int]) -> bool:
    """Say whether this very run was started since the page was drawn."""
    seen = centre_words.last_seen(form.value("last", ""))
    query = select(WashRun).where(WashRun.centre == centre, WashRun.line == line, WashRun.operator == g.person.id)
    since = session.exec(query.where(col(WashRun.id) > seen)).all()
    for run in since:
        if run.recipe == recipe and {lot.type: lot.quantity for lot in batches.lots_of(session, run.id or 0)} == takes:
            return True
    return False


@bp.route("/washing/<int:run>", methods=["GET", "POST"])
@allowed(*MAY)
def run(run: int) -> ResponseReturnValue:
    """Enter the readings of a run and end it; what lies outside the limits is said before."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            return _finish(form, run)
    with reading(engine()) as session:
        row = find(session, WashRun, run)
        recipe = find(session, Recipe, row.recipe)
        operator = find(session, Person, row.operator)
        lots = batches.lots_of(session, run)
        known = {kind.id: kind.name for kind in catalogue.bottle_types(session, accepted_only=False)}
    values: dict[str, Any] = {"judged": centre_words.judge(row.limits, row.readings), "unsure": "sure" in form.errors}
    values |= {"seconds": ((row.ended_at or g.now) - row.started_at).total_seconds(), "today": local(g.now).date()}
    return form.page("centre/run.html", run=row, recipe=recipe, operator=operator, lots=lots, names=known, **values)


def _finish(form: Form, run_id: int) -> ResponseReturnValue:
    with transaction(engine()) as session:
        row = session.exec(select(WashRun).where(WashRun.id == run_id).with_for_update()).first() or find(
            session, WashRun, run_id
        )
        readings = _readings(form)
        form.check()
        if row.ended_at and row.readings == readings:
            flash(gettext(centre_words.TWICE), "info")
            return redirect(url_for(".run", run=run_id), 303)
        if not row.ended_at and not form.ticked("sure"):
            _judge(form, row, readings)
        batches.finish_wash(session, run_id, readings, at=g.now)
        lots = batches.lots_of(session, run_id)
    flash(gettext("The wash has ended; its bottles wait for inspection."), "done")
    if len(lots) == 1:
        return redirect(url_for("centre_lots.inspection", lot=lots[0].id), 303)
    return redirect(url_for("centre_lots.lots", state="inspection"), 303)


def _readings(form: Form) -> dict[str, float]:
    """Read what was typed; an empty field was not read."""
    typed = [(measure, centre_words.SCALES[measure]) for measure in Measure if form.value(measure, "").strip()]
    return {str(measure): form.number(measure, low=scale.low, high=scale.high) for measure, scale in typed}


def _judge(form: Form, row: WashRun, readings: dict[str, float]) -> None:
    """Say beside each field what lies outside, and ask for a tick: readings cannot be changed afterwards.

    Raises
    ------
    Invalid
        Something lies outside its limits, or was not read.
    """
    for one in centre_words.judge(row.limits, readings):
        if one.verdict == "outside":
            form.refuse(
                one.measure, say("%(measure)s: outside the limits, %(limits)s."), measure=one.scale.label, limits=one.limits
            )
        elif one.verdict == "missing":
            form.refuse(
                one.measure,
                say("%(measure)s: not read; the limits are %(limits)s."),
                measure=one.scale.label,
                limits=one.limits,
            )
    if form.errors:
        raise Invalid(
            say("With these readings the bottles cannot be released. Correct them, or confirm below that they are right."),
            field="sure",
        )
