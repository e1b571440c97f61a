"""A phone with the driver's queue and nothing else: its modules in a real browser, behind a road on which all goes wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from bottles import people
from bottles.aside import SetAside
from bottles.db import open_engine, reading
from bottles.events import Event
from bottles.people import Role
from tests.apps import copy
from tests.served import Kept, serving

from .bad_road import FAULTS, Road, road_to

OPEN = """async () => {
    const names = ["acts", "authors", "clock", "handover", "queue", "sending", "store"];
    const load = (name) => import(`/static/js/driver/${name}.js`);
    window.app = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await load(name)])));
}"""
NO_NETWORK = [FAULTS["the question cut at byte 0"]] * 10_000
PATIENT = {"pause": 10_000_000, "every": 10_000_000}
"""The queue sends when the test says so, and not by itself."""

EAGER = {"pause": 1, "longest": 2, "every": 10_000_000}
"""The queue tries again at once."""


@dataclass
class Phone:
    """A page with the modules of the queue."""

    page: Page
    road: Road
    engine: Engine

    def run(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page; `app` holds the modules."""
        return self.page.evaluate(script, argument)

    def open(self, **settings: object) -> "Phone":
        """Load the modules and start the queue, as after a kill."""
        self.page.goto(f"{self.road.address}/sign-in")
        self.run(OPEN)
        self.run("settings => app.queue.start(settings)", PATIENT | settings)
        return self

    def sign_in(self, role: Role = Role.DRIVER) -> "Phone":
        """Keep an empty day of a person, and get their token."""
        with reading(self.engine) as session:
            person = people.by_email(session, f"{role}@example.org")
            day = {"version": 1, "person": {"id": person.id, "name": person.name, "language": "en"}, "csrf": "none"}
        day |= {"made_at": "2026-10-06T07:00:00.000Z", "events": [], "trips": []}
        self.run("day => app.store.keepDay(day).then(() => app.authors.signIn(day))", day)
        return self

    def note(self, *texts: str) -> list[str]:
        """Make events; returns their ids."""
        facts = [{"kind": "note", "note": text} for text in texts]
        return [event["id"] for event in self.run("facts => app.acts.record(facts)", facts)]

    def send(self) -> dict[str, Any]:
        """Try once to send, and return what the state line shows then."""
        return self.run("() => app.queue.sendNow().then(() => app.queue.status())")

    def until(self, condition: str) -> None:
        """Wait until something of the status is so."""
        self.page.wait_for_function(f"() => {{ const status = app.queue.status(); return {condition}; }}")

    def rows(self) -> list[dict[str, Any]]:
        """Return the events that the phone keeps, in their order."""
        return self.run("() => app.store.events()")

    def meta(self, key: str) -> Any:
        """Return a fact the phone keeps."""
        return self.run("key => app.store.meta(key)", key)


def held(engine: Engine) -> list[str]:
    """Return the ids the server keeps, in the order in which they came."""
    with reading(engine) as session:
        return list(session.exec(select(Event.id).order_by(col(Event.row))))


def lying(engine: Engine) -> list[SetAside]:
    """Return what lies in quarantine."""
    with reading(engine) as session:
        return list(session.exec(select(SetAside).order_by(col(SetAside.row))))


@pytest.fixture
def territory_engine(territory_template: Engine, tmp_path: Path) -> Iterator[Engine]:
    """A database in a file: the phone sends while the test looks, and one in memory has one connection."""
    engine = open_engine(f"sqlite:///{tmp_path / 'territory.sqlite'}")
    copy(territory_template, engine)
    yield engine
    engine.dispose()


@pytest.fixture
def road(app: Flask, files: dict[str, Kept]) -> Iterator[Road]:
    """Serve the app, one request at a time, behind a bad road."""
    with serving(app, threaded=False, kept=files["queue"]) as address, road_to("127.0.0.1", urlsplit(address).port) as road:
        yield road


def admit(context: BrowserContext, road: Road, client: Any) -> None:
    """Give a browser the session of somebody who signed in."""
    context.add_cookies([{"name": "session", "value": client.get_cookie("session").value, "url": road.address}])


@pytest.fixture
def phone(page: Callable[..., Page], road: Road, territory_engine: Engine, sign_in: Callable[..., Any]) -> Phone:
    """A phone whose driver has signed in, and whose queue sends when the test says so."""
    made = Phone(page(language="en"), road, territory_engine)
    admit(made.page.context, road, sign_in(Role.DRIVER))
    return made.open().sign_in()


@pytest.fixture
def offline(phone, road) -> Phone:
    """A phone that reaches nothing for now."""
    road.faults.extend(NO_NETWORK)
    return phone
