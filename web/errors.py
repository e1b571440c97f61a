"""What went wrong, as a page or as JSON: what is, what to do, what was kept, and a way back.

The sentence of a refusal is made where the rule is; this module only chooses its status and the words around it, so a page
and the API say the same.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, current_app, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # it ships no types
from flask_wtf.csrf import CSRFError  # type: ignore[import-untyped]  # it ships no types
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from bottles.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, say

from .auth import home_of
from .current import is_for_a_program, local_path
from .forms import sentence


class Unreadable(Refusal):
    """What a program sent cannot be read at all; nothing of it was kept."""


class TooLarge(Refusal):
    """What a program sent is more than is taken at once; nothing of it was kept."""


class NoPicture(Refusal):
    """What was sent as a picture is none that we can draw."""


STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (Unreadable, 400), (TooLarge, 413), (NoPicture, 415), (Invalid, 422), (NotFound, 404), (NotAllowed, 403), (Conflict, 409),
)  # fmt: skip
"""How each kind of refusal is answered."""


class Words(NamedTuple):
    """What an error page says: a title, what is, what to do, what was kept."""

    title: str
    is_: str
    todo: str = ""
    kept: str = ""


UNCHANGED = say("Nothing was changed.")
QUEUED = say("What was saved before stays saved, and what a phone has queued stays on it.")

WORDS = {
    400: Words(
        say("This could not be read"),
        say("The address or the form is incomplete."),
        say("Go back and try once more."),
        UNCHANGED,
    ),
    401: Words(say("Please sign in"), say("You are no longer signed in."), say("Sign in, then do it once more."), QUEUED),
    403: Words(
        say("Not for your account"),
        say("This page is not for your role."),
        say("Ask the coordinator if you need it."),
        UNCHANGED,
    ),
    404: Words(
        say("Nothing here"),
        say("There is no such thing here: it may have been removed, or the link is incomplete."),
        say("Check the address, or start again from your page."),
    ),
    405: Words(
        say("Not this way"),
        say("This address cannot be used that way."),
        say("Go back and use the page's own buttons."),
        UNCHANGED,
    ),
    409: Words(
        say("Not possible just now"),
        say("Somebody was faster."),
        say("Go back, look at how it stands now, and decide again."),
        UNCHANGED,
    ),
    413: Words(
        say("Too large"), say("What you sent is too large."), say("Send a smaller file, or in several parts."), UNCHANGED
    ),
    415: Words(
        say("Not a picture"),
        say("What you sent is no picture we can read."),
        say("Take the photo once more, or choose another."),
        UNCHANGED,
    ),
    422: Words(
        say("Something is not right yet"),
        say("A field is missing or wrong."),
        say("Go back, change it, and send it again."),
        UNCHANGED,
    ),
    429: Words(
        say("Too many tries"),
        say("There were too many tries in a short time."),
        say("Wait a quarter of an hour, then try again, or call us."),
        UNCHANGED,
    ),
    500: Words(
        say("Something broke on our side"),
        say("This is our fault, not yours."),
        say("Try again in a minute. If it happens again, call us and read us the number below."),
        QUEUED,
    ),
    503: Words(say("A short pause"), say("The database does not answer just now."), say("Try again in a minute."), QUEUED),
}
"""What each status says when the rule that refused has no words of its own."""

PROGRAMS = {
    400: Words("", say("This could not be read."), say("Send it as /api/v1/openapi.json says. Nothing was kept.")),
    401: Words(
        "",
        say("You are not signed in here, or no longer: a program sends its token as “Authorization: Bearer …”."),
        say("Keep what you have to send, and ask the coordinator for a new token."),
    ),
    413: Words("", say("This is more than we take at once."), say("Nothing was kept: send half of it at a time.")),
    503: Words("", say("The database does not answer just now."), say("Nothing was kept: send the same again in a moment.")),
}
"""What a program is told instead, where there is no page to go back to."""

STALE = Words(
    say("This page was open too long"),
    say("Its form can no longer be trusted, because you signed in or out since."),
    say("Go back, load the page again, and send it once more."),
    UNCHANGED,
)


def init(app: Flask) -> None:
    """Turn everything that is raised into an answer."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(CSRFError, stale)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(HTTPException, failed)


def refused(error: Refusal) -> ResponseReturnValue:
    """Answer with the rule's own sentence."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 409)
    return _answer(status, WORDS[status], said=sentence(error), field=error.field)


def stale(error: CSRFError) -> ResponseReturnValue:
    """Answer a form whose token is not this session's."""
    return _answer(400, STALE)


def database_away(error: OperationalError) -> ResponseReturnValue:
    """Answer while the database cannot be reached or is full."""
    current_app.logger.error("request %s: the database does not answer: %s", g.get("request_id"), error)
    return _answer(503, WORDS[503])


def failed(error: HTTPException) -> ResponseReturnValue:
    """Answer Flask's own refusals, and what nobody expected."""
    if isinstance(error, SecurityError):
        # no address of ours can be built for a host we do not know
        return f"{gettext('This server does not answer to that name.')}\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status >= 500:
        current_app.logger.error("request %s failed: %s", g.get("request_id"), getattr(error, "original_exception", error))
    answer = current_app.make_response(_answer(status, WORDS.get(status, WORDS[400 if status < 500 else 500])))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _answer(status: int, words: Words, *, said: str = "", field: str | None = None) -> ResponseReturnValue:
    if is_for_a_program(request.path):
        return _json(status, words, said, field)
    said = said or gettext(words.is_)
    request_id = g.get("request_id")
    if "HX-Request" in request.headers:
        return _part(status, said)
    page = render_template(
        "error.html",
        title=gettext(words.title),
        sentence=said,
        todo=gettext(words.todo) if words.todo else "",
        kept=gettext(words.kept) if words.kept else "",
        back=_back(status),
        request_id=request_id,
    )
    return page, status


def _json(status: int, words: Words, said: str, field: str | None) -> ResponseReturnValue:
    """Answer a program."""
    words = words if words is STALE else PROGRAMS.get(status, words)
    todo = gettext(words.todo) if words.todo else ""
    told = jsonify(sentence=said or gettext(words.is_), field=field, todo=todo, request_id=g.get("request_id"))
    return told, status, ANSWERS_BESIDES.get(status, {})


ANSWERS_BESIDES = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
"""What a program reads in the head of an answer."""


def _part(status: int, said: str) -> ResponseReturnValue:
    """Answer a part of a page with the sentence alone; where to sign in, the whole page goes."""
    headers = {"HX-Redirect": url_for("auth.sign_in")} if status == 401 else {}
    return Markup('<p class="field-error" role="alert">{}</p>').format(said), status, headers


def _back(status: int) -> tuple[str, str] | None:
    """Return the way back: to sign in, to the form that was sent, or to one's own page."""
    if status == 401:
        return gettext("Sign in"), url_for("auth.sign_in")
    came_from = _came_from()
    if request.method == "POST" and came_from:
        return gettext("Go back"), came_from
    person = g.get("person")
    return (gettext("Back to my page"), home_of(person)) if person else None


def _came_from() -> str:
    """Return the path of the page before, or nothing when what the browser sent is no address."""
    try:
        return local_path(urlsplit(request.referrer or "").path, "")
    except ValueError:
        return ""
