"""The scan page of the driver's app before a camera that a script draws, its tones written down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from .scan_stage import day, serials, stage

TONES = "export const sing = (kind) => (window.sung ??= []).push(kind);\nexport const wake = () => {};"
KNOWN = serials(40)

Opened = Callable[..., Page]


@contextmanager
def served(app) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}/harness/"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def scan_page(page, config, request) -> Opened:
    """Open the scan page of a stop that asks for 40 crates; its tones are written down, not sung."""

    def open_page(crates=None, *, move="collect", script="", screen=None, **settings) -> Page:
        crates = dict.fromkeys(KNOWN, ("casier-12", "out")) if crates is None else crates
        app = stage(config, day(crates, move=move), move, **settings)
        opened = screen or page(language="en")
        opened.route("**/js/tones.js*", lambda route: route.fulfill(body=TONES, content_type="text/javascript"))
        opened.add_init_script(script)
        server = served(app)
        address = server.__enter__()
        request.addfinalizer(lambda: server.__exit__(None, None, None))
        opened.goto(address)
        expect(opened.locator("driver-scan .scan-count b")).to_be_visible()
        return opened

    return open_page


def shoot(page: Page, text: str) -> None:
    """Type as a keyboard scanner does: all at once, then Enter."""
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def told(page: Page, kind: str) -> list[dict]:
    return [event for event in page.evaluate("acts.events") if event["kind"] == kind]
