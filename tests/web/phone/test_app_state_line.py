"""The line that is always on screen: green only while nothing waits."""

import pytest
from playwright.sync_api import expect

from .thumb import STATE, act, screen, title

__all__ = ["screen"]
pytestmark = pytest.mark.browser

GREEN = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const words = document.querySelector(".day-progress, .all-sent") && document.getElementById("app").textContent;
    if (words) window.seen.push([words.includes("1 of 12"), Boolean(document.querySelector(".all-sent"))]);
  }).observe(document, { childList: true, subtree: true, characterData: true });
}"""
"""Keep at each change whether the first stop is done, and whether the line is green."""


def test_the_state_line_is_green_at_no_moment_while_an_act_waits(screen, phone_server):
    page = screen(f"#/stop/{phone_server.day.stops[0]}")
    expect(page.locator(STATE)).to_contain_text("All sent")
    page.context.route("**/api/v1/events", lambda route: route.abort())
    page.evaluate(GREEN)

    act(page)

    expect(title(page)).to_have_text("Cellier 2")
    assert [True, True] not in page.evaluate("window.seen")
    again = page.context.new_page()
    page.close()
    again.add_init_script(f"({GREEN})()")
    screen(on=again)
    expect(again.locator(STATE)).to_contain_text("4 to send")
    seen = again.evaluate("window.seen")
    assert [True, False] in seen
    assert not any(is_green for _is_done, is_green in seen)
