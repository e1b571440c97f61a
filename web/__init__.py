"""The pages: `create_app` puts an app together, and is the only reader of the wall clock and the environment."""

import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, url_for
from flask_babel import Babel  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.engine import Engine
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError

from bottles.db import open_engine

from . import auth, errors, formats, language, nav, security
from .config import Config
from .current import engine, link, territory

__all__ = ["create_app", "database_url", "engine", "link", "territory", "utc_now"]

INSTANCE = Path(__file__).parent.parent / "instance"
"""What belongs to this machine: the database, the queue, the secret."""

PAGES = (
    "web.centre",
    "web.centre_reception",
    "web.centre_sorting",
    "web.centre_scan",
    "web.centre_crates",
    "web.centre_washing",
    "web.centre_lots",
    "web.centre_recall",
    "web.centre_labels",
    "web.centre_pallets",
    "web.office",
    "web.office_plan",
    "web.office_locks",
    "web.office_week",
    "web.office_pickups",
    "web.office_orders",
    "web.office_disputes",
    "web.office_crates",
    "web.office_balances",
    "web.office_parked",
    "web.office_audit",
    "web.office_labels",
    "web.office_devices",
    "web.handover",
    "web.office_codes",
    "web.sign_in",
    "web.public",
    "web.links",
    "web.photos",
    "web.trust",
    "web.positions",
    "web.partner",
    "web.partner_pickups",
    "web.partner_orders",
    "web.driver_app",
)
"""Modules with a blueprint `bp`, and the entries `NAV` they add to the navigation."""


class Whole(IntegerConverter):
    """A number in an address, at most as large as a database keeps one; a larger one is no address of ours."""

    def to_python(self, value: str) -> int:
        """Read the number."""
        number: int = super().to_python(value)
        if number >= 2**31:
            raise ValidationError
        return number


def utc_now() -> datetime:
    """Read the wall clock."""
    return datetime.now(UTC)


def database_url(config: Config, instance: Path = INSTANCE) -> str:
    """Return the database's SQLAlchemy URL: the environment's, else the config's, else a file beside the secret."""
    return os.environ.get("BOUTEILLES_DATABASE") or config.server.database or f"sqlite:///{instance / 'bouteilles.sqlite'}"


def create_app(
    config: Config,
    engine: Engine | None = None,
    *,
    now: Callable[[], datetime] = utc_now,
    demo: bool = False,
    instance: Path = INSTANCE,
    authority: Path | None = None,
) -> Flask:
    """Put the app together.

    Parameters
    ----------
    config
        The territory's settings.
    engine
        The database; without one, that of `database_url`.
    now
        The clock; tests and the demo bring their own.
    demo
        Whether one click signs in as one of the invented cast, on this machine only.
    instance
        Folder of the secret and the embedded database.
    authority
        The local authority's certificate, while it vouches for this machine.
    """
    # like the pages, loaded only where they are served: a command says its sentence without
    from . import api

    instance.mkdir(parents=True, exist_ok=True)
    app = api.App(__name__, instance_path=str(instance))
    app.url_map.converters["int"] = Whole
    app.secret_key = os.environ.get("BOUTEILLES_SECRET") or _secret(instance / "secret")
    app.extensions.update(territory=config, engine=engine or open_engine(database_url(config, instance)), demo=demo)
    app.extensions["authority"] = authority
    if config.server.trusted_proxies:
        hops = config.server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's documented place
    _speak(app, config)
    app.before_request(lambda: _begin(now))
    auth.init(app)
    security.init(app, config)
    app.after_request(auth.remember_device)
    errors.init(app)
    formats.init(app)
    api.add(app)
    _add_pages(app)
    return app


def _secret(path: Path) -> str:
    """Return the key that signs cookies, made at the first start and readable by nobody else."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # another start was first: its key is ours
    return path.read_text(encoding="ascii")


def _speak(app: Flask, config: Config) -> None:
    app.config.update(BABEL_DEFAULT_LOCALE=config.territory.language, BABEL_DEFAULT_TIMEZONE=config.territory.time_zone)
    zone = config.territory.time_zone
    Babel(app, locale_selector=language.chosen, timezone_selector=lambda: zone)


def _begin(now: Callable[[], datetime]) -> None:
    """Set what every request has: its time, its id, and nobody signed in yet."""
    g.now = now()
    g.request_id = secrets.token_hex(6)
    g.person = g.partner = g.device = g.bearer = g.driver_pass = None
    g.partner_name = ""


def _add_pages(app: Flask) -> None:
    modules = [import_module(name) for name in PAGES]
    for module in modules:
        app.register_blueprint(module.bp)
    app.extensions["nav"] = nav.gather(entry for module in modules for entry in getattr(module, "NAV", ()))
    auth.public(app.view_functions["static"])
    auth.refuse_silence(app)
    app.context_processor(_around)


def _around() -> dict[str, Any]:
    """Give every template what base.html shows."""
    config = territory()
    return {
        "territory": config.territory,
        "cooperative": config.cooperative,
        "person": g.get("person"),
        "partner_name": g.get("partner_name", ""),
        "nav": nav.shown(),
        "language": language.spoken(),
        "demo": current_app.extensions["demo"],
        "asset": asset,
    }


def asset(path: str) -> str:
    """Return the address of a static file, with a mark that changes when the file does."""
    return url_for("static", filename=path, v=_mark(path))


@cache
def _mark(path: str) -> str:
    file = Path(__file__).parent / "static" / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else ""
