"""What happens to a route while a phone is away: another phone, another plan, another driver, another version of the app."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from bottles import people
from bottles.db import reading, transaction
from bottles.disputes import Dispute, DisputeKind
from bottles.events import Event
from bottles.people import Person, Role
from bottles.routes import Task
from tests.phone import cut, pickup_at
from tests.web import build_day
from tests.web.bad_road import FAULTS, road_to
from web import driver_assets

from .route_phone import RoutePhone, faults, held, known

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]

COLLECT = "collect-casier-12"
NO_WAY = FAULTS["the question cut at byte 0"]

OLD = """async ({ place, id }) => {
  const { write } = await import("/static/js/driver/store.js");
  await write(["meta", "events"], async (t) => {
    const [known, events] = [t.objectStore("meta"), t.objectStore("events")];
    const [author, authors, sequence] = await Promise.all(["person", "authors", "sequence"].map((key) => known.get(key)));
    const { device } = authors[author];
    const made = { kind: "note", note: "By the app before", at: "2026-10-06T07:00:01.000Z", device, sequence, schema: 1 };
    const event = { ...place, id, ...made };
    const row = { id, author, sequence, event, body: JSON.stringify(event), state: "waiting", receipt: null, sentence: null };
    await Promise.all([events.add(row), known.put(sequence + 1, "sequence")]);
  });
}"""
"""Keeps an event as the first version of the app wrote it, its bytes fixed already: a plan was called otherwise then."""


@pytest.fixture
def stops(phone_server):
    return [f"#/stop/{key}" for key in phone_server.day.stops]


@pytest.fixture
def hand(phone, phone_server):
    """Open a phone of its own, its app kept; `hand()` the driver's, `hand(address)` over another road."""

    def open_hand(address: str = phone_server.address, **said: str) -> RoutePhone:
        return RoutePhone(phone(keeps=True, **said), address).open().kept()

    return open_hand


@pytest.fixture
def road(phone_server):
    with road_to("127.0.0.1", urlsplit(phone_server.address).port) as road:
        yield road


def scan(hand: RoutePhone, stop: str, codes: list[str]) -> None:
    hand.go(f"{stop}/scan/collect")
    for number, code in enumerate(codes, start=1):
        hand.scan(code)
        hand.scanned(number)


def end(hand: RoutePhone, stop: str, following: str, **counts: str) -> None:
    hand.kill(stop)
    for key, n in counts.items():
        field = hand.field(f"{key}-casier-12")
        field.fill(n)
        field.blur()
        hand.has(f"{key}-casier-12", n)
    hand.done(following)


def ids(*hands: RoutePhone) -> list[str]:
    return sorted(row["id"] for hand in hands for row in hand.rows())


def test_two_phones_on_one_route_add_up_to_one_truth(hand, phone_server, stops):
    one = hand(device="phone-one")
    phone_server.clock.at += timedelta(minutes=30)
    other = hand(device="phone-other")
    codes = phone_server.made.crates
    found = faults(phone_server.engine)
    for each in (one, other):
        cut(each.page)

    scan(one, stops[0], codes[:4])
    end(one, stops[0], "Cellier 2")
    end(one, stops[1], "Cellier 3", collect="4")
    # the second pair of hands scans two of the same crates, one of them at the wrong cellar, and counts otherwise
    scan(other, stops[0], codes[3:6])
    scan(other, stops[1], codes[:1])
    end(other, stops[1], "Cellier 3", collect="5")
    end(other, stops[2], "Cellier 4")
    told = ids(one, other)
    one.online()
    other.online()

    assert sorted(event.id for event in phone_server.told()) == told
    for each in (one, other):
        each.kill("#/").see(".day-progress", "3 of 12")
    first, second = one.shown(), other.shown()
    assert first == second == held(phone_server.engine)
    keys = [stop.split("/")[-1] for stop in stops]
    assert [first[key]["state"] for key in keys[:4]] == ["Done", "Done", "Done", "To come"]
    assert [first[key]["counts"].get(COLLECT, 0) for key in keys[:4]] == [6, 5, 6, 0]
    with reading(phone_server.engine) as session:
        disputed = {(each.kind, each.subject) for each in session.exec(select(Dispute))}
    assert (DisputeKind.UNEXPECTED_MOVE, f"crate:{codes[0]}") in disputed
    assert faults(phone_server.engine) == found


