"""A picture per role, made from the demo season: `make screens` puts them where the README shows them.

Every run takes them, so that a page that breaks, or writes wider than its screen, is seen; only `make screens` keeps them.
"""

import os
import random
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy.engine import Engine
from sqlmodel import select

from bottles import crates
from bottles.crates import CrateState, Where
from bottles.db import open_engine, reading
from bottles.people import Role
from bottles.routes import Plan, PlanStatus, Route, Stop
from routing.search import first
from tests.browsers import OpenPage
from tests.served import serving
from tests.web.scan_stage import CANVAS_CAMERA, NATIVE, link, picture
from web import create_app
from web.config import Config
from web.demo import season

DAY = date(2026, 10, 6)
MORNING = datetime(2026, 10, 6, 5, 20, tzinfo=UTC)
KEPT = Path(__file__).parent.parent / "docs" / "screens"
PHONE, DESK = 390, 1280


@pytest.fixture(scope="module")
def demo(sqlite_template: Engine, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Engine]]:
    """Serve the demo season, and give its address and its database."""
    folder = tmp_path_factory.mktemp("demo")
    engine = open_engine(f"sqlite:///{folder / 'demo.sqlite'}")
    with sqlite_template.connect() as source, engine.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)
    season.build(engine, config, DAY, 1, first, lambda done, total: None, weeks=4)
    app = create_app(config, engine, now=lambda: MORNING, demo=True, instance=folder)
    with serving(app) as address:
        yield address, engine


def first_stop(engine: Engine) -> int:
    with reading(engine) as session:
        query = select(Stop.id).join(Route).join(Plan).where(Plan.day == DAY, Plan.status == PlanStatus.PUBLISHED)
        return session.exec(query.order_by(Route.vehicle, Stop.position)).first()


SCREENS = [
    ("winemaker", Role.WINEMAKER, "/partner", PHONE),
    ("shop", Role.SHOP, "/partner", PHONE),
    ("driver-route", Role.DRIVER, "/driver/#/", PHONE),
    ("driver", Role.DRIVER, "/driver/#/stop/{stop}", PHONE),
    ("driver-scan", Role.DRIVER, "/driver/#/stop/{stop}/scan/collect", PHONE),
    ("driver-problem", Role.DRIVER, "/driver/#/stop/{stop}/problem", PHONE),
    ("driver-sent", Role.DRIVER, "/driver/#/queue", PHONE),
    ("coordinator", Role.COORDINATOR, f"/office/plan/{DAY}", DESK),
    ("washer", Role.WASHER, "/centre/", DESK),
    ("citizen", None, "/points?town=Arbois", PHONE),
]


PHONES_OWN = f"""if (navigator.mediaDevices) {{
  {CANVAS_CAMERA} {NATIVE}
  window.paper = context;
  navigator.storage.persist = navigator.storage.persisted = async () => true;
}}"""
"""A camera, and a browser that promises to keep what is not sent, as one on a home screen does."""

BEFORE = """([text, bytes]) => {
  const label = Object.assign(new Image(), { src: `data:image/jpeg;base64,${bytes}` });
  window.camera.show = () => window.paper.drawImage(label, 0, 0);
  window.inView = [text];
}"""


def hold(tab: Page, engine: Engine) -> None:
    """Hold the label of a crate that stands at the first stop before the phone's camera."""
    with reading(engine) as session:
        here = crates.held(session, Where.POINT, session.get(Stop, first_stop(engine)).point)
        text = link(next(crate.code for crate in here if crate.state is CrateState.OUT))
    tab.evaluate(BEFORE, [text, b64encode(picture(text, 0, random.Random(1))).decode()])
    tab.locator(".scan-last.known").wait_for()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_role_has_its_screen(demo: tuple[str, Engine], page: OpenPage, tmp_path: Path, language: str):
    address, engine = demo
    keeps = bool(os.environ.get("BOUTEILLES_SCREENS")) and language == "fr"
    # a profile of its own for each role costs more than its page; whoever has not signed in comes first
    tabs = {width: page(width, language, keeps=width == PHONE) for width in (PHONE, DESK)}
    tabs[PHONE].add_init_script(PHONES_OWN)
    for name, role, path, width in sorted(SCREENS, key=lambda screen: screen[1] is not None):
        tab = tabs[width]
        if role:
            tab.goto(f"{address}/demo/sign-in/{role}")
        answer = tab.goto(address + path.format(stop=first_stop(engine)))
        tab.wait_for_load_state("networkidle")
        tab.locator("h1, .scan-count").first.wait_for()
        if name == "driver-route":
            # until the app is kept it warns that it is not
            tab.locator(".notice-attention").wait_for(state="detached")
        if name == "driver-scan":
            hold(tab, engine)

        # from one screen of the app to the next nothing is asked of the server
        assert answer is None or answer.ok, name
        assert tab.locator("html").get_attribute("lang") == language
        wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than its screen"
        (KEPT if keeps else tmp_path).mkdir(exist_ok=True)
        tab.screenshot(path=(KEPT if keeps else tmp_path) / f"{name}.png")


@pytest.mark.browser
@pytest.mark.slow
def test_the_plan_of_a_day_to_come_is_no_wider_than_a_phone(demo: tuple[str, Engine], page: OpenPage):
    address, _engine = demo
    tab = page(PHONE, "fr")
    tab.goto(f"{address}/demo/sign-in/coordinator")

    tab.goto(f"{address}/office/plan/{DAY + timedelta(days=1)}")

    assert tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_readme_shows_every_screen_and_every_screen_is_there():
    readme = (KEPT.parent.parent / "README.md").read_text("utf-8")

    for name, *_ in SCREENS:
        assert f"docs/screens/{name}.png" in readme
        assert (KEPT / f"{name}.png").exists()
