"""The washing line: runs are started, read, inspected, released, held or washed again; every lot tells its way."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import batches
from bottles.batches import Lot, LotStatus, Measure, WashRun
from bottles.db import reading, transaction
from web import centre_words

from . import build_day
from .build_day import CENTRE, CRATE, DAY
from .centre_day import GOOD, JURA, made_lot, received, seen, sort, start, text, van
from .office_pages import washer

__all__ = ["van", "washer"]


def test_a_wash_takes_at_most_what_waits(washer, van, territory_engine):
    received(washer, van)
    sort(washer, van, type_jura_75=90)

    answer = start(washer, 91)

    assert answer.status_code == 422
    assert "Only 90 wait to be washed" in text(answer)
    assert seen(territory_engine, select(WashRun.id)) == []


def test_a_wash_started_twice_runs_once(washer, van, territory_engine):
    received(washer, van)
    sort(washer, van, type_jura_75=90)

    answers = [start(washer, 40) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert seen(territory_engine, select(Lot.quantity)) == [40]


def test_a_line_that_runs_takes_nothing_else(washer, van, territory_engine):
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    start(washer, 40)

    answer = start(washer, 50, last=1)

    assert answer.status_code == 409
    assert "Ligne 1 is running already" in text(answer)
    assert seen(territory_engine, select(Lot.quantity)) == [40]


def test_readings_outside_the_limits_must_be_confirmed(washer, van, territory_engine):
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    start(washer, 90)

    refused = washer.post("/centre/washing/1", data=GOOD | {"bath_celsius": "65,5", "rinse_ph": ""})
    page = text(refused)

    assert refused.status_code == 422
    assert "Bath temperature: outside the limits, 70 to 80 °C" in page
    assert "pH of the last rinse: not read; the limits are 6.5 to 7.5" in page
    assert 'value="65,5"' in refused.get_data(as_text=True)
    assert seen(territory_engine, select(WashRun.ended_at)) == [None]
    sure = GOOD | {"bath_celsius": "65,5", "sure": "yes"}
    assert washer.post("/centre/washing/1", data=sure).status_code == 303


@pytest.mark.parametrize("typed", ["hot", "101", "-1", "nan", "7,5,1"])
def test_a_reading_that_cannot_be_comes_back_with_a_sentence(washer, van, typed):
    received(washer, van)
    sort(washer, van, type_jura_75=90)
    start(washer, 90)

    answer = washer.post("/centre/washing/1", data=GOOD | {"bath_celsius": typed, "sure": "yes"})

    assert answer.status_code == 422
    assert "Give a number from 0 to 100" in text(answer)


def test_readings_are_kept_once(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    same = washer.post(f"/centre/washing/{lot.run}", data=GOOD)
    other = washer.post(f"/centre/washing/{lot.run}", data=GOOD | {"bath_celsius": "76"})

    assert (same.status_code, other.status_code) == (303, 409)
    assert seen(territory_engine, select(WashRun.readings))[0]["bath_celsius"] == 75.5


def test_a_wash_outside_its_limits_is_not_released_and_the_measures_are_named(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine, GOOD | {"bath_celsius": "65"}, sure="yes")

    page, refused = washer.get(f"/centre/inspection/{lot.id}"), washer.post(f"/centre/inspection/{lot.id}", data={})

    assert "Release the lot" not in text(page)
    assert "Outside" in text(page)
    assert refused.status_code == 409
    assert "The wash was outside its limits (bath temperature): hold the lot, or wash it again." in text(refused)
    assert seen(territory_engine, select(Lot.status)) == [LotStatus.INSPECTION]


def test_a_held_lot_is_washed_again_once(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine, GOOD | {"bath_celsius": "65"}, sure="yes")

    held = washer.post(f"/centre/lots/{lot.id}/hold", data={"why": "bain trop froid"})
    assert "bain trop froid" in text(washer.get(f"/centre/inspection/{lot.id}"))
    again = [washer.post(f"/centre/lots/{lot.id}/rewash") for _ in range(2)]

    assert [held.status_code, *(answer.status_code for answer in again)] == [303, 303, 303]
    with reading(territory_engine) as session:
        assert [batch.left for batch in batches.waiting(session, CENTRE)] == [90]
    assert "Washed again" in text(washer.get(f"/centre/lots/{lot.id}"))


def test_a_lot_that_is_not_held_is_not_washed_again(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    assert washer.post(f"/centre/lots/{lot.id}/rewash").status_code == 409


def test_holding_without_a_reason_is_refused(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    answer = washer.post(f"/centre/lots/{lot.id}/hold", data={"why": "  "})

    assert answer.status_code == 422
    assert seen(territory_engine, select(Lot.status)) == [LotStatus.INSPECTION]


def test_a_released_lot_that_is_held_cannot_be_ordered_from(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)
    washer.post(f"/centre/inspection/{lot.id}", data={})

    assert washer.post(f"/centre/lots/{lot.id}/hold", data={"why": "odeur"}).status_code == 303

    with reading(territory_engine) as session:
        assert batches.released(session, DAY) == {}
    assert "held since: nobody can order from it" in text(washer.get(f"/centre/lots/{lot.id}"))


def test_more_rejected_than_there_are_is_refused(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    answer = washer.post(f"/centre/inspection/{lot.id}", data={"reason-eclat": "60", "reason-usure": "31"})

    assert answer.status_code == 422
    assert "91 rejected, but the lot holds 90 bottles" in text(answer)
    assert 'value="60"' in answer.get_data(as_text=True)


def test_a_release_sent_twice_releases_once(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    answers = [washer.post(f"/centre/inspection/{lot.id}", data={"reason-eclat": "4"}) for _ in range(2)]
    other = washer.post(f"/centre/inspection/{lot.id}", data={"reason-eclat": "5"})

    assert [answer.status_code for answer in answers] == [303, 303]
    assert other.status_code == 409
    assert seen(territory_engine, select(Lot.accepted)) == [86]


def test_the_use_by_day_is_said_before_the_release(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    assert "to be filled by Thursday 5 November" in text(washer.get(f"/centre/inspection/{lot.id}"))
    washer.post(f"/centre/inspection/{lot.id}", data={})
    assert seen(territory_engine, select(Lot.use_by))[0] == DAY + timedelta(days=30)


def test_lots_are_narrowed_by_state_and_type(washer, van, territory_engine):
    lot = made_lot(washer, van, territory_engine)

    def listed(address: str) -> bool:
        return lot.code in text(washer.get(address))

    assert listed("/centre/lots")
    assert listed("/centre/lots?state=inspection&type=jura-75")
    assert not listed("/centre/lots?state=released")
    assert not listed("/centre/lots?type=clavelin-62")
    assert listed("/centre/lots?state=nonsense")


def test_a_lot_tells_where_it_comes_from_with_shares(washer, territory_engine):
    with transaction(territory_engine) as session:
        tasks = [build_day.pickup(session, take=6), build_day.pickup(session, take=2, point=build_day.SHOP)]
        day = build_day.plan(session, [[task] for task in tasks])
        build_day.brought(session, day, {CRATE: 6})
        build_day.brought(session, day, {CRATE: 2}, task=1)
    lot = made_lot(washer, day.route, territory_engine)

    page = text(washer.get(f"/centre/lots/{lot.id}"))

    assert "Domaine Chêne, Arbois 75%" in page
    assert "Cave Exemple, Poligny 25%" in page


def test_a_lot_tells_which_orders_it_serves(washer, territory_engine):
    with transaction(territory_engine) as session:
        build_day.order(session, {JURA: 60})

    page = text(washer.get("/centre/lots/1"))

    assert "Reserved bottles 60 bottles" in page
    assert "Order 1 Exemple" in page


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(70, 80, "70 to 80 °C"), (None, 1.5, "at most 1.5"), (12, None, "at least 12"), (0, 0, "exactly 0")],
)
def test_limits_are_said_in_words(app, low, high, words):
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        app.preprocess_request()
        assert centre_words.within(Measure.BATH, low, high).replace("\u00a0", " ").startswith(words)
