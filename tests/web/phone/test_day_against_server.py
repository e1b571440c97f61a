"""The phone and the server, side by side: random histories, told to both, add up to the same day."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bottles import closing, intake
from bottles.codes import uuid7
from bottles.db import open_engine, reading, transaction
from bottles.people import Role
from bottles.routes import Visit, VisitLine
from bottles.wire import NewEvent
from tests.apps import copy
from tests.web import build_day
from tests.web.build_day import CRATE, DAWN, SHOP

from .modules import SEEN, run

__all__ = ["run"]
pytestmark = pytest.mark.browser

NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
ENDS = ("stop_done", "stop_partly", "stop_missed")


@pytest.fixture(scope="module")
def template(territory_template):
    """Two stops: two pickups and a delivery at the shop, a pickup at the cellar; labelled crates at the cellar."""
    engine = open_engine("sqlite://")
    copy(territory_template, engine)
    with transaction(engine) as session:
        shop = [build_day.pickup(session, take=3, leave=1, point=SHOP), build_day.pickup(session, take=2, leave=2, point=SHOP)]
        cellar = build_day.pickup(session)
        day = build_day.plan(session, [[*shop, build_day.order(session, {"jura-75": 30})], [cellar]])
        codes = [crate.code for crate in build_day.labelled(session, 6)]
    yield engine, (day, codes)
    engine.dispose()


@pytest.fixture
def made(territory_engine, template):
    """The day, written once and copied for each test."""
    engine, told = template
    copy(engine, territory_engine)
    return told


def history(chance: random.Random, day: build_day.Day, codes: list[str]) -> list[dict[str, Any]]:
    """Make up what two drivers and the coordinator tell of a day, undos and undos of undos among it."""
    told: list[dict[str, Any]] = []
    for number in range(chance.randrange(1, 40)):
        place = {
            "task": chance.choice(day.tasks),
            "plan_version": day.plan,
            "route": day.route,
            "point": SHOP,
            "holder": "fourgon-1",
        }
        when = DAWN + timedelta(hours=1, milliseconds=chance.randrange(3_600_000))
        who = chance.choice(("driver", "washer"))
        common = {
            "id": uuid7(when, chance.getrandbits(70)),
            "at": when,
            "device": f"phone-{who}",
            "sequence": number,
            "who": who,
        }
        kind = chance.choice(("scan", "scan", "count", "undo", "stop_reached", *ENDS))
        if kind == "undo" and told:
            facts = {"undoes": chance.choice(told)["id"], "who": chance.choice((who, "coordinator"))}
        elif kind == "scan":
            facts = {"crate": chance.choice([*codes, "PARKED1"]), "move": chance.choice(("collect", "drop", "deliver"))}
        elif kind in ENDS or kind == "stop_reached":
            facts = {"note": chance.choice(("", "Plein"))} | (
                {"reason": chance.choice(("closed", "unsafe"))} if kind in ENDS[1:] else {}
            )
        else:
            kind = "count"
            move, item = chance.choice((("collect", CRATE), ("drop", CRATE), ("collect", "unsorted"), ("deliver", "jura-75")))
            facts = {"move": move, "item": item, "quantity": chance.randrange(9)}
        told.append(place | common | {"kind": kind} | {name: value for name, value in facts.items() if value != ""})
    return told


def receive(session, told: list[dict[str, Any]]) -> None:
    for event in told:
        role = Role(event["who"])
        # two drivers, so that neither may take back what the other did
        author = intake.Author(
            build_day.author(session, role).person,
            "jaime-mes-bouteilles",
            Role.COORDINATOR if role is Role.COORDINATOR else Role.DRIVER,
        )
        new = NewEvent.model_validate({name: value for name, value in event.items() if name != "who"})
        assert intake.record(session, new, author, at=NOON) is intake.Receipt.KEPT


def of_server(session, day: build_day.Day) -> dict[str, list[list[Any]]]:
    """Return what the server folded the acts into, task by task."""
    visits = session.exec(select(Visit).where(Visit.plan == day.plan))
    lines = session.exec(select(VisitLine).where(VisitLine.plan == day.plan, VisitLine.item != "unsorted"))
    return {
        "visits": sorted([visit.task, visit.outcome, visit.reason] for visit in visits if visit.outcome),
        "moved": counted([line.task, f"{line.move}-{line.item}", line.quantity, line.scanned] for line in lines),
    }


def of_phone(trip: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """Return the same as the phone has it."""
    visits, moved = ([row for halt in trip["halts"] for row in halt[name]] for name in ("visits", "moved"))
    return {"visits": sorted(row for row in visits if row[1]), "moved": counted(moved)}


def counted(rows: Iterable[list[Any]]) -> list[list[Any]]:
    return sorted(row for row in rows if any(row[2:]))


def without_beliefs(trip: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a crate was to us before a scan: a later day knows where it stands since."""
    plain = [[[code, undone] for code, _kind, undone in halt["scans"]] for halt in trip["halts"]]
    return trip | {"halts": [halt | {"scans": scans} for halt, scans in zip(trip["halts"], plain, strict=True)]}


