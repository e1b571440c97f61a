"""Where vehicles are: only of who shares it, only during a route, seen by the office and by the driver, then erased."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import tokens
from bottles.codes import uuid7
from bottles.db import reading, transaction
from bottles.people import Role
from bottles.positions import Position
from web.scheduler import Scheduler
from web.surroundings import Surroundings

from . import build_day
from .api_clients import DEVICE, Program, program
from .build_day import VAN
from .conftest import TUESDAY
from .photos_sent import phone

__all__ = ["phone", "program"]

POSITIONS = "/api/v1/positions"


@pytest.fixture
def today(territory_engine):
    with transaction(territory_engine) as session:
        return build_day.plan(session, [[build_day.pickup(session)]])


def spot(number=1, at=TUESDAY, **facts):
    return {"id": uuid7(TUESDAY, number), "at": at.isoformat(), "lat": 46.9, "lon": 5.78, "accuracy": 12.5} | facts


def send(phone: Program, *spots):
    return phone.call(POSITIONS, "POST", json=list(spots))


def kept(engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        return [(one.vehicle, one.at.isoformat()) for one in session.exec(select(Position).order_by(Position.at))]


def test_a_position_is_kept_once_for_the_vehicle_of_the_route(phone, today, territory_engine):
    answers = [send(phone, spot(), spot(2, TUESDAY + timedelta(minutes=1))).json for _ in range(2)]

    assert answers == [{"kept": 2}, {"kept": 2}]
    assert [vehicle for vehicle, _at in kept(territory_engine)] == [VAN, VAN]


@pytest.mark.parametrize("days", [-1, 1, -61])
def test_of_a_day_without_a_route_nothing_is_kept(phone, today, territory_engine, days):
    assert send(phone, spot(at=TUESDAY + timedelta(days=days))).json == {"kept": 0}
    assert kept(territory_engine) == []


def test_nothing_is_kept_of_who_drives_no_route(program, today, territory_engine):
    assert send(program(Role.COORDINATOR), spot()).json == {"kept": 0}
    assert kept(territory_engine) == []


def test_once_the_route_is_closed_nothing_more_is_kept_until_that_is_undone(phone, today, territory_engine, clock):
    clock.at += timedelta(minutes=30)
    closed = phone.note(kind="route_closed", route=today.route, at=TUESDAY.isoformat())
    phone.send(closed)

    before, after = spot(1, TUESDAY - timedelta(minutes=1)), spot(2, TUESDAY + timedelta(minutes=1))
    assert send(phone, before, after).json == {"kept": 1}

    phone.send(phone.note(kind="undo", undoes=closed["id"], at=(TUESDAY + timedelta(minutes=2)).isoformat()))
    assert send(phone, after).json == {"kept": 1}
    assert len(kept(territory_engine)) == 2


def test_a_close_by_who_does_not_drive_the_route_ends_no_sharing(phone, program, today, territory_engine):
    washer, before = program(Role.WASHER, "basin"), TUESDAY - timedelta(hours=1)
    washer.send(washer.note(kind="route_closed", route=today.route, device="basin", at=before.isoformat()))

    assert send(phone, spot()).json == {"kept": 1}


def test_where_the_territory_keeps_none_none_is_taken(make_app, config, program, today, territory_engine):
    app = make_app(replace(config, positions=replace(config.positions, keep_days=0)))
    phone = replace(program(Role.DRIVER, DEVICE), client=app.test_client())

    assert send(phone, spot()).json == {"kept": 0}
    assert kept(territory_engine) == []


WRONG = [
    {},
    {"lat": 91},
    {"lon": -181},
    {"accuracy": -1},
    {"id": "1"},
    {"at": 5},
    {"at": "2026-10-06T10:00:00"},
    {"lat": "NaN"},
]


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, *WRONG, [spot()] * 501])
def test_what_is_no_list_of_positions_is_refused_with_a_sentence(phone, today, territory_engine, body):
    told = body if isinstance(body, bytes) else json.dumps(body if isinstance(body, list) else body and [spot() | body])
    answer = phone.call(POSITIONS, "POST", data=told, content_type="application/json")

    assert (answer.status_code, kept(territory_engine)) == (400, [])
    assert answer.json["sentence"]


def test_a_token_that_is_over_and_a_session_bring_no_positions(phone, today, territory_engine, sign_in):
    with transaction(territory_engine) as session:
        tokens.revoke(session, phone.token, None, at=TUESDAY)

    assert send(phone, spot()).status_code == 401
    assert sign_in(Role.DRIVER).post(POSITIONS, json=[spot()]).status_code == 401
    assert kept(territory_engine) == []


def vans(office, day):
    features = office.get(f"/office/plan/{day.plan}.geojson").json["features"]
    return [
        (one["properties"]["id"], one["geometry"]["coordinates"]) for one in features if one["properties"].get("kind") == "van"
    ]


def test_the_office_sees_the_last_one_of_each_vehicle_and_the_driver_sees_the_same(phone, today, sign_in, clock):
    clock.at += timedelta(minutes=30)
    send(phone, spot(), spot(2, TUESDAY + timedelta(minutes=20), lat=46.95))
    office = sign_in(Role.COORDINATOR)

    assert "On the map" in office.get("/office").text
    assert vans(office, today) == [(f"van-{VAN}", [5.78, 46.95])]
    mine = sign_in(Role.DRIVER, office.application.test_client()).get("/driver/positions").json
    assert [(one["lat"], one["accuracy"]) for one in mine] == [(46.95, 12.5), (46.9, 12.5)]


def test_where_nobody_shares_the_office_sees_no_vehicle(today, sign_in):
    office = sign_in(Role.COORDINATOR)

    assert "On the map" not in office.get("/office").text
    assert vans(office, today) == []


def test_positions_are_erased_after_the_days_the_settings_say(phone, today, territory_engine, config, clock, tmp_path):
    send(phone, spot())
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(config=config, engine=territory_engine, now=clock)

    clock.at += timedelta(days=config.positions.keep_days)
    Scheduler(here, None, "one").sweep()
    assert len(kept(territory_engine)) == 1

    clock.at += timedelta(seconds=1)
    Scheduler(here, None, "one").sweep()
    assert kept(territory_engine) == []
