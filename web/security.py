"""What every answer says to the browser: what it may load, frame, remember and tell others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]  # it ships no types

from .config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

csrf = CSRFProtect()
"""Every form carries its token; `csrf.exempt` is for uploads that bear a token of their own."""

YEAR = 365 * 86400


def init(app: Flask, config: Config) -> None:
    """Set cookies, trusted hosts, form tokens and headers."""
    is_https = config.server.public_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if is_https else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_REFRESH_EACH_REQUEST=False,
        TRUSTED_HOSTS=_hosts(config),
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as its session: a page may stay open all day
    )
    app.wsgi_app = _in_small_letters(app.wsgi_app)  # type: ignore[assignment, method-assign]  # Flask's documented place
    # whoever once trusted a local authority, or a demo, must not be locked out of plain http by what it said
    app.extensions["https_only"] = is_https and not (app.extensions["authority"] or app.extensions["demo"])
    app.extensions["policy"] = _policy(config.server.tiles)
    app.before_request(refuse_nul)
    csrf.init_app(app)
    app.after_request(guard_answer)


def _hosts(config: Config) -> list[str]:
    named = urlsplit(config.server.public_url).hostname or ""
    return sorted({named, "localhost", "127.0.0.1", "[::1]", *config.server.hosts})


def _in_small_letters(app: WSGIApplication) -> WSGIApplication:
    """Read the host in small letters: it means the same in capitals, as labels write it, but is compared as it stands."""

    def read(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()
        return app(environ, start)

    return read


def _policy(tiles: str) -> str:
    parts = urlsplit(tiles.replace("{s}", "*"))
    # a photo is shown from the phone's memory before it is sent
    images = f"img-src 'self' data: blob: {parts.scheme}://{parts.netloc}" if tiles else "img-src 'self' data: blob:"
    rest = ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'")
    return "; ".join(("default-src 'self'", images, *rest))


def refuse_nul() -> None:
    """Refuse the character NUL in an address: nobody types it, and PostgreSQL cannot look for it; forms say it by field."""
    typed = (*(request.view_args or {}).items(), *request.args.items(multi=True))
    if any("\0" in text for _name, text in typed if isinstance(text, str)):
        abort(400)


def guard_answer(response: Response) -> Response:
    """Add the headers."""
    headers = response.headers
    headers["Content-Security-Policy"] = current_app.extensions["policy"]
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["X-Request-Id"] = g.get("request_id", "")
    if current_app.extensions["https_only"]:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
    _say_how_long_to_keep(response)
    return response


def _say_how_long_to_keep(response: Response) -> None:
    if request.endpoint == "static":
        # the address changes with the content, see asset(); what is not there now may be there tomorrow
        lasts = "v" in request.args and response.status_code < 400
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if lasts else "no-cache"
    elif response.cache_control.private and "ETag" in response.headers:
        pass  # the view said it: the browser keeps it and asks each time whether it may still show it
    elif g.get("person") or request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
