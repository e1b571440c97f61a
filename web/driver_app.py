"""The driver's app: what the server gives it. The app itself runs on the phone, from web/static/js/driver.

Only the day needs somebody signed in; the rest holds nothing of anybody, and is kept by the phone for good.
"""

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # it ships no types

from bottles.db import reading
from bottles.people import Role

from . import driver_bundle, driver_day, driver_rows
from .auth import allowed
from .current import engine, territory
from .language import local

bp = Blueprint("driver_app", __name__, url_prefix="/driver")


@bp.get("/day.json")
@allowed(Role.DRIVER)
def day() -> ResponseReturnValue:
    """Give the phone its driver's day."""
    today = local(g.now).date()
    with reading(engine()) as session:
        rows = driver_rows.read(session, g.person.id, today)
        later = driver_day.upcoming(session, g.person.id, today)
        told = driver_bundle.day(rows, g.person, territory(), later, g.now)
    answer = jsonify(told | {"csrf": generate_csrf()})
    answer.headers["X-Server-Time"] = driver_bundle.moment(g.now)
    return answer
