"""Devices: a token for the one that is signed in, the office's list of them, and the quarantine."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import people, tokens
from bottles.aside import SetAside
from bottles.db import find, reading, transaction
from bottles.events import Event
from bottles.people import Role
from bottles.tokens import Token, TokenKind

from .api_clients import DEVICE, Program, program, receipts
from .office_pages import office

__all__ = ["office", "program"]

DEVICES = "/api/v1/devices"


def all_tokens(engine) -> list[Token]:
    with reading(engine) as session:
        return list(session.exec(select(Token).order_by(Token.id)))


def test_the_office_finds_the_quarantine_from_its_differences(office):
    assert 'href="/office/quarantine"' in office.get("/office/disputes").text
    assert 'href="/office/devices"' in office.get("/office/quarantine").text


# -- a token for this device


@pytest.mark.parametrize("role", [Role.DRIVER, Role.WASHER, Role.COORDINATOR])
def test_a_device_that_is_signed_in_gets_a_token_that_outlives_the_session_by_30_days(
    sign_in, client, territory_engine, clock, role
):
    told = sign_in(role).post(DEVICES).json

    made = all_tokens(territory_engine)[0]
    assert (told["device"], made.device, made.kind, made.role) == ("device-1", "device-1", TokenKind.UPLOAD, role)
    assert made.expires_at == clock.at + timedelta(hours=12, days=30)
    assert told["expires_at"] == "2026-11-05T19:00:00Z"
    phone = Program(client, told["token"])
    assert receipts(phone.send(phone.note(device="device-1"))) == ["kept"]


def test_a_devices_new_token_takes_the_place_of_the_one_it_had(sign_in, territory_engine):
    driver = sign_in(Role.DRIVER)

    first, second = driver.post(DEVICES).json["token"], driver.post(DEVICES).json["token"]

    old, new = all_tokens(territory_engine)
    assert first != second
    assert (old.revoked_at is not None, new.revoked_at) == (True, None)


def test_a_device_gets_its_token_only_with_the_form_token_of_its_session(app, sign_in):
    app.config["WTF_CSRF_ENABLED"] = True
    driver = sign_in(Role.DRIVER)
    token = driver.get("/driver/day.json").json["csrf"]

    assert driver.post(DEVICES).status_code == 400
    assert driver.post(DEVICES, headers={"X-CSRFToken": token}).status_code == 200


def test_events_need_no_form_token(app, program):
    app.config["WTF_CSRF_ENABLED"] = True
    washer = program(Role.WASHER)

    assert receipts(washer.send(washer.note())) == ["kept"]


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.WINEMAKER, 403), (Role.SHOP, 403)])
def test_nobody_else_gets_a_devices_token(client, sign_in, role, status):
    answer = (sign_in(role) if role else client).post(DEVICES)

    assert (answer.status_code, answer.mimetype) == (status, "application/json")


def test_a_token_makes_no_other_token(program):
    assert program(Role.COORDINATOR).call(DEVICES, "POST").status_code == 403


# -- the list


def test_the_office_sees_whose_devices_and_programs_hand_in_events(office, program, clock):
    phone, machine = program(Role.DRIVER, device="phone-of-lou"), program(Role.WASHER)
    phone.send(phone.note(device="phone-of-lou"))
    program(Role.WASHER, lasting=timedelta(seconds=0))

    page = office.get("/office/devices").text

    assert "Lou Volant" in page
    assert "Phone phone-of" in page
    assert page.count("never yet") == 2
    assert machine.secret not in page
    assert "ran out today" in page


def test_a_token_that_the_office_revokes_is_over(office, program, territory_engine):
    phone = program(Role.DRIVER, device=DEVICE)

    answer = office.post(f"/office/devices/{phone.token}/revoke", follow_redirects=True)

    assert "Shut out. What it still sends waits under" in answer.text
    made = all_tokens(territory_engine)[0]
    with reading(territory_engine) as session:
        coordinator = people.by_email(session, "coordinator@example.org")
    assert made.revoked_by == coordinator.id
    assert office.post(f"/office/devices/{phone.token}/revoke").status_code == 409
    assert office.post("/office/devices/999/revoke").status_code == 404


# -- the quarantine


@pytest.fixture
def barred(program, territory_engine, clock) -> Program:
    """A device whose token was revoked, and which sent something afterwards."""
    phone = program(Role.DRIVER, device=DEVICE)
    with transaction(territory_engine) as session:
        tokens.revoke(session, phone.token, None, at=clock.at)
    phone.send(phone.note(note="left the keys"))
    return phone


def test_the_quarantine_shows_what_was_set_aside_and_why(office, barred, program):
    washer = program(Role.WASHER)
    washer.send(washer.note(kind="<b>dance</b>"))

    page = office.get("/office/quarantine").text

    assert "“&lt;b&gt;dance&lt;/b&gt;” is not a kind of event we know." in page
    assert "This phone or program may no longer send" in page
    assert page.index("dance") < page.index("This phone or program may no longer send")
    assert "left the keys" in page
    assert "Lou Volant" in page
    assert page.count("Let this in?") == 1


def test_what_was_set_aside_is_told_in_words_where_it_can_be_read(office, barred):
    page = " ".join(office.get("/office/quarantine").text.split())

    assert "<b>Note, today at 9:00</b><br>“left the keys”" in page


@pytest.mark.parametrize("path", ["/office/devices", "/office/quarantine", "/office/parked"])
def test_what_is_reached_from_the_differences_stands_under_them(office, path):
    page = office.get(path).text

    assert re.findall(r'<a href="([^"]*)"\s+aria-current="page"', page)[:1] == ["/office/disputes"]


def test_the_first_page_tells_that_something_was_set_aside(office, barred):
    page = office.get("/office").text

    assert "1 thing a phone sent could not be counted" in page
    assert "could not be counted" not in (office.post("/office/quarantine/1/put-away"), office.get("/office"))[1].text


def test_what_the_coordinator_lets_in_counts_as_its_authors(office, barred, territory_engine, clock):
    answer = office.post("/office/quarantine/1/let-in", follow_redirects=True)

    assert "Let in" in answer.text
    with reading(territory_engine) as session:
        event = session.exec(select(Event)).one()
        lying = find(session, SetAside, 1)
    assert (event.note, event.role, event.device) == ("left the keys", Role.DRIVER, DEVICE)
    assert lying.decided_at == clock.at
    assert "Nothing is set aside." in answer.text
    decided = office.get("/office/quarantine?state=decided").text
    assert "left the keys" in decided
    assert "Let in today at" in decided


def test_what_cannot_be_kept_all_the_same_says_why(office, barred, territory_engine):
    barred.send(barred.note(kind="dance"))

    answer = office.post("/office/quarantine/2/let-in", follow_redirects=True)

    assert "It could not be kept all the same: “dance” is not a kind of event we know." in answer.text
    with reading(territory_engine) as session:
        lying = find(session, SetAside, 2)
    assert (lying.decided_at, lying.decided_by) == (None, None)


def test_what_was_set_aside_for_what_it_says_is_not_let_in_and_can_be_put_away(office, program, territory_engine):
    washer = program(Role.WASHER)
    washer.send(washer.note(kind="dance"))

    assert office.post("/office/quarantine/1/let-in").status_code == 409
    answer = office.post("/office/quarantine/1/put-away", follow_redirects=True)

    assert "Put away" in answer.text
    assert "dance" not in answer.text
    again = office.post("/office/quarantine/1/put-away")
    assert (again.status_code, "Somebody decided about this meanwhile; nothing was changed." in again.text) == (409, True)
    assert office.post("/office/quarantine/9/put-away").status_code == 404


def test_a_body_of_megabytes_and_one_of_broken_bytes_are_shown_by_their_beginning(office, program):
    washer = program(Role.WASHER)
    washer.send(washer.note(note="x" * 3_000_000))
    washer.raw(b'{"events": [{"note": "\xff<script>"}]}')

    page = office.get("/office/quarantine").text

    assert len(page) < 40_000
    assert "<script>" not in page.replace("<script src", "")
    assert "\ufffd" in page
    assert "3,000," in page
