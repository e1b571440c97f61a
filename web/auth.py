"""Who is asking, and what they may do.

Every view says who may use it, `@allowed(Role.DRIVER)` or `@public`; a view that says nothing is refused to everybody, and
the app does not start with one. The cookie holds a random token and nothing else about a person; the sign-in itself is a
row in the database, so signing out ends it on the server.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user  # type: ignore[import-untyped]  # it ships no types
from werkzeug.exceptions import TooManyRequests, Unauthorized

from bottles import passes, people
from bottles.db import find, reading, transaction
from bottles.errors import Invalid, NotAllowed, say
from bottles.partners import Partner
from bottles.passes import DriverPass
from bottles.people import Person, Role

from . import bearers
from .current import engine, is_for_a_program, territory
from .language import local

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = frozenset[Role]()
"""The mark of a view for everybody, with or without an account."""

HOMES = {
    Role.WINEMAKER: "/partner",
    Role.SHOP: "/partner",
    Role.DRIVER: "/driver",
    Role.WASHER: "/centre",
    Role.COORDINATOR: "/office",
}
"""Where each role begins."""

LONGEST_PASSWORD = 200
"""Hashing a longer one would only keep the server busy."""

# argon2id at OWASP's measure (2023): 19 MiB twice; eight sign-ins at once still fit a small machine
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def allowed(*roles: Role, by_code: bool = False) -> Callable[[View], View]:
    """Open a view to some roles; to whom a code of the day signed in, only when it says so."""

    def mark(view: View) -> View:
        view.access = frozenset(roles)  # type: ignore[attr-defined]  # functions take attributes
        view.by_code = by_code  # type: ignore[attr-defined]  # the same
        return view

    return mark


def public(view: View) -> View:
    """Open a view to everybody."""
    view.access = PUBLIC  # type: ignore[attr-defined]  # functions take attributes
    return view


def access(app: Flask) -> dict[str, frozenset[Role] | None]:
    """Return who may use each endpoint; the empty set is everybody, None is a view that does not say."""
    return {endpoint: getattr(view, "access", None) for endpoint, view in app.view_functions.items()}


def refuse_silence(app: Flask) -> None:
    """Stop the start when a view does not say who may use it."""
    silent = sorted(endpoint for endpoint, who in access(app).items() if who is None)
    if silent:
        raise RuntimeError(f"say who may use {', '.join(silent)}: decorate with @allowed(...) or @public")


@dataclass(frozen=True)
class Account:
    """Somebody signed in on a device, as Flask-Login wants to see them."""

    person: Person
    partner_name: str
    device: str
    token: str
    driver_pass: DriverPass | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return what the cookie keeps: the token."""
        return self.token


def init(app: Flask) -> None:
    """Recognise who is asking before each request, then hold the view's door."""
    manager = LoginManager()
    # its context processor would ask the database once more, on the page that says the database is away
    manager.init_app(app, add_context_processor=False)
    # a phone changes its address between two hills; the token and its end on the server are what counts
    manager.session_protection = None
    manager.user_loader(_account)
    app.before_request(recognise)
    app.before_request(guard)


def _account(token: str) -> Account | None:
    with reading(engine()) as work:
        found = people.signed_in(work, token, at=g.now)
        if found is None:
            return None
        person, row = found
        used = find(work, DriverPass, row.driver_pass) if row.driver_pass else None
        if used is not None and person.role is not Role.DRIVER:
            return None
        partner = find(work, Partner, person.partner)
        return Account(person, partner.name, row.device, token, used)


def recognise() -> None:
    """Set g.person, g.partner and g.device from the token or the session, never from what the request says."""
    secret = bearers.shown()
    if secret:
        bearers.recognise(secret)
    if secret or request.endpoint == "static" or not current_user.is_authenticated:
        return
    if current_user.driver_pass and not _opens_by_code():
        return
    g.driver_pass = current_user.driver_pass
    g.person, g.partner_name = current_user.person, current_user.partner_name
    g.partner, g.device = current_user.person.partner, current_user.device


def _opens_by_code() -> bool:
    """Say whether the view is one for a code of the day; at what is everybody's its holder is anybody.

    Raises
    ------
    NotAllowed
        The view is for other accounts, even of the same person.
    """
    view = current_app.view_functions[request.endpoint] if request.endpoint else None
    if getattr(view, "access", PUBLIC) != PUBLIC and not getattr(view, "by_code", False):
        raise NotAllowed(say("The code you signed in with opens the route of its day and nothing else."))
    return getattr(view, "by_code", False)


