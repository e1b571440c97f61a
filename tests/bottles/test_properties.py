"""Whatever order things reach us in, they add up to the same; and what is cached is what a replay says.

Every example is a history that hypothesis makes up. A failure prints it, and a line that makes it happen again;
BOUTEILLES_EXAMPLES=20 tries twenty times as many, and looks for the smallest that fails.
"""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles.crates import CrateState, Move
from bottles.db import transaction
from bottles.events import EventKind
from tests.bottles import histories
from tests.bottles.histories import Arrival, Sketch, World
from tests.build import NOON

pytestmark = pytest.mark.slow


@pytest.fixture
def here(engine: Engine) -> World:
    with transaction(engine) as session:
        return histories.world(session)


def outcome(engine: Engine, here: World, acts: list[Sketch], arrival: Arrival, *, settled: bool) -> dict[str, Any]:
    """Live a history in one order of arrival, audit it, forget it, and return what it added up to."""
    # the last one lies after all acts and before anything reached us: nothing counts from when we heard of it
    moments = [*sorted({NOON + timedelta(minutes=act.minute) for act in acts}), NOON + timedelta(hours=1)]
    with Session(engine) as session:
        histories.live(session, here, acts, arrival)
        session.flush()
        assert histories.faults(session) == []
        found = {
            "crates": histories.standings(session),
            "balances": histories.balances(session, moments),
            "visits": histories.visited(session),
        }
        if not settled:
            found["disputes"] = histories.wondered(session)
        assert found["balances"]["now"] == found["balances"][moments[-1]]
        session.rollback()
    return found


EXAMPLES = {"sqlite": 20, "postgresql": 4}


def test_an_undo_its_target_and_its_own_undo_may_come_in_every_order_among_acts_of_one_moment(sqlite_engine: Engine):
    with transaction(sqlite_engine) as session:
        here = histories.world(session)
    acts = [
        histories.scanned(here, "phone-1", 0, Move.DROP),
        histories.scanned(here, "phone-2", 0, Move.LOAD),
        Sketch("phone-2", 0, EventKind.UNDO, {}, undoes=1),
        Sketch("office", 0, EventKind.UNDO, {}, undoes=2),
        histories.scanned(here, "phone-1", 1, Move.COLLECT),
    ]

    for order in permutations(range(len(acts))):
        with Session(sqlite_engine) as session:

            def same() -> None:
                assert histories.standings(session) == histories.replayed(session)

            histories.live(session, here, acts, Arrival(list(order), [True] * len(acts), 0), same)
            (stands,) = [c for code, c in histories.standings(session).items() if code == here.labelled[1]]
            session.rollback()
        assert (stands.state, stands.since) == (CrateState.ABOARD, NOON + timedelta(minutes=1)), order


def test_what_is_cached_of_a_crate_is_what_a_replay_says_after_every_batch(sqlite_engine: Engine):
    with transaction(sqlite_engine) as session:
        here = histories.world(session)

    @histories.tried(80)
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        acts = data.draw(histories.lives(here), label="acts")
        arrival = data.draw(histories.arrivals(acts), label="arrival")

        with Session(sqlite_engine) as session:

            def same() -> None:
                cached = histories.standings(session)
                assert cached == histories.replayed(session)
                assert histories.travelled(session) == histories.places(cached)

            histories.live(session, here, acts, arrival, same)
            session.rollback()

    holds()


@pytest.mark.parametrize("settled", [False, True])
def test_any_order_of_arrival_adds_up_to_the_same(engine: Engine, here: World, settled: bool):
    @histories.tried(EXAMPLES[engine.dialect.name])
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        acts = data.draw(histories.sketches(here, settled=settled), label="acts")
        arrival = data.draw(histories.arrivals(acts), label="arrival")

        expected = outcome(engine, here, acts, histories.in_order(acts), settled=settled)
        found = outcome(engine, here, acts, arrival, settled=settled)

        assert found == expected

    holds()
