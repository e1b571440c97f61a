"""The API: a receipt for each event, nobody without a token, and what a bearer may read."""

import json
from datetime import timedelta

import psycopg.errors
import pytest
from sqlmodel import select

from bottles import intake, tokens
from bottles.aside import SetAside
from bottles.db import find, reading, transaction
from bottles.events import Event
from bottles.people import Person, Role
from bottles.tokens import Token
from web import bearers

from .api_clients import DEVICE, EVENTS, PATHS, Program, Race, program, receipts
from .conftest import TUESDAY
from .office_pages import counted

__all__ = ["program"]

HOUR = timedelta(hours=1)


@pytest.fixture
def driver(program) -> Program:
    return program(Role.DRIVER)


@pytest.fixture
def washer(program) -> Program:
    return program(Role.WASHER)


def kept(engine) -> list[Event]:
    with reading(engine) as session:
        return list(session.exec(select(Event).order_by(Event.row)))


def lying(engine) -> list[SetAside]:
    with reading(engine) as session:
        return list(session.exec(select(SetAside).order_by(SetAside.row)))


# -- receipts


def test_each_event_of_a_batch_gets_its_receipt_in_the_same_order(driver, territory_engine):
    first, second = driver.note(), driver.note()
    driver.send(first)

    answer = driver.send(second, first, second | {"note": "other words"}, driver.note(kind="dance"), driver.note())

    assert receipts(answer) == ["kept", "already_known", "conflict", "invalid", "kept"]
    assert [one["id"] for one in answer.json["receipts"]][:2] == [second["id"], first["id"]]
    assert answer.json["receipts"][3]["field"] == "kind"
    assert "dance" in answer.json["receipts"][3]["sentence"]
    assert len(kept(territory_engine)) == 3
    assert len(lying(territory_engine)) == 2


def test_an_event_is_kept_as_the_bytes_it_came_in_under_its_author(washer, territory_engine, config):
    body = json.dumps(washer.note(), indent=1).encode()

    washer.raw(b'{ "events" : [ ' + body + b" ]}")

    event = kept(territory_engine)[0]
    with reading(territory_engine) as session:
        person = find(session, Person, event.person)
    assert event.body == body
    assert (person.role, event.role, event.partner) == (Role.WASHER, Role.WASHER, person.partner)
    assert event.centre == config.centres[0].id
    assert (event.at, event.received_at) == (TUESDAY, TUESDAY)


def test_a_conflict_sent_alone_is_a_409_with_the_same_receipt(driver):
    event = driver.note()
    driver.send(event)

    alone, with_another = driver.send(event | {"note": "b"}), driver.send(event | {"note": "c"}, driver.note())

    assert (alone.status_code, receipts(alone)) == (409, ["conflict"])
    assert (with_another.status_code, receipts(with_another)) == (200, ["conflict", "kept"])


def test_a_role_that_may_not_tell_of_a_move_gets_a_receipt_that_says_so(driver, territory_engine):
    answer = driver.send(driver.note(kind="scan", crate="J000042R", move="wash"))

    assert receipts(answer) == ["invalid"]
    assert answer.json["receipts"][0]["sentence"] == "Your role may not record this; ask the coordinator."
    assert lying(territory_engine)[0].role is Role.DRIVER


def test_sentences_come_in_the_language_that_is_asked_for(driver):
    answer = driver.send(driver.note(kind="dance"), headers={"Accept-Language": "fr"})

    assert answer.status_code == 200
    assert (
        driver.call("/api/v1/nowhere", headers={"Accept-Language": "fr"}).json["sentence"].startswith("Cela n’existe pas ici")
    )


# -- what is no batch


