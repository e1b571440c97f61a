"""The audit finds what does not add up: one planted error for every question, and silence where nothing is wrong."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bottles import audit, audits, crates, intake, orders, routes, seals, wire
from bottles.audit import Check
from bottles.crates import Move
from bottles.db import find
from bottles.events import Event, EventKind, Receipt
from bottles.routes import Plan
from tests import build
from tests.build import NOON, TUESDAY, Cast

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def world(session: Session, cast: Cast) -> Cast:
    """A loop with one of everything: a lot, an order given more than was reserved, crates, something set aside, seals."""
    build.lot(session, cast, bottles=120)
    for code in [crate.code for crate in crates.register(session, "crate12", 3)]:
        for move in (Move.COMMISSION, Move.LOAD):
            intake.record(session, cast.scan(code, move, device="tablet"), cast.washer, at=NOON)
    orders.place(session, "epicerie", "shop", {"jura75": 24}, cast.shop.person, due=TUESDAY, crate_type="crate12", at=NOON)
    task = next(task for task in routes.gather(session, at=NOON) if task.order)
    visit = {"task": task.id, "plan_version": build.plan(session, cast, [task]).id, "point": "shop", "holder": "van-1"}
    count = cast.count(Move.DELIVER, "jura75", 30, **visit)
    unplanned = cast.event(EventKind.STOP_REACHED, task=task.id)
    route = build.route_of(session, find(session, Plan, visit["plan_version"]))
    added = cast.count(Move.COLLECT, "crate12", 7, route=route.id, point="cellar", holder="van-1")
    for event in (count, cast.event(EventKind.STOP_DONE, **visit), unplanned, added):
        intake.record(session, event, cast.driver, at=NOON)
    intake.record(session, count.model_copy(update={"quantity": 31}), cast.driver, at=NOON)
    seals.seal(session, at=LATER, rows=5)
    session.flush()
    return cast


def faults(session: Session) -> dict[str, list[str]]:
    session.flush()
    return {check.name: check.faults for check in audit.audit(session) if check.faults}


def sql(session: Session, text: str) -> None:
    session.flush()
    session.connection().execute(sa.text(text))


def test_a_loop_in_which_nothing_is_wrong_is_silent_and_was_looked_at(session: Session, world: Cast):
    checks = audit.audit(session)

    assert {check.name: check.faults for check in checks if check.faults} == {}
    assert [check.name for check in checks if not check.compared] == []
    assert [check.name for check in checks] == list(audit.QUESTIONS)
    assert all(check.is_done for check in checks)


PLANTED: dict[str, list[tuple[str, str]]] = {
    "Balances equal the transfers": [
        ("UPDATE account SET quantity = quantity + 1 WHERE kind = 'available'", "available pont-du-navoy jura75 lot"),
        ("DELETE FROM transfer WHERE cause LIKE 'wash:%'", "washed pont-du-navoy jura75 lot"),
    ],
    "Nothing appears or vanishes": [
        ("UPDATE account SET quantity = quantity + 1 WHERE kind = 'point'", "all accounts together hold"),
        ("UPDATE account SET item = 'clavelin' WHERE kind = 'available'", "turns jura75 into clavelin"),
    ],
    "No stock is below zero": [
        ("UPDATE account SET guarded = false, quantity = -1 WHERE kind = 'sorted'", "sorted pont-du-navoy jura75: -1"),
        ("UPDATE account SET guarded = false WHERE kind = 'available'", "available pont-du-navoy jura75 lot"),
    ],
    "Every negative balance has its dispute": [
        ("DELETE FROM dispute WHERE kind = 'negative_balance'", "and no dispute says so"),
        ("UPDATE dispute SET status = 'explained' WHERE kind = 'negative_balance'", "and no dispute says so"),
    ],
    "Crate states equal their events replayed": [
        ("UPDATE crate SET state = 'lost' WHERE number = 2", "cached lost"),
        ("UPDATE crate SET clean = NOT clean WHERE number = 3", "cached aboard dirty"),
        ("DELETE FROM event WHERE move = 'load'", "events say clean"),
    ],
    "Labelled crates are where their movements put them": [
        ("UPDATE crate SET \"where\" = 'point', holder = 'shop'", "point shop crate12: 3 labelled crates, but"),
    ],
    "Visits equal their counts and scans": [
        ("UPDATE visit_line SET quantity = quantity + 1 WHERE move = 'collect'", "collect 11 crate12, events say collect 10"),
        ("DELETE FROM visit_line WHERE move = 'deliver'", "nothing, events say deliver 30 jura75"),
        ("UPDATE added_line SET quantity = quantity + 1", "added stop at cellar: collect 8 crate12, events say collect 7"),
        ("DELETE FROM added_line", "added stop at cellar: nothing, events say collect 7 crate12"),
        ("DELETE FROM event WHERE task IS NULL AND route IS NOT NULL", "collect 7 crate12, events say nothing"),
    ],
    "Reservations equal what is still to deliver": [
        ("UPDATE order_line SET quantity = quantity + 12", "0 reserved, 6 still to deliver"),
    ],
    "Batches and lots are accounted for": [
        ("DELETE FROM lot_edge WHERE parent LIKE 'batch:%'", "120 washed, edges bring 0"),
        ("UPDATE batch SET \"left\" = 5", "120 sorted, 5 left"),
    ],
    "Every delivered bottle has a lot": [
        ("DELETE FROM dispute WHERE kind = 'short_stock'", "epicerie was given 6 × jura75 out of no lot"),
        ("DELETE FROM lot_edge WHERE child LIKE 'order:%'", "the trace knows nothing"),
        ("UPDATE lot_edge SET quantity = 20 WHERE child LIKE 'order:%'", "the trace knows 20 of lot"),
    ],
    "No event of a device is missing": [
        ("DELETE FROM event WHERE device = 'phone-1' AND sequence = 2", "device phone-1: number 2 never reached us"),
        ("DELETE FROM event WHERE device = 'tablet' AND sequence BETWEEN 2 AND 5", "device tablet: numbers 2 to 5 never"),
    ],
    "No event was changed": [
        ("UPDATE event SET quantity = 3 WHERE kind = 'count'", "it does not say what was received"),
        ("UPDATE event SET body = '{}'", "it does not say what was received"),
        ("UPDATE event SET body = '', note = 'slipped in'", "it does not say what was received"),
        ("UPDATE event SET digest = 'f'", "it does not say what was received"),
    ],
    "Every seal holds": [
        ("UPDATE event SET person = (SELECT min(id) FROM person)", "event {row} was changed after it was sealed"),
        ("DELETE FROM transfer WHERE quantity = 24", "was removed after it was sealed"),
    ],
}  # fmt: skip


def test_every_question_has_a_planted_error():
    assert set(PLANTED) == set(audit.QUESTIONS)


@pytest.mark.slow
def test_each_planted_error_is_found_by_its_question(session: Session, world: Cast):
    row, missed = session.scalar(sa.text("SELECT max(row) FROM event")), {}
    for question, edit, named in [(question, *planted) for question, edits in PLANTED.items() for planted in edits]:
        with session.begin_nested() as planting:
            sql(session, edit)

            found = faults(session)
            planting.rollback()

        # a row keeps them
        assert json.dumps(audits.told([audit.Check(name, faults=told) for name, told in found.items()]))
        if not any(named.format(row=row) in fault for fault in found.get(question, [])):
            missed[question, edit] = found

    assert missed == {}
    assert faults(session) == {}


def test_runs_of_one_row_find_the_same_as_runs_of_a_thousand(session: Session, world: Cast, monkeypatch: pytest.MonkeyPatch):
    sql(session, "UPDATE crate SET state = 'lost'")
    sql(session, "UPDATE visit_line SET quantity = quantity + 1")
    at_once = audit.audit(session)

    monkeypatch.setattr(audit.rows, "RUN", 1)
    one_by_one = audit.audit(session)

    session.rollback()
    assert one_by_one == at_once


def test_whoever_looks_on_is_told_how_far_a_question_is(session: Session, world: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit, "STEP", 1)
    heard: list[tuple[str, int, bool]] = []

    audit.audit(session, lambda check: heard.append((check.name, check.compared, check.is_done)))

    about = [(compared, done) for name, compared, done in heard if name == "No event was changed"]
    assert about[0] == (0, False)
    assert about[-1] == (about[-2][0], True)
    assert [compared for compared, _ in about[1:-1]] == list(range(1, about[-1][0] + 1))


def test_a_great_many_faults_are_counted_and_only_the_first_are_named(
    session: Session, world: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit, "NAMED", 2)
    sql(session, "UPDATE crate SET state = 'lost'")

    (check,) = [check for check in audit.audit(session) if check.name == "Crate states equal their events replayed"]

    session.rollback()
    assert (len(check.faults), check.differing, check.compared) == (2, 3, 3)


# -- gaps


def gaps(session: Session) -> Check:
    return next(check for check in audit.audit(session) if check.name == "No event of a device is missing")


def test_what_was_set_aside_fills_its_place_in_a_devices_numbers(session: Session, cast: Cast):
    for number in (4, 5, 6):
        event = cast.event(EventKind.NOTE, note="n" if number != 5 else None, device="phone-2", sequence=number)
        receipt = intake.record(session, event, cast.driver, at=NOON)
        assert receipt is (Receipt.INVALID if number == 5 else Receipt.KEPT)
    session.flush()

    assert gaps(session).faults == []
    assert gaps(session).compared == 1


def test_a_number_used_twice_is_no_gap_and_what_came_late_closes_one(session: Session, cast: Cast):
    def send(number: int) -> None:
        intake.record(session, cast.event(EventKind.NOTE, note="n", device="tab", sequence=number), cast.driver, at=NOON)

    for number in (0, 1, 1, 3):
        send(number)
    assert gaps(session).faults == ["device tab: number 2 never reached us, though 3 did"]

    send(2)

    assert gaps(session).faults == []


# -- what may be erased


def test_an_erased_note_is_no_fault(session: Session, cast: Cast):
    intake.record(session, cast.event(EventKind.NOTE, note="Madame Dupont était là"), cast.driver, at=NOON)
    seals.seal(session, at=LATER)
    assert faults(session) == {}

    sql(session, "UPDATE event SET note = NULL, body = ''")

    assert faults(session) == {}


def test_an_empty_note_that_was_kept_as_it_came_is_no_fault(session: Session, cast: Cast):
    new = cast.event(EventKind.NOTE, note="x")
    intake.record(session, new, cast.driver, at=NOON)
    body = wire.body_of(new).replace(b'"note":"x"', b'"note":" "')
    told = {"body": body, "digest": wire.digest(body), "note": " "}
    session.connection().execute(sa.update(Event).values(told))

    assert faults(session) == {}
