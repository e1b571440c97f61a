"""How the tables came to be: one file a change, its time first in its name. `upgrade` brings a database up to date.

A new one is written by ``alembic -x url=sqlite:///FILE revision --autogenerate -m "what changes"`` on an up-to-date database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine


def upgrade(engine: Engine) -> bool:
    """Bring a database up to date, all of it or nothing; say whether anything was missing."""
    with engine.connect() as connection, _loose(connection):
        missing = standing(connection) != newest()
        if missing:
            settings = _settings()
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
        connection.commit()
    return missing


def is_current(engine: Engine) -> bool:
    """Say whether a database has every migration."""
    with engine.connect() as connection:
        return standing(connection) == newest()


def standing(connection: Connection) -> str | None:
    """Return the last migration that a database has; None for a database without tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the last migration there is."""
    return ScriptDirectory.from_config(_settings()).get_current_head()


def _settings() -> Config:
    settings = Config()
    # a % in a path would be read as the start of a placeholder
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


@contextmanager
def _loose(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others name: it alters by copying, and checks again afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # SQLite's; it counts only outside of a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]  # the same
