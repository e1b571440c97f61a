"""What a stop's screens let through, and what they ask about first."""

import pytest
from playwright.sync_api import expect

from tests.web.build_day import CRATE

from .modules import run
from .thumb import act, screen, title, told

__all__ = ["run", "screen", "told"]
pytestmark = pytest.mark.browser

SURE = "These counts are right"


@pytest.fixture
def scanned(screen, phone_server):
    """Scan two crates at the first stop, and go back to it."""
    stop = phone_server.day.stops[0]
    page = screen(f"#/stop/{stop}/scan/collect")
    expect(page.locator("#code")).to_be_focused()
    for code in phone_server.made.crates[:2]:
        page.keyboard.insert_text(code)
        page.keyboard.press("Enter")
    expect(page.locator(".scan-count b")).to_have_text("2")
    page.get_by_role("link", name="Finish scanning").tap()
    expect(title(page)).to_have_text("Domaine Chêne")
    return page


def test_a_count_below_the_scans_is_asked_about_then_kept(scanned, told):
    scanned.locator(f"#collect-{CRATE}").fill("1")
    act(scanned)
    expect(scanned.get_by_role("alert")).to_contain_text(SURE)
    scanned.get_by_label(SURE).check()
    act(scanned)

    expect(title(scanned)).to_have_text("Cellier 2")
    assert ("count", "collect", CRATE, 1, None, None) in told(scanned)


def test_a_stop_with_scans_is_not_done_at_all_only_when_the_driver_confirms(scanned, told):
    scanned.get_by_role("link", name="Problem").tap()
    scanned.get_by_label("The van is full").check()
    missed = scanned.get_by_role("button", name="Not done at all")
    missed.tap()
    expect(scanned.get_by_role("alert")).to_contain_text(SURE)
    scanned.get_by_label(SURE).check()
    missed.tap()

    expect(title(scanned)).to_have_text("Cellier 2")
    assert told(scanned)[-2:] == [
        ("count", "collect", CRATE, 0, None, None),
        ("stop_missed", None, None, None, "van-full", None),
    ]


def test_no_count_is_typed_that_cannot_be_and_another_type_is_counted_too(screen, told, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    taken = page.locator(f"#collect-{CRATE}")
    for typed, kept in (("4000", "400"), ("-3", "0"), ("7", "7")):
        taken.fill(typed)
        taken.blur()
        expect(taken).to_have_value(kept)
    page.locator("summary", has_text="Another type of crate").tap()
    page.locator("#collect-casier-20").fill("3")
    act(page)

    expect(title(page)).to_have_text("Cellier 2")
    assert {(e[2], e[3]) for e in told(page) if e[1] == "collect"} == {(CRATE, 7), ("casier-20", 3)}


def test_a_stop_says_how_to_get_in_and_how_to_get_there(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    expect(page.get_by_text("Portail au fond de la cour")).to_be_visible()

    links = page.evaluate("() => [...document.querySelectorAll('#app a')].map((link) => link.href).join(' ')")

    for way in ("tel:0384000001", "geo:46.90300,5.77500", "osmand.net", "google.com/maps", "waze.com"):
        assert way in links


@pytest.mark.parametrize("where", ["", "/problem"])
def test_every_button_of_a_stop_is_wide_enough_for_a_glove_and_nothing_runs_out_of_the_screen(screen, phone_server, where):
    page = screen(f"#/stop/{phone_server.day.stops[0]}{where}")
    expect(page.locator(".thumb .main-act")).to_be_visible()

    targets = page.locator(".main .button:visible, .main .tile:visible, .stepper button:visible, .thumb .button:visible")

    assert targets.count() > 5
    assert all(targets.nth(n).bounding_box()["height"] >= 64 for n in range(targets.count()))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_loading_list_leads_to_the_sheet_on_paper(screen, phone_server):
    page = screen("#/load")

    sheet = page.get_by_role("link", name="Print the route sheet")

    expect(sheet).to_have_attribute("href", f"/driver/route/{phone_server.day.route}/sheet.pdf")
    assert page.request.get(f"{phone_server.address}/driver/route/{phone_server.day.route}/sheet.pdf").ok


def test_who_is_no_driver_is_told_so_and_shown_the_way_to_their_own_page(phone, phone_server):
    page = phone(email="coordinator@example.org")
    page.goto(f"{phone_server.address}/driver/")

    expect(page.locator("#app")).to_contain_text("This app is for drivers. You are signed in as somebody else.")
    page.get_by_role("link", name="Go to your own page").tap()
    page.wait_for_url(f"{phone_server.address}/office")


def test_a_town_is_said_once_where_the_name_of_the_point_has_it(run):
    names = "({ namesOf }, points) => points.map(namesOf)"

    said = run(names, [{"name": "Mairie · Arbois", "town": "Arbois"}, {"name": "Cave", "town": "Arbois"}], module="saying")

    assert said == ["Mairie · Arbois", "Cave, Arbois"]
