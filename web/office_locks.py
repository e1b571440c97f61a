"""Fixing a stop of a day: its vehicle, its place in the route, its hours."""

import sqlalchemy as sa
from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles import locks
from bottles.db import find, reading, transaction
from bottles.errors import Conflict, say
from bottles.locks import FIRST, LAST, Hours, Lock
from bottles.partners import Partner
from bottles.people import Role
from bottles.points import Point
from bottles.vehicles import Vehicle

from . import words
from .auth import allowed
from .current import engine
from .forms import Form
from .office_plan import read_day, today

bp = Blueprint("office_locks", __name__, url_prefix="/office/plan/<day>/fix")

POSITIONS = {"": None, "first": FIRST, "last": LAST}
"""Places in the route, by the form's words."""


@bp.get("/<point>")
@allowed(Role.COORDINATOR)
def show(day: str, point: str) -> ResponseReturnValue:
    """Show what is fixed for a stop."""
    return page(day, point, Form({}))


@bp.post("/<point>")
@allowed(Role.COORDINATOR)
def fix(day: str, point: str) -> ResponseReturnValue:
    """Fix a stop, or let it go where nothing is said."""
    when, form = read_day(day), Form(request.form)
    if when < today():
        raise Conflict(say("This day has passed: plan a later one."))
    with form:
        vehicle, position, hours = form.text("vehicle", required=False), form.choice("position", POSITIONS), read_hours(form)
        form.check()
        with transaction(engine()) as session:
            locks.fix(
                session,
                point,
                when,
                vehicle=vehicle or None,
                position=POSITIONS[position],
                hours=hours,
                person=g.person.id,
                at=g.now,
            )
        return redirect(url_for("office_plan.day", day=day), 303)
    return page(day, point, form)


def page(day: str, point: str, form: Form) -> ResponseReturnValue:
    """Show the form of a stop, with what was typed into it."""
    when = read_day(day)
    with reading(engine()) as session:
        where = find(session, Point, point)
        lock = locks.on(session, when).get(point)
        return form.page(
            "office/lock.html",
            day=when,
            is_past=when < today(),
            point=where,
            partner=find(session, Partner, where.partner),
            is_today=when == today(),
            lock=lock,
            vehicles=_vehicles(session, lock),
            positions=[(word, words.PLACES[place]) for word, place in POSITIONS.items() if place is not None],
            chosen=next(word for word, place in POSITIONS.items() if place == (lock and lock.position)),
        )


def _vehicles(session: Session, lock: Lock | None) -> list[tuple[str, str]]:
    """List the vehicles that go out, and the one that it is fixed to though it does not any more."""
    query = select(Vehicle).where(sa.or_(col(Vehicle.active), col(Vehicle.id) == (lock and lock.vehicle)))
    return [
        (
            vehicle.id,
            vehicle.name if vehicle.active else gettext("%(vehicle)s (does not go out any more)", vehicle=vehicle.name),
        )
        for vehicle in session.exec(query.order_by(Vehicle.name))
    ]


def read_hours(form: Form) -> Hours | None:
    """Read the hours that were agreed: both or none."""
    if not form.sent.get("opens") and not form.sent.get("closes"):
        return None
    opens, closes = form.clock("opens"), form.clock("closes")
    return opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
