"""Two phones show one code in the same moment, fifty times, on SQLite and on PostgreSQL: one of them is signed in."""

from functools import partial

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, select

from bottles import passes, people
from bottles.db import transaction
from bottles.people import SignIn
from tests.bottles.races import *  # noqa: F403  # fixtures are found by their names
from tests.bottles.races import LATER, RUNS
from tests.build import NOON, TUESDAY, Cast

pytestmark = pytest.mark.slow


def made(engine: Engine, cast: Cast) -> list[int]:
    """Make passes as for so many days; what they open is asked for on the last of them."""
    with transaction(engine) as session:
        return [
            passes.create(
                session,
                f"secret-{number}",
                cast.driver.person,
                "van-1",
                TUESDAY.replace(year=TUESDAY.year - number),
                until=LATER.replace(year=LATER.year + 1),
                by=cast.coordinator.person,
                at=NOON,
            ).id
            for number in range(RUNS)
        ]


def sign_in(number: int, device: str, session: Session) -> str:
    used, person = passes.redeem(session, f"secret-{number}", device, today=TUESDAY, at=LATER)
    people.sign_in(
        session, person.id, f"{device}-{number}", device, lasting=used.expires_at - LATER, driver_pass=used.id, at=LATER
    )
    return device


def test_of_two_phones_that_show_one_code_at_once_one_is_signed_in(engine: Engine, cast: Cast, race):
    made(engine, cast)

    told = [race(*(partial(sign_in, number, device) for device in ("phone-1", "phone-2"))) for number in range(RUNS)]

    assert [sorted(type(one).__name__ for one in pair) for pair in told] == [["Conflict", "str"]] * RUNS
    assert {str(one) for pair in told for one in pair if not isinstance(one, str)} == {
        "This code was used already: ask the coordinator for a new one."
    }
    with transaction(engine) as session:
        assert len(session.exec(select(SignIn)).all()) == RUNS


def test_a_code_that_is_withdrawn_while_a_phone_shows_it_leaves_nobody_signed_in(engine: Engine, cast: Cast, race):
    codes = made(engine, cast)

    def withdraw(pass_id: int, session: Session) -> str:
        passes.revoke(session, pass_id, cast.coordinator.person, at=LATER)
        return "withdrawn"

    for number, pass_id in enumerate(codes):
        assert "withdrawn" in race(partial(sign_in, number, "phone-1"), partial(withdraw, pass_id))

    with transaction(engine) as session:
        assert [row for row in session.exec(select(SignIn)).all() if row.ended_at is None] == []
