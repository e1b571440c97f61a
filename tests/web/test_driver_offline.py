"""The driver's app without network, in a real browser: what was kept opens, and a version comes whole or not at all."""

import re
from threading import Event

import pytest
from playwright.sync_api import Page, expect

from bottles import intake, photos
from bottles.codes import uuid7
from bottles.db import transaction
from bottles.events import EventKind
from bottles.people import Role
from bottles.wire import NewEvent
from tests.apps import TUESDAY
from tests.phone import cut
from web import driver_assets
from web.auth import public

from . import build_day

pytestmark = pytest.mark.browser

KEPT = """async () => {
  const sizes = async (name) => [name, (await (await caches.open(name)).keys()).length];
  return Promise.all((await caches.keys()).filter((name) => name.startsWith("driver-")).sort().map(sizes));
}"""
"""The names of the app's caches, and how many parts are in each."""

INSTALL = "import('/static/js/driver/install.js')"


def opened(phone, server) -> Page:
    screen = phone(keeps=True)
    screen.goto(f"{server.address}/driver/#/settings")
    expect(screen.locator("#app")).to_contain_text("kept on this phone: it opens")
    return screen


def test_what_was_opened_once_opens_without_network(phone, phone_server):
    screen = opened(phone, phone_server)

    cut(screen)
    screen.reload()

    expect(screen.locator("#app")).to_contain_text("it opens without network")
    assert screen.evaluate("fetch('/driver/day.json').then(() => 'answered', () => 'no network')") == "no network"
    assert screen.evaluate("fetch('/driver/words-fr.json').then((answer) => answer.ok)")


def test_the_pages_beside_the_app_are_never_answered_by_it(phone, phone_server):
    screen = opened(phone, phone_server)

    screen.goto(f"{phone_server.address}/points")

    expect(screen.locator(".point-card").first).to_be_visible()
    screen.goto(f"{phone_server.address}/driver/?from=home#/load")
    expect(screen.get_by_role("heading", name="Loading list")).to_be_visible()


def test_a_new_version_waits_until_the_driver_wants_it(phone, phone_server):
    screen = opened(phone, phone_server)
    (before,) = screen.evaluate(KEPT)
    with phone_server.app.test_request_context():
        text = driver_assets.worker()
    phone_server.app.extensions["driver_worker"] = text.replace('VERSION = "', 'VERSION = "new')

    screen.evaluate(f"{INSTALL}.then(({{ look }}) => look())")

    expect(screen.locator("#app")).to_contain_text("A new version is ready.")
    assert before in screen.evaluate(KEPT)
    with screen.expect_navigation():
        screen.evaluate(f"{INSTALL}.then(({{ update }}) => {{ update(); }})")
    expect(screen.locator("#app")).to_contain_text(re.compile(r"Version\s*new"))
    ((name, parts),) = screen.evaluate(KEPT)
    assert (name.startswith("driver-new"), parts) == (True, before[1])


def test_a_version_of_which_a_part_is_wrong_is_not_kept_and_the_old_one_goes_on(phone, phone_server):
    screen = opened(phone, phone_server)
    before = screen.evaluate(KEPT)
    with phone_server.app.test_request_context():
        text = driver_assets.worker()
    # as a network does that answers everything with its own page, or a server that was renewed meanwhile
    mark = text.split('words-fr.json": "')[1][:64]
    phone_server.app.extensions["driver_worker"] = text.replace(mark, "0" * 64).replace('VERSION = "', 'VERSION = "bad')

    screen.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          await registration.update().catch(() => null);
          const worker = registration.installing;
          if (worker) await new Promise((gone) => worker.addEventListener("statechange", gone));
        }"""
    )

    assert screen.evaluate(KEPT) == before
    cut(screen)
    screen.reload()
    expect(screen.locator("#app")).to_contain_text("it opens without network")


@pytest.fixture
def picture(phone_server) -> str:
    """Let the first cellar have a photo of its loading place, and return its address."""
    event = uuid7(TUESDAY, 1)
    facts = {"device": "built", "sequence": 900_000, "photo": "0" * 64, "reason": photos.PLACE, "point": build_day.CELLAR}
    with transaction(phone_server.engine) as session:
        driver = build_day.author(session, Role.DRIVER)
        intake.record(session, NewEvent(id=event, kind=EventKind.PHOTO, at=TUESDAY, **facts), driver, at=TUESDAY)
        drawn = photos.Picture("image/jpeg", 4, 3, b"large", b"small")
        photos.keep(session, event, "0" * 64, drawn, driver.person, at=TUESDAY)
    return f"/photos/{event}/small"


FETCHED = """async (address) => {
  const { fetchDay } = await import("/static/js/driver/sync.js");
  for (let n = 0; n < 20; n += 1) {
    await fetchDay();
    const kept = await caches.match(address, { cacheName: "places" });
    if (kept && (await kept.text()) === "small") return true;
  }
  return false;
}"""
"""Fetch the day until the picture is there; it is fetched beside."""


def test_a_hotels_page_is_not_kept_as_the_picture_of_a_place(phone, phone_server, picture):
    shown, asked = phone_server.app.view_functions, Event()
    ours = shown["photos.small"]

    def hotel(event):
        shown["photos.small"] = ours
        asked.set()
        return "<p>Acceptez nos conditions."

    shown["photos.small"] = public(hotel)
    screen = phone()
    screen.goto(f"{phone_server.address}/driver/")
    assert asked.wait(60)

    assert screen.evaluate(FETCHED, picture)
