"""What tests of the centre's pages do again and again: a van comes back, is counted, sorted and washed."""

import re

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import select

from bottles.batches import Lot
from bottles.codes import uuid7
from bottles.db import reading, transaction

from . import build_day
from .build_day import CRATE
from .conftest import TUESDAY

JURA = "jura-75"
GOOD = {"bath_celsius": "75,5", "naoh_percent": "1,7", "contact_minutes": "15", "rinse_ph": "7", "residue_ppm": "0"}
HX = {"HX-Request": "true"}


@pytest.fixture
def van(territory_engine: Engine) -> int:
    """A route whose driver collected eight crates of twelve and is on the way back."""
    return van_back(territory_engine)


def van_back(engine: Engine) -> int:
    """Let a driver collect eight crates of twelve and come back; return the route."""
    with transaction(engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session, take=8)]])
        build_day.brought(session, day, {CRATE: 8})
    return day.route


def an_id(number: int = 1) -> str:
    """Make an event id as a form carries it."""
    return uuid7(TUESDAY, number)


def text(answer) -> str:
    """Return what a reader sees: without marks, with plain spaces."""
    plain = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"[\s\u202f\u00a0]+", " ", plain).replace("&#39;", "'")


def received(washer, van, count: int = 8, number: int = 1):
    """Count a van in."""
    return washer.post(f"/centre/reception/{van}", data={f"crates-{CRATE}": count, "event_id": an_id(number)})


def sort(washer, van, action="record", last=0, **counts):
    """Send the sorting form; `type_jura_75=40` is its field "type-jura-75"."""
    named = {name.replace("__", "-").replace("_", "-"): n for name, n in counts.items()}
    return washer.post(f"/centre/sorting/{van}", data={"action": action, "last": last, **named})


def start(washer, bottles: int, last: int = 0):
    """Start a wash of Jura bottles."""
    form = {"recipe": "standard", "line": "Ligne 1", f"take-{JURA}": bottles, "last": last}
    return washer.post("/centre/washing", data=form)


def made_lot(washer, van, engine, readings=GOOD, **more) -> Lot:
    """Go all the way to a lot that waits for inspection."""
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    start(washer, 90)
    washer.post("/centre/washing/1", data={**readings, **more})
    with reading(engine) as session:
        return session.exec(select(Lot)).one()


def seen(engine, query):
    """Read something behind the pages."""
    with reading(engine) as session:
        return session.exec(query).all()
