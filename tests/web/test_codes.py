"""Codes for the phone: made in the office, used once, reaching one day and nothing else."""

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bottles import passes, people
from bottles.aside import SetAside
from bottles.db import find, reading, transaction
from bottles.passes import DriverPass
from bottles.people import Person, Role, SignIn, SignInAttempt
from bottles.positions import Position
from bottles.routes import Route
from bottles.tokens import Token
from bottles.vehicles import Vehicle
from web import reach
from web.auth import allowed

from . import build_day
from .access_pages import EVERYBODY, WHO, rules, world
from .api_clients import EVENTS, PATHS, Program, receipts
from .build_day import DAY, VAN
from .office_pages import in_english, office, said

__all__ = ["office", "world"]

HOUR = timedelta(hours=1)
SECRET = "clavelin-du-matin"  # noqa: S105 - of nobody


@pytest.fixture
def day(territory_engine) -> build_day.Day:
    with transaction(territory_engine) as session:
        return build_day.plan(session, [[build_day.pickup(session)]])


@pytest.fixture
def code(territory_engine, clock):
    """Make a code as the office does: `code()` returns its number."""

    def make(secret: str = SECRET, when: date = DAY, vehicle: str = VAN) -> int:
        with transaction(territory_engine) as session:
            driver, boss = (people.by_email(session, f"{role}@example.org") for role in (Role.DRIVER, Role.COORDINATOR))
            until = clock.at + timedelta(hours=19)
            return passes.create(session, secret, driver.id, vehicle, when, until=until, by=boss.id, at=clock.at).id

    return make


@pytest.fixture
def phone(app, code, world):
    """A phone that a code signed in; the day has one of everything."""
    code()
    return signed_in(app.test_client())


def signed_in(client, secret=SECRET):
    assert use(client, secret).location == "/driver"
    return in_english(client)


def use(client, secret=SECRET):
    return in_english(client).post("/driver/in", data={"code": secret})


def rows(engine, kind) -> list:
    with reading(engine) as session:
        return list(session.exec(select(kind)))


def secret_of(page: str) -> str:
    """Read the code off the page; zxing reads the same in the browser's test."""
    return re.search(r'<path d="([^"]+)" fill="#000"', page).group(1)


# -- the office makes it


def test_a_route_of_the_plan_that_stands_leads_to_a_code_for_its_driver(office, day, territory_engine):
    assert f'action="/office/codes/{day.route}"' in office.get(f"/office/plan/{DAY}").text

    page = said(office.post(f"/office/codes/{day.route}"))

    made = rows(territory_engine, DriverPass)[0]
    assert (made.vehicle, made.day) == (VAN, DAY)
    assert made.expires_at.isoformat() == "2026-10-07T02:00:00+00:00"
    for words in ("Lou Volant", "Fourgon 1", "Tuesday 6 October", "tomorrow at 4:00", "Waits for the phone"):
        assert words in page
    assert secret_of(page)


