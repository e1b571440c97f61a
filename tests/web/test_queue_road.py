"""A phone's queue on bad roads, in a real browser: whatever comes back, no event is lost, none doubled, all in order."""

import random

import pytest

from .bad_road import FAULTS, Fault, somebody_else
from .queue_phone import EAGER, held, phone, road, territory_engine

__all__ = ["phone", "road", "territory_engine"]

pytestmark = pytest.mark.browser


def test_what_was_recorded_reaches_the_server_once_and_in_order(phone, territory_engine):
    ids = phone.note("one", "two") + phone.note("three")

    status = phone.send()

    assert held(territory_engine) == ids
    assert (status["waiting"], status["trouble"], status["online"]) == (0, None, True)
    assert [row["receipt"] for row in phone.rows()] == ["kept"] * 3


def test_no_fault_lets_an_event_go_before_a_receipt_names_it_and_afterwards_all_is_there_once(phone, road, territory_engine):
    ids = []
    for name, fault in FAULTS.items():
        road.faults.extend([fault] * 30)
        ids += phone.note(f"{name}, one", f"{name}, two", f"{name}, three")

        troubled = phone.send()
        road.faults.clear()
        status = phone.send()

        assert troubled["waiting"] == 3, name
        assert troubled["trouble"], name
        assert (status["waiting"], status["trouble"]) == (0, None), name
        assert held(territory_engine) == ids, name


def test_only_the_events_that_receipts_name_in_words_we_know_are_held(phone):
    ids = []

    def answer(route):
        told = [{"id": ids[1], "receipt": "kept"}, {"id": ids[2], "receipt": "eaten"}, {"id": "no", "receipt": "kept"}, 7]
        route.fulfill(json={"receipts": told})

    phone.page.route("**/api/v1/events", lambda route: answer(route) if ids else route.abort())
    ids += phone.note("one", "two", "three")
    status = phone.send()

    assert [row["state"] for row in phone.rows()] == ["waiting", "sent", "waiting"]
    assert (status["waiting"], status["trouble"]) == (2, "queue.trouble.foreign")


def test_a_resend_is_the_same_bytes(phone, road):
    road.faults.extend([FAULTS["the answer cut at half"]] * 2)

    phone.note("été")
    for _ in range(3):
        phone.send()

    bodies = {call.split(b"\r\n\r\n", 1)[1] for call in road.calls}
    assert len(road.calls) >= 3
    assert len(bodies) == 1


def test_a_batch_that_is_too_much_is_halved_and_one_bad_event_keeps_no_other_back(phone, road, territory_engine):
    road.faults.extend([FAULTS["status 413"]] * 6)
    ids = phone.note(*(f"note {number}" for number in range(8)))

    phone.send()

    # eight were too many, four, two, and the first alone as well: the seven others are there
    sizes = [call.count(b'"kind"') for call in road.calls]
    assert sizes[:4] == [8, 4, 2, 1]
    assert set(held(territory_engine)) <= set(ids)
    phone.send()
    assert sorted(held(territory_engine)) == sorted(ids)


def test_a_server_that_asks_for_a_pause_gets_it(phone, road):
    road.faults.append(somebody_else("429 Too Many Requests", b"", "Retry-After: 3600"))
    phone.note("one")
    phone.until("status.trouble === 'queue.trouble.busy'")

    phone.note("two")
    phone.run("() => app.queue.wake()")

    assert len(road.calls) == 1


def test_a_network_that_comes_back_is_used_at_once(phone, territory_engine):
    phone.page.context.set_offline(True)
    ids = phone.note("in the hills")
    phone.until("status.trouble && !status.online")

    phone.page.context.set_offline(False)
    phone.until("status.waiting === 0 && status.online")

    assert held(territory_engine) == ids


def test_the_screen_goes_on_while_an_answer_does_not_come(phone, road, territory_engine):
    road.faults.append(Fault(is_held=True))
    first = phone.note("one")
    assert road.arrived.wait(30)

    second = phone.note("two")

    assert [row["state"] for row in phone.rows()] == ["waiting", "waiting"]
    road.go_on.set()
    phone.until("status.waiting === 0")
    assert held(territory_engine) == first + second


def test_an_answer_that_is_too_late_is_given_up_and_asked_for_again(phone, road, territory_engine):
    phone.open(timeout=50)
    road.faults.append(Fault(is_held=True))
    ids = phone.note("one")
    phone.until("status.trouble === 'queue.trouble.network'")

    road.go_on.set()
    phone.open()
    phone.until("status.waiting === 0")

    assert held(territory_engine) == ids
    assert [row["receipt"] for row in phone.rows()] == ["already_known"]


@pytest.mark.parametrize("_run", range(3))
def test_after_any_faults_the_server_holds_exactly_what_the_phone_made(phone, road, territory_engine, _run):
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    phone.open(**EAGER)
    ids = []
    for _ in range(12):
        road.faults.extend(chance.choices(list(FAULTS.values()), k=chance.randrange(4)))
        ids += phone.note(*(f"note {number}" for number in range(chance.randrange(1, 6))))
        if chance.random() < 0.2:
            phone.open(**EAGER)

    phone.until("status.waiting === 0")

    assert sorted(held(territory_engine)) == sorted(ids)
    assert [row["sequence"] for row in phone.rows()] == list(range(len(ids)))
