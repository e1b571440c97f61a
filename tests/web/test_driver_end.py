"""Ending a stop: its counts, what stopped it, corrections, and taking it back."""

import re
from datetime import timedelta

import pytest

from bottles import intake, ledger
from bottles.crates import Move
from bottles.db import find, reading, transaction
from bottles.disputes import DisputeKind, open_ones
from bottles.events import EventKind
from bottles.ledger import AccountKind
from bottles.orders import OrderStatus
from bottles.people import Role
from bottles.pickups import PickupStatus
from bottles.points import Point
from bottles.routes import Outcome
from bottles.wire import NewEvent

from . import build_day
from .build_day import CRATE
from .conftest import TUESDAY
from .driver_pages import (
    COLLECT,
    JURA,
    an_id,
    collected,
    db,
    driver,
    end,
    labels,
    scan,
    today,
    trouble,
)

__all__ = ["db", "driver", "labels", "today"]


def test_done_closes_the_request_and_opens_the_next_stop(driver, today, db, territory_engine):
    answer = end(driver, today, **collected(8))

    assert driver.get(answer.location).location == f"/driver/stop/{today.stops[1]}"
    assert db.pickup(today).status is PickupStatus.DONE
    assert db.visit(today).outcome is Outcome.DONE
    with reading(territory_engine) as session:
        assert ledger.on_hand(session, AccountKind.VAN, "fourgon-1", "unsorted") == 96


def test_a_delivery_counted_in_full_delivers_the_order(driver, today, db):
    end(driver, today, stop=1, **{JURA: 60})

    assert db.order(today).status is OrderStatus.DELIVERED


def test_the_same_form_sent_twice_records_once(driver, today, db):
    end(driver, today, **collected(8))
    before = len(db.events())

    again = end(driver, today, **collected(8))

    assert again.status_code == 303
    assert len(db.events()) == before == 3


def test_an_old_form_sent_again_with_other_counts_corrects(driver, today, db, clock):
    end(driver, today, **collected(8))
    clock.at += timedelta(minutes=1)
    end(driver, today, **collected(7))

    assert db.line(today, Move.COLLECT, CRATE).quantity == 7


def test_a_later_correction_supersedes_the_counts(driver, today, db, clock):
    end(driver, today, 1, **collected(8))
    clock.at += timedelta(hours=1)

    end(driver, today, 2, **collected(6, 5))

    assert (db.line(today, Move.COLLECT, CRATE).quantity, db.line(today, Move.DROP, CRATE).quantity) == (6, 5)
    assert db.pickup(today).status is PickupStatus.DONE


def test_reopening_takes_back_the_end_and_its_counts_and_keeps_the_scans(driver, today, labels, db, clock):
    scan(driver, today, labels[0], 9)
    end(driver, today, **collected(8))
    clock.at += timedelta(seconds=5)

    for _ in range(2):
        driver.post(f"/driver/stop/{today.stops[0]}/reopen", data={"event_id": an_id(7)})

    assert db.visit(today).outcome is None
    assert db.pickup(today).status is PickupStatus.OPEN
    assert db.line(today, Move.COLLECT, CRATE).quantity == 1
    assert len(db.events(EventKind.UNDO)) == 3


def test_a_stop_ended_again_after_reopening_is_done(driver, today, db, clock):
    end(driver, today, **collected(8))
    clock.at += timedelta(seconds=5)
    driver.post(f"/driver/stop/{today.stops[0]}/reopen")
    clock.at += timedelta(seconds=5)

    end(driver, today, **collected(8))

    assert db.visit(today).outcome is Outcome.DONE
    assert db.line(today, Move.COLLECT, CRATE).quantity == 8


def test_partly_done_leaves_the_rest_asked_for(driver, today, db):
    trouble(driver, today, "partly", "van-full", **collected(5))

    assert (db.visit(today).outcome, db.visit(today).reason) == (Outcome.PARTLY, "van-full")
    assert db.pickup(today).status is PickupStatus.OPEN


def test_a_stop_done_in_part_is_corrected_as_such_and_done_only_when_the_driver_says_so(driver, today, db, clock):
    trouble(driver, today, "partly", "van-full", **collected(5))
    page, problem = (driver.get(f"/driver/stop/{today.stops[0]}{path}").text for path in ("", "/problem"))
    clock.at += timedelta(minutes=1)
    trouble(driver, today, "partly", "van-full", number=2, **collected(6))

    assert "Done after all" in page
    assert re.search(r'value="van-full" checked', problem)
    assert re.search(rf'name="{COLLECT}" type="number"[^>]* value="5"', problem)
    assert db.visit(today).outcome is Outcome.PARTLY
    assert db.line(today, Move.COLLECT, CRATE).quantity == 6


def test_a_stop_not_done_counts_nothing_whatever_the_form_says(driver, today, db):
    trouble(driver, today, "missed", "closed", **collected(5))

    assert db.visit(today).outcome is Outcome.MISSED
    assert db.line(today, Move.COLLECT, CRATE) is None
    assert db.pickup(today).status is PickupStatus.OPEN


def test_a_stop_with_scans_is_not_done_at_all_only_when_the_driver_confirms(driver, today, labels, db):
    scan(driver, today, labels[0], 1)

    asked = trouble(driver, today, "missed", number=2)
    trouble(driver, today, "missed", number=2, sure="yes")

    assert asked.status_code == 422
    assert "1 were scanned and you count 0" in asked.text
    assert db.visit(today).outcome is Outcome.MISSED
    assert db.line(today, Move.COLLECT, CRATE).quantity == 0


