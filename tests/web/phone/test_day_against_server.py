"""The phone and the server, side by side: random histories, told to both, add up to the same day."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bottles import intake
from bottles.codes import uuid7
from bottles.crates import Move
from bottles.db import reading, transaction
from bottles.people import Role
from bottles.routes import Plan, Route, Stop
from bottles.wire import NewEvent
from tests.web import build_day
from tests.web.build_day import CRATE, DAWN, SHOP
from web import driver_acts, driver_stops

from .modules import SEEN, run

__all__ = ["run"]
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOON = datetime(2026, 10, 6, 10, 0, tzinfo=UTC)
ENDS = ("stop_done", "stop_partly", "stop_missed")


@pytest.fixture
def made(territory_engine):
    """Two stops: two pickups and a delivery at the shop, a pickup at the cellar; labelled crates at the cellar."""
    with transaction(territory_engine) as session:
        shop = [build_day.pickup(session, take=3, leave=1, point=SHOP), build_day.pickup(session, take=2, leave=2, point=SHOP)]
        cellar = build_day.pickup(session)
        day = build_day.plan(session, [[*shop, build_day.order(session, {"jura-75": 30})], [cellar]])
        return day, [crate.code for crate in build_day.labelled(session, 6)]


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


def of_server(session, day: build_day.Day) -> list[dict[str, Any]]:
    names, found = driver_stops.names_of_items(session), []
    for key in day.stops:
        halt = driver_stops.build(
            session, session.get(Stop, key), session.get(Route, day.route), session.get(Plan, day.plan), names
        )
        lines = [line for move in (Move.COLLECT, Move.DROP, Move.DELIVER) for line in halt.lines(move, crates=True)]
        lines += halt.lines(Move.DELIVER, crates=False)
        found.append({
            "id": key, "state": str(halt.state), "reasons": halt.reasons, "note": driver_acts.said(session, halt),
            "lines": {line.field: [line.asked, line.scanned, line.moved, line.likely] for line in lines},
            "parts": {line.field: [[part.task.id, part.counted] for part in line.parts] for line in lines},
        })  # fmt: skip
    return found


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

    assert [{name: halt[name] for name in server[0]} for halt in trip["halts"]] == server
