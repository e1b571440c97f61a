"""The driver's app: what the server gives it. The app itself runs on the phone, from web/static/js/driver.

Only the day needs somebody signed in; the rest holds nothing of anybody, and is kept by the phone for good.
"""

from flask import Blueprint, Response, abort, g, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext  # type: ignore[import-untyped]  # it ships no types
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # it ships no types

from bottles.db import reading
from bottles.people import Role

from . import driver_assets, driver_bundle, driver_day, driver_rows, reach
from .auth import allowed, public
from .current import engine, territory
from .language import local
from .nav import Entry

bp = Blueprint("driver_app", __name__, url_prefix="/driver")
NAV = [Entry(lazy_gettext("My route"), "driver_app.shell", (Role.DRIVER,), 10, "van", ("driver", "driver_scan"))]


@bp.get("/")
@public
def shell() -> ResponseReturnValue:
    """Give the page that the app lives in."""
    return driver_assets.shell()


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Say how the app stands on a home screen."""
    return Response(driver_assets.manifest(), mimetype="application/manifest+json")


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """Give the service worker, which may keep what lies beside it and below."""
    return Response(driver_assets.worker(), mimetype="text/javascript")


@bp.get("/words-<language>.json")
@public
def words(language: str) -> ResponseReturnValue:
    """Give all the app says in one language."""
    if language not in territory().territory.languages:
        abort(404)
    return Response(driver_assets.words(language), mimetype="application/json")


@bp.get("/day.json")
@allowed(Role.DRIVER, by_code=True)
def day() -> ResponseReturnValue:
    """Give the phone its driver's day, or as much of it as its code opens."""
    today = reach.day(local(g.now).date())
    with reading(engine()) as session:
        rows = driver_rows.read(session, g.person.id, today, reach.routes)
        later = None if g.driver_pass else driver_day.upcoming(session, g.person.id, today)
        told = driver_bundle.day(rows, g.person, territory(), later, g.now)
    answer = jsonify(told | {"csrf": generate_csrf()})
    answer.headers["X-Server-Time"] = driver_bundle.moment(g.now)
    return answer
