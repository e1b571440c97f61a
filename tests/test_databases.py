"""Databases for tests: each test finds one as nobody has used it yet."""

from sqlalchemy.engine import Engine
from sqlmodel import Session

from tests import build, databases


def test_what_a_test_rolled_back_uses_up_no_numbers(postgresql_engine: Engine):
    with Session(postgresql_engine) as session:
        first = build.cast(session).winemaker
        session.rollback()

    databases.empty(postgresql_engine)

    with Session(postgresql_engine) as session:
        assert build.cast(session).winemaker == first
