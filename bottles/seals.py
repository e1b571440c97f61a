"""Committed rows, sealed in blocks, so that an edit behind our back is named by its row.

A block is a run of rows of one table. Each row gives a leaf, the leaves a Merkle root, and the first leaf of every block is
its heading with the root of the block before: so the last root vouches for every row ever sealed. Whoever can write to the
database can also rewrite all seals from some row on; they cannot make them end in a root that was written down elsewhere.

What is sealed of a row never changes. People stand in it as their number, which says nothing once their name is erased.
Free text (a note, a reason, the body) is not in it, only the body's digest: a note can be erased on request, and everything
else about the event is still proved. An empty column is left out, so that a column added later breaks no older seal.

Writers never wait for a seal, which only reads what is committed. A row's number is given before its transaction commits,
so a slow writer's row may appear below others that are there already; a block therefore ends before the first row that
reached us less than a margin ago, and the margin is far longer than any request lives.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

from .aside import SetAside
from .db import Utc
from .errors import Fault, say
from .events import Event
from .ledger import ACCOUNT, TRANSFER

MARGIN = timedelta(minutes=10)
"""How old a row must be to be sealed; no transaction of ours stays open for as long."""
ROWS = 1000
"""Rows in a block at most."""
BLOCKS = 20
"""Blocks drafted at a time at most."""
NUMBER, HASH = 8, 16
"""Bytes of a row's number and of its hash in a leaf; half a SHA-256 is kept, since there is a leaf for every row."""


class Seal(SQLModel, table=True):
    """One sealed block. `leaves` has for each row its number, 8 bytes big-endian, and 16 bytes of its hash, in row order."""

    __table_args__ = (sa.UniqueConstraint("table", "previous"), sa.UniqueConstraint("table", "last"))

    id: int | None = Field(default=None, primary_key=True)
    table: str = Field(max_length=24)
    first: int
    last: int
    count: int
    leaves: bytes
    root: str = Field(max_length=64)
    previous: str = Field(max_length=64)
    """The root of the block before it, of the same table; empty for the first."""
    sealed_at: datetime = Field(sa_type=Utc)


SEAL = Seal.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


@dataclass(frozen=True)
class Source:
    """A table that is sealed: its number, when a row reached us, and what of a row never changes."""

    row: sa.ColumnElement[int]
    known_at: sa.ColumnElement[datetime]
    sealed: Mapping[str, sa.ColumnElement[Any]]
    rows: sa.FromClause


def _columns(table: sa.FromClause, names: str, prefix: str = "") -> dict[str, sa.ColumnElement[Any]]:
    return {prefix + name: table.c[name] for name in names.split()}


def _transfers() -> Source:
    # what a transfer moved is told by the names of its accounts, since whoever renames an account rewrites its history
    source, target = ACCOUNT.alias("out"), ACCOUNT.alias("into")
    rows = TRANSFER.join(source, source.c.id == TRANSFER.c.source).join(target, target.c.id == TRANSFER.c.target)
    name = "kind holder item lot order"
    sealed = _columns(TRANSFER, "row quantity basis cause event at known_at")
    sealed |= _columns(source, name, "source_") | _columns(target, name, "target_")
    return Source(TRANSFER.c.row, TRANSFER.c.known_at, sealed, rows)


def _table(model: type[SQLModel], names: str) -> Source:
    rows = model.__table__  # type: ignore[attr-defined]  # the table behind the class
    return Source(rows.c.row, rows.c.received_at, _columns(rows, names), rows)


SEALED: Mapping[str, Source] = {
    "event": _table(
        Event,
        "row id kind at received_at device sequence person partner role centre crate label move point holder task"
        " plan_version route item quantity basis undoes state future digest",
    ),
    "transfer": _transfers(),
    "set_aside": _table(
        SetAside, "row event_id receipt device sequence person partner role centre received_at is_barred digest"
    ),
}
"""What is sealed. The names are part of what is hashed: a column that is renamed keeps its old one here."""


# -- leaves and roots


def _canonical(value: Any) -> str:
    """Write a time the same way whichever database keeps it."""
    return str(value.astimezone(UTC).isoformat(timespec="microseconds"))


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_canonical)


def _leaf(number: int, facts: Mapping[str, Any]) -> bytes:
    said = _encoder.encode({name: value for name, value in facts.items() if value is not None})
    return number.to_bytes(NUMBER, "big") + hashlib.sha256(said.encode()).digest()[:HASH]


def _leaves(session: Session, source: Source, after: int, most: int, upto: int | None = None) -> list[tuple[bytes, datetime]]:
    """Read the leaves of the rows after one, in row order, each with when it reached us."""
    named = [column.label(name) for name, column in source.sealed.items()]
    query = sa.select(source.row, source.known_at, *named).select_from(source.rows).where(source.row > after)
    if upto is not None:
        query = query.where(source.row <= upto)
    names = list(source.sealed)
    found = session.connection().execute(query.order_by(source.row).limit(most))
    return [(_leaf(row[0], dict(zip(names, row[2:], strict=True))), row[1]) for row in found]


def _root(seal: Seal) -> str:
    """Work out the root of a block: a Merkle tree over its heading and its leaves."""
    heading = f"{seal.table} {seal.first} {seal.last} {seal.count} {_canonical(seal.sealed_at)} {seal.previous}"
    # a leaf and a pair begin differently, so that neither can be passed off as the other
    level = [hashlib.sha256(b"\0" + part).digest() for part in (heading.encode(), *_parts(seal.leaves))]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex()