UNREADABLE = [
    b"",
    b"{",
    b"[]",
    b"{}",
    b"null",
    b'"events"',
    b'{"events":null}',
    b'{"events":{}}',
    b'{"events":[]}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_batch_is_a_400_and_nothing_of_it_is_kept(driver, territory_engine, body):
    answer = driver.raw(body)

    assert (answer.status_code, answer.json["field"]) == (400, "events")
    assert answer.json["todo"].endswith("Nothing was kept.")
    assert kept(territory_engine) == lying(territory_engine) == []


def test_more_than_500_events_or_4_megabytes_are_a_413_that_says_to_halve(driver, territory_engine):
    many = driver.send(*[driver.note() for _ in range(501)])
    much = driver.send(driver.note(note="x" * (4 * 1024 * 1024)))

    for answer in (many, much):
        assert answer.status_code == 413
        assert "half" in answer.json["todo"]
    assert kept(territory_engine) == lying(territory_engine) == []


def test_500_events_are_taken_at_once(driver):
    assert set(receipts(driver.send(*[driver.note() for _ in range(500)]))) == {"kept"}


def test_one_event_that_is_not_quite_json_spoils_none_of_the_others(driver, territory_engine):
    good = json.dumps(driver.note()).encode()
    half_a_letter = json.dumps(driver.note(note="\ud83d")).encode()

    answer = driver.raw(b'{"events": [' + b" , ".join([good, half_a_letter, b'{"a": NaN}', b'"\0"']) + b"] }\n")

    assert receipts(answer) == ["kept", "invalid", "invalid", "invalid"]
    assert [one.body for one in lying(territory_engine)] == [half_a_letter, b'{"a": NaN}', b'"\0"']


@pytest.mark.parametrize("deep", ["[" * 5_000 + "]" * 5_000, '{"a":' * 5_000 + "1" + "}" * 5_000], ids=["lists", "objects"])
def test_one_event_that_nests_too_deep_is_set_aside_alone_under_its_own_id(driver, territory_engine, deep):
    first, last, nests = driver.note(), driver.note(), driver.note()
    body = json.dumps(nests | {"more": "DEEP"}).replace('"DEEP"', deep).encode()

    answer = driver.raw(b'{"events": [' + b",".join([json.dumps(first).encode(), body, json.dumps(last).encode()]) + b"]}")

    assert receipts(answer) == ["kept", "invalid", "kept"]
    assert [one["id"] for one in answer.json["receipts"]] == [first["id"], nests["id"], last["id"]]
    assert [(one.body, one.sequence) for one in lying(territory_engine)] == [(body, nests["sequence"])]


@pytest.mark.parametrize("end", ["", "]" * 4_999, "]" * 5_001])
def test_a_batch_in_which_a_deep_event_does_not_end_is_a_400(driver, territory_engine, end):
    answer = driver.raw(b'{"events": [' + b"[" * 5_000 + end.encode() + b"]}")

    assert answer.status_code == 400
    assert kept(territory_engine) == lying(territory_engine) == []


@pytest.mark.parametrize("empty", ["", "  ", "\n\t"])
def test_an_empty_text_says_nothing(driver, territory_engine, empty):
    lost = {"kind": "scan", "crate": "J000042R", "move": "lose"}

    answer = driver.send(driver.note(note=empty), driver.note(reason=empty), driver.note(**lost, note=empty, reason=empty))

    assert receipts(answer) == ["invalid", "kept", "kept"]
    assert (answer.json["receipts"][0]["field"], "note" in answer.json["receipts"][0]["sentence"]) == ("note", True)
    assert [(event.note, event.reason) for event in kept(territory_engine)] == [("hello", None), (None, None)]


# -- tokens


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Bearer jmb_nobodys", "Basic amQ6amQ=", "jmb_driver-1", "Bearer \xff\x01"]
)
def test_without_a_good_token_nothing_is_taken_and_nothing_is_read(driver, territory_engine, authorization):
    stranger = Program(driver.client)
    for method, path in (("POST", EVENTS), ("GET", "/api/v1/crates/J000042R"), ("GET", "/api/v1/balances")):
        headers = {"Authorization": authorization} if authorization else {}
        answer = stranger.call(path, method, json={"events": [driver.note()]}, headers=headers)

        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "token" in answer.json["sentence"]
    assert kept(territory_engine) == lying(territory_engine) == []


def test_a_session_of_the_site_hands_in_nothing(sign_in, driver):
    answer = Program(sign_in(Role.DRIVER)).send(driver.note())

    assert answer.status_code == 401


