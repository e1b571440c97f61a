"""Databases for tests: each test finds one as nobody has used it yet."""

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from bottles.db import transaction
from bottles.partners import listed
from tests import build, databases


@pytest.mark.parametrize("time", ["first", "second"])
def test_what_one_test_keeps_no_other_finds(engine: Engine, time: str):
    with transaction(engine) as session:
        assert listed(session) == []

        assert build.cast(session).winemaker.person == 1, time


@pytest.mark.slow
def test_what_a_test_rolled_back_uses_up_no_numbers(postgresql_engine: Engine):
    with Session(postgresql_engine) as session:
        first = build.cast(session).winemaker
        session.rollback()

    databases.empty(postgresql_engine)

    with Session(postgresql_engine) as session:
        assert build.cast(session).winemaker == first


@pytest.mark.slow
def test_a_transaction_that_a_test_left_open_is_told_of(postgresql_engine: Engine):
    with Session(postgresql_engine) as session:
        build.cast(session)

        with pytest.raises(OperationalError, match="lock timeout"):
            databases.empty(postgresql_engine, patience="10ms")