def guard() -> ResponseReturnValue | None:
    """Refuse a view to whom it is not for; an unknown address goes on to its 404."""
    if request.endpoint is None:
        return None
    who = getattr(current_app.view_functions[request.endpoint], "access", None)
    if who == PUBLIC and who is not None:
        return None
    if g.person is None:
        return _ask_to_sign_in()
    if who is None or g.person.role not in who:
        raise NotAllowed(say("This page is not for your role."))
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    is_page = request.method in ("GET", "HEAD") and "HX-Request" not in request.headers and not is_for_a_program(request.path)
    if not is_page:
        raise Unauthorized
    here = request.full_path if request.query_string else request.path
    return redirect(f"{url_for('auth.sign_in')}?{urlencode({'next': here})}", 303)


def home_of(person: Person) -> str:
    """Return the address of a person's first page."""
    return HOMES[person.role]


def hash_password(password: str) -> str:
    """Return the argon2 hash of a password; only this is ever kept."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    return hash_password(secrets.token_urlsafe())


def fits(password_hash: str, password: str) -> bool:
    """Say whether a password is the one of this hash; an empty hash takes as long to say no."""
    try:
        return _hasher.verify(password_hash or _nobody(), password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def with_password(email: str, password: str) -> Person:
    """Return the person whose address and password these are.

    Raises
    ------
    TooManyRequests
        This account or this address missed too often.
    Invalid
        They do not go together; whether the account exists is not said.
    """
    address = request.remote_addr or ""
    _count_try(email, address)
    with reading(engine()) as work:
        person = people.by_email(work, email)
    if not fits(person.password_hash if person else "", password[:LONGEST_PASSWORD]) or person is None:
        raise Invalid(
            say("This address and this password do not go together. Check both, or ask us for a new one."), field="password"
        )
    with transaction(engine()) as work:
        people.forgive(work, email, address)
    return person


def _count_try(email: str, address: str) -> None:
    """Count a try before it is judged, so that many at once cannot slip through together."""
    limits = territory().sign_in
    with transaction(engine()) as work:
        since = g.now - timedelta(minutes=limits.window_minutes)
        by_account, by_address = people.failures(work, email, address, since=since)
        if by_account >= limits.tries_per_account or by_address >= limits.tries_per_address:
            raise TooManyRequests(retry_after=limits.window_minutes * 60)
        people.failed(work, email, address, at=g.now)


def begin(person: Person) -> None:
    """Sign a person in on this device, with a new token and an empty session."""
    token, device = secrets.token_urlsafe(32), _device()
    limits = territory().sign_in
    lasting = timedelta(days=limits.driver_days) if person.role is Role.DRIVER else timedelta(hours=limits.hours)
    with transaction(engine()) as work:
        people.sign_in(work, person.id or 0, token, device, lasting=lasting, at=g.now)
        partner = find(work, Partner, person.partner)
    _enter(Account(person, partner.name, device, token))


def begin_by_code(secret: str) -> Person:
    """Sign in whom a code of the day is for, on this device and until the code is over.

    Raises
    ------
    TooManyRequests
        This address tried too many codes.
    Refusal
        The code opens nothing; whoever was signed in stays so.
    """
    address, account = request.remote_addr or "", f"code:{people.digest(secret)}"
    _count_try(account, address)
    token, device = secrets.token_urlsafe(32), _device()
    with transaction(engine()) as work:
        used, person = passes.redeem(work, secret, device, today=local(g.now).date(), at=g.now)
        lasting = used.expires_at - g.now
        people.sign_in(work, person.id or 0, token, device, lasting=lasting, driver_pass=used.id, at=g.now)
        people.forgive(work, account, address)
        partner = find(work, Partner, person.partner)
    _enter(Account(person, partner.name, device, token, used))
    return person


def _enter(account: Account) -> None:
    """Let a device be signed in as this account, and as no other."""
    end()
    session.permanent = True
    login_user(account)
    # Flask-Login's fingerprint of address and browser: not used, so not kept
    session.pop("_id", None)
    g.new_device = account.device


def end() -> None:
    """Sign out here and on the server; what a phone has queued stays on it."""
    token = session.get("_user_id")
    if token:
        with transaction(engine()) as work:
            people.sign_out(work, token, at=g.now)
    logout_user()
    session.clear()


def _device() -> str:
    known = request.cookies.get("device", "")
    return known if re.fullmatch(r"[0-9a-f]{32}", known) else secrets.token_hex(16)


def remember_device(response: Response) -> Response:
    """Give a device that signed in its lasting name: its events are put in order by it."""
    if g.get("new_device"):
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie("device", g.new_device, max_age=400 * 86400, httponly=True, samesite="Lax", secure=secure)
    return response