def test_a_devices_token_opens_nothing_but_the_upload(program):
    phone = program(Role.COORDINATOR, device=DEVICE)

    assert receipts(phone.send(phone.note())) == ["kept"]
    for endpoint, path in PATHS.items():
        if endpoint not in {*bearers.UPLOADS, "api.openapi"}:
            method = "POST" if endpoint == "api.devices" else "GET"
            answer = phone.call(path, method)

            assert (answer.status_code, answer.json["sentence"]) == (
                403,
                "This token only hands in events; it opens nothing else.",
            )


def test_a_token_opens_no_page_of_the_site(program):
    coordinator = program(Role.COORDINATOR)

    for path in ("/office", "/office/disputes"):
        assert coordinator.call(path).status_code == 303


def test_what_a_revoked_device_sends_goes_to_quarantine_and_is_not_lost(program, territory_engine, clock):
    phone = program(Role.DRIVER, device=DEVICE)
    before, after = phone.note(), phone.note()
    phone.send(before)
    with transaction(territory_engine) as session:
        tokens.revoke(session, phone.token, None, at=clock.at)

    answer = phone.send(before, after)

    assert receipts(answer) == ["already_known", "invalid"]
    assert "may no longer send" in answer.json["receipts"][1]["sentence"]
    assert [(one.event_id, one.is_barred, one.role) for one in lying(territory_engine)] == [(after["id"], True, Role.DRIVER)]


def test_what_an_expired_device_sends_goes_to_quarantine_too(program, clock):
    phone = program(Role.DRIVER, device=DEVICE, lasting=HOUR)
    clock.at += HOUR

    assert receipts(phone.send(phone.note())) == ["invalid"]


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_bearer_whose_token_is_over_gets_a_401_and_keeps_what_they_have(driver, territory_engine, clock, end):
    if end == "revoked":
        with transaction(territory_engine) as session:
            tokens.revoke(session, driver.token, None, at=clock.at)
    else:
        clock.at += timedelta(days=1)

    answer = driver.send(driver.note())

    assert answer.status_code == 401
    assert lying(territory_engine) == []


def test_a_devices_token_hands_in_what_that_device_did_and_the_rest_waits_in_quarantine(program, territory_engine):
    phone = program(Role.DRIVER, device=DEVICE)
    mine, other = phone.note(), phone.note(device="phone-2")

    answer = phone.send(other, mine)

    assert receipts(answer) == ["invalid", "kept"]
    assert DEVICE in answer.json["receipts"][0]["sentence"]
    assert [(one.event_id, one.is_barred) for one in lying(territory_engine)] == [(other["id"], True)]


def test_the_last_use_of_a_token_is_written_once_an_hour(driver, territory_engine, clock):
    seen = []
    for minutes in (0, 59, 1):
        clock.at += timedelta(minutes=minutes)
        driver.send(driver.note())
        with reading(territory_engine) as session:
            seen.append(find(session, Token, driver.token).last_used_at)

    assert seen == [TUESDAY, TUESDAY, TUESDAY + HOUR]


def test_a_batch_asks_the_database_for_its_token_once_and_for_no_session(driver, territory_engine):
    driver.send(driver.note())
    with counted(territory_engine) as statements:
        answer = driver.send(*[driver.note() for _ in range(50)])

    asked = [statement for statement in statements if "token" in statement]
    assert len(asked) == 1
    assert not any("sign_in" in statement for statement in statements)
    assert "Set-Cookie" not in answer.headers


# -- races


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure])
def test_a_batch_that_another_one_got_in_the_way_of_is_recorded_again(driver, territory_engine, monkeypatch, error):
    monkeypatch.setattr(intake, "receive", Race(intake.receive, 3, error))

    answer = driver.send(driver.note())

    assert receipts(answer) == ["kept"]
    assert len(kept(territory_engine)) == 1


@pytest.mark.parametrize(("times", "error"), [(4, psycopg.errors.DeadlockDetected), (1, psycopg.errors.ConnectionFailure)])
def test_a_batch_that_cannot_be_recorded_now_is_a_503_that_says_when_to_come_back(driver, monkeypatch, times, error):
    monkeypatch.setattr(intake, "receive", Race(intake.receive, times, error))

    answer = driver.send(driver.note())

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["todo"].startswith("Nothing was kept")


def test_an_answer_says_what_time_it_is_to_the_millisecond(driver):
    assert driver.send(driver.note()).headers["X-Server-Time"] == "2026-10-06T07:00:00.000+00:00"
