"""What tests of access share: who each address is for, a day with one of everything, and a client for everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bottles import audits
from bottles.db import transaction
from bottles.people import Role

from . import build_day
from .build_day import CELLAR, DAY, SHOP
from .conftest import TUESDAY

EVERYBODY = frozenset[Role]()
MINE, DRIVER = frozenset({Role.WINEMAKER, Role.SHOP}), frozenset({Role.DRIVER})
CENTRE, OFFICE = frozenset({Role.WASHER, Role.COORDINATOR}), frozenset({Role.COORDINATOR})

WHO = {
    "api.balances": MINE | CENTRE,
    "api.crate": CENTRE | DRIVER,
    "api.devices": CENTRE | DRIVER,
    "api.epcis_events": CENTRE,
    "api.events": frozenset(Role),
    "api.lot": CENTRE,
    "api.openapi": EVERYBODY,
    "api.photo": frozenset(Role),
    "api.recall": CENTRE,
    "auth.by_code": EVERYBODY,
    "api.spots": frozenset(Role),
    "auth.demo": EVERYBODY,
    "auth.language": EVERYBODY,
    "auth.sign_in": EVERYBODY,
    "auth.sign_out": EVERYBODY,
    "centre.home": CENTRE,
    "centre_crates.crates": CENTRE,
    "centre_crates.scan": CENTRE,
    "centre_labels.home": CENTRE,
    "centre_labels.of_one": CENTRE,
    "centre_labels.pdf": CENTRE,
    "centre_labels.replace": CENTRE,
    "centre_labels.sheet": CENTRE,
    "centre_lots.hold": CENTRE,
    "centre_lots.inspection": CENTRE,
    "centre_lots.let_go": CENTRE,
    "centre_lots.lot": CENTRE,
    "centre_lots.lots": CENTRE,
    "centre_lots.rewash": CENTRE,
    "centre_pallets.build": CENTRE,
    "centre_pallets.show": CENTRE,
    "centre_pallets.take_apart": CENTRE,
    "centre_recall.download": CENTRE,
    "centre_recall.show": CENTRE,
    "centre_reception.reception": CENTRE,
    "centre_scan.receive": CENTRE,
    "centre_scan.undo": CENTRE,
    "centre_sorting.sorting": CENTRE,
    "centre_washing.run": CENTRE,
    "centre_washing.washing": CENTRE,
    "driver_app.day": DRIVER,
    "driver_app.manifest": EVERYBODY,
    "driver_app.sheet": DRIVER,
    "driver_app.shell": EVERYBODY,
    "driver_app.words": EVERYBODY,
    "driver_app.worker": EVERYBODY,
    "handover.office": OFFICE,
    "handover.take": DRIVER | OFFICE,
    "links.crate": EVERYBODY,
    "links.lot": EVERYBODY,
    "links.pallet": EVERYBODY,
    "links.point": EVERYBODY,
    "office.today": OFFICE,
    "office_audit.ask": OFFICE,
    "office_audit.home": OFFICE,
    "office_audit.progress": OFFICE,
    "office_audit.show": OFFICE,
    "office_audit.stop": OFFICE,
    "office_balances.count": OFFICE,
    "office_balances.home": OFFICE,
    "office_balances.show": OFFICE,
    "office_balances.table": OFFICE,
    "office_codes.revoke": OFFICE,
    "office_codes.show": OFFICE,
    "office_codes.state": OFFICE,
    "office_crates.search": OFFICE,
    "office_crates.show": OFFICE,
    "office_devices.home": OFFICE,
    "office_devices.let_in": OFFICE,
    "office_devices.let_in_all": OFFICE,
    "office_devices.put_away": OFFICE,
    "office_devices.quarantine": OFFICE,
    "office_devices.revoke": OFFICE,
    "office_disputes.home": OFFICE,
    "office_disputes.show": OFFICE,
    "office_labels.points": OFFICE,
    "office_locks.fix": OFFICE,
    "office_locks.show": OFFICE,
    "office_orders.cancel": OFFICE,
    "office_orders.home": OFFICE,
    "office_orders.new": OFFICE,
    "office_orders.show": OFFICE,
    "office_parked.home": OFFICE,
    "office_parked.show": OFFICE,
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
    "office_plan.sheet": OFFICE,
    "office_plan.stop": OFFICE,
    "office_week.accept": OFFICE,
    "office_week.ask": OFFICE,
    "office_week.home": OFFICE,
    "office_week.release": OFFICE,
    "partner.crates": MINE,
    "partner.home": MINE,
    "partner.van_mail": MINE,
    "partner_orders.cancel": MINE,
    "partner_orders.home": MINE,
    "partner_orders.new": MINE,
    "partner_orders.show": MINE,
    "partner_pickups.again": MINE,
    "partner_pickups.cancel": MINE,
    "partner_pickups.home": MINE,
    "partner_pickups.new": MINE,
    "partner_pickups.show": MINE,
    "photos.apart": OFFICE,
    "photos.show": frozenset(Role),
    "photos.small": frozenset(Role),
    "positions.mine": DRIVER,
    "public.bottles": EVERYBODY,
    "public.home": EVERYBODY,
    "public.point": EVERYBODY,
    "public.points": EVERYBODY,
    "public.points_map": EVERYBODY,
    "static": EVERYBODY,
    "trust.certificate": EVERYBODY,
    "trust.home": EVERYBODY,
    "trust.profile": EVERYBODY,
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
        audits.ask(session, at=TUESDAY)
    ids = (
        "lot",
        "run",
        "row",
        "token",
        "dispute_id",
        "order_id",
        "pickup_id",
        "search_id",
        "audit_id",
        "pass_id",
        "plan_id",
        "route_id",
    )
    one = dict.fromkeys((*ids, "route", "stop"), 1)
    one |= {"route": day.route, "route_id": day.route, "stop": day.stops[0], "plan_id": day.plan}
    text = {"event": "none", "code": crate, "grai": crate, "key": SHOP, "move": "collect", "day": DAY, "role": "driver"}
    text |= {"group": "points", "holder": CELLAR, "language": "fr", "point": SHOP}
    # numbers that add up, and name nothing
    text |= {"gtin": "0" * 14, "name": "L00001", "sscc": "0" * 18, "gln": "0" * 13}
    one |= {"kind": "lot", "number": 1, "pallet": 1, "sheet": "none"}
    return World(day, one | text | {"filename": "css/base.css"})


@pytest.fixture
def everybody(sign_in, client) -> dict[Role | None, FlaskClient]:
    """Give a client for each role, and one for somebody who is not signed in."""
    return {None: client} | {role: sign_in(role, client.application.test_client()) for role in Role}


def rules(app: Flask, world: World) -> Iterator[tuple[str, str, str]]:
    """List what the app answers to: endpoint, method, address; the API, which is for bearers, has a matrix of its own."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            continue
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
