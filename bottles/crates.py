"""Crates: labelled containers whose state is a fold over what was done to them.

`LEADS_TO` says where a move leads, whatever was believed before: what was seen is so. `EXPECTED` says which moves surprise
nobody; any other is believed too, and opens a dispute.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from . import codes, disputes, events
from .db import Utc, choice
from .disputes import DisputeKind, Oddity
from .events import Event, EventKind


class CrateState(StrEnum):
    """Where a crate stands in its life."""

    NEW = "new"
    CLEAN = "clean"
    FILLED = "filled"
    ABOARD = "aboard"
    OUT = "out"
    RECEIVED = "received"
    EMPTIED = "emptied"
    LENT = "lent"
    LOST = "lost"
    RETIRED = "retired"


class Move(StrEnum):
    """What can be done with a crate."""

    COMMISSION = "commission"
    FILL = "fill"
    LOAD = "load"
    DROP = "drop"
    DELIVER = "deliver"
    COLLECT = "collect"
    RECEIVE = "receive"
    RETURN = "return"
    EMPTY = "empty"
    WASH = "wash"
    LEND = "lend"
    LOSE = "lose"
    FIND = "find"
    RETIRE = "retire"


class Where(StrEnum):
    """The kind of place a crate is in; the ledger has an account of the same name for each."""

    OUTSIDE = "outside"
    POINT = "point"
    VAN = "van"
    RECEIVED = "received"
    CLEAN = "clean"
    CUSTOMER = "customer"


LEADS_TO = {
    Move.COMMISSION: CrateState.CLEAN,
    Move.FILL: CrateState.FILLED,
    Move.LOAD: CrateState.ABOARD,
    Move.DROP: CrateState.OUT,
    Move.DELIVER: CrateState.OUT,
    Move.COLLECT: CrateState.ABOARD,
    Move.RECEIVE: CrateState.RECEIVED,
    Move.RETURN: CrateState.RECEIVED,
    Move.EMPTY: CrateState.EMPTIED,
    Move.WASH: CrateState.CLEAN,
    Move.LEND: CrateState.LENT,
    Move.LOSE: CrateState.LOST,
    Move.FIND: CrateState.OUT,
    Move.RETIRE: CrateState.RETIRED,
}
"""Where a move leaves a crate, whatever we believed before."""

WHOSE = {
    CrateState.NEW: (Where.OUTSIDE, None),
    CrateState.CLEAN: (Where.CLEAN, "centre"),
    CrateState.FILLED: (Where.CLEAN, "centre"),
    CrateState.ABOARD: (Where.VAN, "holder"),
    CrateState.OUT: (Where.POINT, "point"),
    CrateState.RECEIVED: (Where.RECEIVED, "centre"),
    CrateState.EMPTIED: (Where.RECEIVED, "centre"),
    CrateState.LENT: (Where.CUSTOMER, "holder"),
    CrateState.LOST: (Where.OUTSIDE, None),
    CrateState.RETIRED: (Where.OUTSIDE, None),
}
"""Who has a crate in a state: the kind of place, and which column of the event names it."""

CLEANED = {Move.COMMISSION: True, Move.WASH: True, Move.COLLECT: False, Move.RECEIVE: False, Move.RETURN: False}
"""Moves that tell whether a crate is clean; the others leave it as it was."""

EXPECTED = {
    CrateState.NEW: {Move.COMMISSION, Move.FILL, Move.LOAD, Move.DROP},
    # loading is often counted, not scanned: a crate may leave the centre by its first scan at a point
    CrateState.CLEAN: {Move.FILL, Move.LOAD, Move.DROP, Move.DELIVER, Move.LEND, Move.RETIRE},
    CrateState.FILLED: {Move.LOAD, Move.DELIVER, Move.EMPTY},
    # reception is often counted, not scanned: a crate may be washed by its first scan at the centre
    CrateState.ABOARD: {Move.DROP, Move.DELIVER, Move.RECEIVE, Move.EMPTY, Move.WASH},
    CrateState.OUT: {Move.COLLECT, Move.RETURN, Move.LOSE},
    CrateState.RECEIVED: {Move.EMPTY, Move.WASH, Move.RETIRE},
    CrateState.EMPTIED: {Move.WASH, Move.RETIRE},
    CrateState.LENT: {Move.RETURN, Move.COLLECT, Move.LOSE},
    CrateState.LOST: {Move.FIND, Move.RETIRE},
    CrateState.RETIRED: set(),
}
"""Moves that surprise nobody, by the state they start from."""


class Crate(SQLModel, table=True):
    """A crate with a label. All but its code and type is a cache of `replay`, which the audit proves equal."""

    code: str = Field(primary_key=True, max_length=16)
    type: str = Field(foreign_key="crate_type.id")
    number: int = Field(unique=True)
    state: CrateState = Field(default=CrateState.NEW, sa_type=choice(CrateState))
    clean: bool = True
    where: Where = Field(default=Where.OUTSIDE, sa_type=choice(Where))
    holder: str = Field(default="", index=True, max_length=60)
    since: datetime | None = Field(default=None, sa_type=Utc)


@dataclass
class History:
    """What `replay` found: where the crate stands, and the moves nobody expected."""

    state: CrateState = CrateState.NEW
    clean: bool = True
    where: Where = Where.OUTSIDE
    holder: str = ""
    since: datetime | None = None
    surprises: list[tuple[Event, CrateState]] = field(default_factory=list)


def replay(about: Iterable[Event]) -> History:
    """Fold everything done to one crate into where it stands now.

    Total: any events in any order of arrival give one history. Undone events do not count. A settlement pins the state at
    its own time; it answers the surprises before it, and a move that reaches us later only matters when what it tells
    contradicts what was settled.
    """
    history, moves = History(), list[tuple[Event, CrateState]]()
    for event in events.standing(about):
        if event.kind is EventKind.SETTLE and event.state:
            late = [(move, before) for move, before in moves if move.received_at > event.received_at]
            history.surprises = late if history.state != event.state else []
            moves = []
            _stand(history, event, CrateState(event.state))
        elif event.kind is EventKind.SCAN and event.move:
            move = Move(event.move)
            moves.append((event, history.state))
            if move not in EXPECTED[history.state]:
                history.surprises.append((event, history.state))
            history.clean = CLEANED.get(move, history.clean)
            _stand(history, event, LEADS_TO[move])
    return history


def _stand(history: History, event: Event, state: CrateState) -> None:
    where, column = WHOSE[state]
    history.state, history.where, history.since = state, where, event.at
    history.holder = (getattr(event, column) or "") if column else ""


def oddities(code: str, history: History, *, known: bool) -> list[Oddity]:
    """Say what is odd about a crate."""
    found = [
        Oddity(DisputeKind.UNEXPECTED_MOVE, odd.id, {"crate": code, "move": str(odd.move), "state": str(before)})
        for odd, before in history.surprises
    ]
    return found if known else [Oddity(DisputeKind.UNKNOWN_CRATE, "", {"crate": code})]


def retell(session: Session, scanned: Iterable[str], *, at: datetime) -> list[tuple[Crate, tuple[Where, str]]]:
    """Replay some crates from their events, keep their disputes in step, and return those that changed hands, and from whom."""
    codes_ = sorted(set(scanned))
    # locked in one order before their events are read: of two scans at once, the second sees the first
    locked = select(Crate).where(col(Crate.code).in_(codes_)).order_by(Crate.code).with_for_update()
    known = {crate.code: crate for crate in session.exec(locked)}
    about = events.of_crates(session, codes_)
    undos = events.with_undos(session, [e for es in about.values() for e in es])
    by_target = {undo.undoes: undo for undo in undos if undo.undoes}
    moved: list[tuple[Crate, tuple[Where, str]]] = []
    odd: dict[str, list[Oddity]] = {}
    for code in codes_:
        history = replay([*about[code], *_undos_of(about[code], by_target)])
        crate = known.get(code)
        odd[f"crate:{code}"] = oddities(code, history, known=crate is not None)
        if crate is None:
            continue
        before = (crate.where, crate.holder)
        remember(crate, history)
        if (crate.where, crate.holder) != before:
            moved.append((crate, before))
    disputes.keep(session, odd, at=at)
    return moved


def _undos_of(about: list[Event], by_target: Mapping[str, Event]) -> list[Event]:
    found: list[Event] = []
    known = {event.id for event in about}
    for event in about:
        undo = by_target.get(event.id)
        while undo is not None and undo.id not in known:
            known.add(undo.id)
            found.append(undo)
            undo = by_target.get(undo.id)
    return found


def remember(crate: Crate, history: History) -> None:
    """Write what replay found into the crate's cached columns."""
    crate.state, crate.clean, crate.since = history.state, history.clean, history.since
    crate.where, crate.holder = history.where, history.holder


def register(session: Session, crate_type: str, count: int) -> list[Crate]:
    """Give the next serials to new crates of a type, ready for their labels; they are in service at their first scan."""
    last = session.scalar(sa.select(sa.func.max(Crate.number))) or 0
    made = [Crate(code=codes.serial(n), type=crate_type, number=n) for n in range(last + 1, last + 1 + count)]
    session.add_all(made)
    session.flush()
    return made


def held(session: Session, where: Where, holder: str) -> list[Crate]:
    """List the labelled crates somebody has."""
    return list(session.exec(select(Crate).where(Crate.where == where, Crate.holder == holder).order_by(Crate.code)))
