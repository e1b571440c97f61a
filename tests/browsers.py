"""Browser tests: a Chromium per test process, a fresh page per request; skipped where there is no Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tools.browser import HINT, chromium

PHONE, DESK = 390, 1280
HEIGHTS = {PHONE: 844, DESK: 900}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# as long as for a tap: what is not there in five seconds says how busy the machine is
expect.set_options(timeout=30_000)


class OpenPage(Protocol):
    """Open a new page in a browser profile of its own: no cookie of another page is in it."""

    def __call__(self, width: int = PHONE, language: str = "fr", *, scripts: bool = True, keeps: bool = False) -> Page: ...


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip browser tests where there is no browser; begin with files that take long, so that no process waits at the end."""
    marked = [item for item in items if item.get_closest_marker("browser")]
    if marked and chromium() is None:
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=HINT))
    browsing, slow = {item.path for item in marked}, {item.path for item in items if item.get_closest_marker("slow")}
    # sorting keeps the random order of the files among themselves, and that of the tests in each
    items.sort(key=lambda item: (item.path not in browsing, item.path not in slow))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages of this test."""
    with pages(browser) as open_page:
        yield open_page


@contextmanager
def pages(browser: Browser) -> Iterator[OpenPage]:
    """Give `page(width, language)`; no script on any of them may fail or break the Content-Security-Policy.

    The browser keeps no app, and so fetches each file once, unless `keeps=True`.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(width: int = PHONE, language: str = "fr", *, scripts: bool = True, keeps: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, HEIGHTS[DESK])},
            locale={"fr": "fr-FR", "en": "en-GB"}.get(language, language),
            timezone_id="Europe/Paris",
            has_touch=width < 640,
            java_script_enabled=scripts,
            service_workers="allow" if keeps else "block",
        )
        contexts.append(context)
        # of every page in it: some tests open another
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: complaints.extend(_refusals(message)))
        return context.new_page()

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert complaints == []


def _refusals(message: ConsoleMessage) -> list[str]:
    # an answer of 422 is logged as an error too, and is none
    return [message.text] if "Content Security Policy" in message.text else []
