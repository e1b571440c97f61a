"""Begins a view again when another request got in its way at the same moment, as long as nothing of it was committed."""

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from flask import current_app, g, has_app_context
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

TRIES = 4
"""How often a view is begun before its error is answered."""

RACES = {"40001", "40P01", "23505"}
"""PostgreSQL's words for: could not be put in one order, a deadlock, somebody was faster with the same key."""


@sa.event.listens_for(Engine, "commit")
def _committed(connection: Connection) -> None:
    # who only looks has nothing to commit, and ends so all the same
    if has_app_context() and not connection.get_execution_options().get("reading", False):
        g.has_committed = True


def again(view: Callable[[], T]) -> T:
    """Answer a request, from the beginning when another one got in its way.

    The database has taken back all that was done by then, and nothing was sent yet. What was committed before stays, so a
    view of several units of work is begun again only while its first one is open.
    """
    g.has_committed = False
    for left in reversed(range(TRIES)):
        try:
            return view()
        except DBAPIError as error:
            if not left or g.has_committed or getattr(error.orig, "sqlstate", None) not in RACES:
                raise
            current_app.logger.info("request %s: begun again after %s", g.request_id, type(error.orig).__name__)
    raise AssertionError("unreachable")