def test_a_code_is_shown_once(office, day):
    office.post(f"/office/codes/{day.route}")

    answer = office.get(f"/office/codes/{day.route}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "code-qr" not in answer.text
    assert "Make a new code" in answer.text


def test_no_code_is_made_for_a_draft_or_a_route_that_nobody_drives(office, day, territory_engine):
    with transaction(territory_engine) as session:
        draft = build_day.plan(session, [], publish=False)
        find(session, Route, day.route).driver = None

    refused = office.post(f"/office/codes/{day.route}")
    early = office.post(f"/office/codes/{draft.route}")

    assert (refused.status_code, early.status_code) == (422, 409)
    assert "Give the route to a driver first" in refused.text
    assert "publish it first" in early.text
    assert "Make a code" not in office.get(f"/office/codes/{day.route}").text
    assert f'action="/office/codes/{day.route}"' not in office.get(f"/office/plan/{DAY}").text
    assert rows(territory_engine, DriverPass) == []


def test_the_office_sees_when_the_phone_is_signed_in(office, app, code, day, clock):
    number = code()
    assert office.get(f"/office/codes/made/{number}").status_code == 204

    signed_in(app.test_client())

    assert "Signed in today at 9:00" in said(office.get(f"/office/codes/made/{number}"))
    assert "Signed in today at 9:00" in said(office.get(f"/office/codes/{day.route}"))
    devices = said(office.get("/office/devices"))
    assert "Signed in today at 9:00" in devices
    assert "Fourgon 1, Tuesday 6 October" in devices
    clock.at += 20 * HOUR
    assert "Signed in" not in office.get("/office/devices").text


def test_a_withdrawn_code_signs_the_phone_out_and_what_it_still_sends_is_set_aside(office, app, code, day, territory_engine):
    number, phone = code(), signed_in(app.test_client())
    upload = Program(app.test_client(), phone.post(PATHS["api.devices"]).json["token"])
    device = rows(territory_engine, Token)[0].device
    assert receipts(upload.send(upload.note(device=device))) == ["kept"]

    answer = office.post(f"/office/codes/made/{number}/revoke", data={"next": f"/office/codes/{day.route}"})

    assert (answer.status_code, answer.location) == (303, f"/office/codes/{day.route}")
    assert phone.post(PATHS["api.devices"]).status_code == 401
    assert receipts(upload.send(upload.note(device=device))) == ["invalid"]
    assert len(rows(territory_engine, SetAside)) == 1
    assert office.post(f"/office/codes/made/{number}/revoke").status_code == 409


# -- the phone uses it


def test_a_code_signs_its_driver_in_until_it_is_over(app, code, territory_engine, clock):
    number = code()

    phone = signed_in(app.test_client())

    row = rows(territory_engine, SignIn)[-1]
    assert (row.driver_pass, row.expires_at) == (number, clock.at + 19 * HOUR)
    assert phone.post(PATHS["api.devices"]).status_code == 200
    assert rows(territory_engine, Token)[0].driver_pass == number
    clock.at += 19 * HOUR
    assert phone.post(PATHS["api.devices"]).status_code == 401


def test_a_second_phone_is_refused_with_a_sentence_and_nobody_is_signed_in(app, code):
    code()
    signed_in(app.test_client())
    second = app.test_client()

    answer = use(second)

    assert (answer.status_code, "This code was used already" in answer.text) == (409, True)
    assert second.post(PATHS["api.devices"]).status_code == 401


def test_a_code_for_tomorrow_waits_for_its_day(app, code, clock):
    code(when=DAY + timedelta(days=1))

    early = use(app.test_client())
    # ten past midnight in the Jura, not yet at Greenwich
    clock.at = clock.at.replace(hour=22, minute=10)

    assert (early.status_code, "for another day" in early.text) == (409, True)
    assert use(app.test_client()).status_code == 303


@pytest.mark.parametrize("secret", ["", "wrong", "\0", "é" * 101])
def test_a_wrong_code_is_refused_and_who_was_signed_in_stays_so(app, code, sign_in, secret):
    code()
    driver = in_english(sign_in(Role.DRIVER))

    assert use(driver, secret).status_code == 422
    assert driver.post(PATHS["api.devices"]).status_code == 200


def test_a_used_code_is_refused_and_who_was_signed_in_stays_so(app, code, sign_in):
    code()
    signed_in(app.test_client())
    driver = sign_in(Role.DRIVER)

    assert use(driver).status_code == 409
    assert driver.post(PATHS["api.devices"]).status_code == 200


def test_looking_at_the_page_uses_nothing_up(app, code, client):
    code()

    assert client.get("/driver/in").status_code == client.head("/driver/in").status_code == 200
    assert use(client).status_code == 303


def test_wrong_codes_are_limited_by_address_and_a_good_one_is_forgotten(make_app, config, code, territory_engine):
    code()
    app = make_app(replace(config, sign_in=replace(config.sign_in, tries_per_address=3)))
    app.config["WTF_CSRF_ENABLED"] = False
    signed_in(app.test_client())
    assert rows(territory_engine, SignInAttempt) == []

    told = [use(app.test_client(), f"guess-{n}").status_code for n in range(4)]

    assert told == [422, 422, 422, 429]
    assert "guess" not in str([row.model_dump() for row in rows(territory_engine, SignInAttempt)])


def test_a_code_is_taken_from_no_form_of_another_site(make_app, code):
    code()

    assert use(make_app().test_client()).status_code == 400


# -- what it reaches


def test_a_code_opens_no_address_but_those_of_the_day(app, world, phone):
    by_code = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "by_code", False)}
    refused = []
    for endpoint, method, path in rules(app, world):
        if WHO[endpoint] == EVERYBODY or endpoint in by_code:
            continue
        answer = phone.open(path, method=method)
        assert (answer.status_code, "opens the route of its day" in answer.text) == (403, True), (method, path)
        refused.append(endpoint)

    assert by_code == {
        "api.devices", "driver_app.day", "driver_app.sheet", "handover.take", "photos.show", "photos.small", "positions.mine",
    }  # fmt: skip
    assert {"office.today", "partner.home", "centre.home"} <= set(refused)


