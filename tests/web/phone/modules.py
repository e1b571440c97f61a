"""Runs the phone's pure modules in Chromium: no server, no page of the app, only what the module says."""

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Route

STATIC = Path(__file__).parents[3] / "web" / "static"
ORIGIN = "http://modules.example"

SEEN = """({fold}, {bundle, events}) => fold(bundle, events).trips.map((trip) => ({
  done: trip.done, total: trip.total, next: trip.next?.stop.id ?? null, balance: trip.balance, asked: trip.asked,
  over: trip.over.map((row) => [row.item, row.over]),
  halts: trip.halts.map((halt) => ({
    id: halt.stop.id, state: halt.state, reasons: halt.reasons, note: halt.note, added: halt.added,
    lines: Object.fromEntries(halt.lines.map((line) => [line.key, [line.asked, line.scanned, line.moved, line.likely]])),
    visits: [...halt.visits].map(([task, { outcome, reason }]) => [task, outcome, reason]),
    moved: halt.lines.flatMap(({ key, parts }) =>
      parts.map(({ task, counted, scanned }) => [task.id, key, counted ?? scanned, scanned])),
    scans: halt.scans.map((scan) => [scan.code, scan.kind, scan.undone]),
  })),
}))"""
"""Folds a day, and returns what a driver would see of it."""


class Run(Protocol):
    """Call `(module, given) => ...` with a module of the phone; what it returns comes back as JSON does."""

    def __call__(self, body: str, given: object = None, module: str = "day") -> Any: ...


def _serve(route: Route) -> None:
    path = STATIC / route.request.url.removeprefix(f"{ORIGIN}/").split("?")[0]
    if path.is_file():
        route.fulfill(body=path.read_bytes(), content_type=mimetypes.guess_type(path.name)[0] or "text/plain")
    else:
        route.fulfill(body="<!DOCTYPE html><title>modules</title>", content_type="text/html")


@pytest.fixture(scope="module")
def run(browser: Browser) -> Iterator[Run]:
    context = browser.new_context(timezone_id="America/Lima")
    page = context.new_page()
    page.route(f"{ORIGIN}/**", _serve)
    page.goto(f"{ORIGIN}/")

    def call(body: str, given: object = None, module: str = "day") -> Any:
        return page.evaluate(f"async (given) => ({body})(await import('/js/driver/{module}.js'), given)", given)

    yield call
    context.close()
