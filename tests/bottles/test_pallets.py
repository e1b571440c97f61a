"""Pallets and the numbers on labels: given once, never more on pallets than there is, nothing counted twice."""

from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from bottles import batches, ledger, links, orders, pallets
from bottles.codes import check_digit
from bottles.db import transaction
from bottles.errors import Conflict, Invalid, NotFound, OutOfStock
from bottles.links import KeyKind, LabelKind, LabelSheet
from tests import build
from tests.build import NOON, TUESDAY

PREFIX = "9999999"


@pytest.fixture
def lot(session, cast):
    return build.lot(session, cast, bottles=120)


def built(session, lot, quantity, cast):
    return pallets.build(session, lot.id, quantity, cast.washer.person, prefix=PREFIX, at=NOON)


# -- pallets


def test_a_pallet_bears_a_number_whose_last_digit_proves_the_others(session, cast, lot):
    pallet = built(session, lot, 60, cast)

    assert len(pallet.sscc) == 18
    assert pallet.sscc.startswith("0" + PREFIX)
    assert check_digit(pallet.sscc[:-1]) == pallet.sscc[-1]
    assert pallets.by_sscc(session, pallet.sscc) == pallet


def test_no_two_pallets_bear_one_number(session, cast, lot):
    first = built(session, lot, 40, cast)
    pallets.take_apart(session, first.id, cast.washer.person, at=NOON)

    others = [built(session, lot, 40, cast) for _ in range(3)]

    assert len({pallet.sscc for pallet in (first, *others)}) == 4


def test_building_a_pallet_moves_no_bottle_and_adds_no_edge(session, cast, lot):
    before = ledger.balances(session), session.scalar(sa.select(sa.func.count()).select_from(batches.LotEdge))

    built(session, lot, 120, cast)

    assert (ledger.balances(session), session.scalar(sa.select(sa.func.count()).select_from(batches.LotEdge))) == before


def test_no_more_stands_on_pallets_than_the_lot_has(session, cast, lot):
    built(session, lot, 100, cast)

    with pytest.raises(OutOfStock, match="Only 20 bottles of L00001"):
        built(session, lot, 21, cast)
    built(session, lot, 20, cast)

    assert pallets.room(session, lot.id) == 0


def test_reserved_bottles_go_on_a_pallet_too(session, cast, lot):
    orders.place(session, "epicerie", "shop", {"jura75": 60}, cast.shop.person, due=TUESDAY, crate_type="crate12", at=NOON)

    assert pallets.room(session, lot.id) == 120


def test_a_pallet_taken_apart_makes_room_again_and_once(session, cast, lot):
    pallet = built(session, lot, 120, cast)

    pallets.take_apart(session, pallet.id, cast.driver.person, at=NOON)

    assert (pallet.broken_by, pallet.broken_at) == (cast.driver.person, NOON)
    assert pallets.room(session, lot.id) == 120
    with pytest.raises(Conflict, match="taken apart already"):
        pallets.take_apart(session, pallet.id, cast.washer.person, at=NOON)
    assert pallet.broken_by == cast.driver.person


def test_only_released_bottles_go_on_a_pallet(session, cast, lot):
    batches.hold(session, lot.id, "a doubt", at=NOON)

    with pytest.raises(Conflict, match="L00001 is not released"):
        built(session, lot, 60, cast)


@pytest.mark.parametrize("quantity", [0, -5])
def test_an_empty_pallet_is_none(session, cast, lot, quantity):
    with pytest.raises(Invalid):
        built(session, lot, quantity, cast)


def test_there_is_no_pallet_of_a_lot_that_is_not_there(session, cast):
    with pytest.raises(NotFound):
        pallets.build(session, 4711, 60, cast.washer.person, prefix=PREFIX, at=NOON)


def test_two_who_build_at_once_put_no_bottle_on_two_pallets(shared_engine):
    with transaction(shared_engine) as session:
        cast = build.cast(session)
        lot = build.lot(session, cast, bottles=120).id

    for _ in range(10):
        assert sorted(race(shared_engine, lot, cast.washer.person)) == ["built", "refused"]
        with transaction(shared_engine) as session:
            (standing,) = [pallet for pallet in pallets.of_lot(session, lot) if pallet.broken_at is None]
            pallets.take_apart(session, standing.id, cast.washer.person, at=NOON)


