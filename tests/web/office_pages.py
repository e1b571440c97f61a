"""What tests of the coordinator's pages share: somebody in the office who reads English, and a count of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from bottles.people import Role


@pytest.fixture
def office(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """The coordinator, with pages in English."""
    client = sign_in(Role.COORDINATOR)
    client.set_cookie("language", "en")
    return client


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    seen: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)
