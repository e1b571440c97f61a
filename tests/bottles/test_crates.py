"""A crate's state is a fold over its events; what surprises nobody and what opens a dispute."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bottles import crates, events, intake
from bottles.crates import EXPECTED, LEADS_TO, WHOSE, CrateState, Move, Where, replay
from bottles.disputes import DisputeKind, open_ones
from bottles.events import Event, EventKind
from bottles.people import Role
from tests.build import NOON, Cast


def told(number: int, move: Move | None, *, minute: int, device: str = "phone", **facts: object) -> Event:
    """Make an event of one crate as the database gives it back."""
    at = NOON + timedelta(minutes=minute)
    columns = {"kind": EventKind.SCAN, "at": at, "received_at": at, "device": device, "sequence": number, "crate": "J",
               "move": move, "person": 1, "partner": "p", "role": Role.DRIVER, "centre": "c", "point": "cellar",
               "holder": "van-1", "digest": "", "body": b""}  # fmt: skip
    return Event(**{"id": f"{number:04d}", **columns, **facts})


def test_every_move_leads_somewhere_and_every_state_is_held_by_someone():
    assert set(LEADS_TO) == set(Move)
    assert set(WHOSE) == set(CrateState) == set(EXPECTED)


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data: st.DataObject):
    moves = data.draw(st.lists(st.tuples(st.sampled_from(list(Move)), st.integers(0, 5), st.sampled_from("ab")), max_size=12))
    history = [told(n, move, minute=minute, device=device) for n, (move, minute, device) in enumerate(moves)]
    undone = data.draw(st.sets(st.integers(0, max(0, len(history) - 1)), max_size=3))
    history += [told(100 + n, None, minute=9, kind=EventKind.UNDO, undoes=f"{n:04d}") for n in undone if n < len(history)]
    shuffled = data.draw(st.permutations(history))

    assert replay(shuffled) == replay(history)


def test_an_undone_scan_is_as_if_it_had_not_been():
    drop, collect = told(1, Move.DROP, minute=0), told(2, Move.COLLECT, minute=5)
    undo = told(3, None, minute=6, kind=EventKind.UNDO, undoes="0002")

    assert replay([drop, collect, undo]) == replay([drop])


def test_an_undo_that_is_undone_counts_for_nothing():
    drop, collect = told(1, Move.DROP, minute=0), told(2, Move.COLLECT, minute=5)
    undo = told(3, None, minute=6, kind=EventKind.UNDO, undoes="0002")
    again = told(4, None, minute=7, kind=EventKind.UNDO, undoes="0003")

    assert replay([drop, collect, undo, again]) == replay([drop, collect])


def test_nobody_but_its_author_or_the_coordinator_undoes_an_event():
    drop, collect = told(1, Move.DROP, minute=0), told(2, Move.COLLECT, minute=5)
    undo = {"kind": EventKind.UNDO, "undoes": "0002", "person": 2}

    by_another = told(3, None, minute=6, **undo)
    by_coordinator = told(3, None, minute=6, **undo, role=Role.COORDINATOR)

    assert replay([drop, collect, by_another]).now.state is CrateState.ABOARD
    assert replay([drop, collect, by_coordinator]).now.state is CrateState.OUT


def test_a_move_nobody_expected_is_believed_and_is_a_surprise():
    history = replay([told(1, Move.DROP, minute=0), told(2, Move.WASH, minute=5)])

    assert history.now.state is CrateState.CLEAN
    assert [event.id for event, _ in history.surprises] == ["0002"]


def test_a_settlement_answers_what_was_known_when_it_was_made():
    odd = told(2, Move.WASH, minute=5)
    settled = told(3, None, minute=10, kind=EventKind.SETTLE, state="out")

    history = replay([told(1, Move.DROP, minute=0), odd, settled])

    assert history.now.state is CrateState.OUT
    assert history.surprises == []


def test_a_late_event_before_a_settlement_changes_nothing_after_it():
    settled = told(3, None, minute=10, kind=EventKind.SETTLE, state="out")
    late = told(4, Move.DROP, minute=8, device="other", received_at=NOON + timedelta(days=2))

    history = replay([told(1, Move.DROP, minute=0), settled, late])

    assert history.now.state is CrateState.OUT
    assert history.surprises == []


def test_a_late_event_that_contradicts_a_settlement_is_a_surprise():
    settled = told(3, None, minute=10, kind=EventKind.SETTLE, state="out")
    late = told(4, Move.LEND, minute=8, device="other", received_at=NOON + timedelta(days=2))

    history = replay([told(1, Move.DROP, minute=0), settled, late])

    assert history.now.state is CrateState.OUT
    assert [event.id for event, _ in history.surprises] == ["0004"]


@pytest.mark.parametrize(
    ("move", "state", "where", "holder"),
    [(Move.COLLECT, CrateState.ABOARD, Where.VAN, "van-1"), (Move.DROP, CrateState.OUT, Where.POINT, "cellar"),
     (Move.WASH, CrateState.CLEAN, Where.CLEAN, "c"), (Move.LEND, CrateState.LENT, Where.CUSTOMER, "van-1")],
)  # fmt: skip
def test_a_move_says_who_has_the_crate(move: Move, state: CrateState, where: Where, holder: str):
    history = replay([told(1, move, minute=0)])

    assert (history.now.state, history.now.where, history.now.holder) == (state, where, holder)


def test_serials_are_given_once(session: Session, cast: Cast):
    first, second = crates.register(session, "crate12", 3), crates.register(session, "crate12", 2)

    assert [crate.number for crate in first + second] == [1, 2, 3, 4, 5]


def test_a_dispute_closes_when_a_late_event_explains_it(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    intake.record(session, cast.scan(crate, Move.DROP), cast.driver, at=NOON)
    wash = cast.scan(crate, Move.WASH, at=NOON + timedelta(hours=5), device="tablet")
    intake.record(session, wash, cast.washer, at=NOON + timedelta(hours=5))
    assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNEXPECTED_MOVE]

    collected = cast.scan(crate, Move.COLLECT, at=NOON + timedelta(hours=1))
    intake.record(session, collected, cast.driver, at=NOON + timedelta(days=3))

    assert open_ones(session) == []


def test_an_unknown_crate_is_kept_and_parked(session: Session, cast: Cast):
    receipt = intake.record(session, cast.scan("ZZZZ99999", Move.COLLECT), cast.driver, at=NOON)

    assert receipt is events.Receipt.KEPT
    assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNKNOWN_CRATE]


def test_random_histories_replay_without_a_fault():
    seed = 20261006
    dice = random.Random(seed)
    for _ in range(200):
        moves = dice.choices(list(Move), k=dice.randint(1, 30))
        assert replay([told(n, move, minute=n) for n, move in enumerate(moves)]).now.state is LEADS_TO[moves[-1]], seed
