"""From any lot to every point and every buyer, from a point to its lots, and the life of a crate."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bottles import batches, crates, intake, orders, trace
from bottles.batches import LotEdge, Reception
from bottles.crates import CrateState, Move, Where
from bottles.errors import NotFound
from bottles.events import EventKind
from bottles.ledger import AccountKind
from bottles.orders import Order
from tests import build
from tests.build import NOON, TUESDAY, Cast


def edges(session: Session, text: str) -> None:
    """Draw edges as they are told: "point:a 10 batch:1"."""
    for line in text.strip().splitlines():
        parent, quantity, child = line.split()
        session.add(LotEdge(parent=parent, child=child, quantity=int(quantity)))
    session.flush()


def order(session: Session, cast: Cast, bottles: int, *, partner: str = "epicerie", point: str = "shop") -> Order:
    who = cast.shop if partner == "epicerie" else cast.winemaker
    return orders.place(session, partner, point, {"jura75": bottles}, who.person, due=TUESDAY, crate_type="crate12", at=NOON)


def deliver(session: Session, cast: Cast, placed: Order, bottles: int, *, at=NOON) -> None:
    """Hand bottles over, as the ledger and the trace see it."""
    orders.deliver(session, placed, "jura75", bottles, f"visit:{placed.id}/0:jura75", None, at=at, known_at=at)
    orders.settle_lines(session, placed, {"jura75": bottles}, at=at)
    session.flush()


# -- back


def test_a_lot_leads_to_the_points_its_glass_came_from(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=120)

    found = trace.sources(session, made.id)

    (arrival,) = found.arrivals
    assert found.points == {"cellar": 1.0}
    assert found.unknown == 0
    assert (arrival.vehicle, arrival.share, arrival.points) == ("van-1", 1.0, {"cellar": 1.0})
    assert set(found.through) == {f"lot:{made.id}", "batch:1", f"reception:{arrival.route}", "point:cellar"}


def test_shares_multiply_along_the_edges_and_add_up_to_one(session: Session):
    edges(
        session,
        """
        point:a 300 reception:1
        point:b 100 reception:1
        point:b 200 reception:2
        reception:1 100 batch:1
        reception:2 100 batch:2
        batch:1 90 lot:1
        batch:2 30 lot:1
        """,
    )

    found = trace.sources(session, 1)

    assert found.points == pytest.approx({"a": 0.75 * 0.75, "b": 0.75 * 0.25 + 0.25})
    assert sum(found.points.values()) == pytest.approx(1)
    assert list(found.points) == ["a", "b"]
    assert found.through["reception:1"] == pytest.approx(0.75)


def test_lots_that_were_split_and_merged_are_followed_through(session: Session):
    edges(
        session,
        """
        point:a 100 reception:1
        point:b 100 reception:2
        reception:1 100 batch:1
        reception:2 100 batch:2
        batch:1 100 lot:1
        batch:2 100 lot:2
        lot:1 40 lot:3
        lot:1 60 lot:4
        lot:2 40 lot:3
        lot:3 30 lot:5
        lot:4 10 lot:5
        """,
    )

    found = trace.sources(session, 5)

    assert found.points == pytest.approx({"a": 0.75 / 2 + 0.25, "b": 0.75 / 2})


def test_what_leads_to_no_point_is_said_to_be_unknown(session: Session):
    edges(session, "point:a 60 reception:1\nreception:1 60 batch:1\nbatch:1 60 lot:1\nbatch:9 20 lot:1\nlot:9 0 lot:1")

    assert trace.sources(session, 1).points == pytest.approx({"a": 0.75})
    assert trace.sources(session, 1).unknown == pytest.approx(0.25)
    assert trace.sources(session, 77).unknown == 1


def test_bottles_put_back_to_be_washed_again_go_round_without_end_and_still_add_up(session: Session):
    edges(
        session,
        """
        point:a 120 reception:1
        reception:1 120 batch:1
        batch:1 120 lot:1
        lot:1 20 batch:1
        batch:1 20 lot:2
        """,
    )

    for lot in (1, 2):
        found = trace.sources(session, lot)

        assert found.points == pytest.approx({"a": 1})


def test_a_ring_that_no_point_leads_into_ends(session: Session):
    edges(session, "lot:1 5 lot:2\nlot:2 5 lot:1")

    assert trace.sources(session, 1).unknown == 1
    assert trace.buyers(session, 1) == trace.here(session, 1) == []


def test_a_lattice_of_merges_costs_its_edges_and_not_its_paths(session: Session):
    levels = 60  # 2 to the power of 60 paths
    edges(
        session,
        "\n".join(f"lot:{n} 5 lot:{m}" for k in range(levels) for n in (2 * k, 2 * k + 1) for m in (2 * k + 2, 2 * k + 3)),
    )
    edges(session, "point:a 5 lot:0\npoint:b 10 lot:1")

    assert trace.sources(session, 2 * levels).points == pytest.approx({"a": 0.5, "b": 0.5})


@pytest.mark.parametrize("named", ["L00001", "l00001", "1", " L1 "])
def test_a_lot_is_found_by_its_code_or_its_number(session: Session, cast: Cast, named: str):
    build.lot(session, cast, bottles=12)

    assert trace.lot(session, named).id == 1


@pytest.mark.parametrize("named", ["L00002", "", "L", "LL1", "-1", "½", "9" * 30, "L١"])
def test_a_lot_that_does_not_exist_is_refused_with_a_sentence(session: Session, cast: Cast, named: str):
    build.lot(session, cast, bottles=12)

    with pytest.raises(NotFound, match="There is no lot “"):
        trace.lot(session, named)


# -- forward


def test_a_lot_leads_to_everybody_who_was_given_its_bottles(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=120)
    first, second = order(session, cast, 36), order(session, cast, 24, partner="cave", point="cellar")
    deliver(session, cast, second, 24, at=NOON + timedelta(hours=1))
    deliver(session, cast, first, 12, at=NOON + timedelta(hours=2))

    found = trace.buyers(session, made.id)

    assert [(one.order.id, one.partner.id, one.point.id, one.quantity) for one in found] == [
        (second.id, "cave", "cellar", 24),
        (first.id, "epicerie", "shop", 12),
    ]
    assert [one.delivered_at for one in found] == [NOON + timedelta(hours=1), NOON + timedelta(hours=2)]


def test_what_has_not_left_is_told_by_account(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=120)
    placed = order(session, cast, 36)
    deliver(session, cast, placed, 12)

    found = trace.here(session, made.id)

    assert [(one.kind, one.quantity, one.order and one.order.id, one.partner and one.partner.id) for one in found] == [
        (AccountKind.AVAILABLE, 84, None, None),
        (AccountKind.RESERVED, 24, placed.id, "epicerie"),
    ]
    assert sum(one.quantity for one in found) + 12 == made.quantity


def test_what_was_taken_back_was_not_bought(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=24)
    placed = order(session, cast, 24)
    deliver(session, cast, placed, 24)

    deliver(session, cast, placed, 0)

    assert trace.buyers(session, made.id) == []
    assert sum(one.quantity for one in trace.here(session, made.id)) == 24


def test_a_recall_reaches_the_lots_that_took_a_lot_in(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=24)
    placed = order(session, cast, 12)
    deliver(session, cast, placed, 12)
    edges(session, f"lot:700 5 lot:701\nlot:701 5 lot:{made.id}")

    assert [one.order.id for one in trace.buyers(session, 700)] == [placed.id]
    assert [(one.lot, one.quantity) for one in trace.here(session, 700)] == [(made.id, 12)]


def test_each_way_takes_one_query(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=24)
    deliver(session, cast, order(session, cast, 12), 12)
    code = crates.register(session, "crate12", 1)[0].code
    scan = cast.scan(code, Move.COLLECT)
    for event in (scan, cast.undo(scan)):
        intake.record(session, event, cast.driver, at=NOON)
    session.flush()
    asked: list[str] = []
    sa.event.listen(session.connection(), "before_cursor_execute", lambda *call: asked.append(call[2]))

    for look in (trace.sources, trace.buyers, trace.here):
        look(session, made.id)
    trace.of_crate(session, code)

    assert len(asked) == 4, asked


# -- a crate


def test_the_life_of_a_crate_is_told_in_the_order_of_its_acts_with_both_times(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    late = NOON + timedelta(days=3)
    intake.record(session, cast.scan(crate, Move.RECEIVE, at=NOON + timedelta(hours=2)), cast.washer, at=NOON)
    intake.record(session, cast.scan(crate, Move.COLLECT, at=NOON), cast.driver, at=late)

    told = trace.of_crate(session, crate.code)

    assert [(one.act.move, one.act.at, one.act.received_at) for one in told] == [
        ("collect", NOON, late),
        ("receive", NOON + timedelta(hours=2), NOON),
    ]
    assert [(one.person, one.where, one.holder) for one in told] == [
        ("Driver Test", Where.VAN, "van-1"),
        ("Washer Test", Where.RECEIVED, build.CENTRE),
    ]


def test_what_was_undone_stays_in_the_story_and_says_by_whom(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    right, wrong = cast.scan(crate, Move.COLLECT), cast.scan(crate, Move.DROP, at=NOON + timedelta(minutes=1))
    undo = cast.undo(wrong)
    again = cast.undo(undo)
    for event in (right, wrong, undo):
        intake.record(session, event, cast.driver, at=NOON)

    once = trace.of_crate(session, crate.code)
    intake.record(session, again, cast.driver, at=NOON)
    twice = trace.of_crate(session, crate.code)

    assert [(one.act.id, one.undone_by and one.undone_by.id) for one in once] == [(right.id, None), (wrong.id, undo.id)]
    assert [(one.act.id, one.undone_by) for one in twice] == [(right.id, None), (wrong.id, None)]


def test_a_settlement_is_told_and_answers_what_came_before_it(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    before = cast.scan(crate, Move.COLLECT)
    settled = cast.event(EventKind.SETTLE, crate=crate.code, state=CrateState.RECEIVED, at=NOON + timedelta(hours=1))
    after = cast.scan(crate, Move.WASH, at=NOON + timedelta(hours=2))
    for event, author in ((before, cast.driver), (settled, cast.coordinator), (after, cast.washer)):
        intake.record(session, event, author, at=NOON)

    told = trace.of_crate(session, crate.code)

    assert [(one.act.id, one.settled_by and one.settled_by.id) for one in told] == [
        (before.id, settled.id),
        (settled.id, None),
        (after.id, None),
    ]
    assert told[1].where is Where.RECEIVED


def test_the_story_of_a_crate_nobody_has_seen_is_empty(session: Session, cast: Cast):
    assert trace.of_crate(session, "J000042R") == []


def test_the_trace_goes_through_a_whole_delivery(session: Session, cast: Cast):
    made = build.lot(session, cast, bottles=24)
    placed = order(session, cast, 24)

    deliver(session, cast, placed, 24)

    assert batches.left_to_sort(session, session.get(Reception, 1)) == 0
    assert [one.quantity for one in trace.buyers(session, made.id)] == [24]
    assert trace.free(session, [made.id]) == {made.id: 0}
