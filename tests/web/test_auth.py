"""Signing in, and who may open what."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Blueprint, g
from sqlmodel import select

import web
from bottles.db import reading, transaction
from bottles.people import Person, Role, SignIn
from web import auth, current
from web.auth import allowed, hash_password, public

DRIVER = "driver@example.org"
PASSWORD = "trois clavelins au frais"  # noqa: S105 - the cast's, in tests only


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def with_passwords(territory_engine, password_hash):
    with transaction(territory_engine) as session:
        for person in session.exec(select(Person)):
            person.password_hash = password_hash


@pytest.fixture
def rooms(app):
    """A page for drivers, one for everybody, and one that forgot to say."""
    app.add_url_rule("/van", "van", allowed(Role.DRIVER)(lambda: f"van of {g.person.name}, {g.partner}, {g.device}"))
    app.add_url_rule("/act", "act", allowed(Role.DRIVER)(lambda: "done"), methods=["POST"])
    app.add_url_rule("/square", "square", public(lambda: "everybody"))
    app.add_url_rule("/silent", "silent", lambda: "nobody")
    app.add_url_rule("/api/vans", "vans", allowed(Role.DRIVER)(lambda: "[]"))
    return app


@pytest.fixture
def strict(make_app, config, with_passwords):
    """An app that lets an account miss twice and an address four times."""

    def make(**server):
        limits = replace(config.sign_in, tries_per_account=2, tries_per_address=4)
        app = make_app(replace(config, sign_in=limits, server=replace(config.server, **server)))
        app.config["WTF_CSRF_ENABLED"] = False
        return app.test_client()

    return make


def try_password(client, email=DRIVER, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


# -- who may open what


def test_an_app_with_a_view_that_does_not_say_who_may_use_it_does_not_start(make_app, monkeypatch):
    bp = Blueprint("forgotten", __name__)
    bp.add_url_rule("/forgotten", "page", lambda: "")
    monkeypatch.setattr("web.sign_in.bp", bp)

    with pytest.raises(RuntimeError, match=r"say who may use forgotten\.page"):
        make_app()


def test_every_view_says_who_may_use_it(app):
    assert None not in auth.access(app).values()


def test_a_view_added_without_a_word_is_refused_to_everybody(rooms, sign_in):
    assert rooms.test_client().get("/silent").status_code == 303
    assert all(sign_in(role).get("/silent").status_code == 403 for role in Role)


@pytest.mark.parametrize("role", Role)
def test_a_page_opens_only_to_its_roles(rooms, sign_in, role):
    expected = 200 if role is Role.DRIVER else 403

    assert sign_in(role).get("/van").status_code == expected
    assert sign_in(role, rooms.test_client()).get("/square").status_code == 200


def test_who_it_is_comes_from_the_session_and_never_from_the_request(rooms, sign_in):
    answer = sign_in(Role.DRIVER).get("/van?partner=domaine-chene&person=1", headers={"X-Partner": "domaine-chene"})

    assert answer.text == "van of Lou Volant, jaime-mes-bouteilles, device-1"


def test_a_stranger_is_led_to_the_sign_in_and_back(rooms, with_passwords):
    client = rooms.test_client()

    asked = client.get("/van?day=2026-10-06")
    page = client.get(asked.location)
    onward = re.findall(r'name="next" value="([^"]+)"', page.text)[-1]
    signed_in = try_password(client, next=onward)

    assert asked.status_code == 303
    assert signed_in.location == "/van?day=2026-10-06"


def test_a_stranger_who_sends_something_is_told_to_sign_in(rooms):
    assert rooms.test_client().post("/act").status_code == 401
    assert rooms.test_client().get("/api/vans").status_code == 401


# -- signing in


def test_signing_in_leads_to_the_roles_own_page(client, with_passwords):
    answer = try_password(client, " Driver@Example.org ")

    assert answer.status_code == 303
    assert answer.location == "/driver"
    assert client.get("/").location == "/driver"


def test_the_cookie_holds_a_token_and_the_database_only_its_digest(client, with_passwords, territory_engine):
    try_password(client)

    with client.session_transaction() as cookie:
        assert set(cookie) <= {"_user_id", "_fresh", "_permanent"}
        token = cookie["_user_id"]
    with reading(territory_engine) as session:
        row = session.exec(select(SignIn)).one()
        assert len(token) >= 40
        assert token not in row.token_digest


def test_every_sign_in_has_a_new_token_and_ends_the_one_before(client, with_passwords, territory_engine):
    try_password(client)
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]

    try_password(client)

    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first
    with reading(territory_engine) as session:
        assert [row.ended_at is None for row in session.exec(select(SignIn).order_by(SignIn.id))] == [False, True]


def test_a_token_planted_before_the_sign_in_is_not_used_after_it(client, with_passwords):
    with client.session_transaction() as cookie:
        cookie.update(dict.fromkeys(("_user_id", "csrf_token"), "planted"))

    try_password(client)

    with client.session_transaction() as cookie:
        assert "planted" not in cookie.values()


def test_signing_out_ends_the_token_on_the_server(rooms, sign_in):
    client = sign_in(Role.DRIVER)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)

    client.post("/sign-out")
    with client.session_transaction() as cookie:
        cookie.update(stolen)

    assert client.get("/van").status_code == 303


def test_a_sign_in_ends_by_itself_and_a_drivers_lasts_for_weeks(rooms, client, with_passwords, clock, config):
    try_password(client, "washer@example.org")
    driver = rooms.test_client()
    try_password(driver)

    clock.at += timedelta(hours=config.sign_in.hours, seconds=1)

    assert client.get("/").status_code == 200
    assert driver.get("/").location == "/driver"
    clock.at += timedelta(days=config.sign_in.driver_days)
    assert driver.get("/").status_code == 200


def test_a_person_who_left_is_no_longer_signed_in(rooms, sign_in, territory_engine):
    client = sign_in(Role.DRIVER)
    with transaction(territory_engine) as session:
        session.exec(select(Person).where(Person.role == Role.DRIVER)).one().active = False

    assert client.get("/van").status_code == 303


def test_a_device_keeps_its_name_over_sign_ins(client, with_passwords, territory_engine):
    for email in ("driver@example.org", "washer@example.org"):
        try_password(client, email)

    with reading(territory_engine) as session:
        devices = {row.device for row in session.exec(select(SignIn))}
        assert len(devices) == 1
        assert re.fullmatch("[0-9a-f]{32}", devices.pop())


def test_a_cookie_that_makes_up_a_device_is_not_believed(client, with_passwords, territory_engine):
    client.set_cookie("device", "<script>")

    try_password(client)

    with reading(territory_engine) as session:
        assert "<" not in session.exec(select(SignIn)).one().device


# -- refusing


def test_a_wrong_password_and_an_unknown_address_read_alike(client, with_passwords):
    wrong, unknown, nul = (
        try_password(client, *t) for t in [("driver@example.org", "no"), ("x@example.org", "no"), ("a\0b", "no")]
    )

    def faceless(page):
        return re.sub(r'(value|content)="[^"]*"', "", page.text)

    assert wrong.status_code == unknown.status_code == nul.status_code == 422
    assert faceless(wrong) == faceless(unknown)
    assert "do not go together" in wrong.text
    assert 'value="driver@example.org"' in wrong.text


def test_an_account_without_a_password_cannot_be_entered(client):
    assert try_password(client, DRIVER, "").status_code == 422
    assert try_password(client, DRIVER, "x").status_code == 422


def test_an_account_that_missed_too_often_must_wait_and_then_may_try_again(strict, clock, config):
    client = strict()
    for _ in range(2):
        try_password(client, DRIVER, "no")

    refused = try_password(client)
    clock.at += timedelta(minutes=config.sign_in.window_minutes, seconds=1)

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert try_password(client).status_code == 303


def test_an_address_that_missed_too_often_must_wait_whatever_it_claims_to_be(strict):
    client = strict()
    for n in range(4):
        client.post(
            "/sign-in", data={"email": f"{n}@example.org", "password": "no"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
        )

    assert try_password(client).status_code == 429
    elsewhere = client.post(
        "/sign-in", data={"email": "driver@example.org", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "192.0.2.7"}
    )
    assert elsewhere.status_code == 303


def test_a_proxy_is_believed_only_when_the_config_names_it(strict):
    client = strict(trusted_proxies=1)
    for n in range(4):
        client.post("/sign-in", data={"email": f"{n}@x.org", "password": "no"}, headers={"X-Forwarded-For": "192.0.2.9"})

    here = client.post(
        "/sign-in", data={"email": "5@x.org", "password": "no"}, headers={"X-Forwarded-For": "10.0.0.1, 192.0.2.9"}
    )
    elsewhere = client.post("/sign-in", data={"email": "5@x.org", "password": "no"}, headers={"X-Forwarded-For": "192.0.2.8"})

    assert here.status_code == 429
    assert elsewhere.status_code == 422


def test_ones_own_sign_in_does_not_clear_the_misses_at_other_accounts(strict):
    client = strict()
    for _ in range(2):
        try_password(client, "washer@example.org", "no")

    try_password(client)

    assert try_password(client, "washer@example.org").status_code == 429


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
    ],
)
def test_no_link_leads_from_the_sign_in_to_elsewhere(client, with_passwords, target):
    assert try_password(client, next=target).location == "/driver"
    assert client.post("/language", data={"language": "en", "next": target}).location == "/"


# -- what every answer carries


def test_a_form_without_its_token_changes_nothing(app, with_passwords):
    app.config["WTF_CSRF_ENABLED"] = True

    answer = try_password(app.test_client())

    assert answer.status_code == 400
    assert "This page was open too long" in answer.text


def test_every_answer_tells_the_browser_what_it_may_do(rooms, sign_in):
    for answer in (rooms.test_client().get("/points"), sign_in(Role.DRIVER).get("/van"), rooms.test_client().get("/nowhere")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer.headers


def test_what_a_person_sees_is_not_kept_by_the_browser(rooms, sign_in):
    assert sign_in(Role.DRIVER).get("/van").headers["Cache-Control"] == "no-store"
    assert rooms.test_client().get("/points").headers["Cache-Control"] == "private, no-cache"


def test_cookies_are_out_of_reach_of_scripts_and_on_https_of_plain_connections(make_app, config, with_passwords):
    server = replace(config.server, public_url="https://loop.example", hosts=("localhost",))
    app = make_app(replace(config, server=server))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()

    answer = client.post(
        "/sign-in", data={"email": "driver@example.org", "password": PASSWORD}, base_url="https://loop.example"
    )

    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" in cookie for cookie in cookies)
    assert answer.headers["Strict-Transport-Security"]


def test_map_tiles_are_the_only_foreign_pictures(make_app, config):
    app = make_app(replace(config, server=replace(config.server, tiles="https://{s}.tile.example/{z}/{x}/{y}.png")))

    assert (
        "img-src 'self' data: blob: https://*.tile.example;"
        in app.test_client().get("/points").headers["Content-Security-Policy"]
    )


def test_a_host_header_bends_no_link_and_a_foreign_one_is_refused(app):
    assert app.test_client().get("/points", headers={"Host": "evil.example"}).status_code == 400
    with app.test_request_context("/", headers={"Host": "localhost"}):
        assert current.link("public.points") == "http://127.0.0.1:8000/points"


def test_the_secret_is_made_once_and_readable_by_nobody_else(make_app, tmp_path):
    first, again = make_app(), make_app()

    assert first.secret_key == again.secret_key
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_the_environment_goes_before_the_config(config, monkeypatch, tmp_path):
    assert web.database_url(config, tmp_path) == f"sqlite:///{tmp_path}/bouteilles.sqlite"
    monkeypatch.setenv("BOUTEILLES_DATABASE", "sqlite:///elsewhere.sqlite")

    assert web.database_url(config, tmp_path) == "sqlite:///elsewhere.sqlite"