def _parts(leaves: bytes) -> list[bytes]:
    return [leaves[at : at + NUMBER + HASH] for at in range(0, len(leaves), NUMBER + HASH)]


def _by_row(leaves: Iterable[bytes]) -> dict[int, bytes]:
    return {int.from_bytes(leaf[:NUMBER], "big"): leaf for leaf in leaves}


# -- sealing


def draft(
    session: Session, *, at: datetime, older_than: timedelta = MARGIN, rows: int = ROWS, most: int = BLOCKS
) -> list[Seal]:
    """Work out the next blocks, a few at a time; nothing is kept, so that no writer waits meanwhile."""
    drafted: list[Seal] = []
    for table, source in SEALED.items():
        before = head(session, table)
        while len(drafted) < most:
            block = _block(session, table, source, before, at - older_than, rows, at)
            if block is None:
                break
            drafted.append(block)
            before = block
    return drafted


def _block(
    session: Session, table: str, source: Source, before: Seal | None, until: datetime, rows: int, at: datetime
) -> Seal | None:
    leaves: list[bytes] = []
    for leaf, known_at in _leaves(session, source, before.last if before else 0, rows):
        if known_at > until:
            break
        leaves.append(leaf)
    if not leaves:
        return None
    numbers = list(_by_row((leaves[0], leaves[-1])))
    seal = Seal(
        table=table,
        first=numbers[0],
        last=numbers[-1],
        count=len(leaves),
        leaves=b"".join(leaves),
        root="",
        previous=before.root if before else "",
        sealed_at=at,
    )
    seal.root = _root(seal)
    return seal


def keep(session: Session, drafted: Sequence[Seal]) -> int:
    """Keep drafted blocks and return how many rows they seal; where another process was faster, its blocks stand."""
    connection, sealed, overtaken = session.connection(), 0, set[str]()
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(SEAL)
    for seal in drafted:
        values = seal.model_dump(exclude={"id"})
        if seal.table in overtaken or connection.scalar(insert.on_conflict_do_nothing().returning(SEAL.c.id), values) is None:
            overtaken.add(seal.table)
        else:
            sealed += seal.count
    return sealed


def seal(session: Session, *, at: datetime, older_than: timedelta = MARGIN, rows: int = ROWS) -> int:
    """Seal everything that is old enough and return how many rows that is; to do it again changes nothing."""
    sealed = 0
    while kept := keep(session, draft(session, at=at, older_than=older_than, rows=rows)):
        sealed += kept
    return sealed


def head(session: Session, table: str) -> Seal | None:
    """Return the last block of a table: its root is worth writing down elsewhere."""
    return session.exec(select(Seal).where(Seal.table == table).order_by(col(Seal.last).desc()).limit(1)).first()


def heads(session: Session) -> list[Seal]:
    """Return the last block of each table that has one."""
    return [found for table in SEALED if (found := head(session, table))]


def is_ours(session: Session, root: str) -> bool:
    """Say whether a root that was written down is still the root of a block."""
    return session.exec(select(Seal.id).where(Seal.root == root.strip().lower())).first() is not None


# -- verifying


def verify(session: Session) -> Iterator[str | int]:
    """Read every sealed row again; yield a sentence for each fault, and after each block how many rows were as sealed."""
    for table, source in SEALED.items():
        before: Seal | None = None
        while found := _following(session, table, before):
            yield from _bonds(found, before)
            yield from _differences(session, source, found, before.last if before else 0)
            before = found


def _following(session: Session, table: str, before: Seal | None) -> Seal | None:
    query = select(Seal).where(Seal.table == table).order_by(col(Seal.last)).limit(1)
    return session.exec(query.where(Seal.last > before.last) if before else query).first()


def _bonds(seal: Seal, before: Seal | None) -> Iterator[str]:
    """Yield what is wrong with a block itself."""
    if seal.previous != (before.root if before else ""):
        yield Fault(say("%(seal)s does not follow the block before it: one was removed or made anew"), seal=_name(seal))
    if _root(seal) != seal.root or len(seal.leaves) != seal.count * (NUMBER + HASH):
        yield Fault(say("%(seal)s does not give its root any more: the block itself was changed"), seal=_name(seal))


def _name(seal: Seal) -> str:
    return f"seal {seal.id} of {seal.table} {seal.first} to {seal.last}"


def _differences(session: Session, source: Source, seal: Seal, after: int) -> Iterator[str | int]:
    """Yield each row of a block that is not as it was sealed, then how many are."""
    sealed = _by_row(_parts(seal.leaves))
    same = 0
    last = after
    while leaves := _leaves(session, source, last, ROWS, upto=seal.last):
        here = _by_row(leaf for leaf, _ in leaves)
        last = max(here)
        for number, leaf in here.items():
            told = sealed.pop(number, None)
            same += told == leaf
            if told is None:
                yield Fault(say("%(table)s %(row)s was put in after its neighbours were sealed"), table=seal.table, row=number)
            elif told != leaf:
                changed = say("%(table)s %(row)s was changed after it was sealed on %(moment)s")
                yield Fault(changed, table=seal.table, row=number, moment=f"{seal.sealed_at:%Y-%m-%d %H:%M} UTC")
    gone = say("%(table)s %(row)s was removed after it was sealed")
    yield from (Fault(gone, table=seal.table, row=number) for number in sealed)
    yield same
