"""The scan page of the driver's app before a camera that a script draws, its tones written down."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, expect

from tests.served import serving

from .scan_stage import day, serials, stage

TONES = "export const sing = (kind) => (window.sung ??= []).push(kind);\nexport const wake = () => {};"
KNOWN = serials(40)

Opened = Callable[..., Page]


@pytest.fixture
def scan_page(page, config, files) -> Iterator[Opened]:
    """Open the scan page of a stop that asks for 40 crates; its tones are written down, not sung."""

    def open_page(crates=None, *, move="collect", script="", screen=None, **settings) -> Page:
        crates = dict.fromkeys(KNOWN, ("casier-12", "out")) if crates is None else crates
        app = stage(config, day(crates, move=move), move, **settings)
        opened = screen or page(language="en")
        opened.route("**/js/tones.js*", lambda route: route.fulfill(body=TONES, content_type="text/javascript"))
        opened.add_init_script(script)
        address = servers.enter_context(serving(app, kept=files["stage"]))
        opened.goto(f"{address}/harness/")
        expect(opened.locator("driver-scan .scan-count b")).to_be_visible()
        return opened

    with ExitStack() as servers:
        yield open_page


def shoot(page: Page, text: str) -> None:
    """Type as a keyboard scanner does: all at once, then Enter."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def told(page: Page, kind: str) -> list[dict]:
    return [event for event in page.evaluate("acts.events") if event["kind"] == kind]
