"""What tests of access share: who each address is for, a day with one of everything, and a client for everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bottles.db import transaction
from bottles.people import Role

from . import build_day
from .build_day import DAY, SHOP

EVERYBODY = frozenset[Role]()
MINE, DRIVER = frozenset({Role.WINEMAKER, Role.SHOP}), frozenset({Role.DRIVER})
CENTRE, OFFICE = frozenset({Role.WASHER, Role.COORDINATOR}), frozenset({Role.COORDINATOR})

WHO = {
    "auth.demo": EVERYBODY,
    "auth.language": EVERYBODY,
    "auth.sign_in": EVERYBODY,
    "auth.sign_out": EVERYBODY,
    "centre.home": CENTRE,
    "centre_crates.crates": CENTRE,
    "centre_crates.scan": CENTRE,
    "centre_lots.hold": CENTRE,
    "centre_lots.inspection": CENTRE,
    "centre_lots.let_go": CENTRE,
    "centre_lots.lot": CENTRE,
    "centre_lots.lots": CENTRE,
    "centre_lots.rewash": CENTRE,
    "centre_reception.reception": CENTRE,
    "centre_scan.receive": CENTRE,
    "centre_scan.undo": CENTRE,
    "centre_sorting.sorting": CENTRE,
    "centre_washing.run": CENTRE,
    "centre_washing.washing": CENTRE,
    "driver.day": DRIVER,
    "driver.go_on": DRIVER,
    "driver.loading": DRIVER,
    "driver.problem": DRIVER,
    "driver.reached": DRIVER,
    "driver.reopen": DRIVER,
    "driver.route": DRIVER,
    "driver.route_map": DRIVER,
    "driver.stop": DRIVER,
    "driver.summary": DRIVER,
    "driver_scan.at_stop": DRIVER,
    "driver_scan.load": DRIVER,
    "driver_scan.undo": DRIVER,
    "driver_scan.undo_load": DRIVER,
    "office.today": OFFICE,
    "office_audit.home": OFFICE,
    "office_audit.result": OFFICE,
    "office_crates.search": OFFICE,
    "office_crates.show": OFFICE,
    "office_disputes.home": OFFICE,
    "office_disputes.show": OFFICE,
    "office_orders.cancel": OFFICE,
    "office_orders.home": OFFICE,
    "office_orders.new": OFFICE,
    "office_orders.show": OFFICE,
    "office_pickups.cancel": OFFICE,
    "office_pickups.home": OFFICE,
    "office_pickups.new": OFFICE,
    "office_pickups.show": OFFICE,
    "office_plan.ask": OFFICE,
    "office_plan.assign": OFFICE,
    "office_plan.day": OFFICE,
    "office_plan.home": OFFICE,
    "office_plan.picture": OFFICE,
    "office_plan.progress": OFFICE,
    "office_plan.publish": OFFICE,
    "office_plan.stop": OFFICE,
    "partner.crates": MINE,
    "partner.home": MINE,
    "partner_orders.cancel": MINE,
    "partner_orders.home": MINE,
    "partner_orders.new": MINE,
    "partner_orders.show": MINE,
    "partner_pickups.again": MINE,
    "partner_pickups.cancel": MINE,
    "partner_pickups.home": MINE,
    "partner_pickups.new": MINE,
    "partner_pickups.show": MINE,
    "public.bottles": EVERYBODY,
    "public.crate": EVERYBODY,
    "public.home": EVERYBODY,
    "public.point": EVERYBODY,
    "public.points": EVERYBODY,
    "public.points_map": EVERYBODY,
    "static": EVERYBODY,
}
"""Who each address is for; a new address stands here before it is served."""

ANSWERED = (200, 303, 400, 404, 409, 422)
NOBODYS = 999_999
"""A number that belongs to nothing."""


@dataclass(frozen=True)
class World:
    """A day with one of everything, for the values in addresses."""

    day: build_day.Day
    values: dict[str, object] = field(default_factory=dict)

    def path(self, rule: str) -> str:
        """Fill an address in."""
        # the centre's moves have an address each, and "wash" the shorter one besides
        rule = re.sub(r"<any\([^<>]+\):move>", "commission", rule)
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: str(self.values[found.group(1)]), rule)


@pytest.fixture
def world(territory_engine) -> World:
    with transaction(territory_engine) as session:
        day = build_day.plan(session, [[build_day.pickup(session)], [build_day.order(session, {"jura-75": 60})]])
        crate = build_day.labelled(session, 1)[0].code
    one = dict.fromkeys(
        ("lot", "run", "dispute_id", "order_id", "pickup_id", "search_id", "plan_id", "route_id", "route", "stop"), 1
    )
    one |= {"route": day.route, "route_id": day.route, "stop": day.stops[0], "plan_id": day.plan}
    text = {"event": "none", "code": crate, "grai": crate, "key": SHOP, "move": "collect", "day": DAY, "role": "driver"}
    return World(day, one | text | {"filename": "css/base.css"})


@pytest.fixture
def everybody(sign_in, client) -> dict[Role | None, FlaskClient]:
    """Give a client for each role, and one for somebody who is not signed in."""
    return {None: client} | {role: sign_in(role, client.application.test_client()) for role in Role}


def rules(app: Flask, world: World) -> Iterator[tuple[str, str, str]]:
    """List what the app answers to: endpoint, method, address."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods & {"GET", "POST"}):
            yield rule.endpoint, method, world.path(rule.rule)


def status(client: FlaskClient, path: str, method: str = "GET") -> int:
    """Return an answer's status, and let go of the file it may hold."""
    with client.open(path, method=method) as answer:
        return answer.status_code


ALIKE = (404, "There is no such thing here")


def told(answer: TestResponse) -> tuple[int, str]:
    """Return the status, and whether the sentence is that of what does not exist."""
    return answer.status_code, ALIKE[1] if ALIKE[1] in answer.text else answer.text
