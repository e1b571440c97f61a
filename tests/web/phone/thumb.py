"""What tests of the app's screens share: a screen, what it left with the server, and what a thumb does."""

import pytest
from playwright.sync_api import Locator, Page, expect

STATE = ".state-line"

GO = """async (hash) => {
  if (location.hash === hash) return;
  const gone = new Promise((done) => addEventListener("hashchange", done, { once: true }));
  location.hash = hash;
  await gone;
}"""
"""Goes to a screen, and is done when the whole app shows it."""


@pytest.fixture
def screen(phone, phone_server):
    """Open the app and go to one of its screens."""

    def open_screen(where: str = "", *, on: Page | None = None) -> Page:
        page = on or phone()
        page.goto(f"{phone_server.address}/driver/")
        expect(page.locator("h1")).to_be_visible()
        if where:
            go(page, where)
        return page

    return open_screen


@pytest.fixture
def told(phone_server):
    """Say what the server holds of the phone, once the phone says that all is sent."""

    def read(page: Page) -> list[tuple[object, ...]]:
        expect(page.locator(STATE)).to_contain_text("All sent")
        return [(str(e.kind), e.move, e.item, e.quantity, e.reason, e.note) for e in phone_server.told()]

    return read


def go(page: Page, where: str) -> None:
    """Go to one of the app's screens: what is scanned or tapped next is meant for it."""
    # only the whole app shows any screen at once
    page.locator("#app[data-whole]").wait_for()
    page.evaluate(GO, where)


def act(page: Page) -> None:
    page.locator(".thumb .main-act").tap()


def scan(page: Page, code: str) -> None:
    """Scan a label as a keyboard scanner does, wherever the focus is; letter by letter a busy machine is as slow as a hand."""
    page.keyboard.press(code[0])
    page.keyboard.insert_text(code[1:])
    page.keyboard.press("Enter")


def title(page: Page) -> Locator:
    return page.locator("h1")
