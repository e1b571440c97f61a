"""A phone and the server it talks to: a published day of twelve stops, served from a file so that requests may meet.

`phone_server` serves, `phone()` opens a page of its own profile on which the driver is signed in.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import BytecodeCache
from playwright.sync_api import Page
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from bottles import people, pickups, routes
from bottles.db import open_engine, reading, transaction
from bottles.events import Event
from bottles.people import Role
from bottles.points import Point, PointKind
from bottles.routes import Task
from web import create_app
from web.config import Config

from .apps import TUESDAY, Address, Clock, copy
from .browsers import PHONE, OpenPage
from .served import Kept, serving
from .web import build_day
from .web.build_day import CRATE, DAWN, DAY, Day

PICKUPS, LABELS = 10, 40
DRIVER = "driver@example.org"


@dataclass(frozen=True)
class PhoneDay:
    """What the phone's day holds: ten pickups in ten cellars, a pickup and a delivery at one shop, a delivery at another."""

    day: Day
    crates: list[str]
    """Labelled crates out at the first cellar."""


@dataclass(frozen=True)
class PhoneServer:
    """The server a phone talks to; `clock` is its time, which stands still until a test turns it."""

    address: str
    engine: Engine
    clock: Clock
    app: Flask
    made: PhoneDay
    tokens: Iterator[int] = field(default_factory=count)

    @property
    def day(self) -> Day:
        """Return the published day."""
        return self.made.day

    def told(self) -> list[Event]:
        """List what phones told, in the order it came in."""
        with reading(self.engine) as session:
            return [event for event in session.exec(select(Event).order_by(Event.row)) if event.device != "built"]

    def sign_in(self, email: str = DRIVER, device: str = "") -> str:
        """Sign somebody in on a device and return the session's cookie."""
        token = f"phone-{next(self.tokens)}"
        with transaction(self.engine) as session:
            person = people.by_email(session, email)
            people.sign_in(session, person.id, token, device or token, lasting=timedelta(hours=12), at=self.clock())
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        kept: Any = client.get_cookie("session")
        return str(kept.value)


def cellar(session: Session, number: int) -> str:
    """Add the n-th cellar, on a line from Arbois to Poligny, and return its id."""
    key = f"cellar-{number}"
    session.add(
        Point(id=key, partner="domaine-chene", kind=PointKind.WINERY, name=f"Cellier {number}", town=f"Village {number}",
              postcode="39600", street=f"{number} rue de la Cave", lat=46.903 - number / 150, lon=5.775 - number / 150,
              hours=build_day.ALL_WEEK, access_note="Quai derrière le chai", phone="03 84 00 00 02")
    )  # fmt: skip
    session.flush()
    return key


def pickup_at(session: Session, point: str, *, take: int = 6, leave: int = 2) -> Task:
    """Ask for a pickup at one of the winemaker's cellars and return its task."""
    who = build_day.author(session, Role.WINEMAKER)
    crates = [pickups.Crates(CRATE, take, leave)]
    asked = pickups.request(session, who.partner, point, crates, who.person, ready_from=DAY, at=DAWN)
    return next(task for task in routes.gather(session, at=DAWN) if task.pickup == asked.id)


def build(session: Session) -> PhoneDay:
    """Plan and publish the day."""
    build_day.places(session)
    cellars = [build_day.CELLAR, *(cellar(session, number) for number in range(2, PICKUPS + 1))]
    stops = [[pickup_at(session, point)] for point in cellars]
    shop = build_day.SHOP
    stops.append([build_day.pickup(session, take=3, leave=0, point=shop), build_day.order(session, {"jura-75": 60})])
    stops.append([build_day.order(session, {"clavelin-62": 24})])
    crates = [crate.code for crate in build_day.labelled(session, LABELS)]
    return PhoneDay(build_day.plan(session, stops), crates)


def cut(page: Page) -> None:
    """Take the network from a phone that has opened the whole app, and wait until it is gone for what the page sends."""
    page.locator("#app[data-whole]").wait_for()
    page.context.set_offline(True)
    gone(page, page.url)


def gone(page: Page, address: str) -> None:
    """Wait until the network is gone for what a page sends to an address, whatever the page shows."""
    page.wait_for_function(
        "(url) => fetch(new URL('/cut', url), { method: 'POST', mode: 'no-cors' }).then(() => false, () => true)", arg=address
    )


@contextmanager
def served(
    config: Config,
    engine: Engine,
    made: PhoneDay,
    folder: Path,
    *,
    compiled: BytecodeCache | None = None,
    kept: Kept | None = None,
) -> Iterator[PhoneServer]:
    """Serve a day that was built; `compiled` and `kept` take over what the apps of other tests have made."""
    clock = Clock(TUESDAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "url_rule_class", Address)
        app = create_app(config, engine, now=clock, instance=folder)
    app.jinja_env.bytecode_cache = compiled
    with serving(app, kept=kept) as address:
        yield PhoneServer(address, engine, clock, app, made)


@pytest.fixture(scope="session")
def phone_template(territory_template: Engine) -> Iterator[tuple[Engine, PhoneDay]]:
    """The day, written once and copied for each test."""
    engine = open_engine("sqlite://")
    copy(territory_template, engine)
    with transaction(engine) as session:
        made = build(session)
    yield engine, made
    engine.dispose()


@pytest.fixture(scope="session")
def phone_at(
    phone_template: tuple[Engine, PhoneDay], config: Config, compiled: BytecodeCache, files: dict[str, Kept]
) -> Callable[[Path], AbstractContextManager[PhoneServer]]:
    """Serve the day from a database in a file, in a folder: a phone asks for several things at once."""
    template, made = phone_template

    @contextmanager
    def serve(folder: Path) -> Iterator[PhoneServer]:
        engine = open_engine(f"sqlite:///{folder / 'phone.sqlite'}")
        copy(template, engine)
        with served(config, engine, made, folder, compiled=compiled, kept=files["phone"]) as server:
            yield server
        engine.dispose()

    return serve


@pytest.fixture
def phone_server(phone_at: Callable[[Path], AbstractContextManager[PhoneServer]], tmp_path: Path) -> Iterator[PhoneServer]:
    """Serve the day to this test."""
    with phone_at(tmp_path) as server:
        yield server


@pytest.fixture
def phone(phone_server: PhoneServer, page: OpenPage) -> Callable[..., Page]:
    """Open phones of this test."""
    return phones(phone_server, page)


def phones(server: PhoneServer, page: OpenPage) -> Callable[..., Page]:
    """Open a phone of its own on which somebody is signed in: `phone()` the driver, `phone(email=...)` somebody else.

    The app is kept for work without network where `keeps=True`: then the phone fetches all of it a second time.
    """

    def open_phone(
        email: str = DRIVER, language: str = "en", width: int = PHONE, device: str = "", *, keeps: bool = False
    ) -> Page:
        opened = page(width, language, keeps=keeps)
        # the person's own language comes first, and the cast speaks French
        jar = {"session": server.sign_in(email, device), "language": language}
        opened.context.add_cookies([{"name": k, "value": v, "url": server.address} for k, v in jar.items()])
        return opened

    return open_phone
