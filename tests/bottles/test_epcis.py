"""EPCIS out: what happened here, in GS1's words."""

import json
import random
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from bottles import batches, codes, crates, intake
from bottles.crates import CrateState, Move
from bottles.epcis import acts, document, since
from bottles.epcis.document import Mark
from bottles.epcis.words import DISPOSITIONS, STEPS, UNITS
from bottles.errors import Invalid
from bottles.events import Event, EventKind
from tests import build, epcis
from tests.build import NOON
from tests.epcis import FOREIGN, LINK, asked, everything, one_of, quantity, tell, told

MINUTE = timedelta(minutes=1)


@pytest.fixture
def crate(session, cast) -> str:
    return crates.register(session, "crate12", 1)[0].code


# -- what a document is


def test_a_document_with_one_of_everything_passes_the_schema_of_gs1(session, cast):
    everything(session, cast)

    written = json.loads("".join(document.document(session, asked())))

    assert epcis.faults(written) == []
    kinds = {(event["type"], event.get("bizStep")) for event in written["epcisBody"]["eventList"]}
    assert len(kinds) >= 20, kinds


def test_a_page_passes_the_schema_of_gs1(session, cast):
    everything(session, cast)
    events, _ = document.page(session, asked(), 10)

    written = json.loads("".join(document.query_document(asked(), events)))

    assert epcis.faults(written) == []


def test_the_schema_finds_a_misspelt_word(session, cast, crate):
    tell(session, cast, cast.scan(crate, Move.COMMISSION))
    written = json.loads("".join(document.document(session, asked())))

    written["epcisBody"]["eventList"][0]["bizStep"] = "commisioning"

    assert epcis.faults(written)


def test_each_move_each_state_and_each_reading_has_its_word():
    assert set(STEPS) == set(Move)
    assert set(DISPOSITIONS) == set(CrateState)
    assert set(UNITS) == set(batches.Measure)


def test_an_empty_territory_gives_an_empty_list(session):
    assert told(session) == []


# -- what people did


def test_a_scan_bears_its_own_id_and_both_its_times(session, cast, crate):
    scan = cast.scan(crate, Move.COLLECT, at=NOON)
    tell(session, cast, scan, at=NOON + timedelta(hours=5))

    event = one_of(told(session))

    assert event["eventID"] == f"urn:uuid:{scan.id}"
    assert (event["eventTime"], event["recordTime"]) == ("2026-10-06T10:00:00.000Z", "2026-10-06T15:00:00.000Z")
    assert event["eventTimeZoneOffset"] == "+02:00"
    assert (event["bizStep"], event["disposition"], event["action"]) == ("collecting", "in_transit", "OBSERVE")
    assert event["epcList"] == [LINK + crate]
    assert event["readPoint"]["id"] == "https://bouteilles.example/place/cellar"
    assert "bizLocation" not in event


def test_the_offset_follows_the_season(session, cast, crate):
    winter = NOON + timedelta(days=30)
    tell(session, cast, cast.scan(crate, Move.COLLECT, at=winter), at=winter)

    assert one_of(told(session))["eventTimeZoneOffset"] == "+01:00"


def test_a_crate_of_another_network_is_named_by_its_whole_grai(session, cast):
    tell(session, cast, cast.scan(FOREIGN, Move.PARK))

    assert one_of(told(session))["epcList"] == [f"https://id.gs1.org/8003/{FOREIGN}"]


def test_what_is_undone_goes_out_again_as_an_error(session, cast, crate):
    scan = cast.scan(crate, Move.COLLECT)
    tell(session, cast, scan)
    tell(session, cast, cast.undo(scan), at=NOON + 2 * MINUTE)

    first, again = told(session)

    assert "errorDeclaration" not in first
    assert again.pop("errorDeclaration") == {"declarationTime": "2026-10-06T10:01:00.000Z", "reason": "did_not_occur"}
    assert again.pop("recordTime") == "2026-10-06T10:02:00.000Z"
    first.pop("recordTime")
    assert again == first


def test_what_was_undone_by_mistake_is_told_anew_under_another_id(session, cast, crate):
    scan = cast.scan(crate, Move.COLLECT)
    undo = cast.undo(scan)
    tell(session, cast, scan, undo, cast.undo(undo))

    first, error, anew = told(session)

    assert error["eventID"] == first["eventID"] != anew["eventID"]
    assert anew["jmb:restates"] == first["eventID"]
    assert "errorDeclaration" not in anew


