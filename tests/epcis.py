"""What tests of EPCIS share: a story with one of everything, and GS1's own schema, where this machine has it."""

import json
import os
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from bottles import batches, codes, crates, intake, orders, pallets, routes, stocktakes
from bottles.batches import Lot
from bottles.crates import Move
from bottles.epcis import document
from bottles.epcis.naming import Asked, Territory
from bottles.events import EventKind
from bottles.ledger import AccountKind, Key
from tests import build
from tests.build import CENTRE, GOOD_READINGS, NOON

ASSET_TYPE = "999999900001"
HERE = Territory("BOUTEILLES.EXAMPLE", ASSET_TYPE, "Europe/Paris")
LINK = f"https://bouteilles.example/8003/{codes.grai(ASSET_TYPE, '')}"
"""What the address of a crate of ours begins with."""
FOREIGN = "00614141123452A-17"
"""A crate of another network."""
ASKED = NOON + timedelta(days=3)


def asked(**options: Any) -> Asked:
    """Ask for a document, three days after noon."""
    return Asked(HERE, ASKED, **options)


def everything(session: Session, cast: build.Cast) -> dict[str, Any]:
    """Live one of everything that EPCIS has a word for, and return what the tests name of it."""
    crate = crates.register(session, "crate12", 1)[0].code
    tell(session, cast, *(cast.scan(crate, move) for move in Move if move is not Move.LEND))
    tell(session, cast, cast.scan(crate, Move.LEND, holder="epicerie"), cast.scan(FOREIGN, Move.PARK))
    taken_back = cast.scan(crate, Move.FIND)
    tell(session, cast, taken_back, undo := cast.undo(taken_back), cast.undo(undo))
    tell(session, cast, *(cast.event(EventKind.SETTLE, crate=crate, state=state) for state in crates.CrateState))
    counts = [cast.count(Move.COMMISSION, "crate12", 50), cast.count(Move.RETIRE, "crate12", 1, reason="broken")]
    tell(session, cast, *counts)
    lot = build.lot(session, cast, bottles=240)
    delivered(session, cast, 60, taken_back=12)
    pallet = pallets.build(session, lot.id or 0, 100, cast.washer.person, prefix="9999999", at=NOON)
    pallets.take_apart(session, pallet.id or 0, cast.washer.person, at=NOON + timedelta(hours=1))
    refused, again, held = (washed(session, cast, readings) for readings in (GOOD_READINGS, {"bath_celsius": 61.5}, {}))
    inspect(session, cast, refused, {"chip": 6})
    batches.hold(session, again.id or 0, "bain trop froid", at=NOON)
    batches.rewash(session, again.id or 0, at=NOON)
    batches.hold(session, held.id or 0, "étiquette perdue", at=NOON)
    shelf = Key(AccountKind.POINT, "cellar", "crate12")
    stocktakes.take_stock(session, shelf, 3, cast.coordinator.person, at=NOON)
    session.flush()
    return {"crate": crate, "lot": lot, "refused": refused, "again": again, "held": held, "pallet": pallet}


def told(session, **options: Any) -> list[dict[str, Any]]:
    """Return the events of a document that was written and read again."""
    return json.loads("".join(document.document(session, asked(**options))))["epcisBody"]["eventList"]


def some_of(events: list[dict[str, Any]], **facts: Any) -> list[dict[str, Any]]:
    return [event for event in events if all(event.get(name) == value for name, value in facts.items())]


def one_of(events: list[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    found = some_of(events, **facts)
    assert len(found) == 1, found
    return found[0]


def quantity(event: dict[str, Any], name: str = "quantityList") -> dict[str, int]:
    return {part["epcClass"].removeprefix("https://bouteilles.example/"): part["quantity"] for part in event[name]}


def tell(session: Session, cast: build.Cast, *news: Any, at: datetime = NOON) -> None:
    """Hand events in, as the coordinator, who may tell everything."""
    for answer in intake.record_all(session, news, cast.coordinator, at=at):
        assert answer.refusal is None, answer


def washed(session: Session, cast: build.Cast, readings: dict[str, float], bottles: int = 48) -> Lot:
    """Wash some bottles, from a reception on."""
    route = build.reception(session, cast, crates=5)
    batches.sort(session, route.id or 0, {"jura75": bottles}, {"glue": 9}, cast.washer.person, finished=True, at=NOON)
    run = batches.start_wash(session, CENTRE, "standard", "line-1", {"jura75": bottles}, cast.washer.person, at=NOON)
    batches.finish_wash(session, run.id or 0, readings, at=NOON + timedelta(minutes=40))
    return batches.lots_of(session, run.id or 0)[0]


def inspect(session: Session, cast: build.Cast, lot: Lot, rejected: dict[str, int]) -> None:
    """Inspect a lot and release what is good."""
    month = timedelta(days=30)
    batches.inspect(session, lot.id or 0, rejected, cast.washer.person, use_within=month, zone="Europe/Paris", at=NOON)


def delivered(session: Session, cast: build.Cast, bottles: int, *, taken_back: int = 0) -> int:
    """Deliver bottles to the shop, then correct the count; return the order."""
    due = build.TUESDAY + timedelta(days=2)
    order = orders.place(
        session, "epicerie", "shop", {"jura75": bottles}, cast.shop.person, due=due, crate_type="crate12", at=NOON
    )
    task = next(task for task in routes.gather(session, at=NOON) if task.order == order.id)
    plan = build.plan(session, cast, [task])
    visit = {"task": task.id, "plan_version": plan.id, "point": "shop", "holder": "van-1"}
    tell(session, cast, cast.count(Move.DELIVER, "jura75", bottles, **visit))
    if taken_back:
        tell(session, cast, cast.count(Move.DELIVER, "jura75", bottles - taken_back, **visit, at=NOON + timedelta(hours=1)))
    return order.id or 0


@cache
def _schema() -> Any:
    named = os.environ.get("BOUTEILLES_EPCIS_SCHEMA")
    return json.loads(Path(named).read_text(encoding="utf-8")) if named else None


def faults(document: Any) -> list[str]:
    """Validate a document with GS1's schema; return what it says, nothing when all is well."""
    schema = _schema()
    if schema is None:
        pytest.skip("BOUTEILLES_EPCIS_SCHEMA does not name GS1's EPCIS-JSON-Schema.json")
    jsonschema = pytest.importorskip("jsonschema")
    checker = jsonschema.FormatChecker(formats=())
    # a format that nobody checks lets any word through as a URI, a misspelt step for one
    checker.checks("uri")(lambda value: not isinstance(value, str) or bool(re.fullmatch(r"[A-Za-z][\w+.-]*:[!-~]+", value)))
    checker.checks("date-time", raises=ValueError)(lambda value: datetime.fromisoformat(value).tzinfo is not None)
    judge = jsonschema.Draft7Validator(schema, format_checker=checker)
    return [f"{error.json_path}: {error.message[:200]}" for error in judge.iter_errors(document)]
