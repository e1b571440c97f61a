"""Every screen of the driver's app, for those who see little, hear it read out, or want nothing to move."""

import pytest
from playwright.sync_api import Page, expect

from tests.apps import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
SERIOUS = """() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .flatMap((each) => each.nodes.map((node) => `${location.hash} ${each.id} ${node.target} ${node.any[0]?.message ?? ""}`)))"""
SMALL = """() => [...document.querySelectorAll("#app :is(button, summary, .tile, a.button, .choice label, .check)")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 63.5
    && !each.matches(".stepper button, .toast button"))
  .map((each) => `${location.hash} ${each.className} ${each.textContent.trim()} ${each.getBoundingClientRect().height}`)"""
UNNAMED = """() => {
  const names = [...document.querySelectorAll("#app .stepper button")].map((each) => each.getAttribute("aria-label"));
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${location.hash} ${name}`);
}"""
MOVING = """() => document.getAnimations().filter((each) => each.effect.getComputedTiming().activeDuration > 10)
  .map((each) => `${location.hash} ${each.effect.target.className}`)"""

WIDER = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const past = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
  const names = past.map((each) => `${each.localName}.${each.className.baseVal ?? each.className}`);
  return wide > 0 ? [`${location.hash} ${wide} px ${names.join(" ")}`] : [];
}"""


def screens(stop: int) -> list[str]:
    """List an address of each screen."""
    own = [f"#/stop/{stop}{more}" for more in ("", "/scan/collect", "/problem", "/photo", "/note", "/signature")]
    return ["#/", *own, "#/load", "#/load/scan", "#/add", "#/summary", "#/map", "#/guide", "#/queue", "#/settings"]


def opened(page: Page, address: str) -> Page:
    page.goto(f"{address}/driver/")
    expect(page.locator("h1")).to_be_visible()
    return page


def found(page: Page, addresses: list[str], script: str) -> list[str]:
    """Ask each screen what is wrong with it."""
    wrong: list[str] = []
    for address in addresses:
        page.evaluate("(hash) => { location.hash = hash; }", address)
        page.wait_for_function("(hash) => location.hash === hash", arg=address)
        expect(page.locator("h1")).to_be_visible()
        wrong += page.evaluate(script)
    return wrong


@pytest.mark.parametrize("theme", ["light", "dark", "sun"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_on_any_screen_is_seriously_wrong(phone, phone_server, theme, language):
    page = opened(phone(language=language), phone_server.address)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(AXE)
    if theme != "light":
        page.evaluate("() => { location.hash = '#/settings'; }")
        page.locator(f"label[for='theme-{theme}']").tap()

    assert found(page, screens(phone_server.day.stops[0]), SERIOUS) == []


@pytest.mark.parametrize("script", [SMALL, UNNAMED], ids=["large enough for a gloved thumb", "steppers of distinct names"])
def test_every_control_is(phone, phone_server, script):
    page = opened(phone(), phone_server.address)

    assert found(page, screens(phone_server.day.stops[0]), script) == []


def test_nothing_moves_for_who_asked_for_that(phone, phone_server):
    opened_page = phone()
    opened_page.emulate_media(reduced_motion="reduce")

    assert found(opened(opened_page, phone_server.address), screens(phone_server.day.stops[0]), MOVING) == []


@pytest.mark.parametrize("width", [320, 195], ids=["small", "200 percent"])
def test_no_screen_scrolls_sideways(phone, phone_server, width):
    page = opened(phone(width=width, language="fr"), phone_server.address)

    assert found(page, screens(phone_server.day.stops[0]), WIDER) == []