def race(engine, lot, person):
    """Let two people build pallets at the same moment, each of two thirds of a lot."""
    barrier, outcomes = Barrier(2), list[str]()

    def stack() -> None:
        barrier.wait()
        try:
            with transaction(engine) as session:
                pallets.build(session, lot, 80, person, prefix=PREFIX, at=NOON)
            outcomes.append("built")
        except OutOfStock:
            outcomes.append("refused")

    threads = [Thread(target=stack) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


# -- numbers


def test_a_thing_is_numbered_once(session):
    first = links.number(session, KeyKind.POINT, "cellar")

    assert links.number(session, KeyKind.POINT, "cellar") == first
    assert links.number(session, KeyKind.POINT, "shop") != first
    assert links.number(session, KeyKind.BOTTLE, "cellar") != first
    assert links.known(session, KeyKind.BOTTLE, "shop") is None


@pytest.mark.parametrize("prefix", ["4012", "9999999", "3760000001"])
def test_a_place_is_found_by_the_number_it_was_given(session, prefix):
    code = links.gln(prefix, links.number(session, KeyKind.POINT, "cellar"))

    assert links.checked(code, links.GLN) == code
    assert links.named(session, KeyKind.POINT, code, prefix) == "cellar"
    assert links.named(session, KeyKind.BOTTLE, code, prefix) is None
    assert links.named(session, KeyKind.POINT, code, "55555") is None


def test_every_key_has_the_digits_its_standard_wants():
    assert links.gln(PREFIX, 12) == "9999999000126"
    assert links.gtin(PREFIX, 12) == "09999999000126"
    assert links.sscc(PREFIX, 12) == "099999990000000126"


def test_a_prefix_that_leaves_no_number_free_is_said():
    with pytest.raises(Conflict, match="too long"):
        links.gln("12345678901", 10)


@pytest.mark.parametrize("digits", ["9999999000129", "999999900012", "99999990001288", "999999900012A", "٩٩٩٩٩٩٩٠٠٠١٢٨", ""])
def test_a_number_read_wrong_is_to_be_read_again(digits):
    with pytest.raises(Invalid, match="read it again"):
        links.checked(digits, links.GLN)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("L00042", (LabelKind.LOT, 42)),
        ("l00042", (LabelKind.LOT, 42)),
        (" B00007 ", (LabelKind.BATCH, 7)),
        ("L123456", (LabelKind.LOT, 123456)),
        ("L42", None),
        ("X00042", None),
        ("L999999999", (LabelKind.LOT, 999_999_999)),
        ("L9999999999", None),
        ("", None),
    ],
)
def test_the_name_of_a_lot_is_read_from_its_label(text, read):
    assert links.read_lot(text) == read


def test_links_are_in_capitals():
    found = [links.lot_link("a.Example", "0" * 14, "L00042"), links.pallet_link("b.example", "0" * 18)]

    assert [*found, links.point_link("c.example", "0" * 13)] == [
        "HTTPS://A.EXAMPLE/01/00000000000000/10/L00042",
        "HTTPS://B.EXAMPLE/00/000000000000000000",
        "HTTPS://C.EXAMPLE/414/0000000000000",
    ]


# -- sheets


def sheet(cast, **other) -> LabelSheet:
    told = {"id": "one", "kind": LabelKind.CRATE, "names": ["J0000018"], "preset": "24", "start": 1}
    return LabelSheet(**{**told, "person": cast.washer.person, "at": NOON, **other})


def test_one_form_makes_one_sheet(session, cast):
    assert links.keep(session, sheet(cast))
    assert not links.keep(session, sheet(cast, names=["J0000026"]))

    assert [kept.names for kept in links.printed(session, LabelKind.CRATE, 10)] == [["J0000018"]]


def test_sheets_are_listed_by_kind_the_newest_first(session, cast):
    for number, kind in enumerate((LabelKind.CRATE, LabelKind.LOT, LabelKind.CRATE), start=1):
        links.keep(session, sheet(cast, id=str(number), kind=kind))

    assert [kept.id for kept in links.printed(session, LabelKind.CRATE, 10)] == ["3", "1"]
    assert [kept.id for kept in links.printed(session, LabelKind.CRATE, 1)] == ["3"]
