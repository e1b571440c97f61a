"""Pages about pallets: built of what a released lot still has, once, and taken apart once."""

import pytest
from sqlmodel import select

from bottles import pallets
from bottles.batches import Lot, LotStatus
from bottles.db import find, reading, transaction
from bottles.pallets import Pallet
from web.label_kinds import grouped

from . import build_day as build
from .centre_day import seen, text
from .office_pages import washer
from .sheets import one, printed

__all__ = ["washer"]


@pytest.fixture
def lot(territory_engine) -> int:
    with transaction(territory_engine) as session:
        build.places(session)
        return build.lot(session, "jura-75", 1500).id


def build_one(client, lot, quantity="600", last="0"):
    return client.post(f"/centre/lots/{lot}/pallet", data={"quantity": quantity, "last": last})


def test_a_pallet_is_offered_full_or_with_what_is_left(washer, lot):
    assert 'value="1200"' in washer.get(f"/centre/lots/{lot}/pallet").text

    build_one(washer, lot, "1200")

    assert 'value="300"' in washer.get(f"/centre/lots/{lot}/pallet").text


def test_a_built_pallet_stands_on_the_page_of_its_lot_and_has_a_label(washer, lot, territory_engine):
    answer = build_one(washer, lot)

    (pallet,) = seen(territory_engine, select(Pallet))
    assert answer.location == f"/centre/pallets/{pallet.id}"
    assert grouped(pallet.sscc) in washer.get(f"/centre/lots/{lot}").text
    assert printed(washer, one(washer, "pallet", pallet.id))[0].endswith(f"/00/{pallet.sscc}")


def test_the_same_pallet_sent_twice_is_built_once(washer, lot, territory_engine):
    first, second = build_one(washer, lot), build_one(washer, lot)

    assert first.location == second.location
    assert len(seen(territory_engine, select(Pallet))) == 1


def test_a_second_pallet_alike_is_another_form(washer, lot, territory_engine):
    build_one(washer, lot)
    build_one(washer, lot, last="1")

    assert len(seen(territory_engine, select(Pallet))) == 2


@pytest.mark.parametrize(
    ("quantity", "status", "said"),
    [("1501", 409, "Only 1500 bottles of L00001"), ("0", 422, "whole number from 1"), ("", 422, "whole number from 1")],
)
def test_a_pallet_that_cannot_be_is_refused_beside_its_field(washer, lot, territory_engine, quantity, status, said):
    answer = build_one(washer, lot, quantity)

    assert answer.status_code == status
    assert said in text(answer)
    assert seen(territory_engine, select(Pallet)) == []


def test_a_held_lot_gives_no_pallet(washer, lot, territory_engine):
    with transaction(territory_engine) as session:
        find(session, Lot, lot).status = LotStatus.HELD

    assert "is not released" in text(washer.get(f"/centre/lots/{lot}/pallet"))
    assert build_one(washer, lot).status_code == 409


def test_a_pallet_is_taken_apart_once_and_its_page_says_by_whom(washer, lot, territory_engine):
    page = build_one(washer, lot).location

    washer.post(f"{page}/apart")

    assert "Taken apart by" in text(washer.get(page))
    assert washer.post(f"{page}/apart").status_code == 409
    with reading(territory_engine) as session:
        assert pallets.room(session, lot) == 1500
