"""Which language and which clock a page speaks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, has_request_context, request
from flask_babel import get_locale as _chosen  # type: ignore[import-untyped]  # it ships no types

from .current import territory

COOKIE = "language"


def chosen() -> str:
    """Return the language of this page: the person's, else the cookie's, else the browser's, else the territory's."""
    offered = territory().territory.languages
    if not has_request_context():
        return territory().territory.language
    person = g.get("person")
    wishes = (person.language if person else "", request.cookies.get(COOKIE, ""), request.accept_languages.best_match(offered))
    return next((wish for wish in wishes if wish in offered), territory().territory.language) or ""


def spoken() -> str:
    """Return the language texts are made in now: the page's, or the one a mail forces."""
    return str(_chosen() or chosen())


def zone() -> ZoneInfo:
    """Return the territory's time zone."""
    return ZoneInfo(territory().territory.time_zone)


def local(at: datetime) -> datetime:
    """Return a moment on the territory's clock."""
    return at.astimezone(zone())
