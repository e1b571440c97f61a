"""Crates: labelled containers whose state is a fold over what was done to them.

`LEADS_TO` says where a move leads, whatever was believed before: what was seen is so. `EXPECTED` says which moves surprise
nobody; any other is believed too, and opens a dispute.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Field, Session, SQLModel, col, select

from . import codes, disputes, events
from .db import Many, Utc, among, choice, find, one_by_one
from .disputes import DisputeKind, Oddity
from .errors import Conflict, say
from .events import Act, Event, EventKind, T, Told


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
    PARKED = "parked"
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
    PARK = "park"
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
    Move.PARK: CrateState.PARKED,
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
    CrateState.PARKED: (Where.RECEIVED, "centre"),
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
    CrateState.ABOARD: {Move.DROP, Move.DELIVER, Move.RECEIVE, Move.EMPTY, Move.WASH, Move.PARK},
    CrateState.OUT: {Move.COLLECT, Move.RETURN, Move.LOSE},
    CrateState.RECEIVED: {Move.EMPTY, Move.WASH, Move.RETIRE, Move.PARK},
    CrateState.EMPTIED: {Move.WASH, Move.RETIRE, Move.PARK},
    CrateState.LENT: {Move.RETURN, Move.COLLECT, Move.LOSE},
    # a crate of another network, put aside until it goes home or is taken into use
    CrateState.PARKED: {Move.LOAD, Move.EMPTY, Move.WASH, Move.LEND, Move.RETIRE},
    CrateState.LOST: {Move.FIND, Move.RETIRE},
    CrateState.RETIRED: set(),
}
"""Moves that surprise nobody, by the state they start from."""


class Crate(SQLModel, table=True):
    """A crate with a label. Where it stands is a cache of `replay`, which the audit proves equal."""

    code: str = Field(primary_key=True, max_length=40)
    type: str = Field(foreign_key="crate_type.id")
    number: int | None = Field(default=None, unique=True)
    """What our serial counts; none for a crate of another network."""
    owner: str = Field(default="", max_length=60)
    """The network that it belongs to; empty for our own."""
    edition: int = 1
    """The edition of its label that counts; older ones are void."""
    printed_at: datetime | None = Field(default=None, sa_type=Utc)
    """When that edition was printed, from the second on."""
    state: CrateState = Field(default=CrateState.NEW, sa_type=choice(CrateState))
    clean: bool = True
    where: Where = Field(default=Where.OUTSIDE, sa_type=choice(Where))
    holder: str = Field(default="", index=True, max_length=60)
    since: datetime | None = Field(default=None, sa_type=Utc)


CRATE = Crate.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


Row = sa.Row[Any]
"""A crate as the database gives it: the columns of `Crate`."""

Place = tuple[Where, str]


class Standing(NamedTuple):
    """Where a crate stands after an act; between acts this is all that counts of its past."""

    state: CrateState = CrateState.NEW
    clean: bool = True
    where: Where = Where.OUTSIDE
    holder: str = ""
    since: datetime | None = None

    @property
    def place(self) -> Place:
        """Who has it."""
        return self.where, self.holder


NOWHERE = Standing()


class Step(NamedTuple):
    """One act of a crate's life, and where it stood before and after."""

    act: Told
    before: Standing
    after: Standing


@dataclass
class History:
    """What a fold found: where the crate stands, each step on the way there, and the steps that nobody expected."""

    now: Standing = NOWHERE
    steps: list[Step] = field(default_factory=list)
    surprises: list[tuple[Told, CrateState]] = field(default_factory=list)


def replay(about: Iterable[T]) -> History:
    """Fold everything done to one crate into where it stands now.

    Total: any events in any order of arrival give one history. Undone events do not count. A settlement pins the state at
    its own time; it answers the surprises before it, and a move that reaches us later only matters when what it tells
    contradicts what was settled.
    """
    return _fold(NOWHERE, events.standing(about))


