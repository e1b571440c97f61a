"""The pictures of events, for whom they concern: large and small."""

from flask import Blueprint, Response, g, request

from bottles import photos
from bottles.db import reading
from bottles.people import Role

from .auth import allowed
from .current import engine

bp = Blueprint("photos", __name__, url_prefix="/photos")


@bp.get("/<event>")
@allowed(*Role, by_code=True)
def show(event: str) -> Response:
    """Show a picture."""
    return _picture(event, small=False)


@bp.get("/<event>/small")
@allowed(*Role, by_code=True)
def small(event: str) -> Response:
    """Show a small picture, for a list or a phone."""
    return _picture(event, small=True)


@bp.get("/set-aside/<int:row>")
@allowed(Role.COORDINATOR)
def apart(row: int) -> Response:
    """Show a small picture of what was set aside, to who decides about it."""
    with reading(engine()) as session:
        mime, digest, body = photos.shown_apart(session, row)
    return _answer(mime, f"{digest}-small", body)


def _picture(event: str, *, small: bool) -> Response:
    with reading(engine()) as session:
        mime, digest, body = photos.shown(session, event, photos.Reader(g.person.id, g.partner, g.person.role), small=small)
    return _answer(mime, f"{digest}-small" if small else digest, body)


def _answer(mime: str, mark: str, body: bytes) -> Response:
    answer = Response(body, mimetype=mime)
    # whoever signs in next in this browser may not be one who sees it: it asks each time
    answer.cache_control.private = True
    answer.cache_control.no_cache = True
    answer.vary.add("Cookie")
    answer.set_etag(mark)
    answer.make_conditional(request)
    return answer
