"""The driver's day: the route, the loading list, the stops, the summary."""

import re
from datetime import timedelta

import pytest

from bottles.codes import serial
from bottles.db import transaction
from bottles.orders import Order, OrderStatus
from bottles.people import Person, Role
from bottles.routes import Route, Task

from . import build_day
from .driver_pages import (
    TOMORROW,
    collected,
    db,
    driver,
    end,
    in_english,
    labels,
    scan,
    today,
    trouble,
)

__all__ = ["db", "driver", "labels", "today"]


def test_the_day_opens_with_the_loading_list_then_the_stops(driver, today):
    page = driver.get("/driver/pages")

    assert page.status_code == 200
    assert page.text.index("Open the loading list") < page.text.index("Domaine Chêne") < page.text.index("Cave Exemple")
    assert "Stops done: 0 of 2" in page.text


def test_a_day_without_a_route_names_the_next_one(driver, territory_engine):
    with transaction(territory_engine) as session:
        later = build_day.plan(session, [[build_day.pickup(session)]], day=TOMORROW)

    page = driver.get("/driver/pages")

    assert "No route for you today" in page.text
    assert f"/driver/route/{later.route}" in page.text


def test_a_day_without_any_plan_says_what_will_be_here(driver):
    assert "as soon as the coordinator publishes" in driver.get("/driver/pages").text


@pytest.mark.parametrize("page", ["", "/loading", "/summary", "/map.geojson", "/scan/load", "/next"])
def test_another_drivers_route_does_not_exist(driver, territory_engine, today, page):
    theirs = _theirs(territory_engine)

    assert driver.get(f"/driver/route/{theirs.route}{page}").status_code == 404


@pytest.mark.parametrize("act", ["", "/problem", "/reached", "/reopen", "/scan/collect"])
def test_another_drivers_stop_does_not_exist_whatever_is_sent(driver, territory_engine, db, act):
    theirs = _theirs(territory_engine)

    answer = driver.post(f"/driver/stop/{theirs.stops[0]}{act}", data={"code": serial(1), "how": "missed", "reason": "closed"})

    assert answer.status_code == 404
    assert db.events() == []


def _theirs(engine):
    with transaction(engine) as session:
        other = Person(name="Une autre", email="other@example.org", role=Role.DRIVER, partner="jaime-mes-bouteilles")
        session.add(other)
        session.flush()
        return build_day.plan(session, [[build_day.pickup(session)]], driver=other.id, day=TOMORROW)


def test_an_unloading_stands_between_the_stops_it_comes_between(driver, territory_engine, today):
    with transaction(territory_engine) as session:
        at = dict.fromkeys(("arrives", "starts", "leaves"), "2026-10-06T11:20:00+02:00")
        session.get(Route, today.route).unloads = [{"after": 1, **at}]

    page = driver.get(f"/driver/route/{today.route}").text
    way = driver.get(f"/driver/route/{today.route}/map.geojson").json["features"][0]["geometry"]["coordinates"]

    assert page.index("Domaine Chêne") < page.index("Unload at the centre, at about 11:20") < page.index("Cave Exemple")
    assert way[0] == way[2] == way[4]


def test_yesterdays_route_does_not_exist_any_more(driver, today, clock, sign_in):
    clock.at += timedelta(days=1)

    assert in_english(sign_in(Role.DRIVER)).get(f"/driver/route/{today.route}").status_code == 404


def test_tomorrows_stop_can_be_read_and_not_recorded(driver, territory_engine, db):
    with transaction(territory_engine) as session:
        later = build_day.plan(session, [[build_day.pickup(session)]], day=TOMORROW)

    assert driver.get(f"/driver/stop/{later.stops[0]}").status_code == 200
    assert end(driver, later, **collected(8)).status_code == 409
    assert scan(driver, later, serial(1)).status_code == 409
    assert db.events() == []


def test_the_loading_list_begins_with_the_last_stop_and_names_lots(driver, today):
    page = driver.get(f"/driver/route/{today.route}/loading").text

    assert page.index("Cave Exemple") < page.index("Domaine Chêne")
    assert "L00001" in page
    assert "wrap the washed bottles" in page


def test_an_order_of_three_types_is_loaded_and_counted_by_type(driver, territory_engine):
    with transaction(territory_engine) as session:
        wanted = {"jura-75": 60, "clavelin-62": 24, "macvin-75": 13}
        day = build_day.plan(session, [[build_day.order(session, wanted)]])

    loading, stop = driver.get(f"/driver/route/{day.route}/loading").text, driver.get(f"/driver/stop/{day.stops[0]}").text

    for kind, bottles in wanted.items():
        assert re.search(rf'name="deliver-{kind}" type="number"[^>]* value="{bottles}"', stop)
    assert loading.count('type="checkbox"') == 3


def test_a_stop_says_what_to_take_and_leave_how_to_get_in_and_how_to_get_there(driver, today):
    page = driver.get(f"/driver/stop/{today.stops[0]}").text

    for fact in (
        "Portail au fond de la cour",
        "tel:0384000001",
        "geo:46.90300,5.77500",
        "osmand.net",
        "google.com/maps",
        "waze.com",
    ):
        assert fact in page


def test_the_map_has_the_centre_the_stops_in_order_and_one_line(driver, today):
    features = driver.get(f"/driver/route/{today.route}/map.geojson").get_json()["features"]

    assert [f["properties"].get("number") for f in features[2:]] == [1, 2]
    assert len(features[0]["geometry"]["coordinates"]) == 4


def test_a_cancelled_order_is_not_asked_for_any_more(driver, territory_engine, today, db):
    with transaction(territory_engine) as session:
        session.get(Order, db.order(today).id).status = OrderStatus.CANCELLED

    page = driver.get(f"/driver/stop/{today.stops[1]}").text

    assert "was cancelled" in page
    assert "deliver-jura-75" not in page


def test_a_superseded_route_says_that_a_newer_plan_stands(driver, territory_engine, today):
    with transaction(territory_engine) as session:
        build_day.plan(session, [[session.get(Task, today.tasks[0])]])

    assert "newer plan" in driver.get(f"/driver/stop/{today.stops[0]}").text


def test_the_summary_says_what_to_hand_over_and_what_is_open(driver, today):
    end(driver, today, **collected(7, 3))
    half = driver.get(f"/driver/route/{today.route}/summary").text
    last = trouble(driver, today, "missed", "refused", stop=1, number=2)

    assert "One stop is still open" in half
    assert driver.get(last.location).location == f"/driver/route/{today.route}/summary"
    page = driver.get(f"/driver/route/{today.route}/summary").text
    assert "Everything is recorded" in page
    assert re.search(r"<b>60</b>.*Jura tradition 75 cl", page)
    assert "They did not want it" in page