def test_an_undo_that_came_first_is_told_with_what_it_undoes(session, cast, crate):
    scan = cast.scan(crate, Move.COLLECT)
    tell(session, cast, cast.undo(scan))
    tell(session, cast, scan, at=NOON + 9 * MINUTE)

    first, again = told(session, since=NOON + 5 * MINUTE)

    assert first["eventID"] == again["eventID"] == f"urn:uuid:{scan.id}"
    assert again["errorDeclaration"]["reason"] == "did_not_occur"


def test_who_may_not_undo_declares_no_error(session, cast, crate):
    scan = cast.scan(crate, Move.COLLECT)
    tell(session, cast, scan)
    intake.record(session, cast.undo(scan), cast.washer, at=NOON)

    assert len(told(session)) == 1


def test_two_undos_that_name_each_other_are_no_story_without_end(session, cast):
    first, second = (codes.uuid7(NOON, number) for number in (901, 902))
    news = [cast.event(EventKind.UNDO, id=one, undoes=other) for one, other in ((first, second), (second, first))]
    tell(session, cast, *news)

    assert told(session) == []


def test_a_later_count_corrects_the_one_before(session, cast):
    task = build.pickup(session, cast)
    visit = {"task": task.id, "plan_version": build.plan(session, cast, [task]).id, "point": "cellar", "holder": "van-1"}
    counts = [cast.count(Move.COLLECT, "crate12", n, at=NOON + n * MINUTE, **visit) for n in (6, 7)]
    tell(session, cast, *counts)

    six, seven, error = told(session)

    assert (quantity(six), quantity(seven)) == ({"type/crate12": 6}, {"type/crate12": 7})
    assert error["eventID"] == six["eventID"]
    assert error["errorDeclaration"]["reason"] == "incorrect_data"
    assert error["errorDeclaration"]["correctiveEventIDs"] == [seven["eventID"]]


def test_counts_of_different_things_correct_nothing(session, cast):
    task = build.pickup(session, cast)
    visit = {"task": task.id, "plan_version": build.plan(session, cast, [task]).id, "point": "cellar", "holder": "van-1"}
    tell(session, cast, cast.count(Move.COLLECT, "crate12", 6, **visit), cast.count(Move.DROP, "crate12", 4, **visit))
    tell(session, cast, cast.count(Move.WASH, "crate12", 5), cast.count(Move.WASH, "crate12", 3))

    assert [event for event in told(session) if "errorDeclaration" in event] == []