def test_a_code_opens_nothing_of_the_api_but_a_token_for_the_phone(app, phone):
    for endpoint, path in PATHS.items():
        for method in ("GET", "POST"):
            status = phone.open(path, method=method).status_code
            is_open = {"api.devices": "POST", "api.openapi": "GET"}.get(endpoint) == method
            assert status == 200 if is_open else status in (403, 405), (method, path)


def test_at_what_is_everybodys_the_holder_of_a_code_is_anybody(app, world, phone):
    for endpoint, method, path in rules(app, world):
        if WHO[endpoint] != EVERYBODY or method != "GET" or endpoint == "static":
            continue
        assert shown(phone.get(path)) == shown(in_english(app.test_client()).get(path)), path

    assert phone.post("/language", data={"language": "fr"}).status_code == 303
    assert find_person(app).language == ""


def shown(answer) -> tuple[int, str]:
    """Return an answer without what each session has its own of."""
    return answer.status_code, re.sub(
        r'(?<=csrf[-_]token" )\w+="[^"]+"', "", answer.text.replace(answer.headers["X-Request-Id"], "")
    )


def find_person(app) -> Person:
    with reading(app.extensions["engine"]) as session:
        return people.by_email(session, "driver@example.org")


def test_who_signs_out_is_signed_out(phone):
    assert phone.post("/sign-out").status_code == 303

    assert phone.post(PATHS["api.devices"]).status_code == 401


def test_the_token_of_the_phone_still_hands_in_after_the_code_is_over(app, phone, clock, territory_engine):
    secret = phone.post(PATHS["api.devices"]).json["token"]
    device = rows(territory_engine, Token)[0].device
    clock.at += timedelta(days=29)

    upload = Program(app.test_client(), secret)

    assert receipts(upload.send(upload.note(device=device))) == ["kept"]
    assert app.test_client().post(EVENTS).status_code == 401


def test_whose_role_changed_is_not_let_in_by_an_older_code(phone, territory_engine):
    with transaction(territory_engine) as session:
        people.by_email(session, "driver@example.org").role = Role.COORDINATOR

    assert phone.post(PATHS["api.devices"]).status_code == 401
    assert phone.get("/office").status_code == 303


def test_a_token_is_not_made_for_a_phone_whose_code_is_withdrawn_in_the_same_moment(phone, territory_engine, monkeypatch):
    monkeypatch.setattr(passes, "stands", lambda *_arguments, **_options: False)

    assert phone.post(PATHS["api.devices"]).status_code == 401
    assert rows(territory_engine, Token) == []


def test_a_code_reaches_one_vehicle_of_its_day_and_a_password_every_one(app, code, day, sign_in, territory_engine, clock):
    code()
    with transaction(territory_engine) as session:
        other = session.exec(select(Vehicle).where(Vehicle.id != VAN)).first().id
        first = find(session, Route, day.route)
        session.add(Route(**first.model_dump(exclude={"id", "vehicle"}), vehicle=other))
    view = allowed(Role.DRIVER, by_code=True)(
        lambda: [reach.day(DAY + timedelta(days=1)).isoformat(), *vehicles(territory_engine)]
    )
    app.add_url_rule("/reach", "reach", view)

    assert sign_in(Role.DRIVER).get("/reach").json == ["2026-10-07", VAN, other]
    assert signed_in(app.test_client()).get("/reach").json == ["2026-10-06", VAN]


def vehicles(engine) -> list[str]:
    return [route.vehicle for route in reach.routes(rows(engine, Route))]


def test_a_code_shows_where_its_driver_was_on_its_day_and_no_other(phone, territory_engine, clock):
    start = datetime.combine(DAY, time(), ZoneInfo("Europe/Paris"))
    moments = [start - timedelta(minutes=1), start + timedelta(hours=9), start + timedelta(hours=24)]
    with transaction(territory_engine) as session:
        lou = people.by_email(session, "driver@example.org").id
        for number, at in enumerate(moments):
            session.add(Position(id=str(number), person=lou, vehicle=VAN, at=at, lat=number, lon=0, accuracy=1))
    clock.at = start + timedelta(hours=25)

    assert [spot["lat"] for spot in phone.get("/driver/positions").json] == [1]
