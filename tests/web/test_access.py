"""Who may open what: each address x each role, nothing of other partners or other drivers, no change without a token."""

import re

import pytest

from bottles import people
from bottles.db import transaction
from bottles.people import Person, Role

from .access_pages import ALIKE, ANSWERED, EVERYBODY, MINE, NOBODYS, WHO, everybody, rules, status, told, world
from .build_day import CELLAR, DAY
from .conftest import CAST, TUESDAY
from .handset import Handset

__all__ = ["everybody", "world"]


# -- the matrix


def test_each_address_stands_in_the_table(app):
    served = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert served == set(WHO)


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_changes_nothing(app, world, client):
    for endpoint, method, path in rules(app, world):
        if WHO[endpoint] == EVERYBODY:
            continue
        answer = client.open(path, method=method)

        is_page = method == "GET" and not path.endswith(".json")
        assert answer.status_code == (303 if is_page else 401), (method, path)
        assert not is_page or answer.location.startswith("/sign-in?next="), path


@pytest.mark.parametrize("role", Role)
def test_another_role_is_refused(app, world, everybody, role):
    for endpoint, method, path in rules(app, world):
        if WHO[endpoint] and role not in WHO[endpoint]:
            assert status(everybody[role], path, method) == 403, (method, path)


@pytest.mark.parametrize("role", [None, *Role])
def test_whom_an_address_is_for_gets_an_answer(app, world, everybody, role):
    for endpoint, method, path in rules(app, world):
        if endpoint == "auth.sign_out" or (WHO[endpoint] and role not in WHO[endpoint]):
            continue
        assert status(everybody[role], path, method) in ANSWERED, (method, path)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_no_other_method_opens_a_door(app, world, everybody, method):
    for endpoint, _method, path in rules(app, world):
        for role in (None, Role.SHOP):
            if WHO[endpoint] and role not in WHO[endpoint]:
                assert status(everybody[role], path, method) in (303, 401, 403, 405), (method, path)


# -- no change without the form's token


@pytest.mark.parametrize("token", ["", "wrong", "another session's"])
def test_no_form_is_taken_without_the_token_of_its_session(app, world, everybody, token):
    app.config["WTF_CSRF_ENABLED"] = True
    if token.startswith("another"):
        page = app.test_client().get("/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
    for endpoint, method, path in rules(app, world):
        if method != "POST":
            continue
        role = next(iter(WHO[endpoint]), None)
        answer = everybody[role].post(path, data={"csrf_token": token} if token else {})

        assert answer.status_code == 400, path


# -- not yours and not there read alike


@pytest.mark.parametrize("what", ["pickups", "orders"])
@pytest.mark.parametrize("role", MINE)
def test_what_another_partner_asked_for_reads_as_if_it_did_not_exist(app, world, everybody, what, role):
    theirs = 1 if (role is Role.SHOP) == (what == "pickups") else NOBODYS
    for number in (theirs, NOBODYS):
        assert told(everybody[role].get(f"/partner/{what}/{number}")) == ALIKE
        assert told(everybody[role].post(f"/partner/{what}/{number}/cancel")) == ALIKE
    assert told(everybody[role].get(f"/partner/pickups/new?like={NOBODYS}")) == ALIKE


def test_a_request_begins_with_nothing_of_another_partner(world, everybody):
    shop = everybody[Role.SHOP]

    assert told(shop.get("/partner/pickups/new?like=1")) == told(shop.get(f"/partner/pickups/new?like={2**70}")) == ALIKE
    page = shop.get(f"/partner/pickups/new?point={CELLAR}").text
    assert "Bôle" not in page
    assert f'value="{CELLAR}"' not in page


def test_nothing_is_asked_for_at_another_partners_point(world, everybody):
    shop = everybody[Role.SHOP]
    for point in (CELLAR, "pont-du-navoy", "nowhere"):
        pickup = {"point": point, "take": "3", "ready_from": DAY.isoformat()}
        order = {"point": point, "due": "2026-10-08", "quantity-jura-75": "60"}

        assert told(shop.post("/partner/pickups/new", data=pickup)) == ALIKE
        assert told(shop.post("/partner/orders/new", data=order)) == ALIKE
        assert told(shop.post("/partner/pickups/again", data={"point": point})) == ALIKE


@pytest.fixture
def other_driver(territory_engine, client):
    """Sign in a second driver, who has no route."""
    with transaction(territory_engine) as session:
        person = Person(name="Ana Vionnet", email="ana@example.org", role=Role.DRIVER, partner=CAST[Role.DRIVER][1])
        session.add(person)
        session.flush()
        people.sign_in(session, person.id, "ana", "device-2", lasting=DAY.resolution, at=TUESDAY)
    other = client.application.test_client()
    with other.session_transaction() as cookie:
        cookie["_user_id"] = "ana"
    return other


def test_another_drivers_route_reads_as_if_it_did_not_exist(world, everybody, other_driver):
    assert told(other_driver.get(f"/driver/route/{world.day.route}/sheet.pdf")) == ALIKE
    assert told(everybody[Role.DRIVER].get(f"/driver/route/{NOBODYS}/sheet.pdf")) == ALIKE
    assert other_driver.get("/driver/day.json").json["trips"] == []


def test_a_drivers_scan_is_taken_back_by_nobody_else(world, everybody, other_driver):
    code = world.values["code"]
    phone, other = Handset(everybody[Role.DRIVER]), Handset(other_driver)
    scan = phone.act(phone.stops[0], "scan", move="collect", crate=code)
    phone.tell(scan)
    other.tell(phone.act(phone.stops[0], "undo", undoes=scan["id"], device=other.device))

    assert everybody[Role.DRIVER].get("/driver/day.json").json["crates"][code][1] == "aboard"
    assert told(everybody[Role.WASHER].post(f"/centre/scans/{scan['id']}/undo")) == ALIKE
    assert told(everybody[Role.WASHER].post("/centre/scans/none/undo")) == ALIKE
    phone.tell(phone.act(phone.stops[0], "undo", undoes=scan["id"]))
    assert everybody[Role.DRIVER].get("/driver/day.json").json["crates"][code][1] == "out"


def test_a_point_that_is_not_for_citizens_reads_as_if_it_did_not_exist(world, client):
    assert told(client.get(f"/points/{CELLAR}")) == told(client.get("/points/nowhere")) == ALIKE
    assert CELLAR not in client.get("/points.geojson").text
