"""Signing in and out, and choosing a language."""

from flask import Blueprint, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import refresh  # type: ignore[import-untyped]  # it ships no types
from sqlmodel import Session, col, select

from bottles.db import find, reading, transaction
from bottles.partners import Partner
from bottles.people import Person, Role

from . import auth, language
from .auth import public
from .current import engine, local_path, territory
from .forms import Form

bp = Blueprint("auth", __name__)

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("Forwarded", "Via", "X-Real-Ip", "Cf-Connecting-Ip", "True-Client-Ip")
"""What proxies add to a request, besides X-Forwarded-For and its kin."""


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Sign in with an address and a password."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            email, password = form.text("email"), form.text("password", longest=auth.LONGEST_PASSWORD, strip=False)
            form.check()
            auth.begin(person := auth.with_password(email, password))
            return redirect(local_path(request.form.get("next"), auth.home_of(person)), 303)
    onward = local_path(request.values.get("next"), "")
    return form.page("auth/sign_in.html", next=onward, cast=_cast() if _is_demo() else [])


@bp.route("/driver/in", methods=["GET", "POST"])
@public
def by_code() -> ResponseReturnValue:
    """Sign in with the code on the coordinator's screen; it stands behind the # of the address, which no server is sent."""
    form = Form(request.form)
    if request.method == "POST":
        with form:
            code = form.text("code", longest=100)
            form.check()
            return redirect(auth.home_of(auth.begin_by_code(code)), 303)
    return form.page("auth/by_code.html")


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """Sign out here and on the server."""
    auth.end()
    return redirect(url_for(".sign_in"), 303)


@bp.route("/demo/sign-in/<role>", methods=["GET", "POST"])
@public
def demo(role: str) -> ResponseReturnValue:
    """Sign in as one of the invented cast: only in the demo, only on this machine; also by the link the terminal prints."""
    if not _is_demo() or role not in list(Role):
        abort(404)
    with reading(engine()) as work:
        person = _first(work, Role(role))
    if person is None:
        abort(404)
    auth.begin(person)
    return redirect(local_path(request.form.get("next"), auth.home_of(person)), 303)


@bp.post("/language", endpoint="language")
@public
def choose_language() -> ResponseReturnValue:
    """Show the pages in another language, and stay where we are."""
    wished = request.form.get("language", "")
    answer = redirect(local_path(request.form.get("next"), "/"), 303)
    if wished not in territory().territory.languages:
        return answer
    if g.person:
        with transaction(engine()) as work:
            find(work, Person, g.person.id).language = wished
    refresh()
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(language.COOKIE, wished, max_age=400 * 86400, httponly=True, samesite="Lax", secure=secure)
    return answer


def _is_demo() -> bool:
    # behind a proxy every request comes from this machine: then there is no one-click sign-in
    is_forwarded = any(name.title() in FORWARDED or name.lower().startswith("x-forwarded-") for name, _value in request.headers)
    return bool(current_app.extensions["demo"]) and request.remote_addr in LOOPBACK and not is_forwarded


def _cast() -> list[tuple[Person, Partner]]:
    """List the invented person of each role with their partner."""
    with reading(engine()) as work:
        people = [person for role in Role if (person := _first(work, role))]
        return [(person, find(work, Partner, person.partner)) for person in people]


def _first(work: Session, role: Role) -> Person | None:
    query = select(Person).where(Person.role == role, col(Person.active)).order_by(col(Person.id))
    return work.exec(query.limit(1)).first()
