"""The parcel that the driver's phone works from: what it says, to whom, and what it costs the database."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bottles import intake
from bottles.codes import uuid7
from bottles.db import transaction
from bottles.events import EventKind
from bottles.people import Person, Role
from bottles.pickups import Pickup, PickupStatus
from bottles.routes import Plan, Route, Task
from bottles.wire import NewEvent
from tests.phone import build

from . import build_day
from .build_day import CRATE, DAY, VAN
from .conftest import TUESDAY
from .handset import Handset
from .office_pages import driver
from .sheets import an_id

__all__ = ["driver"]

TOMORROW = DAY + timedelta(days=1)
TAKEN = {("collect", CRATE): 8, ("drop", CRATE): 4}


@pytest.fixture
def today(territory_engine):
    """A route with two stops: a pickup of eight full crates for four empties, and a delivery of sixty bottles."""
    with transaction(territory_engine) as session:
        tasks = [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]]
        return build_day.plan(session, tasks)


@pytest.fixture
def phone(driver, today):
    """The driver's phone, with the day as it stands at the start of the test."""
    return Handset(driver)


@pytest.fixture
def parcel(driver):
    """Fetch the day as it stands now."""

    def fetch(client=driver):
        answer = client.get("/driver/day.json")
        assert answer.status_code == 200
        return answer.json

    return fetch


def asks(stop) -> dict[tuple[str, str], int]:
    return {(ask["move"], ask["item"]): ask["quantity"] for task in stop["tasks"] for ask in task["asks"]}


def test_a_day_says_what_is_asked_at_each_stop_and_where_it_is(parcel, today):
    told = parcel()

    (trip,) = told["trips"]
    cellar, shop = trip["stops"]
    assert (trip["route"], trip["plan"], trip["day"], trip["vehicle"]["id"]) == (today.route, today.plan, "2026-10-06", VAN)
    assert asks(cellar) == {("collect", CRATE): 8, ("drop", CRATE): 4}
    assert asks(shop) == {("deliver", "jura-75"): 60, ("deliver", CRATE): 5}
    assert cellar["point"]["access_note"] == "Portail au fond de la cour"
    assert cellar["point"]["windows"][0] == ["2026-10-06T06:00:00.000Z", "2026-10-06T10:00:00.000Z"]
    assert [task["partner"] for task in shop["tasks"]] == ["Exemple"]
    assert len(trip["line"]) == 4
    assert trip["mixes"]


def test_what_to_load_comes_last_stop_first_with_the_lots_of_an_order(parcel, today):
    shop, cellar = parcel()["trips"][0]["loading"]

    (bottles,) = shop["bottles"]
    assert (bottles["item"], bottles["quantity"], bottles["crates"], bottles["crate_item"]) == ("jura-75", 60, 5, CRATE)
    assert [(lot["quantity"], lot["use_by"]) for lot in bottles["lots"]] == [(60, "2026-10-26")]
    assert cellar["empties"] == [{"item": CRATE, "quantity": 4}]


def test_what_was_done_comes_as_events_and_what_is_asked_stays_as_it_was(parcel, phone, today, territory_engine):
    with transaction(territory_engine) as session:
        code = build_day.labelled(session, 1)[0].code
    phone.scan(phone.stops[0], "collect", code)
    phone.end(phone.stops[0], {("collect", CRATE): 7, ("drop", CRATE): 4})

    told = parcel()

    kinds = [event["kind"] for event in told["events"]]
    assert sorted(kinds) == ["count", "count", "scan", "stop_done"]
    scanned = next(event for event in told["events"] if event["kind"] == "scan")
    assert (scanned["crate"], scanned["move"], scanned["task"]) == (code, "collect", today.tasks[0])
    assert (scanned["person_name"], scanned["role"], scanned["device"]) == ("Lou Volant", "driver", "device-1")
    assert scanned["received_at"] == "2026-10-06T07:00:00.000Z"
    assert "note" not in scanned
    assert asks(told["trips"][0]["stops"][0]) == {("collect", CRATE): 8, ("drop", CRATE): 4}
    assert told["crates"][code] == [CRATE, "aboard"]


