"""The driver's day in a real browser, as a thumb and a keyboard scanner use it."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import expect
from sqlmodel import select
from werkzeug.serving import make_server

from bottles.db import reading, transaction
from bottles.events import Event, EventKind
from bottles.people import Role
from bottles.routes import Outcome, Visit

from . import build_day

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def day(territory_engine):
    with transaction(territory_engine) as session:
        made = build_day.plan(session, [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]])
        return made, [crate.code for crate in build_day.labelled(session, 4)]


@pytest.fixture
def address(make_app) -> Iterator[str]:
    """Serve the app, one request at a time: the database in memory has one connection."""
    server = make_server("127.0.0.1", 0, make_app())
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def phone(page, app, address, territory_engine, clock, sign_in):
    """Open a phone on which the driver is signed in."""

    def open_phone(*, scripts: bool = True):
        client = sign_in(Role.DRIVER)
        opened = page(language="en", scripts=scripts)
        cookie = client.get_cookie("session")
        opened.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        return opened

    return open_phone


def type_as_a_scanner(phone, code: str) -> None:
    phone.keyboard.type(code)
    phone.keyboard.press("Enter")


def test_four_labels_shot_in_a_row_are_four_crates_and_a_fifth_shot_is_said_to_be_repeated(
    phone, address, day, territory_engine
):
    made, codes = day
    screen = phone()
    screen.goto(f"{address}/driver/stop/{made.stops[0]}/scan/collect")

    for code in [*codes, codes[0]]:
        type_as_a_scanner(screen, code)

    expect(screen.locator(".scan-last.repeated")).to_be_visible()
    expect(screen.locator(".scan-count b")).to_have_text("4")
    expect(screen.locator("#code")).to_be_focused()
    with reading(territory_engine) as session:
        assert len(session.exec(select(Event).where(Event.kind == EventKind.SCAN, Event.device != "built")).all()) == 4


def test_a_scan_is_taken_back_with_one_tap_and_the_field_keeps_its_focus(phone, address, day):
    made, codes = day
    screen = phone()
    screen.goto(f"{address}/driver/stop/{made.stops[0]}/scan/collect")
    type_as_a_scanner(screen, codes[0])
    expect(screen.locator(".scan-count b")).to_have_text("1")

    screen.get_by_role("button", name="Undo").first.tap()

    expect(screen.locator(".scan-count b")).to_have_text("0")
    expect(screen.locator("#code")).to_be_focused()


def test_a_day_by_thumb_from_the_loading_list_to_the_summary(phone, address, day, territory_engine):
    made, _codes = day
    screen = phone()
    screen.goto(f"{address}/driver/pages")

    screen.get_by_role("link", name="Open the loading list").tap()
    screen.get_by_role("link", name="Everything is aboard").tap()
    screen.get_by_role("button", name="one less").first.tap()
    screen.get_by_role("button", name="Done").tap()
    expect(screen.get_by_role("heading", name="Cave Exemple")).to_be_visible()
    screen.get_by_role("button", name="Done").tap()

    expect(screen.get_by_text("Everything is recorded")).to_be_visible()
    expect(screen.get_by_text("7 × Casier de 12")).to_be_visible()
    with reading(territory_engine) as session:
        assert [session.get(Visit, (task, made.plan)).outcome for task in made.tasks] == [Outcome.DONE, Outcome.DONE]


def test_every_button_of_a_stop_is_wide_enough_for_a_glove_and_nothing_runs_out_of_the_screen(phone, address, day):
    made, _codes = day
    screen = phone()
    for path in ("", "/problem", "/scan/collect"):
        screen.goto(f"{address}/driver/stop/{made.stops[0]}{path}")
        targets = screen.locator("main .button:visible, main .tile:visible, main [data-step]:visible, .thumb .button:visible")

        assert all(targets.nth(n).bounding_box()["height"] >= 64 for n in range(targets.count()))
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_stop_can_be_scanned_counted_and_ended(phone, address, day):
    made, codes = day
    screen = phone(scripts=False)
    screen.goto(f"{address}/driver/stop/{made.stops[0]}/scan/collect")
    screen.fill("#code", codes[0])
    screen.get_by_role("button", name="Add").tap()
    expect(screen.locator(".scan-count b")).to_have_text("1")

    screen.get_by_role("link", name="Finish scanning").tap()
    screen.get_by_role("button", name="Done").tap()

    expect(screen.get_by_role("heading", name="Cave Exemple")).to_be_visible()
