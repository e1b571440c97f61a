"""What tests of the driver's pages share: a published day, the driver's client, and what their thumb does."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import select

from bottles.codes import uuid7
from bottles.db import reading, transaction
from bottles.events import Event
from bottles.orders import Order
from bottles.people import Role
from bottles.pickups import Pickup
from bottles.routes import Task, Visit, VisitLine

from . import build_day
from .build_day import CRATE, DAY
from .conftest import TUESDAY

HX = {"HX-Request": "true"}
COLLECT, DROP, JURA = f"collect-{CRATE}", f"drop-{CRATE}", "deliver-jura-75"
TOMORROW = DAY + timedelta(days=1)


def an_id(number: int = 1) -> str:
    return uuid7(TUESDAY, number)


def in_english(client):
    client.set_cookie("language", "en")
    return client


@pytest.fixture
def today(territory_engine):
    """A route with two stops: a pickup of eight full crates for four empties, and a delivery of sixty bottles."""
    with transaction(territory_engine) as session:
        tasks = [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]]
        return build_day.plan(session, tasks)


@pytest.fixture
def driver(sign_in):
    return in_english(sign_in(Role.DRIVER))


@pytest.fixture
def db(territory_engine):
    """Read the database as it stands now."""

    def events(kind=None):
        with reading(territory_engine) as session:
            return [
                e for e in session.exec(select(Event).order_by(Event.row)) if e.device != "built" and kind in (None, e.kind)
            ]

    def get(table, key):
        with reading(territory_engine) as session:
            return session.get(table, key)

    def pickup(day):
        return get(Pickup, get(Task, day.tasks[0]).pickup)

    def order(day):
        return get(Order, get(Task, day.tasks[1]).order)

    def line(day, move, item, task=0):
        return get(VisitLine, (day.tasks[task], day.plan, move, item))

    def visit(day, task=0):
        return get(Visit, (day.tasks[task], day.plan))

    return SimpleNamespace(events=events, get=get, pickup=pickup, order=order, line=line, visit=visit)


@pytest.fixture
def labels(territory_engine):
    """Thirty-two crates with labels, out at the cellar."""
    with transaction(territory_engine) as session:
        return [crate.code for crate in build_day.labelled(session, 32)]


def scan(client, day, code, number=1, move="collect", headers=HX):
    data = {"code": code, "event_id": an_id(number)}
    return client.post(f"/driver/stop/{day.stops[0]}/scan/{move}", data=data, headers=headers)


def collected(full, empties=4):
    return {COLLECT: full, DROP: empties}


def end(client, day, number=1, stop=0, **fields):
    return client.post(f"/driver/stop/{day.stops[stop]}", data={"event_id": an_id(number)} | fields)


def trouble(client, day, how, reason="closed", number=1, stop=0, **fields):
    data = {"event_id": an_id(number), "how": how, "reason": reason} | fields
    return client.post(f"/driver/stop/{day.stops[stop]}/problem", data=data)


def count_shown(answer) -> str:
    return re.search(r'class="scan-count"><b>(\d+)</b>', answer.text).group(1)
