"""Every screen of the driver's app, for those who see little, hear it read out, or want nothing to move."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.apps import ROOT
from tests.browsers import pages
from tests.phone import PhoneServer, phones

pytestmark = pytest.mark.browser

AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
SERIOUS = """(rules) => axe.run(document, { resultTypes: ["violations"], ...rules }).then(({ violations }) => violations
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


COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that a theme decides; what a screen is made of is the same in each."""

STILL = """() => import("/static/js/driver/queue.js").then((queue) => {
  const { online, waiting, photos } = queue.status();
  return online && !waiting && !photos && !document.querySelector("#app .toast");
})"""
"""Whether nothing is under way that would change the screen by itself."""

SETTLE = """() => {
  for (let level = 0; level < 100; level += 1) {
    const moving = document.getAnimations();
    if (!moving.length) return;
    moving.forEach((each) => each.finish());
  }
  throw new Error(document.getAnimations().map((each) => `${each.transitionProperty} ${each.effect.target.className}`).join());
}"""
"""Let each colour be what it will be: who wants nothing to move still has it change over one frame, level by level."""

KEPT = """() => import("/static/js/driver/install.js").then(({ status, version }) => status().kept && Boolean(version()))"""


def screens(stop: int) -> dict[str, str]:
    """List an address of each screen, and the screen's name."""
    own = {"": "stop", "/scan/collect": "scan", "/problem": "problem", "/photo": "photo", "/note": "note"}
    of_stop = {f"#/stop/{stop}{more}": name for more, name in (own | {"/signature": "signature"}).items()}
    plain = {f"#/{name}": name for name in ("load", "add", "summary", "map", "guide", "queue", "settings")}
    return {"#/": "home", **of_stop, **plain, "#/load/scan": "scan"}


def opened(page: Page, address: str) -> Page:
    page.goto(f"{address}/driver/")
    expect(page.locator("#app[data-screen=home] h1")).to_be_visible()
    page.wait_for_function(STILL)
    return page


def shown(page: Page, stop: int) -> Iterator[None]:
    """Go to each screen, and go on when it is there."""
    for address, name in screens(stop).items():
        page.evaluate("(hash) => { location.hash = hash; }", address)
        expect(page.locator(f"#app[data-screen={name}] h1")).to_be_visible()
        yield


def found(page: Page, stop: int, script: str) -> list[str]:
    """Ask each screen what is wrong with it."""
    return [wrong for _ in shown(page, stop) for wrong in page.evaluate(script)]


Faults = dict[str, list[str]]


def looked(page: Page, stop: int) -> Faults:
    """Ask each screen once all that is to be asked, in each theme what the theme decides."""
    faults: Faults = {name: [] for name in ("light", "dark", "sun", "small", "unnamed", "moving")}
    for _ in shown(page, stop):
        for name, script in (("moving", MOVING), ("small", SMALL), ("unnamed", UNNAMED)):
            faults[name] += page.evaluate(script)
        for theme, chosen, rules in (("dark", "dark", COLOURS), ("sun", "sun", COLOURS), ("light", "auto", {})):
            page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", chosen)
            page.evaluate(SETTLE)
            faults[theme] += page.evaluate(SERIOUS, rules)
    return faults


@pytest.fixture(scope="module")
def looks(
    phone_at: Callable[[Path], AbstractContextManager[PhoneServer]], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Faults]]:
    """Say what is wrong with the screens in a language: one visit for all tests, since none changes anything.

    In French the app is kept on the phone; in English it is not, and says so.
    """
    with phone_at(tmp_path_factory.mktemp("axe")) as server, pages(browser) as page:

        @cache
        def look(language: str) -> Faults:
            on = phones(server, page)(language=language, keeps=language == "fr")
            on.emulate_media(color_scheme="light", reduced_motion="reduce")
            opened(on, server.address)
            if language == "fr":
                on.wait_for_function(KEPT)
            on.evaluate(AXE)
            return looked(on, server.day.stops[0])

        yield look


@pytest.mark.parametrize("theme", ["light", "dark", "sun"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_on_any_screen_is_seriously_wrong(looks, theme, language):
    assert looks(language)[theme] == []


@pytest.mark.parametrize("rule", ["small", "unnamed"], ids=["large enough for a gloved thumb", "steppers of distinct names"])
def test_every_control_is(looks, rule):
    assert looks("en")[rule] == []


def test_nothing_moves_for_who_asked_for_that(looks):
    assert looks("en")["moving"] == []


@pytest.mark.parametrize("width", [320, 195], ids=["small", "200 percent"])
def test_no_screen_scrolls_sideways(phone, phone_server, width):
    page = opened(phone(width=width, language="fr"), phone_server.address)

    assert found(page, phone_server.day.stops[0], WIDER) == []
