"""A driver with the app in hand: a thumb, a scanner, and a phone whose page dies whenever the test wants it to."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles.audit import audit
from bottles.db import reading
from bottles.events import Event
from bottles.hauls import AddedLine, AddedStop
from bottles.photos import Photo
from bottles.routes import Outcome, Stop, StopTask, Visit, VisitLine
from tests.phone import gone

from .modules import STATIC
from .thumb import GO, go, scan

SLOW_MS = 60_000
"""A whole app is loaded anew after each kill: on a busy machine that takes its time."""

PICTURE = STATIC / "icons" / "app-180.png"
IN_WORDS = {"to_come": "To come", "reached": "There now", "done": "Done", "partly": "Partly done", "missed": "Not done"}

SHOWN = (
    f"async () => {{ const go = {GO};"
    """
  const all = (what) => [...document.querySelectorAll(what)];
  const was = location.hash;
  await go("#/");
  const shown = {};
  for (const stop of all("#main ol .card a").map((link) => link.getAttribute("href"))) {
    await go(stop);
    const state = document.querySelector(".page-head .badge").innerText.trim();
    await go(`${stop}/problem`);
    const counts = all(".counter-row input").map((input) => [input.id, Number(input.value)]).filter(([, n]) => n);
    const reason = document.querySelector("input[name=reason]:checked")?.value ?? "";
    shown[stop.split("/").pop()] = { state, reason, counts: Object.fromEntries(counts) };
  }
  await go(was || "#/");
  return shown;
}"""
)
"""Goes through the screens of every stop and reads off how it stands, why, and what was moved there."""


@dataclass
class RoutePhone:
    """A phone with the app; `page` is the one that lives now."""

    page: Page
    address: str

    @property
    def context(self) -> BrowserContext:
        """Return what outlives a page: all that the phone keeps."""
        return self.page.context

    def open(self, where: str = "") -> "RoutePhone":
        """Open the app, where it was left or at one of its screens."""
        self.page.goto(f"{self.address}/driver/")
        expect(self.page.locator("h1")).to_be_visible(timeout=SLOW_MS)
        if where:
            self.go(where)
        return self

    def kept(self) -> "RoutePhone":
        """Wait until the app itself is on the phone, and the token that what is done will be sent under."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        self.page.wait_for_function("""() => import("/static/js/driver/store.js").then(({ meta }) => meta("authors"))
            .then((authors) => Object.values(authors ?? {}).some(({ token }) => token))""")
        return self

    def kill(self, where: str = "") -> "RoutePhone":
        """Let the page die, and open the app again."""
        # what was typed and where is kept by now: these are written after they are shown
        self.keeps("meta('place')")
        following = self.context.new_page()
        if not self.page.evaluate("navigator.onLine"):
            # a new page is without network a moment after it is there, and the app sends as soon as it opens
            gone(following, self.address)
        self.page.close()
        self.page = following
        return self.open(where)

    def go(self, where: str) -> None:
        """Go to one of the app's screens."""
        go(self.page, where)

    def keeps(self, what: str) -> Any:
        """Return something that the phone keeps."""
        return self.page.evaluate(f"import('/static/js/driver/store.js').then((store) => store.{what})")

    def rows(self) -> list[dict[str, Any]]:
        """Return the events that the phone keeps."""
        return list(self.keeps("events()"))

    def shown(self) -> dict[str, Any]:
        """Read every stop off the screen."""
        return dict(self.page.evaluate(SHOWN))

    def send(self) -> int:
        """Try once to send, as the button does, and say how much is left."""
        status = self.page.evaluate(
            "import('/static/js/driver/queue.js').then((queue) => queue.sendNow().then(() => queue.status()))"
        )
        return int(status["waiting"] + status["photos"])

    def online(self) -> "RoutePhone":
        """Come back to where there is network, and wait until all is sent."""
        self.context.set_offline(False)
        self.send()
        self.see(".state-line", "All sent")
        return self

    def see(self, what: str, text: str) -> None:
        """Look whether something says something."""
        expect(self.page.locator(what).first).to_contain_text(text, timeout=SLOW_MS)

    def title(self, text: str) -> None:
        """Look which screen is open."""
        expect(self.page.locator("h1")).to_have_text(text, timeout=SLOW_MS)

    def scanned(self, number: int) -> None:
        """Look how many crates the scan page has counted."""
        expect(self.page.locator(".scan-count b")).to_have_text(str(number), timeout=SLOW_MS)

    def field(self, key: str) -> Locator:
        """Find one of the screen's fields by its name there."""
        return self.page.locator(f"[id='{key}']")

    def has(self, key: str, value: str) -> None:
        """Look what stands in a field."""
        expect(self.field(key)).to_have_value(value, timeout=SLOW_MS)

    def press(self, name: str) -> None:
        """Tap a button by what stands on it."""
        self.page.get_by_role("button", name=name).first.tap()

    def done(self, following: str) -> None:
        """Tap the one big button at the thumb, and see what comes next."""
        self.page.locator(".thumb .main-act").tap()
        self.title(following)

    def scan(self, *codes: str) -> None:
        """Scan labels as a keyboard scanner does: wherever the focus is."""
        for code in codes:
            scan(self.page, code)

    def type_code(self, code: str) -> None:
        """Type a code with a finger."""
        self.field("code").tap()
        self.field("code").fill(code)
        self.press("Add")

    def take_photo(self) -> None:
        """Take a photo on the photo's screen."""
        self.field("photo").set_input_files(PICTURE)
        expect(self.page.get_by_text("photo of this stop")).to_be_visible(timeout=SLOW_MS)