@pytest.mark.parametrize("seed", range(12))
def test_the_phone_shows_what_the_server_makes_of_the_same_acts(run, made, territory_engine, sign_in, seed):
    day, codes = made
    chance = random.Random(seed)
    told = history(chance, day, codes)
    # the phone never tells what a coordinator did: that comes with the day
    held = [event for event in told if event["who"] == "coordinator" or chance.random() < 0.4]
    own = [event for event in told if event not in held]
    with transaction(territory_engine) as session:
        receive(session, held)
    parcel = sign_in(Role.DRIVER).get("/driver/day.json").json
    with reading(territory_engine) as session:
        people = {who: build_day.author(session, Role(who)).person for who in ("driver", "washer")}
    with transaction(territory_engine) as session:
        receive(session, sorted(own, key=lambda _: chance.random()))
        server = of_server(session, day)

    wire = [
        {name: value for name, value in event.items() if name != "who"}
        | {"at": event["at"].isoformat(timespec="milliseconds"), "person": people[event["who"]]}
        for event in own
    ]
    (trip,) = run(SEEN, {"bundle": parcel, "events": wire})
    assert of_phone(trip) == server

    later = sign_in(Role.DRIVER).get("/driver/day.json").json
    (again,) = run(SEEN, {"bundle": later, "events": []})
    assert without_beliefs(again) == without_beliefs(trip)


def haulage(chance: random.Random, day: build_day.Day, codes: list[str]) -> list[dict[str, Any]]:
    """Make up what was loaded, left and delivered, at planned stops and at one that was added."""
    told: list[dict[str, Any]] = []
    for number in range(chance.randrange(1, 25)):
        when = DAWN + timedelta(hours=1, milliseconds=chance.randrange(3_600_000))
        move = chance.choice(("load", "load", "drop", "drop", "deliver", "collect"))
        place = {"route": day.route, "plan_version": day.plan, "holder": "fourgon-1", "move": move}
        if move != "load":
            place |= {"point": SHOP} | chance.choice(({}, {"task": chance.choice(day.tasks)}))
        scan = {"kind": "scan", "crate": chance.choice(codes)}
        count = {"kind": "count", "item": chance.choice((CRATE, "jura-75")), "quantity": chance.randrange(4)}
        what = chance.choice((scan, count))
        if told and chance.random() < 0.2:
            place, what = {}, {"kind": "undo", "undoes": chance.choice(told)["id"]}
        made = {"id": uuid7(when, chance.getrandbits(70)), "at": when, "device": "phone", "sequence": number, "who": "driver"}
        told.append(place | what | made)
    return told


@pytest.mark.parametrize("seed", range(12))
def test_phone_and_server_agree_on_what_a_closed_route_must_explain(run, made, territory_engine, sign_in, seed):
    day, codes = made
    told = haulage(random.Random(seed), day, codes)
    with reading(territory_engine) as session:
        person = build_day.author(session, Role.DRIVER).person
    parcel = sign_in(Role.DRIVER).get("/driver/day.json").json
    with transaction(territory_engine) as session:
        receive(session, told)
        server = closing.ended(session, day.route)[day.route]

    wire = [event | {"at": event["at"].isoformat(timespec="milliseconds"), "person": person} for event in told]
    (trip,) = run(SEEN, {"bundle": parcel, "events": wire})

    assert trip["over"] == [[row.item, row.over.all] for row in server.over]
