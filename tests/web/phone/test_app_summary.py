"""The end of a route, its middle, and a route on which there is nothing to do; and who comes to the app without a day."""

import pytest
from playwright.sync_api import expect

from bottles.db import transaction
from bottles.routes import Task
from tests.web import build_day

from .thumb import act, screen, title, told

__all__ = ["screen", "told"]
pytestmark = pytest.mark.browser


def test_while_stops_are_open_the_thumb_goes_on_and_closing_stands_beside(screen, told):
    page = screen("#/summary")
    expect(page.locator(".thumb-actions .button")).to_have_text(["Close the route", "Next stop"])

    act(page)

    expect(title(page)).to_have_text("Domaine Chêne")
    assert told(page) == []


def test_a_route_without_a_stop_says_so_and_not_that_all_is_done(screen, phone_server):
    with transaction(phone_server.engine) as session:
        build_day.plan(session, [])

    page = screen()

    expect(page.locator(".card-lead")).to_contain_text("No stop on this route.")
    expect(page.locator(".main-act")).to_have_count(0)
    page.evaluate("() => { location.hash = '#/summary'; }")
    expect(title(page)).to_have_text("What the route came to")
    expect(page.locator(".main")).to_contain_text("No stop on this route.")
    expect(page.locator(".main")).not_to_contain_text("all stops are ended")


@pytest.mark.parametrize(
    ("email", "says"), [(None, "Who is driving?"), ("coordinator@example.org", "Who is driving?")], ids=["nobody", "office"]
)
def test_who_is_shown_no_day_reads_one_heading(phone, page, phone_server, email, says):
    opened = phone(email=email) if email else page(language="en")

    opened.goto(f"{phone_server.address}/driver/")

    expect(title(opened)).to_have_text(says)


def test_a_phone_that_has_no_day_yet_says_so_in_a_heading(phone, phone_server):
    opened = phone()
    opened.route("**/driver/day.json*", lambda route: route.abort())

    opened.goto(f"{phone_server.address}/driver/")

    expect(title(opened)).to_have_text("No route on this phone yet")


def test_a_long_list_of_changes_folds_after_five(screen, phone_server):
    page = screen()
    with transaction(phone_server.engine) as session:
        build_day.plan(session, [[session.get(Task, key)] for key in phone_server.day.tasks[:1]])

    page.reload()

    seen = page.locator(".changes li:visible")
    expect(page.locator(".changes summary")).to_have_text("and 6 more")
    expect(seen).to_have_count(5)
    page.locator(".changes summary").tap()
    expect(seen).to_have_count(11)
