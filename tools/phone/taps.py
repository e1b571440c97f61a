"""What a thumb taps, and how long until the answer is painted: from the finger's event to the frame after that shows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from . import stage

WATCH = """() => {
  // asked after each frame is painted: an urgent task that a frame's own callback posts runs once the frame is out
  const frame = (tell) => requestAnimationFrame(() => scheduler.postTask(tell, { priority: "user-blocking" }));
  window.awaited = (isSo) => new Promise((tell, fail) => {
    const look = () => (isSo() ? tell(performance.now()) : frame(look));
    frame(look);
    setTimeout(() => fail(new Error(`never so: ${isSo}`)), 30000);
  });
  window.watch = (isSo) => {
    window.answered = new Promise((tell, fail) => addEventListener("click", (event) => {
      awaited(isSo).then((at) => tell(at - event.timeStamp), fail);
    }, { capture: true, once: true }));
  };
}"""
OPENED = f"""() => {{
  ({WATCH})();
  window.first = awaited(() => document.querySelector(".card-lead h2, #bare"));
}}"""
COUNT = "#collect-casier-12"
BARE = """<!doctype html><title>bare</title><button id="bare" style="height: 64px">0</button>
<script>bare.onclick = () => { bare.textContent = Number(bare.textContent) + 1; }</script>"""


@dataclass(frozen=True)
class Tap:
    """A tap: the screen it is on, what is tapped, and what is there once it is answered."""

    name: str
    screen: str
    target: str
    answer: str
    before: Callable[[Page], None] = lambda _: None


def typed(page: Page) -> None:
    """Put the next code into the field."""
    page.locator("#code").wait_for()
    number = page.evaluate("window.turn = (window.turn ?? 0) + 1")
    code = page.evaluate(
        """async (number) => {
          const store = await import("/static/js/driver/store.js");
          return Object.keys((await store.day()).crates)[4000 + number];
        }""",
        number,
    )
    page.locator("#code").fill(code)
    page.evaluate("(code) => { window.shot = code.slice(-4); }", code)


def scanned(page: Page) -> None:
    """Scan a code, so that there is one to take back."""
    typed(page)
    page.locator(".scan-form button").tap()
    page.locator(".scan-last .button").wait_for()


def note(page: Page) -> None:
    """Remember the count as it is."""
    page.locator(COUNT).wait_for()
    page.evaluate("(count) => { window.was = document.querySelector(count).value; }", COUNT)


def title(page: Page) -> None:
    """Remember which screen it is."""
    page.locator(".thumb .main-act").wait_for()
    page.evaluate("() => { window.was = document.querySelector('h1').textContent; }")


def taps(stop: int) -> Iterator[Tap]:
    """List each kind of tap, those that end the stop last."""
    here = f"#/stop/{stop}"
    noted = f"window.was !== document.querySelector('{COUNT}').value"
    titled = "window.was !== document.querySelector('h1').textContent"
    yield Tap(
        "open a stop",
        "#/",
        f".card a[href='{here}']",
        "location.hash.startsWith('#/stop/') && document.querySelector('.take-leave')",
    )
    yield Tap("one more", here, f".counter-row:has({COUNT}) button:last-child", noted, note)
    yield Tap("one less", here, f".counter-row:has({COUNT}) button:first-child", noted, note)
    yield Tap(
        "scan a code",
        f"{here}/scan/collect",
        ".scan-form button",
        "document.querySelector('.scan-last .code')?.textContent.endsWith(window.shot)",
        typed,
    )
    yield Tap(
        "take a scan back", f"{here}/scan/collect", ".scan-last .button", "document.querySelector('.scan-last.undone')", scanned
    )
    yield Tap("problem", here, ".thumb .button-danger-quiet", "document.querySelector('#reason-other')")
    yield Tap("a reason", f"{here}/problem", "label[for='reason-{}']", "document.querySelector('#reason-{}').checked")
    yield Tap("photo", here, f".tile[href='{here}/photo']", "document.querySelector('#photo')")
    yield Tap("queue", "#/", ".state-line", "location.hash === '#/queue' && document.querySelector('#main dl')")
    yield Tap("settings", "#/", ".head-button[href='#/settings']", "document.querySelector('#theme-sun')")
    yield Tap("theme", "#/settings", "label[for='theme-{}']", "document.documentElement.dataset.theme === '{}'")
    yield Tap("done", here, ".thumb .main-act", titled, title)
    yield Tap("take the end back", "", ".toast-undo", titled, title)


TURNS = {"a reason": ("other", "unsafe"), "theme": ("dark", "sun")}
"""What a choice goes to and fro between."""


def measure(page: Page, tap: Tap, turn: int) -> float:
    """Tap once and return the milliseconds until the answer was painted."""
    choice = TURNS.get(tap.name, ("", ""))[turn % 2]
    if tap.screen:
        page.evaluate("(hash) => { location.hash = hash; }", tap.screen)
    tap.before(page)
    target = page.locator(tap.target.replace("{}", choice)).first
    target.wait_for()
    page.evaluate(f"() => watch(() => {tap.answer.replace('{}', choice)})")
    target.tap()
    return float(page.evaluate("answered"))


def opened(phone: BrowserContext, address: str) -> Page:
    """Open the app as it is opened in the morning: a page of its own, whose processor is slow from the start."""
    page = stage.slow(phone.new_page())
    page.add_init_script(f"({OPENED})()")
    page.goto(f"{address}/driver/#/")
    return page


def bare(page: Page) -> float:
    """Tap the one button of a page that has nothing else."""
    before = page.evaluate("bare.textContent")
    page.evaluate(f"() => watch(() => bare.textContent !== {before!r})")
    page.locator("#bare").tap()
    return float(page.evaluate("answered"))