def held(engine: Engine) -> dict[str, Any]:
    """Return what the server makes of the stops of the newest plan, and of added ones, in the words of the phone's screens."""
    with reading(engine) as session:
        newest = max(route for (route,) in session.connection().execute(select(Stop.route)))
        stops = session.exec(select(Stop).where(Stop.route == newest)).all()
        planned = {str(stop.id): _visited(session, stop) for stop in stops}
        added = {f"added-{stop.route}-{stop.point}": _added(session, stop) for stop in session.exec(select(AddedStop))}
    return planned | added


def _visited(session: Session, stop: Stop) -> dict[str, Any]:
    tasks = list(session.exec(select(StopTask.task).where(StopTask.stop == stop.id)))
    visits = list(session.exec(select(Visit).where(col(Visit.task).in_(tasks))))
    ended = {visit.task: visit.outcome for visit in visits}
    lines = session.exec(select(VisitLine).where(col(VisitLine.task).in_(tasks)))
    return {
        "state": _state([ended.get(task) for task in tasks]),
        "reason": max((visit.reason for visit in visits), default=""),
        "counts": _sums(list(lines)),
    }


def _added(session: Session, stop: AddedStop) -> dict[str, Any]:
    where = (AddedLine.route == stop.route) & (AddedLine.point == stop.point)
    lines = session.exec(select(AddedLine).where(where))
    return {"state": _state([stop.outcome]), "reason": stop.reason, "counts": _sums(list(lines))}


def _state(outcomes: list[Outcome | None]) -> str:
    """Say in the app's words what the outcomes of a stop's tasks come to."""
    ended = {outcome for outcome in outcomes if outcome is not Outcome.REACHED}
    if None in outcomes or not ended:
        return IN_WORDS["to_come" if set(outcomes) == {None} else "reached"]
    return IN_WORDS[ended.pop() if len(ended) == 1 else "partly"]


def _sums(lines: list[Any]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[f"{line.move}-{line.item}"] += line.quantity
    return {key: n for key, n in sums.items() if n}


def known(engine: Engine) -> Counter[str]:
    """Count each event that phones handed in, and each photo, by its id."""
    with reading(engine) as session:
        told = [event.id for event in session.exec(select(Event)) if event.device != "built"]
        return Counter([*told, *(f"photo {photo.event}" for photo in session.exec(select(Photo)))])


def faults(engine: Engine) -> list[str]:
    """Ask the audit; of the day itself it says that no wash made its lots."""
    with reading(engine) as session:
        return [fault for check in audit(session) for fault in check.faults]
