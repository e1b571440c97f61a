"""What the driver's app adds to the day by itself: arrival times, stops added at a door, the balance, the positions kept."""

from datetime import UTC, timedelta

import pytest
from playwright.sync_api import expect

from bottles import links, positions
from bottles.codes import uuid7
from bottles.db import transaction
from bottles.people import Role
from bottles.positions import Spot
from bottles.routes import Task
from tests.apps import TUESDAY
from tests.phone import cut
from tests.web import build_day
from tests.web.build_day import CRATE
from tests.web.scan_stage import CANVAS_CAMERA, NATIVE

from .thumb import STATE, act, scan, screen, title, told

__all__ = ["screen", "told"]
pytestmark = pytest.mark.browser


def test_what_happened_tells_when_the_van_comes_to_the_stops_after(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    act(page)

    expect(page.locator(".page-head .lead")).to_have_text("Stop 2, 8:50 · now expected at 9:25 · Village 2")
    page.locator(".brand").tap()

    expect(page.locator(".card-lead")).to_contain_text("at about 8:50 now expected at 9:25")
    expect(page.locator(".card").filter(has_text="Cellier 3")).to_contain_text("3 · 9:30 · now expected at 10:05")
    expect(page.locator(".card-lead")).to_contain_text("Back at about 14:05 as it stands.")


@pytest.fixture
def at_the_door(screen, phone, phone_server):
    """Open the camera for a stop to be added; `page.evaluate(LOOK, text)` holds a code before it."""
    with transaction(phone_server.engine) as session:
        spare = build_day.Point(id="spare", partner="domaine-chene", kind=build_day.PointKind.WINERY, name="Cave du Détour",
                                town="Pupillin", postcode="39600", lat=46.88, lon=5.76, hours=build_day.ALL_WEEK)  # fmt: skip
        session.add(spare)
        numbers = [links.number(session, links.KeyKind.POINT, name) for name in ("spare", build_day.SHOP)]
    page = phone()
    page.add_init_script(CANVAS_CAMERA + NATIVE)
    screen("#/add", on=page)
    expect(page.locator(STATE)).to_contain_text("All sent")
    cut(page)
    page.get_by_role("button", name="Scan the code at its door").tap()
    yield page, [links.gln(phone_server.app.extensions["territory"].labels.prefix, number) for number in numbers]
    page.context.set_offline(False)


LOOK = "(text) => { window.inView = [text]; }"


def test_a_stop_is_added_by_the_code_at_its_door_without_network(at_the_door, told):
    page, (spare, _shop) = at_the_door

    page.evaluate(LOOK, links.point_link("bouteilles.example", spare))

    expect(title(page)).to_have_text("Cave du Détour")
    page.context.set_offline(False)
    assert [kind for kind, *_ in told(page)] == ["stop_added"]


@pytest.mark.parametrize("address", ["https://elsewhere.example/points/{shop}?x=1", "HTTPS://BOUTEILLES.EXAMPLE/414/{gln}"])
def test_the_code_of_a_planned_stop_opens_that_stop(at_the_door, told, address):
    page, (_spare, shop) = at_the_door

    page.evaluate(LOOK, address.format(gln=shop, shop=build_day.SHOP))

    expect(title(page)).to_have_text("Cave Exemple")
    page.context.set_offline(False)
    assert told(page) == []


def test_a_code_of_no_place_says_so_and_becomes_a_note(at_the_door, told):
    page, _ = at_the_door

    page.evaluate(LOOK, "https://elsewhere.example/menu")

    expect(page.locator(".notice").filter(has_text="This code is of no place that this phone knows")).to_be_visible()
    page.get_by_role("button", name="Write the office a note").tap()
    expect(title(page)).to_have_text("My route")
    page.context.set_offline(False)
    ((kind, *_, note),) = told(page)
    assert (kind, note) == ("note", "I stopped at a place that is not in the list: https://elsewhere.example/menu")


def test_what_was_loaded_and_not_left_is_explained_by_the_stops_that_were_not_done(screen, told, phone_server):
    page = screen("#/load/scan")
    scan(page, phone_server.made.crates[0])
    expect(page.locator(".scan-count b")).to_have_text("1")
    page.evaluate("(hash) => { location.hash = hash; }", f"#/stop/{phone_server.day.stops[0]}/problem")
    page.get_by_label("Not safe").check()
    page.get_by_role("button", name="Not done at all").tap()
    expect(title(page)).to_have_text("Cellier 2")

    page.evaluate("() => { location.hash = '#/summary'; }")

    expect(page.locator(".notice")).to_contain_text(["1 × Casier de 12 were loaded and left nowhere."])
    expect(page.get_by_label("Explain the difference")).to_have_value("Domaine Chêne: Not safe")
    page.get_by_role("button", name="Close the route").tap()
    expect(page.locator(".main")).to_contain_text("Closed at")
    assert told(page)[-1][-1] == "Domaine Chêne: Not safe"


def test_who_loads_fewer_empties_than_asked_says_so_and_the_balance_starts_from_there(screen, told, phone_server):
    with transaction(phone_server.engine) as session:
        build_day.plan(session, [[session.get(Task, key)] for key in phone_server.day.tasks[1:4]])
    page = screen("#/load")
    loaded = page.locator(f"#loaded-{CRATE}")
    page.get_by_text("I load more or fewer empties").tap()
    expect(page.get_by_role("button", name="Keep this count")).to_have_count(0)

    loaded.fill("4")
    loaded.blur()
    page.get_by_role("button", name="Keep this count").tap()

    expect(page.get_by_role("button", name="Keep this count")).to_have_count(0)
    assert told(page) == [("count", "load", CRATE, 4, None, None)]
    page.evaluate("() => { location.hash = '#/summary'; }")
    expect(page.locator(".main")).to_contain_text("Casier de 12, empty: 4 loaded, 0 left")


def test_the_driver_sees_which_positions_the_office_has_without_network_too(screen, phone_server):
    with transaction(phone_server.engine) as session:
        person = build_day.author(session, Role.DRIVER).person
        spots = [Spot(id=uuid7(TUESDAY, n), at=TUESDAY - timedelta(minutes=n), lat=46.9, lon=5.7, accuracy=12) for n in (1, 2)]
        positions.keep(session, spots, person, since=TUESDAY - timedelta(days=1), zone=UTC, at=TUESDAY)
    page = screen("#/settings")
    look = page.get_by_role("button", name="See what the office sees of me today")
    look.tap()
    expect(page.locator(".main")).to_contain_text("The office has 2 positions of yours today")
    expect(page.locator(".spots li").first).to_have_text("8:59 · 46.90000, 5.70000 · ± 12 m")

    cut(page)
    look.tap()

    expect(page.locator(".main")).to_contain_text("This phone remembers 2 positions")
    expect(page.locator(".spots li")).to_have_count(2)
    page.context.set_offline(False)


def test_the_guide_shows_the_shape_of_each_bottle_beside_its_name(screen):
    page = screen("#/guide")

    rows = page.locator(".guide-row")
    expect(page.locator(".guide-row .guide-bottle path")).to_have_count(rows.count())
    box = page.locator(".guide-bottle").first.bounding_box()
    assert box["width"] > 10
    assert box["height"] == 64
