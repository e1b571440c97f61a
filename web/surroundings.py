"""What is around a process of ours: config, database, queue, clock.

The command line, the web server, the worker and the scheduler are processes of their own. Each learns where it is from its
environment, and hands the same environment on to those it starts, so that all of them see the same day and the same files.

| variable | means | without it |
|---|---|---|
| BOUTEILLES_CONFIG | the territory's config.toml | the one beside the code |
| BOUTEILLES_INSTANCE | folder of the embedded database, the queue and the secret | instance/ beside the code |
| BOUTEILLES_DATABASE | SQLAlchemy URL of the database | the config's, else a file in that folder |
| BOUTEILLES_PORT | port to serve on | the config's |
| BOUTEILLES_URL | what people type, where https is served | the config's public_url |
| BOUTEILLES_HOSTS | more host names that are answered, with commas between | none |
| BOUTEILLES_AUTHORITY | the local authority's certificate, while it vouches for this machine | none |
| BOUTEILLES_DEMO | 1: an invented season, with a sign-in of one click on this machine | 0 |
| BOUTEILLES_MAIL_PASSWORD | password at the mail server of the config | none |
| BOUTEILLES_DAYS_AHEAD | whole days that the clock is ahead of the real one, for a demo on another day | 0 |
"""

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, g
from flask_babel import Babel  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.engine import Engine

from bottles.db import open_engine

from . import INSTANCE, create_app, database_url, utc_now
from .config import Config, load
from .settings import SettingError

CONFIG = INSTANCE.parent / "config.toml"


@dataclass(frozen=True)
class Surroundings:
    """Where a process is; everything is opened when it is first asked for.

    Parameters
    ----------
    database
        SQLAlchemy URL; empty for the config's.
    port
        Port to serve on; none for the config's.
    public_url
        What people type where https is served; empty for the config's.
    hosts
        More host names that are answered.
    authority
        The local authority's certificate, while it vouches for this machine.
    demo
        Whether this is an invented season.
    days_ahead
        Whole days that the clock is ahead of the real one.
    mail_password
        Password at the mail server.
    """

    config_path: Path = CONFIG
    instance: Path = INSTANCE
    database: str = ""
    port: int | None = None
    public_url: str = ""
    hosts: tuple[str, ...] = ()
    authority: Path | None = None
    demo: bool = False
    days_ahead: int = 0
    mail_password: str = field(default="", repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> "Surroundings":
        """Read what the environment says.

        Raises
        ------
        SettingError
            A number is not one.
        """
        port = _whole(environment, "BOUTEILLES_PORT")
        return cls(
            config_path=Path(environment.get("BOUTEILLES_CONFIG") or CONFIG),
            instance=Path(environment.get("BOUTEILLES_INSTANCE") or INSTANCE),
            database=environment.get("BOUTEILLES_DATABASE", ""),
            port=port or None,
            public_url=environment.get("BOUTEILLES_URL", ""),
            hosts=tuple(host for host in environment.get("BOUTEILLES_HOSTS", "").split(",") if host),
            authority=Path(found) if (found := environment.get("BOUTEILLES_AUTHORITY")) else None,
            demo=environment.get("BOUTEILLES_DEMO") == "1",
            days_ahead=_whole(environment, "BOUTEILLES_DAYS_AHEAD"),
            mail_password=environment.get("BOUTEILLES_MAIL_PASSWORD", ""),
        )

    def environment(self) -> dict[str, str]:
        """Return the environment that tells another process the same."""
        told = {
            "BOUTEILLES_CONFIG": str(self.config_path.resolve()),
            "BOUTEILLES_INSTANCE": str(self.instance.resolve()),
            "BOUTEILLES_DATABASE": self.url,
            "BOUTEILLES_PORT": str(self.config.server.port),
            "BOUTEILLES_URL": self.public_url,
            "BOUTEILLES_HOSTS": ",".join(self.hosts),
            "BOUTEILLES_AUTHORITY": str(self.authority.resolve()) if self.authority else "",
            "BOUTEILLES_DEMO": "1" if self.demo else "0",
            "BOUTEILLES_DAYS_AHEAD": str(self.days_ahead),
        }
        return {**os.environ, **told}

    def on(self, day: date) -> "Surroundings":
        """Return the same with a clock that believes in another day, at the real hour."""
        return replace(self, days_ahead=(day - utc_now().astimezone(self.zone).date()).days)

    @cached_property
    def config(self) -> Config:
        """Load the territory's settings; the port asked for goes before the config's, and so does where https is served."""
        config = load(self.config_path)
        server, port = config.server, self.port or config.server.port
        moved = server.public_url.replace(f"http://127.0.0.1:{server.port}", f"http://127.0.0.1:{port}")
        hosts = tuple(dict.fromkeys((*server.hosts, *self.hosts)))
        return replace(config, server=replace(server, port=port, public_url=self.public_url or moved, hosts=hosts))

    @property
    def zone(self) -> ZoneInfo:
        """The territory's time zone."""
        return ZoneInfo(self.config.territory.time_zone)

    @property
    def url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database or database_url(self.config, self.instance)

    @property
    def ways(self) -> Path:
        """The folder in which a road engine's answers are kept."""
        return self.instance / "ways"

    @cached_property
    def engine(self) -> Engine:
        """Open the database."""
        self.instance.mkdir(parents=True, exist_ok=True)
        return open_engine(self.url)

    @cached_property
    def now(self) -> Callable[[], datetime]:
        """The clock of this process."""
        return clock(self.zone, self.days_ahead)

    def today(self) -> date:
        """Return the day on the territory's calendars."""
        return self.now().astimezone(self.zone).date()

    def app(self) -> Flask:
        """Put the app together as it is served here."""
        return create_app(
            self.config, self.engine, now=self.now, demo=self.demo, instance=self.instance, authority=self.authority
        )

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Speak the territory's language outside of a request: gettext, formats, engine() and territory() work within.

        No page is loaded for it, so a command says its sentence fast, and also when a page is broken.
        """
        app = Flask(__package__, instance_path=str(self.instance.resolve()))
        app.extensions.update(territory=self.config, engine=self.engine, demo=self.demo)
        spoken = self.config.territory
        Babel(app, default_locale=spoken.language, default_timezone=spoken.time_zone)
        with app.app_context():
            g.now = self.now()
            yield


def clock(zone: ZoneInfo, days_ahead: int) -> Callable[[], datetime]:
    """Return a clock that is whole days ahead of the real one, at the same hour on the wall; 0 is the real one."""
    if not days_ahead:
        return utc_now
    # added on the wall's clock, so that a day begins when it begins there, summer or winter
    return lambda: (utc_now().astimezone(zone) + timedelta(days=days_ahead)).astimezone(UTC)


def served() -> Flask:
    """Make the app for the web server, from the environment."""
    app = Surroundings.read().app()
    # what is loaded now stays: looked through again and again for garbage, it would slow every batch of events
    gc.collect()
    gc.freeze()
    return app


def _whole(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name) or "0"
    try:
        return int(text)
    except ValueError:
        raise SettingError(f'{name}: expected a whole number, got "{text}"') from None