def test_an_undo_comes_with_what_it_undoes_though_it_names_no_stop(parcel, phone, territory_engine):
    done = phone.act(phone.stops[0], "stop_done")
    phone.tell(done)
    with transaction(territory_engine) as session:
        undo = NewEvent(id=uuid7(TUESDAY, 90), kind=EventKind.UNDO, at=TUESDAY, device="desk", sequence=1, undoes=done["id"])
        intake.record(session, undo, build_day.author(session, Role.COORDINATOR), at=TUESDAY)

    told = parcel()["events"]

    assert [(e["undoes"], e["role"]) for e in told if e["kind"] == EventKind.UNDO] == [(done["id"], "coordinator")]


def test_anothers_device_is_told_no_further_than_order_needs(parcel, today, territory_engine):
    own, near, far = (letter * 32 for letter in "aac")
    near = near[:10] + "b" * 22
    acts = [(far, Role.COORDINATOR), (near, Role.COORDINATOR), (own, Role.DRIVER), (own, Role.COORDINATOR)]
    with transaction(territory_engine) as session:
        for number, (device, role) in enumerate(acts, 91):
            about = {"task": today.tasks[0], "plan_version": today.plan, "note": "here"}
            new = NewEvent(id=an_id(number), kind=EventKind.NOTE, at=TUESDAY, device=device, sequence=1, **about)
            intake.record(session, new, build_day.author(session, role), at=TUESDAY)

    told = parcel()["events"]

    assert [event["device"] for event in told] == [own, own, near[:11], far[:8]]


def test_what_another_day_moved_is_not_asked_again_and_its_acts_stay_away(
    parcel, phone, today, clock, territory_engine, sign_in
):
    counts = {("collect", CRATE): 5, ("drop", CRATE): 4}
    phone.end(phone.stops[0], counts, "stop_partly", reason="van-full", note="Van full")
    clock.at += timedelta(days=1)
    with transaction(territory_engine) as session:
        build_day.plan(session, [[session.get(Task, today.tasks[0])]], day=TOMORROW)

    told = parcel(sign_in(Role.DRIVER))

    (stop,) = told["trips"][0]["stops"]
    assert asks(stop) == {("collect", CRATE): 3}
    assert stop["point"]["notes"] == ["Van full"]
    assert told["events"] == []


def test_an_earlier_note_that_was_taken_back_and_who_signed_are_not_told(parcel, today, clock, territory_engine, sign_in):
    told = {EventKind.NOTE: "stays", EventKind.SIGNATURE: "Ida Nom", EventKind.STOP_PARTLY: "taken back"}
    with transaction(territory_engine) as session:
        for number, (kind, note) in enumerate(told.items(), 91):
            about = {"task": today.tasks[0], "plan_version": today.plan, "note": note, "reason": "other"}
            new = NewEvent(id=an_id(number), kind=kind, at=TUESDAY, device="phone", sequence=number, **about)
            intake.record(session, new, build_day.author(session, Role.DRIVER), at=TUESDAY)
        undo = NewEvent(id=an_id(99), kind=EventKind.UNDO, at=TUESDAY, device="phone", sequence=99, undoes=an_id(93))
        intake.record(session, undo, build_day.author(session, Role.DRIVER), at=TUESDAY)
    clock.at += timedelta(days=1)
    with transaction(territory_engine) as session:
        build_day.plan(session, [[session.get(Task, today.tasks[0])]], day=TOMORROW)

    (stop,) = parcel(sign_in(Role.DRIVER))["trips"][0]["stops"]

    assert stop["point"]["notes"] == ["stays"]


def test_a_stop_done_by_a_replaced_plan_counts_at_the_stop_of_the_new_one(parcel, phone, today, territory_engine):
    with transaction(territory_engine) as session:
        tasks = [[session.get(Task, task)] for task in today.tasks]
        build_day.plan(session, tasks)
    phone.end(phone.stops[0], TAKEN)

    told = parcel()

    stop = told["trips"][0]["stops"][0]
    assert asks(stop) == {("collect", CRATE): 8, ("drop", CRATE): 4}
    assert not stop["tasks"][0]["withdrawn"]
    assert {event["plan_version"] for event in told["events"]} == {today.plan}


