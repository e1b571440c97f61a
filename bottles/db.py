"""The database: engines, units of work, and the column types every table shares."""

import fcntl
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.ext.compiler import compiles
from sqlmodel import Session, SQLModel, create_engine

from .errors import Invalid, NotFound, say

T = TypeVar("T", bound=SQLModel)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(sa.types.TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the database the same moment in UTC."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give Python an aware moment in UTC, whatever zone the connection speaks in."""
        return None if value is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Write a moment as SQLite keeps it, a text without its zone; a batch writes hundreds of them."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)
        return lambda value: (utc := self.process_bind_param(value, dialect)) and _as_text(utc)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read a moment as SQLite keeps it: what we wrote there was UTC."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda value: value and _as_moment(value)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise Invalid(say("A time needs its time zone: %(value)s has none."), value=value)
    return value.astimezone(UTC)


def _as_moment(text: str) -> datetime:
    """Return the moment of a text that SQLite keeps; another program may have written its zone as well."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


@lru_cache(maxsize=1000)
def _as_text(utc: datetime) -> str:
    """Return a moment as SQLite keeps it; the same one stands in many rows of a batch."""
    return utc.isoformat(" ", "microseconds")[:26]


def choice(kind: type[StrEnum], name: str = "") -> sa.Enum:
    """Store an enum as text with a CHECK, so that a migration only ever touches a constraint; it is named like the enum."""
    name = name or "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")
    return sa.Enum(
        kind, native_enum=False, create_constraint=True, name=name, length=24, values_callable=lambda e: [m.value for m in e]
    )


def said(condition: str) -> dict[str, Any]:
    """Return what makes an index leave out, on both databases, the rows that do not meet a condition."""
    return {f"{dialect}_where": sa.text(condition) for dialect in ("sqlite", "postgresql")}


def open_engine(url: str) -> Engine:
    """Open the database at an SQLAlchemy URL, SQLite or PostgreSQL."""
    engine = create_engine(url, **_pool(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _pool(url: str) -> dict[str, Any]:
    in_memory = sa.make_url(url).database in (None, "", ":memory:") and url.startswith("sqlite")
    if in_memory:
        return {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
    return {"pool_pre_ping": True} if url.startswith("postgresql") else {}


PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit is on the disk before anybody is answered
    "foreign_keys=ON",
    "busy_timeout=15000",
    "cache_size=-65536",  # KiB for each connection: a database of years has larger indexes than the 2 MB it would get
    "wal_autocheckpoint=10000",  # pages: what many batches wrote to is carried over once, not with every few of them
)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # we begin transactions ourselves, below: the driver would begin them too late and deferred
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # a deferred transaction that turns into a writer can deadlock with another: take the write lock at once
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class _Mine(threading.local):
    """The files whose turn this thread has."""

    def __init__(self) -> None:
        self.files: set[str] = set()


_mine = _Mine()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Give one unit of work: all of it is committed at the end, or nothing."""
    with _turn(engine), Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Let the writers of an SQLite file come one after the other, those of other processes too.

    SQLite itself only lets them try again now and then: of many at once some would starve, and all would wait for nothing.
    The lock is the system's, so it goes with a process that is killed.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or file in (None, "", ":memory:"):
        yield
        return
    if file in _mine.files:
        raise RuntimeError("one unit of work was begun inside another: it would wait for itself")
    with Path(f"{file}-turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        _mine.files.add(file)
        try:
            yield
        finally:
            _mine.files.discard(file)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that only looks: writers do not wait for it, and nothing is kept."""
    is_sqlite = engine.dialect.name == "sqlite"
    # one moment for all that is read: SQLite gives it by itself, PostgreSQL where it is asked to
    one_moment = {} if is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with Session(engine.execution_options(reading=True, **one_moment), expire_on_commit=False) as session:
        yield session
        # what was read stays readable after the end: a page may be rendered when the database is free again
        session.expunge_all()
        if not is_sqlite:
            # taken back, it would make the driver forget every statement that PostgreSQL has understood for it
            session.commit()


def interrupt(connection: Connection) -> None:
    """Break off what a connection is asking the database, from another thread; whoever asked hears an error."""
    driver: Any = connection.connection.driver_connection
    (driver.interrupt if connection.dialect.name == "sqlite" else driver.cancel)()


def one_by_one(session: Session, what: str, *, shared: bool = False) -> None:
    """Wait until nobody else is at something that no row stands for yet; whoever shares it waits only for one who does not.

    SQLite has one writer at a time anyway.
    """
    if session.connection().dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
        session.connection().execute(sa.select(lock(sa.func.hashtext(what))))


def find(session: Session, kind: type[T], key: Any, *, lock: bool = False) -> T:
    """Return the row with that key; a `lock` lets others who ask for one wait until this unit of work is over.

    Raises
    ------
    NotFound
        There is none; what is not yours reads alike.
    """
    # no database keeps NUL in a text, and PostgreSQL does not even look for it
    looked: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if lock else {}
    row = None if isinstance(key, str) and "\0" in key else session.get(kind, key, **looked)
    if row is None:
        raise NotFound(say("There is no such thing here: it may have been removed, or the link is incomplete."))
    return row


class Many:
    """A statement that is executed with many rows at once, each a sequence of values in the order of `names`.

    It is compiled once for each kind of database, and values are made ready column by column: to work out every row by
    itself, as SQLAlchemy does, takes longer than the database needs to keep it.
    """

    def __init__(self, statement: sa.Insert | sa.Update | sa.Delete | sa.Select[Any], names: Sequence[str]) -> None:
        self.statement, self.names = statement, list(names)

    def execute(self, session: Session, rows: Iterable[Sequence[Any]]) -> None:
        """Execute it with each of the rows, in their order."""
        columns, connection = list(zip(*rows, strict=True)), session.connection()
        if not columns:
            return
        if connection.dialect.name == "postgresql":
            self._at_once(connection, columns)
            return
        said, places = self._on_sqlite
        ready = (columns[n] if ready is None else map(ready, columns[n]) for n, ready in places)
        connection.exec_driver_sql(said, list(zip(*ready, strict=True)))

    def told(self, session: Session, rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Execute it on PostgreSQL with each of the rows, and give what it returns."""
        columns = list(zip(*rows, strict=True))
        return list(self._at_once(session.connection(), columns)) if columns else []

    def _at_once(self, connection: Connection, columns: Sequence[Sequence[Any]]) -> sa.CursorResult[Any]:
        """Hand PostgreSQL every column as one array: a statement for each row costs it ten times as much."""
        said, words = self._on_postgresql
        values = {name: array(column, word) for name, word, column in zip(self.names, words, columns, strict=True)}
        return connection.exec_driver_sql(said, values)

    @cached_property
    def _on_postgresql(self) -> tuple[str, list[Callable[[Any], str]]]:
        """Return the statement with rows of arrays in the place of its values, and how each of them is written."""
        types = {name: self._type(name) for name in self.names}
        arrays = [sa.bindparam(name, type_=sa.ARRAY(types[name])) for name in self.names]
        rows = (
            sa.func.unnest(*arrays).table_valued(*(sa.column(name, types[name]) for name in self.names)).render_derived("rows")
        )

        def column(element: Any, **_: Any) -> Any:
            return rows.c[element.key] if isinstance(element, sa.BindParameter) and element.key in types else None

        if isinstance(self.statement, sa.Insert):
            said: Any = self.statement.from_select(self.names, sa.select(*(rows.c[name] for name in self.names)))
        else:
            said = sa.sql.visitors.replacement_traverse(self.statement, {}, column)
        dialect = psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy says nothing of it
        return str(said.compile(dialect=dialect)), [_word(types[name]) for name in self.names]

    def _type(self, name: str) -> sa.types.TypeEngine[Any]:
        """Give the type of a value: of the column it is inserted into, or that it is compared with or set to."""
        if isinstance(self.statement, sa.Insert):
            return cast("sa.Table", self.statement.table).c[name].type
        compiled: Any = self.statement.compile(column_keys=self.names)
        kind: sa.types.TypeEngine[Any] = compiled.binds[name].type
        return kind

    @cached_property
    def _on_sqlite(self) -> tuple[str, list[tuple[int, Callable[[Any], Any] | None]]]:
        """Return the driver's words, and for each place in them which of the names stands there and how it is made ready."""
        dialect = sqlite.dialect()
        told: Any = self.statement.compile(dialect=dialect, column_keys=self.names)
        kept = {name: told.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self.names}
        return str(told), [(self.names.index(name), kept[name]) for name in told.positiontup]


WORDS: dict[type, Callable[[Any], str]] = {
    Utc: lambda value: f"{_as_text(_in_utc(value))}+00",
    sa.LargeBinary: lambda value: f"\\x{value.hex()}",
    sa.JSON: json.dumps,
}
"""How values are written for PostgreSQL that are neither texts nor numbers."""


def _word(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], str]:
    """Return how a value of a type is written."""
    return WORDS.get(type(kind), str)


def array(values: Iterable[Any], word: Callable[[Any], str] = str) -> str:
    """Write values as PostgreSQL reads an array.

    The driver would look at each of them several times: that took a third of what a batch of events costs us.
    """
    words = ("NULL" if value is None else _quoted(word(value)) for value in values)
    return f"{{{','.join(words)}}}"


def _quoted(text: str) -> str:
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def over(table: sa.Table) -> sa.Insert:
    """Return the statement that inserts rows, or writes them over those of the same key; both databases say it alike."""
    insert = postgresql.insert(table)
    rest = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=rest)


class _List(sa.types.TypeDecorator[Sequence[Any]]):
    """A list bound as one value: an array, or the JSON that SQLite takes apart."""

    impl = sa.String
    cache_ok = True

    def __init__(self, of: sa.types.TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Return what each database has for it."""
        return dialect.type_descriptor(sa.String() if dialect.name == "sqlite" else sa.ARRAY(self.of))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Make a list ready."""
        return json.dumps if dialect.name == "sqlite" else partial(array, word=_word(self.of))


class _Among(sa.sql.functions.FunctionElement[bool]):
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":
        """Stand as a condition: compared with a truth value, as SQLite's are, it would use no index."""
        return self


def among(column: Any, name: str) -> sa.ColumnElement[bool]:
    """Say that a column is one of a list of values that is bound under a name.

    However long the list, the statement stays the same: nobody has to write it anew and understand it anew each time.
    """
    return _Among(column, sa.bindparam(name, type_=_List(column.type)))


@compiles(_Among, "sqlite")
def _among_json(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - our own columns


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"


def renew(session: Session, *kinds: type[SQLModel]) -> None:
    """Let the objects of some kinds that a session holds be read again: rows of theirs were written past it."""
    for held in session.identity_map.values():
        if isinstance(held, kinds):
            session.expire(held)
