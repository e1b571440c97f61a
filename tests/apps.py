"""What tests of pages ask for: the territory's config, an app on a fresh database, a client, and people signed in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import Engine
from sqlmodel import Session
from werkzeug.routing import Rule

from bottles import people
from bottles.db import open_engine, transaction
from bottles.partners import Partner, PartnerKind
from bottles.people import Person, Role
from web import create_app
from web.config import Config, load
from web.seed import seed

ROOT = Path(__file__).parent.parent
TUESDAY = datetime(2026, 10, 6, 7, 0, tzinfo=UTC)
"""Nine o'clock of a working day in the Jura."""

CAST = {
    Role.WINEMAKER: ("Camille Chêne", "domaine-chene", PartnerKind.WINERY),
    Role.SHOP: ("Noé Exemple", "cave-exemple", PartnerKind.SHOP),
    Role.DRIVER: ("Lou Volant", "jaime-mes-bouteilles", PartnerKind.COOPERATIVE),
    Role.WASHER: ("Sam Savon", "jaime-mes-bouteilles", PartnerKind.COOPERATIVE),
    Role.COORDINATOR: ("Alix Agenda", "jaime-mes-bouteilles", PartnerKind.COOPERATIVE),
}
"""One person per role; everybody's address is their role at example.org."""


def settle(session: Session, config: Config) -> None:
    """Write the territory and one person per role."""
    seed(session, config)
    for name, partner, kind in CAST.values():
        if session.get(Partner, partner) is None:
            session.add(Partner(id=partner, name=name.split()[1], kind=kind))
    session.flush()
    for role, (name, partner, _) in CAST.items():
        session.add(Person(name=name, email=f"{role}@example.org", role=role, partner=partner))


class Clock:
    """A clock that stands still until a test turns it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(TUESDAY)


@pytest.fixture(scope="session")
def config() -> Config:
    return load(ROOT / "config.toml")


@pytest.fixture(scope="session")
def territory_template(sqlite_template: Engine, config: Config) -> Iterator[Engine]:
    """The territory and one person per role, written once and copied for each test."""
    engine = open_engine("sqlite://")
    copy(sqlite_template, engine)
    with transaction(engine) as session:
        settle(session, config)
    yield engine
    engine.dispose()


@pytest.fixture
def territory_engine(territory_template: Engine, sqlite_engine: Engine) -> Engine:
    """A database that holds the territory and one person per role, and nothing else."""
    copy(territory_template, sqlite_engine)
    return sqlite_engine


def copy(source: Engine, target: Engine) -> None:
    """Make one SQLite database the same as another."""
    with source.connect() as from_, target.connect() as into:
        from_.connection.driver_connection.backup(into.connection.driver_connection)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates that one test's app has compiled, for the next test's."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


class Address(Rule):
    """A rule of addresses that takes over what the apps of other tests have compiled: four fifths of making an app."""

    known: ClassVar[dict[tuple[str, str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, repr(self.defaults), append_unknown)
        if key not in self.known:
            self.known[key] = super()._compile_builder(append_unknown)
        return self.known[key]


@pytest.fixture
def make_app(
    territory_engine: Engine,
    config: Config,
    clock: Clock,
    tmp_path: Path,
    compiled: FileSystemBytecodeCache,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Flask]:
    monkeypatch.setattr(Flask, "url_rule_class", Address)

    def make(config: Config = config, language: str = "en", **options: object) -> Flask:
        # what most tests read is the message itself
        config = replace(config, territory=replace(config.territory, language=language))
        app = create_app(config, territory_engine, now=clock, instance=tmp_path, **options)
        app.testing = True
        app.jinja_env.bytecode_cache = compiled
        return app

    return make


@pytest.fixture
def app(make_app) -> Flask:
    """An app whose forms need no token; a test about tokens turns WTF_CSRF_ENABLED on again."""
    app = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask, territory_engine: Engine, clock: Clock) -> Callable[..., FlaskClient]:
    """Sign the person of a role in, without the form: `sign_in(Role.DRIVER)` returns their client."""

    tokens = count()

    def begin(role: Role, client: FlaskClient | None = None) -> FlaskClient:
        client, token = client or app.test_client(), f"token-{next(tokens)}"
        with transaction(territory_engine) as session:
            person = people.by_email(session, f"{role}@example.org")
            people.sign_in(session, person.id, token, "device-1", lasting=timedelta(hours=12), at=clock())
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return begin
