"""EPCIS at the edges: the command that writes a document, the one that reads one, and the address that answers page by page."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from bottles import crates, events, intake
from bottles.crates import Crate, Move
from bottles.db import open_engine, reading, transaction
from bottles.events import EventKind
from bottles.intake import Author
from bottles.people import Person, Role
from bottles.wire import NewEvent
from tests import epcis
from tests.apps import copy
from web.commands import main
from web.surroundings import Surroundings

from . import build_day
from .api_clients import Program, program
from .conftest import TUESDAY

__all__ = ["program"]

EVENTS = "/api/v1/epcis/events"
CENTRE = "pont-du-navoy"
STRANGER = "00614141123452A-17"
"""A crate of another network."""


@pytest.fixture
def scanned(territory_engine) -> list[str]:
    """Five crates that were put into service, an hour between two."""
    with transaction(territory_engine) as session:
        made = [crate.code for crate in crates.register(session, "casier-12", 5)]
        person = session.exec(select(Person).where(Person.role == Role.COORDINATOR)).one()
        author = Author(person.id, person.partner, person.role, CENTRE)
        for n, code in enumerate(made):
            at = TUESDAY + timedelta(hours=n)
            facts = {"device": "tablet", "sequence": n, "crate": code, "move": Move.COMMISSION}
            scan = NewEvent(id=events.next_id(at, n), kind=EventKind.SCAN, at=at, **facts)
            intake.record(session, scan, author, at=at)
    return made


@pytest.fixture
def lot(territory_engine) -> int:
    """A lot of bottles, the first there is."""
    with transaction(territory_engine) as session:
        build_day.places(session)
        return build_day.lot(session, "jura-75", 60).id


@pytest.fixture
def here(tmp_path, territory_engine, clock) -> Surroundings:
    """This machine, on the same database as the pages."""
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(now=clock, engine=territory_engine)
    return here


@pytest.fixture
def say(here, monkeypatch) -> Callable[..., Result]:
    """Type a command."""
    for module in ("importing", "exporting"):
        # the tables were made without migrations, which is what this asks about
        monkeypatch.setattr(f"web.commands.{module}.demand_tables", lambda _here: None)
    return lambda *words, at=here: CliRunner().invoke(main, [str(word) for word in words], obj=at)


def crates_in(document: dict) -> list[str]:
    body = document["epcisBody"].get("queryResults", {}).get("resultsBody") or document["epcisBody"]
    return [epc[-8:] for event in body["eventList"] for epc in event["epcList"]]


# -- out, by the command


def test_the_export_is_a_document_on_the_standard_output(say, scanned):
    answer = say("export", "epcis")

    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert crates_in(document) == scanned
    assert document["creationDate"] == "2026-10-06T07:00:00.000Z"
    assert epcis.faults(document) == []


def test_the_export_takes_its_place_in_one_piece(say, scanned, tmp_path):
    out = tmp_path / "season.json"
    out.write_text("older")

    answer = say("export", "epcis", "--out", out)

    assert answer.exit_code == 0, answer.output
    assert crates_in(json.loads(out.read_text(encoding="utf-8"))) == scanned
    assert [file.name for file in tmp_path.iterdir() if "season" in file.name] == ["season.json"]


def test_an_export_that_is_broken_off_leaves_the_older_file(say, scanned, tmp_path, monkeypatch):
    out = tmp_path / "season.json"
    out.write_text("older")

    def broken(*_args: object) -> object:
        yield "{"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("web.commands.exporting.document.document", broken)

    answer = say("export", "epcis", "--out", out)

    assert answer.exit_code == 1
    assert "No space left on device" in answer.stderr
    assert out.read_text() == "older"
    assert [file.name for file in tmp_path.iterdir() if "season" in file.name] == ["season.json"]


def test_a_folder_that_is_not_there_is_said(say, scanned, tmp_path):
    answer = say("export", "epcis", "--out", tmp_path / "nowhere" / "season.json")

    assert answer.exit_code == 1
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("since", ["2026-10-06T11:30", "2026-10-06T09:30:00Z", "2026-10-06T11:30:00+02:00"])
def test_since_is_meant_by_the_clocks_of_the_territory(say, scanned, since):
    answer = say("export", "epcis", "--since", since)

    assert crates_in(json.loads(answer.stdout)) == scanned[3:]


def test_one_crate_is_asked_for_by_its_code_in_any_case(say, scanned):
    answer = say("export", "epcis", "--crate", scanned[1].lower())

    assert crates_in(json.loads(answer.stdout)) == scanned[1:2]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--since", "yesterday"), "yesterday"),
        (("--since", "2026-13-01"), "2026-13-01"),
        (("--lot", "L99999"), "L99999"),
        (("--crate", "J0000017"), "J0000017"),
        (("--crate", "J0000018", "--lot", "L00001"), ""),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence(say, scanned, words, sentence):
    answer = say("export", "epcis", *words)

    assert answer.exit_code == 1, answer.output
    assert sentence in answer.stderr
    assert (answer.stdout, answer.stderr.count("\n")) == ("", 1)


# -- in, by the command


def written(tmp_path, *epcs: object) -> object:
    file = tmp_path / "theirs.json"
    events_ = [{"type": "ObjectEvent", "action": "OBSERVE", "epcList": [epc]} for epc in epcs]
    file.write_text(json.dumps({"type": "EPCISDocument", "epcisBody": {"eventList": events_}}))
    return file


def owners(engine) -> dict[str, tuple[str, str]]:
    with reading(engine) as session:
        return {crate.code: (crate.owner, crate.type) for crate in session.exec(select(Crate)).all()}


def test_the_crates_of_a_document_become_known_with_their_owner(say, territory_engine, tmp_path):
    file = written(tmp_path, f"https://id.gs1.org/8003/{STRANGER}", "urn:epc:id:sgtin:0614141.112345.400")

    answer = say("import", "epcis", file)

    assert answer.exit_code == 0, answer.output
    assert owners(territory_engine) == {STRANGER: ("0614141", "casier-12")}
    assert answer.stdout.startswith("1 ")
    assert "2" in answer.stderr
    assert "sgtin" in answer.stderr


def test_the_crate_type_may_be_chosen(say, territory_engine, tmp_path):
    file = written(tmp_path, f"https://id.gs1.org/8003/{STRANGER}")

    assert say("import", "epcis", file, "--type", "carton-6").exit_code == 0
    assert owners(territory_engine) == {STRANGER: ("0614141", "carton-6")}


@pytest.mark.parametrize("words", [("--type", "palox-9"), ("--type", "\udcff")])
def test_a_crate_type_that_does_not_exist_changes_nothing(say, territory_engine, tmp_path, words):
    answer = say("import", "epcis", written(tmp_path, f"https://id.gs1.org/8003/{STRANGER}"), *words)

    assert answer.exit_code == 1
    assert owners(territory_engine) == {}


@pytest.mark.parametrize("raw", [b"", b"%PDF-1.7", b"[" * 9000, b"\0", b'{"type": "EPCISDocument"}'], ids=repr)
def test_a_file_that_is_no_document_changes_nothing(say, territory_engine, tmp_path, raw):
    file = tmp_path / "theirs.json"
    file.write_bytes(raw)

    answer = say("import", "epcis", file)

    assert answer.exit_code == 1
    assert answer.stderr.count("\n") == 1
    assert owners(territory_engine) == {}


def test_our_export_makes_our_crates_known_in_an_empty_territory(say, scanned, here, config, territory_template, tmp_path):
    """In a territory of its own: another database, another asset type."""
    out = tmp_path / "season.json"
    say("export", "epcis", "--out", out)
    there, theirs = replace(here, instance=tmp_path / "theirs"), open_engine("sqlite://")
    copy(territory_template, theirs)
    labels = replace(config.labels, asset_type="888888800001")
    there.__dict__.update(engine=theirs, now=here.now, config=replace(config, labels=labels))

    answers = [say("import", "epcis", out, at=there) for _ in range(2)]

    assert [answer.stdout.split()[0] for answer in answers] == ["5", "0"]
    known = owners(theirs)
    theirs.dispose()
    assert {code[-8:] for code in known} == set(scanned)
    assert {owner for owner, _ in known.values()} == {"bouteilles.example"}


def test_a_check_says_what_would_become_known_and_writes_nothing(say, territory_engine, tmp_path):
    file = written(tmp_path, f"https://id.gs1.org/8003/{STRANGER}", "urn:epc:id:sgtin:0614141.112345.400")

    checked, done, again = (
        say("import", "epcis", file, "--check"),
        say("import", "epcis", file),
        say("import", "epcis", file, "--check"),
    )

    assert [answer.exit_code for answer in (checked, done, again)] == [0, 0, 0], checked.output
    assert checked.stdout.startswith("1 ")
    assert checked.stdout != done.stdout
    assert "Simple vérification" in checked.stdout
    assert "sgtin" in checked.stderr
    assert done.stdout.startswith("1 ")
    assert again.stdout.startswith("0 ")


def test_a_check_leaves_the_database_as_it_was(say, territory_engine, tmp_path):
    say("import", "epcis", written(tmp_path, f"https://id.gs1.org/8003/{STRANGER}"), "--check")

    assert owners(territory_engine) == {}


# -- out, by the API


@pytest.fixture
def washer(program) -> Program:
    return program(Role.WASHER)


def asked(washer: Program, **query: object) -> tuple[dict, str]:
    """Ask for a page; return it, and the address of the next one."""
    answer = washer.call(EVENTS, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json, answer.headers.get("Link", "")


def test_a_page_is_a_query_document_with_the_versions_it_keeps_to(washer, scanned):
    answer = washer.call(EVENTS)

    assert epcis.faults(answer.json) == []
    assert answer.json["type"] == "EPCISQueryDocument"
    assert (answer.headers["GS1-EPCIS-Version"], answer.headers["GS1-CBV-Version"]) == ("2.0", "2.0")
    assert crates_in(answer.json) == scanned
    assert "Link" not in answer.headers


def test_the_next_page_is_in_the_link_and_asks_for_the_same(washer, scanned, config):
    found, more, query = [], True, {"perPage": 2, "GE_recordTime": "2026-10-06T08:00:00+00:00"}
    while more:
        document, link = asked(washer, **query)
        found += crates_in(document)
        more = link.endswith('>; rel="next"')
        address = urlsplit(link[1:].partition(">")[0])
        assert not more or link.startswith(f"<{config.server.public_url}{EVENTS}?")
        query = {name: value for name, (value,) in parse_qs(address.query).items()}

    assert found == scanned[1:]


@pytest.mark.parametrize("name", ["EQ_crate", "MATCH_epc"])
def test_one_crate_is_asked_for_by_code_or_by_epc(washer, scanned, name):
    for text in (scanned[2], f"https://bouteilles.example/8003/{epcis.LINK[-14:]}{scanned[2]}"):
        document, _ = asked(washer, **{name: text})

        assert crates_in(document) == [scanned[2]]


def test_a_lot_nobody_made_is_not_there(washer):
    assert washer.call(EVENTS, query_string={"EQ_lot": "L00099"}).status_code == 404
    assert washer.call(EVENTS, query_string={"MATCH_epcClass": "https://bouteilles.example/lot/L00099"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"perPage": 0},
        {"perPage": 1001},
        {"perPage": "many"},
        {"nextPageToken": "0"},
        {"nextPageToken": "0.1.0\0"},
        {"GE_recordTime": "yesterday"},
        {"GE_recordTime": "2026-10-06"},
        {"GE_recordTime": "9999-12-31T23:59:59Z"},
        {"EQ_crate": "J0000017"},
        {"EQ_crate": "\0"},
        {"MATCH_epc": "urn:epc:id:sgtin:0614141.112345.400"},
        {"MATCH_epc": "urn:epc:id:grai:" + "9" * 5000},
        {"EQ_crate": "J0000018", "EQ_lot": "1"},
        {"EQ_bizStep": "shipping"},
    ],
    ids=lambda query: str(query)[:50],
)
def test_what_cannot_be_asked_for_gets_a_sentence(washer, scanned, query):
    answer = washer.call(EVENTS, query_string=query)

    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.json["sentence"]
    assert "%(" not in answer.json["sentence"]
    assert answer.status_code != 422 or answer.json["field"] in query


@pytest.mark.parametrize(
    "epc",
    [
        "urn:epc:id:sgtin:0614141.112345.400",
        "urn:epc:id:grai:0614141.12345.",
        "https://bouteilles.example/8003/00614141123453A-17",
        "https://bouteilles.example/01/00614141123452",
        "J0000017",
        "nothing",
    ],
)
def test_an_epc_that_names_no_crate_is_said_in_the_words_of_a_question(washer, scanned, epc):
    answer = washer.call(EVENTS, query_string={"MATCH_epc": epc})

    assert (answer.status_code, answer.json["field"]) == (422, "MATCH_epc")
    assert epc in answer.json["sentence"]
    assert "ask by" in answer.json["sentence"]
    assert "left out" not in answer.json["sentence"]


def test_a_lot_is_asked_for_by_its_name_or_under_our_own_host_alone(washer, lot):
    names = ["L00001", "https://bouteilles.example/lot/L00001", "HTTPS://Bouteilles.Example/lot/L00001"]
    strange = ["https://other.example/lot/L00001", "https://bouteilles.example.org/lot/L00001", "x/lot/L00001", "/lot/L00001"]

    assert [washer.call(EVENTS, query_string={"MATCH_epcClass": name}).status_code for name in names] == [200] * 3
    assert [washer.call(EVENTS, query_string={"MATCH_epcClass": name}).status_code for name in strange] == [404] * 4


@pytest.mark.parametrize("role", [Role.WINEMAKER, Role.SHOP, Role.DRIVER])
def test_who_works_elsewhere_reads_nothing(program, scanned, role):
    assert program(role).call(EVENTS).status_code == 403


def test_nobody_reads_without_a_token(client, scanned):
    assert client.get(EVENTS).status_code == 401
