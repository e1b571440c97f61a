"""EPCIS in: the crates that another operator's document makes known here."""

import json
from typing import Any

import pytest
from sqlmodel import select

from bottles import codes, crates
from bottles.crates import Crate, CrateState, Move
from bottles.epcis import document, reading
from bottles.epcis.naming import Territory
from bottles.errors import Invalid
from tests.build import NOON
from tests.epcis import ASSET_TYPE, FOREIGN, LINK, asked, tell


@pytest.fixture
def crate(session, cast) -> str:
    return crates.register(session, "crate12", 1)[0].code


THERE = Territory("VERRE.EXAMPLE", "888888800002", "Europe/Paris")


def file_of(*events: Any, **more: Any) -> bytes:
    return json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}, **more}).encode()


def seen(*epcs: Any, **more: Any) -> dict[str, Any]:
    return {"type": "ObjectEvent", "action": "OBSERVE", "epcList": list(epcs), **more}


def taken_in(session, raw: bytes, ours: str = ASSET_TYPE) -> tuple[reading.Report, reading.Found]:
    found = reading.read(raw, ours)
    return reading.adopt(session, found, "crate12", at=NOON), found


def owners(session) -> dict[str, str]:
    return dict(session.exec(select(Crate.code, Crate.owner)).all())


@pytest.mark.parametrize(
    ("epc", "code", "owner"),
    [
        ("urn:epc:id:grai:0614141.12345.A-17", "00614141123452A-17", "0614141"),
        ("urn:epc:id:grai:0614141.12345.A%2F17", "00614141123452A/17", "0614141"),
        ("urn:epc:id:grai:061414112345..9", "006141411234529", "061414112345"),
        ("https://id.gs1.org/8003/00614141123452A-17", "00614141123452A-17", "0614141"),
        ("HTTPS://VERRE.EXAMPLE/8003/00614141123452A-17", "00614141123452A-17", "verre.example"),
        ("https://verre.example/a/b/8003/00614141123452A%2F17?lang=fr", "00614141123452A/17", "verre.example"),
    ],
)
def test_a_crate_is_read_in_each_form_and_its_owner_with_it(session, cast, epc, code, owner):
    report, found = taken_in(session, file_of(seen(epc)))

    assert (report.new, report.known, found.faults) == (1, 0, [])
    assert owners(session) == {code: owner}


def test_what_was_scanned_of_a_crate_before_counts_once_its_document_is_read(session, cast):
    tell(session, cast, cast.scan(FOREIGN, Move.PARK))

    taken_in(session, file_of(seen(f"https://id.gs1.org/8003/{FOREIGN}")))

    assert session.get(Crate, FOREIGN).state is CrateState.PARKED


def test_the_same_document_twice_changes_nothing(session, cast):
    first, second = "urn:epc:id:grai:0614141.12345.1", "urn:epc:id:grai:0614141.12345.2"
    raw = file_of(seen(first, second), seen(first))
    taken_in(session, raw)
    before = owners(session)

    report, _ = taken_in(session, raw)

    assert (report.new, report.known) == (0, 2)
    assert owners(session) == before


def test_our_own_export_makes_our_crates_known_in_another_territory(session, cast):
    made = [crate.code for crate in crates.register(session, "crate12", 3)]
    tell(session, cast, *(cast.scan(code, Move.COMMISSION) for code in made))
    ours = "".join(document.document(session, asked())).encode()
    for crate in session.exec(select(Crate)).all():
        session.delete(crate)
    session.flush()

    report, found = taken_in(session, ours, THERE.asset_type)

    assert (report.new, found.faults) == (3, [])
    assert owners(session) == {codes.grai(ASSET_TYPE, code): "bouteilles.example" for code in made}


def test_a_page_of_a_query_is_read_like_a_document(session, cast):
    tell(session, cast, cast.scan(FOREIGN, Move.PARK))
    events, _ = document.page(session, asked(), 10)

    report, _ = taken_in(session, "".join(document.query_document(asked(), events)).encode())

    assert report.new == 1


def test_a_crate_that_bears_our_type_and_was_never_made_here_is_left_out(session, cast, crate):
    stranger = codes.serial(4711)

    report, found = taken_in(session, file_of(seen(LINK + crate), seen(LINK + stranger)))

    assert (report.new, report.known) == (0, 1)
    assert [(number, refusal.values) for number, refusal in found.faults] == [(2, {"epc": stranger})]


@pytest.mark.parametrize(
    "event",
    [
        seen("urn:epc:id:sgtin:0614141.112345.400"),
        seen("https://id.gs1.org/01/09521234543213/21/1"),
        seen("https://id.gs1.org/8003/00614141123459A-17"),
        seen("urn:epc:id:grai:0614141.1234.1"),
        seen("urn:epc:id:grai:0614141.12345.%00"),
        seen("urn:epc:id:grai:0614141.12345.%C3"),
        seen("urn:epc:id:grai:0614141.12345." + "9" * 17),
        seen("https://[::1/8003/00614141123452A"),
        seen(""),
        seen("\0"),
        seen("\ud800"),
        seen(17),
        seen(["urn:epc:id:grai:0614141.12345.1"]),
        {"type": "ObjectEvent", "epcList": "urn:epc:id:grai:0614141.12345.1"},
        {"type": "ObjectEvent", "epcList": {"a": 1}},
        {"type": 7},
        {},
        [],
        None,
        "event",
    ],
    ids=repr,
)
def test_what_cannot_be_read_is_said_with_its_event_and_the_rest_is_taken_in(session, cast, event):
    report, found = taken_in(session, file_of(seen("urn:epc:id:grai:0614141.12345.1"), event))

    assert report.new == 1
    assert [number for number, _ in found.faults] == [2]
    assert "%(" not in str(found.faults[0][1])


def test_what_names_no_crate_or_did_not_happen_is_passed_over(session, cast):
    error = seen("urn:epc:id:grai:0614141.12345.1", errorDeclaration={"declarationTime": "2026-10-06T10:00:00Z"})
    other = {"type": "TransformationEvent", "outputEPCList": ["urn:epc:id:grai:0614141.12345.1"]}

    report, found = taken_in(session, file_of(error, other, {"type": "ObjectEvent", "quantityList": []}))

    assert (report.new, found.others, found.faults) == (0, 3, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"EPCIS",
        b"<epcis/>",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b"7",
        b'{"epcisBody": 3}',
        b'{"epcisBody": {"eventList": {}}}',
        b'{"epcisBody": {"queryResults": {"resultsBody": []}}}',
        b'{"epcisBody": {"eventList": [NaN]}}',
        b'{"epcisBody": {"eventList": [' + b"9" * 5000 + b"]}}",
        b'{"epcisBody": {"eventList": [' + b"[" * 100 + b"]" * 100 + b"]}}",
        b'{"epcisBody": {"eventList": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"epcisBody": {"eventList": ' + b'[{"a":' * 50_000,
        b'"' * 1_000_001,
        b" " * (reading.MOST_BYTES + 1),
    ],
    ids=lambda raw: f"{len(raw)} {raw[:12]!r}",
)
def test_a_file_that_is_no_document_is_refused_in_a_sentence(raw):
    with pytest.raises(Invalid) as refused:
        reading.read(raw, ASSET_TYPE)

    assert "%(" not in str(refused.value)


def test_brackets_within_texts_are_no_depth(session, cast):
    deep = seen("urn:epc:id:grai:0614141.12345.1", note="[{" * 500 + '\\"[')

    report, _ = taken_in(session, file_of(deep))

    assert report.new == 1