def _fold(begins: Standing, ordered: Iterable[Told]) -> History:
    history, moves = History(begins), list[tuple[Told, CrateState]]()
    for act in ordered:
        before = history.now
        if act.kind is EventKind.SETTLE and act.state:
            late = [(move, was) for move, was in moves if move.received_at > act.received_at]
            history.surprises = late if before.state != act.state else []
            moves = []
            history.now = _stand(act, CrateState(act.state), before.clean)
        elif act.kind is EventKind.SCAN and act.move:
            move = Move(act.move)
            moves.append((act, before.state))
            if move not in EXPECTED[before.state]:
                history.surprises.append((act, before.state))
            history.now = _stand(act, LEADS_TO[move], CLEANED.get(move, before.clean))
        else:
            continue
        history.steps.append(Step(act, before, history.now))
    return history


def _stand(act: Told, state: CrateState, clean: bool) -> Standing:
    where, column = WHOSE[state]
    return Standing(state, clean, where, (getattr(act, column) or "") if column else "", act.at)


def oddities(crate: Row, history: History) -> list[Oddity]:
    """Say what is odd about the life of a crate; one of another network begins its life with us anywhere."""
    return [
        Oddity(DisputeKind.UNEXPECTED_MOVE, odd.id, {"crate": crate.code, "move": str(odd.move), "state": str(before)})
        for odd, before in history.surprises
        if not (crate.owner and before is CrateState.NEW)
    ]


def is_void(crate: Row | Crate, label: str | None, at: datetime) -> bool:
    """Say whether a label of a crate, none for its first, had been printed anew when it was read."""
    return crate.printed_at is not None and at > crate.printed_at and codes.printed(label or crate.code)[1] < crate.edition


def _void(crate: Row, about: Iterable[Told]) -> list[Oddity]:
    """Say when a label was read that had been printed anew by then."""
    old = [act for act in about if act.kind is EventKind.SCAN and is_void(crate, act.label, act.at)]
    return [Oddity(DisputeKind.VOID_LABEL, "", {"crate": crate.code, "label": act.label or crate.code}) for act in old[-1:]]


# built once: they are asked for with every batch that comes in
OF_CODES = sa.select(CRATE).where(among(CRATE.c.code, "codes"))
LOCKED = OF_CODES.order_by(CRATE.c.code).with_for_update()
UNDONE = sa.select(col(Event.undoes)).where(among(col(Event.undoes), "ids"))
REMEMBER = Many(
    sa.update(CRATE).where(CRATE.c.code == sa.bindparam("c")).values({name: sa.bindparam(name) for name in Standing._fields}),
    ("c", *Standing._fields),
)


class Retold(NamedTuple):
    """What became of one crate; the steps are all there are when it was replayed, else those of the new acts."""

    code: str
    type: str
    steps: list[Step]
    is_whole: bool


def retell(session: Session, told: Iterable[Act], *, whole: Collection[str] = (), at: datetime) -> list[Retold]:
    """Work out where crates stand after new acts, keep their disputes in step, and return the steps they took.

    Most acts are later than all that is known of their crate: those are folded onto where it stands. A crate with any other
    act, one that comes late, undoes or settles, is replayed from all its events; so is one that is named in `whole`.
    """
    about: dict[str, list[Act]] = {code: [] for code in whole}
    for act in told:
        if act.crate:
            about.setdefault(act.crate, []).append(act)
    if not about:
        return []
    # locked in one order before their events are read: of two scans at once, the second sees the first
    known = {crate.code: crate for crate in session.connection().execute(LOCKED, {"codes": list(about)})}
    strange = {f"crate:{code}": [_unknown(code)] for code in sorted(about.keys() - known.keys())}
    if strange:
        # no row of theirs makes two who meet the same stranger wait for each other
        one_by_one(session, "strangers")
        disputes.keep(session, strange, at=at)
    undone = _undone(session, about)
    later = {code for code in known if about[code] and _goes_on(known[code], about[code], undone)}
    goes_on = {code: _fold(_cached(known[code]), sorted(about[code], key=events.order)) for code in sorted(later)}
    odd = {f"crate:{code}": [*oddities(known[code], h), *_void(known[code], about[code])] for code, h in goes_on.items()}
    disputes.add(session, odd, at=at)
    again = _again(session, {code: known[code] for code in sorted(known.keys() - later)}, at)
    _remember(session, {code: history.now for code, history in (goes_on | again).items()})
    return [Retold(code, known[code].type, h.steps, code in again) for code, h in (goes_on | again).items()]


