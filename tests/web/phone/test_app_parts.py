"""The app opens with the route and its stops; its other screens come right behind, or are asked for when they are wanted."""

import pytest
from playwright.sync_api import expect

from .thumb import title

pytestmark = pytest.mark.browser

SETTINGS = "() => { location.hash = '#/settings'; }"


def test_a_screen_that_did_not_come_is_said_and_asked_for_anew(phone, phone_server):
    page = phone()
    page.route("**/views/rest.js", lambda route: route.abort())
    page.goto(f"{phone_server.address}/driver/")
    expect(title(page)).to_have_text("My route")

    page.evaluate(SETTINGS)

    expect(page.locator(".toast-problem")).to_contain_text("That page is not on this phone yet")
    expect(title(page)).to_have_text("My route")
    page.unroute("**/views/rest.js")
    page.evaluate(SETTINGS)
    expect(title(page)).to_have_text("Settings")


def test_the_route_and_a_stop_need_nothing_of_the_others(phone, phone_server):
    page = phone()
    page.route("**/views/rest.js", lambda route: route.abort())
    page.goto(f"{phone_server.address}/driver/#/stop/{phone_server.day.stops[0]}")
    expect(title(page)).to_have_text("Domaine Chêne")

    page.locator(".thumb .main-act").tap()

    expect(title(page)).to_have_text("Cellier 2")


def test_the_app_opens_at_any_screen(phone, phone_server):
    page = phone()

    page.goto(f"{phone_server.address}/driver/#/settings")

    expect(title(page)).to_have_text("Settings")