def test_a_plan_made_anew_meanwhile_and_what_was_done_both_stand(hand, phone_server, stops):
    driver = hand()
    found = faults(phone_server.engine)
    cut(driver.page)
    end(driver, stops[0], "Cellier 2", collect="5")
    end(driver, stops[1], "Cellier 3")
    driver.go(f"{stops[3]}/note")
    driver.field("words").fill("Half a note")
    told = ids(driver)

    with transaction(phone_server.engine) as session:
        tasks = [session.get(Task, key) for key in phone_server.day.tasks]
        spare = build_day.Point(id="spare", partner="domaine-chene", kind=build_day.PointKind.WINERY, name="Cave du Détour",
                                town="Pupillin", postcode="39600", lat=46.88, lon=5.76, hours=build_day.ALL_WEEK)  # fmt: skip
        session.add(spare)
        session.flush()
        fresh, more = pickup_at(session, "spare"), pickup_at(session, "cellar-4", take=3, leave=0)
        # the first stop is done on the phone and nobody else knows; the second and third are sent elsewhere
        anew = build_day.plan(session, [[tasks[0]], [tasks[3], more], [fresh], *([task] for task in tasks[4:10])])
    assert driver.kill().shown()[stops[0].split("/")[-1]]["counts"][COLLECT] == 5
    driver.online()
    driver.kill("#/")

    changes = driver.page.locator(".changes")
    expect(changes).to_contain_text("Cellier 3 is no longer on your route.")
    expect(changes).to_contain_text("Cave du Détour is new")
    expect(changes).to_contain_text("Cellier 4: take 9 × Casier de 12, not 6.")
    expect(changes).to_contain_text("What you did already stays as it is.")
    assert sorted(event.id for event in phone_server.told()) == told
    shown = driver.shown()
    server = held(phone_server.engine)
    assert {key: shown[key] for key in server} == server
    assert shown[str(anew.stops[0])] == {"state": "Done", "reason": "", "counts": {COLLECT: 5, "drop-casier-12": 2}}
    # the second stop is in the new plan no more, and what was done there stays on the phone
    (left,) = shown.keys() - server.keys()
    assert (left, shown[left]["state"]) == (stops[1].split("/")[-1], "Done")
    driver.go(f"#/stop/{anew.stops[1]}")
    driver.done("Cave du Détour")
    driver.online()
    assert held(phone_server.engine)[str(anew.stops[1])]["counts"][COLLECT] == 9
    assert faults(phone_server.engine) == found


def test_the_app_renewed_with_a_full_queue_sends_all_of_it_of_older_forms_too(hand, phone_server, stops, road):
    driver = hand(road.address)
    road.faults.extend([NO_WAY] * 10_000)
    scan(driver, stops[0], phone_server.made.crates[:3])
    end(driver, stops[0], "Cellier 2")
    day = phone_server.day
    place = {"task": day.tasks[0], "plan": day.plan, "route": day.route, "point": "cellar"}
    driver.page.evaluate(OLD, {"place": place, "id": "01990000-0000-7000-8000-000000000001"})
    driver.go(f"{stops[1]}/note")
    driver.field("words").fill("Half a note")
    rows, shown = driver.rows(), driver.shown()
    with phone_server.app.test_request_context():
        phone_server.app.extensions["driver_worker"] = driver_assets.worker().replace('VERSION = "', 'VERSION = "new')

    driver.go("#/settings")
    with driver.page.expect_navigation():
        driver.press("Use the newest version")
    expect(driver.page.get_by_text(re.compile("^new[0-9a-f]{16}$"))).to_be_visible(timeout=30_000)

    assert [row["id"] for row in driver.rows() if row["state"] == "waiting"] == [row["id"] for row in rows]
    driver.go(f"{stops[1]}/note")
    driver.has("words", "Half a note")
    assert driver.shown() == shown
    road.faults.clear()
    driver.online()
    assert {event.id for event in phone_server.told()} == {row["id"] for row in rows}
    assert held(phone_server.engine) == driver.shown() == shown
    (note,) = [event for event in phone_server.told() if event.note == "By the app before"]
    assert (b'"schema":1' in note.body, note.plan_version) == (True, day.plan)


def test_another_driver_takes_the_phone_over_and_each_act_goes_out_in_its_authors_name(hand, phone_server, stops, road):
    lou = hand(road.address)
    road.faults.extend([NO_WAY] * 10_000)
    end(lou, stops[0], "Cellier 2")
    end(lou, stops[1], "Cellier 3")
    lous = ids(lou)
    with transaction(phone_server.engine) as session:
        ana = Person(name="Ana Vionnet", email="ana@example.org", role=Role.DRIVER, partner="jaime-mes-bouteilles")
        session.add(ana)
        session.flush()
        tasks = [[session.get(Task, key)] for key in phone_server.day.tasks[2:6]]
        day = build_day.plan(session, tasks, driver=ana.id)

    cookie = {"name": "session", "value": phone_server.sign_in("ana@example.org"), "url": phone_server.address}
    lou.context.add_cookies([cookie])
    anas = lou
    anas.page.reload()
    anas.see(".card-lead", "Next: Cellier 3")
    anas.go(f"#/stop/{day.stops[0]}")
    anas.done("Cellier 4")
    anas.kill("#/settings").see(".main", "Somebody else")
    told = ids(anas)
    road.faults.clear()
    anas.online()

    assert sorted(event.id for event in phone_server.told()) == told
    with reading(phone_server.engine) as session:
        lou_id = people.by_email(session, "driver@example.org").id
        authors = dict(session.exec(select(Event.id, Event.person).where(col(Event.device) != "built")).all())
    assert {key for key, person in authors.items() if person == lou_id} == set(lous)
    assert set(known(phone_server.engine).values()) == {1}
