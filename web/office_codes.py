"""Codes for drivers' phones: each signs one driver in on one phone, for one vehicle and one day."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session

from bottles import passes
from bottles.db import find, reading, transaction
from bottles.errors import Conflict, say
from bottles.passes import DriverPass, PassState
from bottles.people import Person, Role
from bottles.routes import Plan, PlanStatus, Route
from bottles.vehicles import Vehicle

from . import labels
from .auth import allowed
from .current import engine, link, local_path
from .language import zone

bp = Blueprint("office_codes", __name__, url_prefix="/office/codes")

LATE = time(4)
"""Until when in the next morning a code of a day lasts: vans come back late, and send what they queued."""

QUIET = 4
"""Light modules that a reader wants around a QR."""


@bp.route("/<int:route_id>", methods=["GET", "POST"])
@allowed(Role.COORDINATOR)
def show(route_id: int) -> ResponseReturnValue:
    """Show which codes a route's driver was given; a new one stands on the answer to its own making, and on no other page."""
    if request.method == "GET":
        with reading(engine()) as session:
            return render_template("office/code.html", **_around(session, route_id))
    secret = secrets.token_urlsafe(16)
    with transaction(engine()) as session:
        route = find(session, Route, route_id)
        plan = find(session, Plan, route.plan)
        if plan.status is not PlanStatus.PUBLISHED:
            raise Conflict(say("This version of the plan does not stand: publish it first, or open the one that does."))
        until = ends(plan.day)
        passes.create(session, secret, route.driver, route.vehicle, plan.day, until=until, by=g.person.id, at=g.now)
        around = _around(session, route_id)
    return render_template("office/code.html", code=qr(f"{link('auth.by_code')}#{secret}"), **around)


def _around(session: Session, route_id: int) -> dict[str, Any]:
    """Read what the page says of a route, and the codes that were made for it."""
    route = find(session, Route, route_id)
    plan = find(session, Plan, route.plan)
    made = passes.of(session, route.driver, route.vehicle, plan.day) if route.driver else []
    return {
        "route": route,
        "plan": plan,
        "driver": session.get(Person, route.driver) if route.driver else None,
        "vehicle": find(session, Vehicle, route.vehicle),
        "until": ends(plan.day),
        "may": plan.status is PlanStatus.PUBLISHED and route.driver is not None and g.now < ends(plan.day),
        "made": made,
        "now": g.now,
    }


@bp.get("/made/<int:pass_id>")
@allowed(Role.COORDINATOR)
def state(pass_id: int) -> ResponseReturnValue:
    """Tell what became of a code, for the page that shows it; nothing as long as it waits."""
    with reading(engine()) as session:
        found = find(session, DriverPass, pass_id)
        driver = find(session, Person, found.person)
    if found.state(g.now) is PassState.WAITING:
        return Response(status=204)
    return render_template("office/_code.html", made=found, driver=driver, now=g.now)


@bp.post("/made/<int:pass_id>/revoke")
@allowed(Role.COORDINATOR)
def revoke(pass_id: int) -> ResponseReturnValue:
    """Withdraw a code, and sign out the phone that used it."""
    with transaction(engine()) as session:
        passes.revoke(session, pass_id, g.person.id, at=g.now)
    flash(gettext("Withdrawn. What the phone still sends waits under “Set aside”."), "done")
    return redirect(local_path(request.form.get("next"), url_for("office_devices.home")), 303)


def ends(day: date) -> datetime:
    """Return when the codes of a day are over."""
    return datetime.combine(day + timedelta(days=1), LATE, zone())


def qr(address: str) -> dict[str, Any]:
    """Return an address as a picture of one path in a square of so many modules, its quiet zone included."""
    modules = labels.matrix(address)
    path = "".join(f"M{x + QUIET} {y + QUIET}h{w}v{h}h-{w}z" for x, y, w, h in labels.runs(modules))
    return {"size": len(modules) + 2 * QUIET, "path": path}
