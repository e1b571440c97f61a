"""Whatever order things reach us in, they add up to the same; and what is cached is what a replay says.

Every example is a history that hypothesis makes up. A failure prints the smallest history it found and a line that makes it
happen again; BOUTEILLES_EXAMPLES=20 tries twenty times as many.
"""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles.db import transaction
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
    moments = sorted({NOON + timedelta(minutes=act.minute) for act in acts})
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
        session.rollback()
    return found


EXAMPLES = {"sqlite": 30, "postgresql": 6}


def test_what_is_cached_of_a_crate_is_what_a_replay_says_after_every_batch(sqlite_engine: Engine):
    with transaction(sqlite_engine) as session:
        here = histories.world(session)

    @histories.tried(120)
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
