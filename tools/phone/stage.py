"""A day of twelve stops with 5,000 crates known, the app kept on a phone, and a processor four times as slow."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bottles import crates, migrations
from bottles.db import open_engine, transaction
from tests import phone
from tests.apps import settle
from tests.browsers import FLAGS, HEIGHTS, PHONE
from tests.web.build_day import CRATE
from tools.browser import chromium
from web.config import load
from web.surroundings import CONFIG

KNOWN, SLOWER, QUEUED = 5_000, 4, 500
KEPT = """() => navigator.serviceWorker.ready.then(() => caches.keys())
  .then((names) => names.some((name) => name.startsWith("driver-")))"""

FILL = """async (many) => {
  const acts = await import("/static/js/driver/acts.js");
  const store = await import("/static/js/driver/store.js");
  const day = await store.day();
  const codes = Object.keys(day.crates);
  const [trip] = day.trips;
  const fact = (number) => {
    const stop = trip.stops[6 + (number % 6)];
    const { route, plan: plan_version, point } = stop;
    const own = { task: stop.tasks[0].id, plan_version, route, point: point.id, holder: trip.vehicle.id };
    if (number % 10 === 0) return { kind: "note", ...own, note: `Note ${number}` };
    return { kind: "scan", ...own, crate: codes[number], move: "collect" };
  };
  for (let from = 0; from < many; from += 50) await acts.record(Array.from({ length: 50 }, (_, index) => fact(from + index)));
}"""
"""Queue acts at the later half of the stops: nine scans to a note."""


@contextmanager
def served() -> Iterator[phone.PhoneServer]:
    """Serve the day."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    config = load(CONFIG)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'phone.sqlite'}")
        migrations.upgrade(engine)
        with transaction(engine) as session:
            settle(session, config)
            session.flush()
            made = phone.build(session)
            crates.register(session, CRATE, KNOWN - phone.LABELS)
        with phone.served(config, engine, made, Path(folder)) as server:
            yield server
        engine.dispose()


@contextmanager
def chrome() -> Iterator[Browser]:
    """Give a Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def context(browser: Browser) -> BrowserContext:
    """Give a profile as a phone has it."""
    return browser.new_context(
        viewport={"width": PHONE, "height": HEIGHTS[PHONE]}, locale="en-GB", timezone_id="Europe/Paris", has_touch=True
    )


def slow(page: Page) -> Page:
    """Make a page's processor as slow as that of a cheap phone."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def kept(browser: Browser, server: phone.PhoneServer) -> BrowserContext:
    """Give a phone that holds the app and its day, and has no network."""
    made = context(browser)
    cookies = {"session": server.sign_in(), "language": "en"}
    made.add_cookies([{"name": name, "value": value, "url": server.address} for name, value in cookies.items()])
    page = made.new_page()
    page.goto(f"{server.address}/driver/")
    page.locator(".card-lead").wait_for()
    page.wait_for_function(KEPT)
    # the first tap asks for nothing any more: the phone has its token
    page.wait_for_function("() => import('/static/js/driver/store.js').then((store) => store.meta('authors')).then(Boolean)")
    page.close()
    made.set_offline(True)
    return made