def test_a_plan_that_goes_on_from_another_shows_the_stops_begun_by_that_one(parcel, phone, today, territory_engine):
    phone.end(phone.stops[0], TAKEN)
    with transaction(territory_engine) as session:
        tasks = [[session.get(Task, today.tasks[1])]]
        after = build_day.plan(session, tasks)
        session.get(Plan, after.plan).follows = 1

    (trip,) = parcel()["trips"]

    assert [(stop["id"], stop["plan"]) for stop in trip["stops"]] == [
        (today.stops[0], today.plan),
        (after.stops[0], after.plan),
    ]
    assert asks(trip["stops"][0]) == {("collect", CRATE): 8, ("drop", CRATE): 4}


def test_a_call_taken_back_asks_for_nothing(parcel, today, territory_engine):
    with transaction(territory_engine) as session:
        session.get(Pickup, session.get(Task, today.tasks[0]).pickup).status = PickupStatus.CANCELLED

    (task,) = parcel()["trips"][0]["stops"][0]["tasks"]

    assert (task["withdrawn"], task["asks"]) == (True, [])


def test_a_day_without_a_route_names_the_next_one(parcel, territory_engine):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.pickup(session)]], day=TOMORROW)

    told = parcel()

    assert (told["trips"], told["later"]["day"]) == ([], "2026-10-07")
    assert told["centre"]["id"] == build_day.CENTRE
    assert told["csrf"]


def test_yesterdays_route_is_not_in_the_parcel(parcel, today, clock, sign_in):
    clock.at += timedelta(days=1)

    told = parcel(sign_in(Role.DRIVER))

    assert (told["trips"], told["later"]) == ([], None)


def test_an_unloading_stands_between_the_stops_it_comes_between_and_on_the_way(parcel, today, territory_engine):
    with transaction(territory_engine) as session:
        at = dict.fromkeys(("arrives", "starts", "leaves"), "2026-10-06T11:20:00+02:00")
        session.get(Route, today.route).unloads = [{"after": 1, **at}]

    (trip,) = parcel()["trips"]

    assert trip["unloads"] == [{"before": today.stops[1], "at": "2026-10-06T09:20:00.000Z"}]
    assert trip["line"][0] == trip["line"][2] == trip["line"][4]


def test_an_order_of_three_types_is_loaded_and_asked_by_type(parcel, territory_engine):
    wanted = {"jura-75": 60, "clavelin-62": 24, "macvin-75": 13}
    with transaction(territory_engine) as session:
        build_day.plan(session, [[build_day.order(session, wanted)]])

    (trip,) = parcel()["trips"]

    assert {item: n for (_move, item), n in asks(trip["stops"][0]).items() if item in wanted} == wanted
    assert {row["item"]: row["quantity"] for row in trip["loading"][0]["bottles"]} == wanted


def test_nobody_elses_route_is_in_the_parcel(parcel, territory_engine, today):
    with transaction(territory_engine) as session:
        other = Person(name="Max Volant", email="max@example.org", role=Role.DRIVER, partner="jaime-mes-bouteilles")
        session.add(other)
        session.flush()
        session.get(Route, today.route).driver = other.id

    assert parcel()["trips"] == []


def test_the_parcel_says_the_time_and_is_kept_by_no_cache(driver, today):
    answer = driver.get("/driver/day.json")

    assert answer.headers["X-Server-Time"] == "2026-10-06T07:00:00.000Z"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_long_route_costs_no_more_statements_than_a_short_one(driver, territory_engine, today):
    asked: list[str] = []
    sa.event.listen(territory_engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    driver.get("/driver/day.json")
    short = len(asked)
    with transaction(territory_engine) as session:
        build(session)
    asked.clear()

    answer = driver.get("/driver/day.json")

    assert [len(trip["stops"]) for trip in answer.json["trips"]] == [12]
    assert len(asked) <= short < 40


def test_a_phone_that_is_not_signed_in_is_told_so_and_not_led_to_a_page(client):
    answer = client.get("/driver/day.json", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.json["field"]) == (401, None)
    assert answer.json["sentence"].startswith("You are not signed in here")
