"""Scanning at a stop and while loading."""

from datetime import timedelta

from bottles import crates
from bottles.codes import by_eye, label, serial
from bottles.crates import Crate, CrateState, Move
from bottles.db import reading, transaction
from bottles.disputes import DisputeKind, open_ones
from bottles.events import EventKind

from .build_day import CRATE
from .conftest import TUESDAY
from .driver_pages import HX, an_id, count_shown, db, driver, labels, scan, today

__all__ = ["db", "driver", "labels", "today"]


def test_thirty_scans_are_thirty_crates_with_stop_van_plan_and_route(driver, today, labels, db):
    for number, code in enumerate(labels[:30], start=1):
        answer = scan(driver, today, code, number)

    assert count_shown(answer) == "30"
    kept = db.events(EventKind.SCAN)
    assert len(kept) == 30
    assert {(e.task, e.plan_version, e.route, e.point, e.holder, e.move) for e in kept} == {
        (today.tasks[0], today.plan, today.route, "cellar", "fourgon-1", "collect")
    }
    assert db.line(today, Move.COLLECT, CRATE).quantity == 30
    assert db.get(Crate, labels[0]).state is CrateState.ABOARD


def test_a_label_scanned_twice_is_said_and_not_counted_twice(driver, today, labels, db):
    scan(driver, today, labels[0], 1)
    again = scan(driver, today, by_eye(labels[0]).lower(), 2)

    assert 'data-scan-result="repeated"' in again.text
    assert count_shown(again) == "1"
    assert len(db.events(EventKind.SCAN)) == 1


def test_a_label_that_was_replaced_says_so_when_scanned_and_the_new_one_does_not(driver, today, labels, db, territory_engine):
    old, new = labels[0], label(labels[1], 2)
    with transaction(territory_engine) as session:
        crates.reprint(session, labels[:2], at=TUESDAY - timedelta(minutes=5))

    voided, counted = scan(driver, today, old, 1), scan(driver, today, new, 2)

    assert "this label was replaced: take it off. Counted, and reported." in voided.text
    assert 'data-scan-result="known"' in counted.text
    assert by_eye(new) in counted.text
    assert [event.crate for event in db.events(EventKind.SCAN)] == labels[:2]
    with reading(territory_engine) as session:
        assert [(d.kind, d.subject) for d in open_ones(session)] == [(DisputeKind.VOID_LABEL, f"crate:{old}")]


def test_a_scan_sent_twice_is_told_as_the_first_time(driver, today, labels, db):
    first, again = scan(driver, today, labels[0], 1), scan(driver, today, labels[0], 1)

    assert 'data-scan-result="known"' in first.text
    assert 'data-scan-result="known"' in again.text
    assert len(db.events(EventKind.SCAN)) == 1


def test_another_label_under_an_id_that_was_used_is_not_taken_for_a_resend(driver, today, labels, db):
    scan(driver, today, labels[0], 1)
    other = scan(driver, today, labels[1], 1)

    assert count_shown(other) == "2"
    assert [event.crate for event in db.events(EventKind.SCAN)] == labels[:2]


def test_a_misread_code_asks_to_read_it_again_and_keeps_it_on_screen(driver, today, labels, db):
    wrong = labels[0][:-1] + ("A" if labels[0][-1] != "A" else "B")

    answer = scan(driver, today, wrong)

    assert "read it again" in answer.text
    assert wrong in answer.text
    assert 'data-scan-result="unknown"' in answer.text
    assert db.events() == []


def test_an_unknown_crate_is_counted_and_parked_for_the_coordinator(driver, today, territory_engine, db):
    answer = scan(driver, today, serial(999_000))

    assert 'data-scan-result="unknown"' in answer.text
    assert count_shown(answer) == "1"
    with reading(territory_engine) as session:
        assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNKNOWN_CRATE]


def test_a_crate_thought_elsewhere_is_counted_and_the_page_says_why_it_surprises(driver, today, territory_engine):
    with transaction(territory_engine) as session:
        code = crates.register(session, CRATE, 1)[0].code

    answer = scan(driver, today, code)

    assert 'data-scan-result="unexpected"' in answer.text
    assert "its label was never used before" in answer.text
    assert count_shown(answer) == "1"


def test_an_undone_scan_counts_no_more_and_may_be_scanned_again(driver, today, labels, db):
    scan(driver, today, labels[0], 1)
    address = f"/driver/stop/{today.stops[0]}/scan/collect/undo/{an_id(1)}"

    undone = driver.post(address, headers=HX)
    driver.post(address, headers=HX)

    assert count_shown(undone) == "0"
    assert len(db.events(EventKind.UNDO)) == 1
    assert db.get(Crate, labels[0]).state is CrateState.OUT
    assert count_shown(scan(driver, today, labels[0], 2)) == "1"


def test_the_second_tap_of_an_undo_does_not_take_back_the_scan_before(driver, today, labels):
    scan(driver, today, labels[0], 1)
    scan(driver, today, labels[1], 2)

    undone = driver.post(f"/driver/stop/{today.stops[0]}/scan/collect/undo/{an_id(2)}", headers=HX)
    last = undone.text.split('class="scan-last', 1)[1].split("</div>", 1)[0]

    assert "Taken back" in last
    assert by_eye(labels[1]) in last
    assert "/undo/" not in last


def test_an_undo_of_another_stops_scan_finds_nothing(driver, today, labels):
    scan(driver, today, labels[0], 1)

    assert driver.post(f"/driver/stop/{today.stops[1]}/scan/collect/undo/{an_id(1)}").status_code == 404


def test_without_a_script_a_scan_comes_back_to_its_page(driver, today, labels):
    first = scan(driver, today, labels[0], 1, headers={})
    again = scan(driver, today, labels[0], 2, headers={})

    assert first.status_code == again.status_code == 303
    assert 'data-scan-result="repeated"' in driver.get(again.location).text
    assert scan(driver, today, "J", headers={}).status_code == 422


def test_a_delivery_is_scanned_only_where_an_order_is_brought(driver, today):
    assert driver.get(f"/driver/stop/{today.stops[0]}/scan/deliver").status_code == 404
    assert driver.get(f"/driver/stop/{today.stops[1]}/scan/deliver").status_code == 200
    assert driver.get(f"/driver/stop/{today.stops[1]}/scan/retire").status_code == 404


def test_a_crate_loaded_at_the_centre_is_aboard(driver, today, territory_engine, db):
    with transaction(territory_engine) as session:
        code = crates.register(session, CRATE, 1)[0].code

    answer = driver.post(f"/driver/route/{today.route}/scan/load", data={"code": code, "event_id": an_id()}, headers=HX)

    assert count_shown(answer) == "1"
    assert "of 9" in answer.text  # four empties, and sixty bottles in five crates
    crate = db.get(Crate, code)
    assert (crate.state, crate.holder) == (CrateState.ABOARD, "fourgon-1")
