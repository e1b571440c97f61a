"""The API against what nobody should send: bodies made from its own document for each role, and the worst by hand."""

import gzip
import json
import os
import random
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from sqlmodel import select

from bottles import codes
from bottles.aside import SetAside
from bottles.db import reading
from bottles.people import Role

from .api_clients import DEVICE, EVENTS, Program, program, receipts
from .conftest import TUESDAY

__all__ = ["program"]

SEED = int(os.environ.get("BOUTEILLES_FUZZ_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = int(os.environ.get("BOUTEILLES_FUZZ_EXAMPLES") or 12)
"""Bodies for each address and way of making them; more take longer and find more."""

FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_the_document_says(app, program):
    # loading them takes longer than most tests
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    # no check that a wrong event is refused: it gets a receipt
    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    sys.stdout.write(f"BOUTEILLES_FUZZ_SEED={SEED}\n")
    bearers = {str(role): program(role) for role in Role} | {"device": program(Role.DRIVER, DEVICE)}
    secrets = {name: {"Authorization": f"Bearer {bearer.secret}"} for name, bearer in bearers.items()} | {"nobody": {}}
    answered: dict[str, set[int]] = {name: set() for name in secrets}

    # every body is sent by everybody: to make one takes longer than to answer it
    for operation in schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app).get_all_operations():
        for mode in schemathesis.GenerationMode:

            @seed(SEED)
            @FUZZ
            @given(case=operation.ok().as_strategy(generation_mode=mode))
            def send(case):
                for name, headers in secrets.items():
                    answer = case.call(headers=headers)
                    answered[name].add(answer.status_code)
                    case.validate_response(answer, checks=wanted)

            send()

    assert answered.pop("nobody") >= {401}
    assert all(200 in statuses for statuses in answered.values()), answered


# -- the worst by hand


@pytest.fixture
def washer(program) -> Program:
    return program(Role.WASHER)


def raw(event: bytes) -> bytes:
    return b'{"events": [' + event + b"]}"


DEEP = b"[" * 100_000 + b"]" * 100_000

BATCHES = {
    "600 events": (413, b'{"events": [' + b",".join([b"{}"] * 600) + b"]}"),
    "5 megabytes": (413, raw(b'{"note": "' + b"x" * 5_000_000 + b'"}')),
    "nothing but depth": (400, DEEP),
    "never closed": (400, b'{"events": [' + b'{"a":' * 100_000),
    "events is null": (400, b'{"events": null}'),
    "events is an object": (400, b'{"events": {"id": 1}}'),
    "events is empty": (400, b'{"events": []}'),
    "bytes that are no text": (400, b"\xff\xfe\x00\x01"),
    "another encoding": (400, json.dumps({"events": [{}]}).encode("utf-16")),
    "a form": (400, b"events=1&events=2"),
}


@pytest.mark.parametrize(("status", "body"), BATCHES.values(), ids=BATCHES)
def test_a_batch_of_the_worst_sort_is_refused_with_a_sentence(washer, status, body):
    answer = washer.raw(body)

    assert answer.status_code == status
    assert answer.json["sentence"]
    assert "Nothing was kept" in answer.json["todo"]


EVENTS_BY_HAND = {
    "wrong types": {"id": 1, "kind": [], "at": {}, "device": None, "sequence": "x", "note": 3, "quantity": "many"},
    "a list of wrong types": {"device": ["a"], "crate": {"a": 1}, "basis": 1, "schema": "2"},
    "the character NUL": {"note": "a\0b"},
    "NUL in the device": {"device": "a\0b"},
    "half a letter": {"note": "\ud83d"},
    "half a letter in the id": {"id": "\udc00"},
    "not a number": {"quantity": float("nan")},
    "without end": {"quantity": float("inf")},
    "a number of 400 digits": {"sequence": int("9" * 400)},
    "a number of 5,000 digits": {"sequence": "LONG"},
    "a number beyond any column": {"task": 2**63},
    "a number beyond ours": {"sequence": 2**31},
    "a number below nothing": {"sequence": -1},
    "the year 9999": {"at": "9999-12-31T23:59:59-12:00"},
    "the year 1": {"at": "0001-01-01T00:00:00+14:00"},
    "a time without its zone": {"at": "2026-10-06T10:00:00"},
    "a time that is a number": {"at": 1_790_000_000},
    "30 February": {"at": "2026-02-30T10:00:00Z"},
    "an id of a megabyte": {"id": "0" * 1_000_000},
    "a device of a megabyte": {"device": "d" * 1_000_000},
    "an id in capitals": {"id": codes.uuid7(TUESDAY, 7).upper()},
    "an id of version 4": {"id": "f47ac10b-58cc-4372-a567-0e02b2c3d479"},
    "a form of tomorrow": {"schema": 3},
    "yes for a number": {"sequence": True},
    "SQL": {"kind": "scan", "crate": "'; DROP TABLE event; --", "move": "wash"},
}


@pytest.mark.parametrize("facts", EVENTS_BY_HAND.values(), ids=EVENTS_BY_HAND)
def test_an_event_of_the_worst_sort_gets_a_sentence_and_spoils_no_other(washer, facts):
    bad = json.dumps(washer.note() | facts).replace('"LONG"', "9" * 5000)
    good = json.dumps(washer.note())

    answer = washer.raw(raw(f"{bad}, {good}".encode()))

    assert receipts(answer) == ["invalid", "kept"]
    assert 0 < len(answer.json["receipts"][0]["sentence"]) < 300


UNKEEPABLE = {
    "the character NUL": '"a\\u0000b"',
    "half a letter": '"\\ud83d"',
    "not a number": "NaN",
    "a number of 5,000 digits": "9" * 5000,
    "bytes that are no text": '"\xff"',
}


@pytest.mark.parametrize("value", UNKEEPABLE.values(), ids=UNKEEPABLE)
def test_an_event_whose_value_cannot_be_kept_is_still_answered_by_its_own_id(washer, territory_engine, value):
    event = washer.note()
    bad = json.dumps(event | {"note": "HERE"}).replace('"HERE"', value)

    answer = washer.raw(raw(bad.encode("latin-1")))

    # without its id the device would send it for ever, and without its number the audit would miss it
    assert receipts(answer) == ["invalid"]
    assert answer.json["receipts"][0]["id"] == event["id"]
    with reading(territory_engine) as session:
        assert session.exec(select(SetAside.event_id, SetAside.device, SetAside.sequence)).all() == [
            (event["id"], event["device"], event["sequence"])
        ]


@pytest.mark.parametrize("event", [b"null", b"1", b'"x"', b"[]", b"{}", b"[[]]", b"true", b'{"note": "\xff"}', b"NaN"])
def test_what_is_no_event_gets_a_sentence_too(washer, event):
    answer = washer.raw(raw(event))

    assert receipts(answer) == ["invalid"]
    assert answer.json["receipts"][0]["sentence"]


def test_an_event_that_nests_deeply_but_readably_is_answered(washer):
    nested = b'{"id": "x", "note": ' + b"[" * 800 + b"]" * 800 + b"}"

    assert receipts(washer.raw(raw(nested))) == ["invalid"]


def test_an_act_in_the_far_future_is_kept_and_flagged(washer):
    assert receipts(washer.send(washer.note(at="2099-12-31T00:00:00Z"))) == ["kept"]


def test_one_id_twice_in_a_batch_counts_once(washer):
    event = washer.note()

    assert receipts(washer.send(event, event, event | {"note": "other"})) == ["kept", "already_known", "conflict"]


def test_of_a_field_told_twice_the_last_one_counts(washer):
    event = json.dumps(washer.note())
    twice = event[:-1] + ', "note": "the last one"}'

    assert receipts(washer.raw(raw(twice.encode()))) == ["kept"]


def test_a_packed_body_is_refused_with_a_sentence(washer):
    packed = gzip.compress(raw(json.dumps(washer.note()).encode()))

    told, untold = washer.raw(packed, headers={"Content-Encoding": "gzip"}), washer.raw(packed)

    assert (told.status_code, untold.status_code) == (400, 400)
    assert "gzip" in told.json["sentence"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense", ""]
)
def test_the_type_that_a_body_claims_changes_nothing(washer, content_type):
    assert receipts(washer.raw(raw(json.dumps(washer.note()).encode()), content_type=content_type)) == ["kept"]


def test_a_body_in_chunks_is_read_and_its_limit_holds(washer):
    chunked = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}}
    good = raw(json.dumps(washer.note()).encode())

    assert receipts(washer.raw(good, **chunked)) == ["kept"]
    assert washer.raw(BATCHES["5 megabytes"][1], **chunked).status_code == 413


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "BREW"])
def test_another_method_is_refused_with_a_sentence(washer, method):
    answer = washer.call(EVENTS, method)

    assert answer.status_code == 405
    assert method == "HEAD" or answer.json["sentence"]
