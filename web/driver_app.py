"""The driver's app: what the server gives it. The app itself runs on the phone, from web/static/js/driver.

Only the day needs somebody signed in; the rest holds nothing of anybody, and is kept by the phone for good.
"""

from flask import Blueprint, Response, abort, g, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext  # type: ignore[import-untyped]  # it ships no types
from flask_wtf.csrf import generate_csrf  # type: ignore[import-untyped]  # it ships no types

from bottles.db import reading, transaction
from bottles.people import Role

from . import driver_assets, driver_bundle, driver_rows, reach, route_sheet
from .auth import allowed, public
from .current import engine, territory
from .language import local
from .nav import Entry

bp = Blueprint("driver_app", __name__, url_prefix="/driver")
NAV = [Entry(lazy_gettext("My route"), "driver_app.shell", (Role.DRIVER,), 10, "van")]


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
        later = None if g.driver_pass else driver_rows.upcoming(session, g.person.id, today)
        told = driver_bundle.day(rows, g.person, territory(), later, g.now)
    answer = jsonify(told | {"csrf": generate_csrf()})
    answer.headers["X-Server-Time"] = driver_bundle.moment(g.now)
    return answer


@bp.get("/route/<int:route>/sheet.pdf")
@allowed(Role.DRIVER, by_code=True)
def sheet(route: int) -> ResponseReturnValue:
    """Give a route of the day on paper, for the day when a phone fails."""
    with transaction(engine()) as session:
        mine = reach.routes(driver_rows.routes_of(session, g.person.id, reach.day(local(g.now).date())))
        wanted = next((each for each in mine if each.id == route), None)
        if wanted is None:
            abort(404)
        pdf = route_sheet.sheet(session, wanted, territory(), at=g.now)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})
