"""Fills a database with a long life in a short time: past the use cases, and yet with everything they would have kept.

Each crate goes round as often as it takes; its events, transfers, balances and cached state are those that intake would have
written, and the audit finds nothing. Each lot is made from a reception of three points and goes to two orders.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from random import Random
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, SQLModel

from bottles import codes
from bottles.batches import LotStatus
from bottles.catalogue import UNSORTED
from bottles.crates import CLEANED, LEADS_TO, WHOSE, Move, Standing
from bottles.events import Basis
from bottles.ledger import GUARDED, AccountKind, Key
from bottles.orders import OrderStatus
from bottles.partners import Partner, PartnerKind
from bottles.people import Person, Role
from bottles.points import Point, PointKind

LIFE = (Move.COMMISSION, Move.DROP, Move.COLLECT, Move.RECEIVE, Move.WASH)
"""What is done to a crate; from the second time on it goes from the wash to its next drop."""
BY = {Move.DROP: Role.DRIVER, Move.COLLECT: Role.DRIVER}
"""Who does it, where it is not the washer."""
POINTS, VANS, LOT = 200, 10, 1200
BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=15)
CHUNK = 20_000

Row = tuple[Any, ...]
Rows = Iterable[tuple[str, Row]]
"""Rows, each with the table that it belongs to."""

COLUMNS = {
    "crate": "code type number owner edition state clean where holder since",
    "event": "id kind at received_at device sequence person partner role centre crate move point holder future digest body",
    "transfer": "source target quantity basis cause event at known_at",
    "account": "id kind holder item lot order guarded quantity",
    "reception": "route centre vehicle bottles at finished_at",
    "sorting": "reception type quantity person at",
    "batch": "id centre type reception quantity left made_at",
    "wash_run": "id centre line recipe limits readings operator started_at ended_at",
    "lot": "id run centre type quantity status accepted rejected inspected_by inspected_at use_by why_held",
    "lot_edge": "parent child quantity",
    "orders": "id partner point person due note status made_at closed_at",
    "order_line": "order type quantity crate_type price_cents delivered",
}


class Loop(NamedTuple):
    """What there has to be before anything moves."""

    centre: str
    crate: str
    bottle: str
    recipe: str
    points: list[str]
    people: dict[Role, list[int]]

    @classmethod
    def settle(cls, session: Session, centre: str, crate: str, bottle: str, recipe: str) -> "Loop":
        """Put points, buyers and staff into a territory."""
        session.add(Partner(id="filled", name="Vignerons d'essai", kind=PartnerKind.WINERY))
        session.flush()
        place: dict[str, Any] = {
            "partner": "filled",
            "kind": PointKind.WINERY,
            "town": "Arbois",
            "postcode": "39600",
            "lat": 46.9,
            "lon": 5.77,
        }
        points = [f"filled-{n}" for n in range(POINTS)]
        session.add_all([Point(id=id_, name=id_, **place) for id_ in points])
        people: dict[Role, list[int]] = {}
        for role, many in ((Role.DRIVER, VANS), (Role.WASHER, 1)):
            staff = [Person(name=role, email=f"{role}-{n}@filled.example", role=role, partner="filled") for n in range(many)]
            session.add_all(staff)
            session.flush()
            people[role] = [person.id or 0 for person in staff]
        return cls(centre, crate, bottle, recipe, points, people)


class Accounts:
    """Balances while they come to be; their rows are written once, at the end."""

    def __init__(self, session: Session) -> None:
        last = session.scalar(sa.text("SELECT coalesce(max(id), 0) FROM account")) or 0
        self.numbers = count(last + 1)
        self.ids: dict[Key, int] = {}
        self.balances: dict[Key, int] = {}

    def move(self, source: Key, target: Key, quantity: int, cause: str, at: str, event: str | None = None) -> tuple[str, Row]:
        """Book one transfer and return its row."""
        for key, sign in ((source, -1), (target, 1)):
            if key not in self.ids:
                self.ids[key] = next(self.numbers)
            self.balances[key] = self.balances.get(key, 0) + sign * quantity
        return "transfer", (self.ids[source], self.ids[target], quantity, Basis.COUNTED, cause, event, at, at)

    def rows(self) -> Rows:
        """Yield the accounts."""
        for key, id_ in self.ids.items():
            yield "account", (id_, *key, key.kind in GUARDED, self.balances[key])


def fill(engine: Engine, loop: Loop, crates: int, events: int, lots: int) -> None:
    """Let so many crates live through so many events in all, and so many lots be washed and sold, in a fresh territory."""
    with Session(engine) as session:
        accounts = Accounts(session)
    with engine.connect() as connection:
        # accounts come last, when their balances are known: until then the transfers name what is not there yet
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # SQLite's
        else:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("SET LOCAL TimeZone = 'UTC'")
        indexes = _drop_indexes(connection)
        for rows in (_lives(loop, crates, events // max(1, crates), accounts), _lots(loop, lots, accounts), accounts.rows()):
            while chunk := list(islice(rows, CHUNK)):
                _put(connection, chunk)
        for index in indexes:
            index.create(connection)
        _number_on(connection)
        connection.commit()
        connection.invalidate()  # the next one that uses it minds its keys again
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _lives(loop: Loop, crates: int, moves: int, accounts: Accounts) -> Iterator[tuple[str, Row]]:
    """Yield wave after wave of moves, so that rows lie in the order of the acts, as they would."""
    numbers = {name: count() for name in ("tablet", *(f"phone-{van}" for van in range(VANS)))}
    serials = [codes.serial(crate) for crate in range(1, crates + 1)]
    stands, turn, at = Standing(), 0, BEGINS
    before = [_place(loop, stands, ring) for ring in range(POINTS)]
    for wave in range(moves):
        move = LIFE[wave] if wave < len(LIFE) else LIFE[1:][(wave - 1) % (len(LIFE) - 1)]
        where, column = WHOSE[LEADS_TO[move]]
        stands = Standing(LEADS_TO[move], CLEANED.get(move, stands.clean), where, column or "", BEGINS + turn * STEP)
        after = [_place(loop, stands, ring) for ring in range(POINTS)]
        makes = [_maker(loop, move, ring, numbers) for ring in range(POINTS)]
        for crate, serial in enumerate(serials):
            at, turn, ring = BEGINS + turn * STEP, turn + 1, crate % POINTS
            event = makes[ring](serial, at)
            yield "event", event
            if before[ring] != after[ring]:
                yield accounts.move(before[ring], after[ring], 1, f"crate:{serial}", event[2], event[0])
        before = after
    for crate, serial in enumerate(serials):
        since = None if stands.since is None else _text(stands.since + crate * STEP)
        yield "crate", (serial, loop.crate, crate + 1, "", 1, *stands[:3], before[crate % POINTS].holder, since)


def _place(loop: Loop, stands: Standing, ring: int) -> Key:
    """Return the account that has a crate; `stands.holder` is the column of the event that names the holder."""
    holders = {"": "", "centre": loop.centre, "point": loop.points[ring], "holder": f"van-{ring % VANS}"}
    return Key(AccountKind(stands.where), holders[stands.holder], loop.crate)


def _maker(loop: Loop, move: Move, ring: int, numbers: dict[str, "count[int]"]) -> Callable[[str, datetime], Row]:
    """Return what makes the event of a move for the crates of one point."""
    role, van = BY.get(move, Role.WASHER), ring % VANS
    device = f"phone-{van}" if role is Role.DRIVER else "tablet"
    person = loop.people[role][van if role is Role.DRIVER else 0]
    point, holder = (loop.points[ring], f"van-{van}") if role is Role.DRIVER else (None, None)
    sequences, dice = numbers[device], Random(f"{move} {ring}")
    said = {"at": "@at", "crate": "@crate", "device": device, "holder": holder, "id": "@id", "kind": "scan", "move": str(move),
            "point": point, "schema": 2, "sequence": "@sequence"}  # fmt: skip
    written = json.dumps({name: value for name, value in said.items() if value is not None}, separators=(",", ":"))
    parts = re.split('@at|@crate|@id|"@sequence"', written)

    def make(serial: str, at: datetime) -> Row:
        id_, sequence, text = codes.uuid7(at, dice.getrandbits(80)), next(sequences), _text(at)
        body = f"{parts[0]}{text[:10]}T{text[11:]}Z{parts[1]}{serial}{parts[2]}{id_}{parts[3]}{sequence}{parts[4]}".encode()
        told = (id_, "scan", text, text, device, sequence, person, "filled", role, loop.centre, serial, move, point, holder)
        return *told, False, hashlib.sha256(body).hexdigest(), body

    return make


def _text(at: datetime) -> str:
    """Return a moment as SQLite keeps it, and as PostgreSQL reads it when its zone is UTC."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def _lots(loop: Loop, lots: int, accounts: Accounts) -> Iterator[tuple[str, Row]]:
    washer = loop.people[Role.WASHER][0]
    for n in range(1, lots + 1):
        day = (BEGINS + n * timedelta(hours=1)).date().isoformat()
        at = f"{day} 12:00:00.000000"
        points = [loop.points[(n * 7 + k) % POINTS] for k in range(3)]
        received, sorted_ = Key(AccountKind.RECEIVED, loop.centre, UNSORTED), Key(AccountKind.SORTED, loop.centre, loop.bottle)
        washed = Key(AccountKind.WASHED, loop.centre, loop.bottle, n)
        free = washed._replace(kind=AccountKind.AVAILABLE)
        yield "reception", (n, loop.centre, f"van-{n % VANS}", LOT, at, at)
        yield "sorting", (n, loop.bottle, LOT, washer, at)
        yield "batch", (n, loop.centre, loop.bottle, n, LOT, 0, at)
        yield "wash_run", (n, loop.centre, "line", loop.recipe, "{}", "{}", washer, at, at)
        yield "lot", (n, n, loop.centre, loop.bottle, LOT, LotStatus.RELEASED, LOT, "{}", washer, at, day, "")
        for point in points:
            yield "lot_edge", (f"point:{point}", f"reception:{n}", LOT // 3)
            yield accounts.move(Key(AccountKind.OUTSIDE, point, UNSORTED), received, LOT // 3, f"reception:{n}", at)
        yield "lot_edge", (f"reception:{n}", f"batch:{n}", LOT)
        yield "lot_edge", (f"batch:{n}", f"lot:{n}", LOT)
        yield accounts.move(received, sorted_, LOT, f"sorting:{n}", at)
        yield accounts.move(sorted_, washed, LOT, f"wash:{n}", at)
        yield accounts.move(washed, free, LOT, f"inspection:{n}", at)
        for order in (2 * n - 1, 2 * n):
            yield from _order(loop, order, n, free, LOT // 3, accounts, at)


def _order(loop: Loop, order: int, lot: int, free: Key, quantity: int, accounts: Accounts, at: str) -> Rows:
    buyer, point = loop.people[Role.WASHER][0], loop.points[order % POINTS]
    held = free._replace(kind=AccountKind.RESERVED, order=order)
    yield "orders", (order, "filled", point, buyer, at[:10], "", OrderStatus.DELIVERED, at, at)
    yield "order_line", (order, loop.bottle, quantity, loop.crate, 23, quantity)
    yield accounts.move(free, held, quantity, f"order:{order}", at)
    yield accounts.move(held, Key(AccountKind.CUSTOMER, "filled", loop.bottle, lot), quantity, f"order:{order}", at)
    yield "lot_edge", (f"lot:{lot}", f"order:{order}", quantity)


def _put(connection: Connection, chunk: Sequence[tuple[str, Row]]) -> None:
    """Write rows, table by table, parents first."""
    is_sqlite = connection.dialect.name == "sqlite"
    raw: Any = connection.connection.driver_connection
    connection.exec_driver_sql("SELECT 1")  # a transaction is open from here on
    for table, columns in COLUMNS.items():
        rows = [row for name, row in chunk if name == table]
        names = ", ".join(f'"{column}"' for column in columns.split())
        if rows and is_sqlite:
            marks = ", ".join("?" * len(columns.split()))
            raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
        elif rows:
            with raw.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def _drop_indexes(connection: Connection) -> list[sa.Index]:
    """Drop the indexes of what is filled: made once afterwards they take a fraction of the time."""
    indexes = [index for name in COLUMNS for index in SQLModel.metadata.tables[name].indexes]
    for index in indexes:
        index.drop(connection)
    return indexes


def _number_on(connection: Connection) -> None:
    """Tell PostgreSQL which numbers are taken."""
    if connection.dialect.name != "postgresql":
        return
    for name, columns in COLUMNS.items():
        key = next(iter(SQLModel.metadata.tables[name].primary_key.columns)).name
        if key in ("id", "row") and (name in ("event", "transfer") or key in columns.split()):
            query = f"SELECT setval(pg_get_serial_sequence('{name}', '{key}'), coalesce(max(\"{key}\"), 0) + 1) FROM {name}"  # noqa: S608
            connection.exec_driver_sql(query)