def _unknown(code: str) -> Oddity:
    return Oddity(DisputeKind.UNKNOWN_CRATE, "", {"crate": code})


def _undone(session: Session, about: Mapping[str, list[Act]]) -> set[str]:
    """Return which of these acts an undo names; it may have come before them."""
    ids = [act.id for acts in about.values() for act in acts]
    return {undone for undone in session.connection().execute(UNDONE, {"ids": ids}).scalars() if undone} if ids else set()


def _goes_on(crate: Row, about: Iterable[Act], undone: Collection[str]) -> bool:
    """Say whether new acts only add to what is known of a crate."""
    return all(
        act.kind is EventKind.SCAN and act.id not in undone and (crate.since is None or act.at > crate.since) for act in about
    )


def _cached(crate: Row) -> Standing:
    return Standing(crate.state, crate.clean, crate.where, crate.holder, crate.since)


def _again(session: Session, known: Mapping[str, Row], at: datetime) -> dict[str, History]:
    """Replay some crates from all their events."""
    if not known:
        return {}
    lives = lives_of(session, known)
    histories = {code: replay(life) for code, life in lives.items()}
    odd = {
        f"crate:{code}": [*oddities(crate, histories[code]), *_void(crate, events.standing(lives[code]))]
        for code, crate in known.items()
    }
    disputes.keep(session, odd, at=at)
    return histories


def lives_of(session: Session, codes_: Collection[str]) -> dict[str, list[Act]]:
    """Return everything told about some crates, undos included, in no order."""
    lives = events.of_crates(session, codes_)
    every = [act for life in lives.values() for act in life]
    crate_of = {act.id: act.crate for act in every if act.kind is not EventKind.UNDO}
    undos = {act.id: act for act in events.with_undos(session, every) if act.kind is EventKind.UNDO}
    # an undo is about what it names, whatever crate it bears; it may name another undo that comes after it in this list
    while placed := {id_: code for id_, undo in undos.items() if (code := crate_of.get(undo.undoes or ""))}:
        crate_of |= placed
        for id_, code in placed.items():
            undo = undos.pop(id_)
            if undo.crate != code:
                lives[code].append(undo)
    return lives


def _remember(session: Session, stands: Mapping[str, Standing]) -> None:
    """Write where crates stand into their cached columns."""
    REMEMBER.execute(session, [(code, *standing) for code, standing in stands.items()])
    for crate in [row for row in session.identity_map.values() if isinstance(row, Crate) and row.code in stands]:
        for name, value in stands[crate.code]._asdict().items():
            set_committed_value(crate, name, value)


def register(session: Session, crate_type: str, count: int) -> list[Crate]:
    """Give the next serials to new crates of a type, ready for their labels; they are in service at their first scan."""
    one_by_one(session, "serials")
    last = session.scalar(sa.select(sa.func.max(Crate.number))) or 0
    made = [Crate(code=codes.serial(n), type=crate_type, number=n) for n in range(last + 1, last + 1 + count)]
    session.add_all(made)
    session.flush()
    return made


def reprint(session: Session, wanted: Collection[str], *, at: datetime) -> list[Crate]:
    """Give crates a new edition of their label; from now on the older ones are void.

    Raises
    ------
    NotFound
        A code is not that of a crate of ours.
    Conflict
        A label was printed anew as often as there are letters for it.
    """
    # locked in one order, so that of two prints at once the second voids the first
    locked = select(Crate).where(col(Crate.code).in_(wanted)).order_by(Crate.code).with_for_update()
    session.exec(locked.execution_options(populate_existing=True)).all()
    made = []
    for code in wanted:
        crate = find(session, Crate, code)
        if crate.number is None:
            raise Conflict(say("Crate %(crate)s bears the label of another network: it is theirs to print."), crate=code)
        if crate.edition == codes.LAST_EDITION:
            raise Conflict(
                say("The label of crate %(crate)s was printed 26 times: retire it, and register another."), crate=code
            )
        crate.edition, crate.printed_at = crate.edition + 1, at
        made.append(crate)
    session.flush()
    return made


def held(session: Session, where: Where, holder: str) -> list[Crate]:
    """List the labelled crates somebody has."""
    return list(session.exec(select(Crate).where(Crate.where == where, Crate.holder == holder).order_by(Crate.code)))
