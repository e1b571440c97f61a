"""What tests of pages share: people who read English, what a page says, and a count of queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from bottles.people import Role


@pytest.fixture
def office(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """The coordinator, with pages in English."""
    return in_english(sign_in(Role.COORDINATOR))


@pytest.fixture
def washer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """Somebody at the centre, with pages in English."""
    return in_english(sign_in(Role.WASHER))


@pytest.fixture
def driver(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A driver, with pages in English."""
    return in_english(sign_in(Role.DRIVER))


def in_english(client: FlaskClient) -> FlaskClient:
    """Let a client ask for pages in English."""
    client.set_cookie("language", "en")
    return client


def said(answer: TestResponse) -> str:
    """Return a page with its marks, on one line."""
    return " ".join(answer.get_data(as_text=True).split())


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