def stands_for(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a reader believes who takes every event as it comes."""
    believed = {}
    for event in events:
        if "errorDeclaration" in event:
            believed.pop(event["eventID"], None)
        else:
            believed[event["eventID"]] = event
    return list(believed.values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_acts_arrive_a_reader_believes_what_stands(session, cast, crate, seed):
    """Of counts, recounts, scans and their undos, in any order, taken in at one go or since the last time."""
    dice = random.Random(seed)
    task = build.pickup(session, cast)
    visit = {"task": task.id, "plan_version": build.plan(session, cast, [task]).id, "point": "cellar", "holder": "van-1"}
    acts = [cast.count(Move.COLLECT, "crate12", n, at=NOON + n * MINUTE, **visit) for n in range(1, 5)]
    acts += [cast.scan(crate, move, at=NOON + n * MINUTE) for n, move in enumerate((Move.DROP, Move.COLLECT))]
    for n in range(6):
        acts.append(cast.undo(dice.choice(acts), at=NOON + (20 + n) * MINUTE))
    standing = [act for act in _standing(acts) if act.kind is EventKind.SCAN]
    counted = [act for act in _standing(acts) if act.kind is EventKind.COUNT][-1:]
    dice.shuffle(acts)

    in_parts = []
    for n, act in enumerate(acts):
        tell(session, cast, act, at=NOON + timedelta(hours=1, minutes=n))
        in_parts += told(session, since=NOON + timedelta(hours=1, minutes=n))
    whole = told(session)

    assert in_parts == whole
    believed = {(b["eventTime"], b["bizStep"]) for b in stands_for(whole)}
    assert believed == {(a.at.strftime("%Y-%m-%dT%H:%M:00.000Z"), STEPS[Move(a.move)].step) for a in standing + counted}
    assert len(stands_for(whole)) == len(standing) + len(counted)


def _standing(acts: list[Any]) -> list[Any]:
    """Say again, in the simplest way, what stands: everything here is told by one person."""
    undone: set[str] = set()
    for undo in sorted((a for a in acts if a.kind is EventKind.UNDO), key=lambda a: a.at, reverse=True):
        if undo.id not in undone:
            undone.add(undo.undoes)
    return sorted((a for a in acts if a.id not in undone and a.kind is not EventKind.UNDO), key=lambda a: a.at)


# -- ids, parts and pages


def test_the_same_fact_has_the_same_id_in_every_document_and_no_other_has_it(session, cast):
    everything(session, cast)

    events = told(session)

    assert [event["eventID"] for event in told(session)] == [event["eventID"] for event in events]
    plain = [event["eventID"] for event in events if "errorDeclaration" not in event]
    assert len(set(plain)) == len(plain)


@pytest.mark.slow
def test_pages_put_together_are_the_whole(session, cast, monkeypatch):
    everything(session, cast)
    monkeypatch.setattr(document, "ROWS", 7)
    whole = told(session)

    for size in (1, 5, 1000):
        pages, begin = [], Mark()
        while begin is not None:
            events, begin = document.page(session, asked(), size, begin)
            pages.append(events)
            begin = begin and document.mark(str(begin))

        assert [event for page in pages for event in page] == whole, size
        assert all(len(page) == size for page in pages[:-1])


def test_asking_since_a_time_gives_what_was_known_from_then_on(session, cast, crate):
    for hour, move in enumerate((Move.COMMISSION, Move.LOAD, Move.DROP)):
        tell(session, cast, cast.scan(crate, move), at=NOON + timedelta(hours=hour))

    later = told(session, since=NOON + timedelta(hours=1))

    assert [event["jmb:move"] for event in later] == ["load", "drop"]


def test_reading_since_a_time_begins_a_day_before_whatever_rows_are_missing(session, cast, crate):
    seed = random.randrange(2**32)
    draw = random.Random(seed)
    for day in range(60):
        tell(session, cast, cast.scan(crate, Move.DROP), at=NOON + timedelta(days=day, hours=draw.randrange(20)))
    session.exec(sa.delete(Event).where(col(Event.row).in_(draw.sample(range(1, 61), 20))))
    rows = session.exec(select(Event.row, Event.received_at).order_by(Event.row)).all()

    for day in range(-2, 63):
        then = NOON + timedelta(days=day)
        begin = since.first(session, col(Event.row), col(Event.received_at), then)

        passed_over = [known_at for row, known_at in rows if row < begin]
        assert passed_over == [known_at for _, known_at in rows if known_at < then - since.DISORDER], f"seed {seed}, day {day}"


def test_what_two_requests_at_once_kept_in_the_other_order_is_told_since_either(session, cast, crate):
    for minutes, move in ((0, Move.COMMISSION), (50, Move.LOAD), (30, Move.DROP), (60, Move.COLLECT)):
        tell(session, cast, cast.scan(crate, move), at=NOON + minutes * MINUTE)

    early, late = (told(session, since=NOON + minutes * MINUTE) for minutes in (30, 40))

    assert [event["jmb:move"] for event in early] == ["load", "drop", "collect"]
    assert [event["jmb:move"] for event in late] == ["load", "collect"]


def test_a_long_past_is_not_read_to_tell_of_today(session, cast, crate, monkeypatch):
    for day in range(8):
        tell(session, cast, cast.scan(crate, Move.DROP), at=NOON + timedelta(days=day))
    asked_rows = []
    heard = acts._heard

    def hear(session, query):
        asked_rows.append(query.compile().params)
        return heard(session, query)

    monkeypatch.setattr(acts, "_heard", hear)
    told(session, since=NOON + timedelta(days=7))

    assert asked_rows[0]["row_1"] == 7


@pytest.mark.slow
def test_asking_for_a_crate_gives_its_life_and_nothing_else(session, cast):
    made = everything(session, cast)

    events = told(session, crate=made["crate"])

    assert {epc for event in events for epc in event["epcList"]} == {LINK + made["crate"]}
    assert len(events) == len([event for event in told(session) if event.get("epcList") == [LINK + made["crate"]]])
    assert len(told(session, crate=made["crate"], since=NOON + MINUTE)) == 0


def test_a_document_is_written_in_pieces_while_it_is_read(session, cast, crate, monkeypatch):
    monkeypatch.setattr(document, "PIECE", 500)
    monkeypatch.setattr(document, "ROWS", 2)
    tell(session, cast, *(cast.scan(crate, Move.COLLECT, at=NOON + n * MINUTE) for n in range(9)))

    first = list(islice(document.document(session, asked()), 2))
    whole = list(document.document(session, asked()))

    assert max(map(len, whole)) < 1500
    assert whole[:2] == first
    assert all(piece.startswith(("{", ",")) for piece, _ in pairwise(whole))


@pytest.mark.parametrize("text", ["", "x", "9.0.0", "0.0", "0.-1.0", "0.٣.0", "0.1.0\n", "0." + "9" * 30 + ".0", "\0"])
def test_a_token_that_is_not_ours_is_refused(text):
    with pytest.raises(Invalid):
        document.mark(text)