def test_not_done_after_all_takes_the_earlier_counts_back(driver, today, db, clock):
    end(driver, today, 1, **collected(8))
    clock.at += timedelta(minutes=1)

    trouble(driver, today, "missed", number=2)

    assert db.visit(today).outcome is Outcome.MISSED
    assert db.line(today, Move.COLLECT, CRATE).quantity == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"how": "missed"}, "Choose one of the list."),
        ({"how": "missed", "reason": "other"}, "Say in a few words what it was."),
        ({"how": "never", "reason": "closed"}, "Choose one of the list."),
    ],
)
def test_a_problem_without_its_reason_asks_for_it(driver, today, db, fields, sentence):
    answer = driver.post(f"/driver/stop/{today.stops[0]}/problem", data=fields | {"note": ""})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.events() == []


def test_a_note_is_kept_once_with_the_reason(driver, today, db):
    for _ in range(2):
        trouble(driver, today, "missed", "other", note="Le chien est lâché.")

    assert [event.note for event in db.events()] == ["Le chien est lâché."]


def test_a_note_is_read_again_at_its_stop_until_the_stop_is_opened_anew(driver, today):
    trouble(driver, today, "missed", "other", note="Le chien est lâché.")
    told = [driver.get(f"/driver/stop/{today.stops[0]}{path}").text for path in ("", "/problem")]
    driver.post(f"/driver/stop/{today.stops[0]}/reopen", data={"event_id": an_id(7)})

    assert all("Le chien est lâché." in page for page in told)
    assert "Le chien est lâché." not in driver.get(f"/driver/stop/{today.stops[0]}/problem").text


@pytest.mark.parametrize("typed", ["abc", "-1", "4000", ""])
def test_a_bad_count_is_refused_with_what_was_typed(driver, today, db, typed):
    answer = end(driver, today, **collected(typed))

    assert answer.status_code == 422
    assert "Give a whole number from 0 to 400." in answer.text
    assert f'value="{typed}"' in answer.text
    assert db.events() == []


def test_a_count_below_the_scans_is_asked_about_then_kept(driver, today, labels, db, territory_engine):
    for number, code in enumerate(labels[:3], start=1):
        scan(driver, today, code, number)

    asked = end(driver, today, 9, **collected(2))
    unheard = db.events(EventKind.COUNT)
    sure = end(driver, today, 9, sure="yes", **collected(2))

    assert asked.status_code == 422
    assert "3 were scanned and you count 2" in asked.text
    assert 'name="sure"' in asked.text
    assert unheard == []
    assert sure.status_code == 303
    assert db.line(today, Move.COLLECT, CRATE).quantity == 2
    with reading(territory_engine) as session:
        assert DisputeKind.COUNT_BELOW_SCANS in {dispute.kind for dispute in open_ones(session)}


def test_another_type_of_crate_is_counted_too(driver, today, db):
    end(driver, today, other_type="casier-20", other_take=3, other_leave=0, **collected(8))

    assert db.line(today, Move.COLLECT, "casier-20").quantity == 3
    assert 'name="collect-casier-20"' in driver.get(f"/driver/stop/{today.stops[0]}").text


def test_another_type_needs_its_name(driver, today, db):
    answer = end(driver, today, other_take=3, **collected(8))

    assert answer.status_code == 422
    assert db.events() == []


def test_arrival_is_told_once_and_never_after_the_end(driver, today, db):
    for _ in range(2):
        driver.post(f"/driver/stop/{today.stops[0]}/reached", data={"event_id": an_id(3)})
    assert db.visit(today).outcome is Outcome.REACHED

    end(driver, today, **collected(8))
    driver.post(f"/driver/stop/{today.stops[0]}/reached", data={"event_id": an_id(4)})

    assert db.visit(today).outcome is Outcome.DONE
    assert len(db.events(EventKind.STOP_REACHED)) == 1


def test_two_requests_at_one_stop_share_one_count(driver, territory_engine, labels, db):
    with transaction(territory_engine) as session:
        tasks = [build_day.pickup(session, take=2, leave=0), build_day.pickup(session, take=4, leave=0)]
        day = build_day.plan(session, [tasks])
    for number, code in enumerate(labels[:4], start=1):
        scan(driver, day, code, number)

    trouble(driver, day, "partly", "van-full", number=9, **{COLLECT: 5})

    assert [event.task for event in db.events(EventKind.SCAN)] == [day.tasks[0]] * 2 + [day.tasks[1]] * 2
    assert [db.line(day, Move.COLLECT, CRATE, task).quantity for task in (0, 1)] == [2, 3]
    assert [db.visit(day, task).outcome for task in (0, 1)] == [Outcome.DONE, Outcome.PARTLY]


def test_what_the_coordinator_recorded_is_not_the_drivers_to_take_back(driver, territory_engine, today, db):
    with transaction(territory_engine) as session:
        told = NewEvent(
            id=an_id(5), kind=EventKind.STOP_DONE, at=TUESDAY, device="desk", sequence=0, task=today.tasks[0],
            plan_version=today.plan,
        )  # fmt: skip
        intake.record(session, told, build_day.author(session, Role.COORDINATOR), at=TUESDAY)

    answer = driver.post(f"/driver/stop/{today.stops[0]}/reopen")

    assert answer.status_code == 409
    assert db.visit(today).outcome is Outcome.DONE


def test_the_summary_says_a_town_once_where_the_name_of_the_point_has_it(driver, today, territory_engine):
    with transaction(territory_engine) as session:
        point = find(session, Point, build_day.CELLAR)
        point.name = "Mairie · Arbois"

    assert "Mairie · Arbois</a></li>" in driver.get(f"/driver/route/{today.route}/summary").text
