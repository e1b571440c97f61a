"""A stop done by keyboard alone, and where the focus is after each screen."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

FOCUSED = "(heading) => document.activeElement?.textContent.trim() === heading"
VISIBLE = """() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
}"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; every halt on the way shows where it is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        assert page.evaluate(VISIBLE), page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is never reached")


def test_a_stop_is_done_by_keyboard_alone(phone, phone_server):
    page = phone()
    page.goto(f"{phone_server.address}/driver/")
    expect(page.locator("h1")).to_have_text("My route")
    stop = phone_server.day.stops[0]

    tab_to(page, f".card a[href='#/stop/{stop}']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Domaine Chêne")
    tab_to(page, ".counter-row button:first-child")
    page.keyboard.press("Enter")
    expect(page.locator("#collect-casier-12")).to_have_value("5")
    tab_to(page, ".thumb .main-act")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_have_text("Cellier 2")
    expect(page.locator(".state-line")).to_contain_text("All sent")
    assert [event.quantity for event in phone_server.told() if event.kind == "count"] == [5, 2]


def test_the_focus_goes_to_the_heading_of_the_new_screen(phone, phone_server):
    page = phone()
    page.goto(f"{phone_server.address}/driver/")
    expect(page.locator("h1")).to_have_text("My route")

    for address, heading in (("#/settings", "Settings"), (f"#/stop/{phone_server.day.stops[0]}", "Domaine Chêne")):
        page.evaluate("(hash) => { location.hash = hash; }", address)
        page.wait_for_function(FOCUSED, arg=heading)
