"""`make bench phone`: the driver's app without network, on a processor four times as slow, beside a page with one button.

With nothing and with 500 acts waiting: how long until the route is painted, how long until the answer to each kind of tap is,
and then, with the network back, how long the page is blocked at a time while it sends them. Last, how big its files are.
"""

import gzip
import json
import statistics
from collections.abc import Sequence

from playwright.sync_api import Browser, BrowserContext, Page

from tests.phone import PhoneServer

from . import stage, taps

OPENINGS, TURNS, ENDS = 5, 5, 4
FIRST_MS, TAP_MS, BLOCKED_MS, BYTES = 1000, 100, 100, 250_000
LARGEST = 8

BLOCKED = """() => {
  window.blocked = [];
  const seen = (list) => blocked.push(...list.getEntries().map((entry) => entry.duration));
  new PerformanceObserver(seen).observe({ type: "longtask" });
}"""
ALL_SENT = "() => import('/static/js/driver/queue.js').then((queue) => queue.status().waiting === 0)"


def main() -> None:
    """Measure all of it and print it."""
    with stage.served() as server, stage.chrome() as browser:
        bare_first, bare_tap = _bare(browser, server.address)
        phone = stage.kept(browser, server)
        print(
            f"{stage.KNOWN:,} crates known, 12 stops, no network, {stage.SLOWER} times as slow; beside it a page of one button"
        )
        for queued in (0, stage.QUEUED):
            _fill(phone, server.address, queued)
            print(f"{queued} acts waiting")
            _line("the route is painted", [_opening(phone, server.address) for _ in range(OPENINGS)], bare_first, FIRST_MS)
            for name, times in _tapped(phone, server).items():
                _line(name, times, bare_tap, TAP_MS)
        _sending(phone, server.address)
        _sizes(server)


def _line(name: str, times: Sequence[float], bare: float, bar: float) -> None:
    median, worst = statistics.median(times), max(times)
    missed = "" if worst < bar else f"  over {bar:g} ms" if median < bar else f"  MISSED: {bar:g} ms"
    print(
        f"  {name:22} {median:5.0f} ms median, {worst:5.0f} ms at worst of {len(times)}, {median / bare:5.1f} x bare{missed}",
        flush=True,
    )


def _bare(browser: Browser, address: str) -> tuple[float, float]:
    """Measure a page of one button, served by nobody."""
    context = stage.context(browser)
    context.route("**/*", lambda route: route.fulfill(body=taps.BARE, content_type="text/html"))
    pages = [taps.opened(context, address) for _ in range(OPENINGS)]
    firsts = [float(page.evaluate("first")) for page in pages]
    times = [taps.bare(pages[-1]) for _ in range(TURNS)]
    context.close()
    first, tap = statistics.median(firsts), statistics.median(times)
    print(f"a page of one button: {first:.0f} ms until painted, {tap:.0f} ms a tap (medians)")
    return first, tap


def _fill(phone: BrowserContext, address: str, many: int) -> None:
    page = phone.new_page()
    page.goto(f"{address}/driver/#/")
    page.locator(".card-lead").wait_for()
    page.evaluate(stage.FILL, many)
    page.close()


def _opening(phone: BrowserContext, address: str) -> float:
    page = taps.opened(phone, address)
    first = float(page.evaluate("first"))
    page.close()
    return first


def _tapped(phone: BrowserContext, server: PhoneServer) -> dict[str, list[float]]:
    """Tap each thing several times, and end the stop and take that back in turn."""
    page = taps.opened(phone, server.address)
    # its other screens come right behind the first
    page.locator("#app[data-whole]").wait_for()
    *looks, done, back = taps.taps(server.day.stops[0])
    times = {tap.name: [taps.measure(page, tap, turn) for turn in range(TURNS)] for tap in looks}
    ends = [(taps.measure(page, done, turn), taps.measure(page, back, turn)) for turn in range(ENDS)]
    page.close()
    return times | {tap.name: list(each) for tap, each in zip((done, back), zip(*ends, strict=True), strict=True)}


def _sending(phone: BrowserContext, address: str) -> None:
    """Let the network come back, and say for how long at a time the page answered to nobody."""
    page: Page = taps.opened(phone, address)
    page.locator(".card-lead").wait_for()
    page.evaluate(BLOCKED)
    phone.set_offline(False)
    page.wait_for_function(ALL_SENT, timeout=300_000)
    blocked = [float(duration) for duration in page.evaluate("blocked")]
    missed = "" if max(blocked, default=0) < BLOCKED_MS else f"  MISSED: {BLOCKED_MS} ms"
    print(
        f"while sending them: blocked {len(blocked)} times, {max(blocked, default=0):.0f} ms at the longest{missed}", flush=True
    )


def _sizes(server: PhoneServer) -> None:
    """Print what a phone loads, each file compressed by itself."""
    client = server.app.test_client()
    _, listed = client.get("/driver/sw.js").text.split("const ASSETS = ")
    assets, _ = json.JSONDecoder().raw_decode(listed)
    sizes = {}
    for address in assets:
        with client.get(address) as answer:
            sizes[address] = len(gzip.compress(answer.data))
    for address, size in sorted(sizes.items(), key=lambda row: -row[1])[:LARGEST]:
        print(f"  {address:36} {size / 1000:5.1f} kB")
    whole = sum(sizes.values())
    print(f"{len(sizes)} files, {whole / 1000:.0f} kB compressed{'' if whole < BYTES else f'  MISSED: {BYTES / 1000:g} kB'}")
