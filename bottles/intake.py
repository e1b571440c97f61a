"""The one way in for what people did: keep the event, then tell crates, ledger, routes and orders what it means.

`record` never refuses an act that happened. What has a bad form is set aside with a sentence; everything else is kept, and
what the kept events add up to is projected again: crates by replay, visits and receptions by their counts and scans. A
projection is a function of the events alone, so the order in which they reach us does not matter.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from . import aside, codes, events, meaning, wire
from .aside import SetAside
from .catalogue import CrateType
from .crates import Crate, CrateState, Move
from .db import Many, among, find, one_by_one
from .errors import Conflict, Invalid, NotAllowed, Refusal, say
from .events import Act, Event, EventKind, Receipt
from .people import Role
from .points import Point
from .routes import Route, Task
from .wire import NewEvent

EVENT = Event.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


# built once: they are asked for with every batch that comes in
KNOWN = sa.select(EVENT.c.id, EVENT.c.digest).where(among(EVENT.c.id, "ids"))
NAMED: dict[str, Any] = {"task": Task, "route": Route, "point": Point}
"""What else there must be that an event names."""
PLACES = sa.union_all(
    *(sa.select(sa.literal(name), sa.cast(table.id, sa.String)).where(among(table.id, name)) for name, table in NAMED.items())
)
ROW = (*Act._fields, "future", "digest", "body")
INSERT = Many(sa.insert(EVENT), ROW)
KEEP = Many(postgresql.insert(EVENT).on_conflict_do_nothing().returning(EVENT.c.id), ROW)
MOVES, STATES = frozenset(Move), frozenset(CrateState)


@dataclass(frozen=True)
class Author:
    """Who did it, for whom, in which role, and which centre they work from."""

    person: int
    partner: str
    role: Role
    centre: str = ""


@dataclass(frozen=True)
class Answer:
    """What became of one event; the message is empty unless it was set aside."""

    id: str
    receipt: Receipt
    refusal: Refusal | None = None


NEEDS: dict[EventKind, tuple[str, ...]] = {
    EventKind.SCAN: ("crate", "move"),
    EventKind.COUNT: ("move", "item", "quantity"),
    EventKind.STOP_REACHED: ("task",),
    EventKind.STOP_DONE: ("task",),
    EventKind.STOP_PARTLY: ("task", "reason"),
    EventKind.STOP_MISSED: ("task", "reason"),
    EventKind.NOTE: ("note",),
    EventKind.UNDO: ("undoes",),
    EventKind.SETTLE: ("crate", "state"),
    EventKind.PHOTO: ("photo",),
    EventKind.SIGNATURE: ("note",),
    EventKind.STOP_ADDED: ("route", "point"),
    EventKind.ROUTE_CLOSED: ("route",),
}
"""What an event of each kind must say. A signature's note is who signed: whoever cannot draw, signs by name alone."""

STOPS = frozenset({EventKind.STOP_REACHED, EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED})
INSTEAD = ("route", "point")
"""What a stop that nobody planned says instead of its task."""

MOVE_NEEDS: dict[Move, tuple[str, ...]] = {
    Move.LOAD: ("holder",),
    Move.COLLECT: ("point", "holder"),
    Move.DROP: ("point",),
    Move.DELIVER: ("point",),
    Move.FIND: ("point",),
    Move.LEND: ("holder",),
}
"""What a scan must say besides, so that the crate is somewhere."""

MAY: dict[Role, frozenset[Move]] = {
    Role.DRIVER: frozenset({Move.LOAD, Move.DROP, Move.DELIVER, Move.COLLECT, Move.FIND, Move.LOSE}),
    Role.WASHER: frozenset(Move) - {Move.COLLECT, Move.DROP, Move.DELIVER},
    Role.COORDINATOR: frozenset(Move),
}
"""Which moves each role may tell of; other roles tell none."""


@dataclass(frozen=True)
class Unreadable:
    """Something that came as an event and is none, with as much of its name as could be made out."""

    refusal: Refusal
    id: str = ""
    device: str = ""
    sequence: int | None = None


class Arrived(NamedTuple):
    """Something that came as an event: what it says, the bytes it came as, and what tells those from any others."""

    new: NewEvent | Unreadable
    body: bytes
    digest: str


def unpack(bodies: Sequence[bytes]) -> list[Arrived]:
    """Read events from the bytes they arrived as; needs no database, so nobody waits for it."""
    return [_unpacked(body) for body in bodies]


def _unpacked(body: bytes) -> Arrived:
    try:
        said = wire.parsed(body)
        return Arrived(wire.checked(said), body, wire.digest(body, said))
    except Invalid as refusal:
        return Arrived(Unreadable(refusal, **wire.named(body)), body, wire.digest(body))


def made(new: NewEvent) -> Arrived:
    """Treat an event that was made here as if it had come over the wire; its canonical form is kept."""
    body = wire.body_of(new)
    return Arrived(new, body, wire.digest(body))


def record(session: Session, new: NewEvent, author: Author, *, at: datetime) -> Receipt:
    """Keep one event that was made here and what it means; see `receive`."""
    return record_all(session, [new], author, at=at)[0].receipt


def record_all(session: Session, news: Sequence[NewEvent], author: Author, *, at: datetime) -> list[Answer]:
    """Keep events that were made here; see `receive`."""
    return receive(session, [made(new) for new in news], author, at=at)


def receive(session: Session, arrived: Sequence[Arrived], author: Author, *, at: datetime) -> list[Answer]:
    """Keep events in one transaction and answer one receipt each, in the same order; `at` is our time of receipt."""
    # what an undo names may come in at this very moment, and neither would see the other: an undo waits until it is alone
    undoes = any(isinstance(each.new, NewEvent) and each.new.kind is EventKind.UNDO for each in arrived)
    one_by_one(session, "events", shared=not undoes)
    known, places = _known(session, arrived), _places(session, arrived)
    answers, fresh, apart = [], dict[str, tuple[Act, Arrived]](), []
    for each in arrived:
        answer = _answer(each, author, known, places)
        if answer.receipt is Receipt.KEPT and isinstance(each.new, NewEvent):
            known[each.new.id] = each.digest
            fresh[each.new.id] = _act(each.new, author, at), each
        elif answer.refusal is not None:
            apart.append(_aside(each, answer, author, at))
        answers.append(answer)
    kept = _insert(session, fresh, at)
    if len(kept) < len(fresh):
        answers = _overtaken(session, arrived, answers, kept)
        told = [pair for pair in zip(arrived, answers, strict=True) if pair[1].id in fresh.keys() - kept]
        apart += [_aside(each, answer, author, at) for each, answer in told if answer.refusal]
    aside.keep(session, apart)
    if kept:
        meaning.tell(session, [act for id_, (act, _) in fresh.items() if id_ in kept], at=at)
    return answers


def _overtaken(session: Session, arrived: Sequence[Arrived], answers: list[Answer], kept: set[str]) -> list[Answer]:
    """Answer again for events that another request kept while we were at it."""
    known = _known(session, arrived)
    return [
        answer if answer.receipt is not Receipt.KEPT or answer.id in kept else _seen(each, known)
        for each, answer in zip(arrived, answers, strict=True)
    ]


def _known(session: Session, arrived: Sequence[Arrived]) -> dict[str, str]:
    ids = [each.new.id for each in arrived if each.new.id]
    return dict(session.connection().execute(KNOWN, {"ids": ids}).all())


Places = dict[str, set[int | str]]
"""The tasks, routes and points that some events name and that exist here."""


def _places(session: Session, arrived: Sequence[Arrived]) -> Places:
    named: dict[str, set[Any]] = {name: {getattr(each.new, name, None) for each in arrived} - {None} for name in NAMED}
    if not any(named.values()):
        return named
    found = set(session.connection().execute(PLACES, {name: list(keys) for name, keys in named.items()}))
    return {name: {key for key in keys if (name, str(key)) in found} for name, keys in named.items()}


def _answer(each: Arrived, author: Author, known: dict[str, str], places: Places) -> Answer:
    new = each.new
    if new.id in known:
        return _seen(each, known)
    if isinstance(new, Unreadable):
        return Answer(new.id, Receipt.INVALID, new.refusal)
    try:
        _check(new, author, places)
    except Refusal as refusal:
        return Answer(new.id, Receipt.INVALID, refusal)
    return Answer(new.id, Receipt.KEPT)


def _seen(each: Arrived, known: dict[str, str]) -> Answer:
    if known[each.new.id] == each.digest:
        return Answer(each.new.id, Receipt.ALREADY_KNOWN)
    clash = Invalid(say("Another event bears the same id; the first was kept, this one is set aside."), field="id")
    return Answer(each.new.id, Receipt.CONFLICT, clash)


def _check(new: NewEvent, author: Author, places: Places) -> None:
    if new.move is not None and new.move not in MOVES:
        raise Invalid(say("“%(move)s” is not a move we know."), field="move", move=new.move)
    if new.state is not None and new.state not in STATES:
        raise Invalid(say("“%(state)s” is not a state we know."), field="state", state=new.state)
    is_added = new.task is None and None not in (new.route, new.point)
    for name in needs(new.kind, new.move, is_visit=new.task is not None or new.route is not None, is_added=is_added):
        if getattr(new, name) is None:
            unsaid = say("An event of the kind “%(kind)s” must say its %(name)s.")
            raise Invalid(unsaid, field=name, kind=str(new.kind), name=name)
    for name, here in places.items():
        key = getattr(new, name)
        if key is not None and key not in here:
            nowhere = say("The event names a task, route or point that does not exist here: %(key)s.")
            raise Invalid(nowhere, field=name, key=key)
    _may(new, author)


@cache
def needs(kind: EventKind, move: str | None, *, is_visit: bool = True, is_added: bool = False) -> tuple[str, ...]:
    """Return what an event of a kind must say, and a scan or a count of a move besides."""
    if is_added and kind in STOPS:
        return INSTEAD + NEEDS[kind][1:]
    if move and kind is EventKind.SCAN:
        return NEEDS[kind] + MOVE_NEEDS.get(Move(move), ())
    if move and kind is EventKind.COUNT and not is_visit:
        return NEEDS[kind] + meaning.said_by(Move(move))
    return NEEDS[kind]


def _may(new: NewEvent, author: Author) -> None:
    moves = MAY.get(author.role, frozenset())
    settles = new.kind is EventKind.SETTLE and author.role is not Role.COORDINATOR
    if not moves or settles or (new.move is not None and new.move not in moves):
        raise NotAllowed(say("Your role may not record this; ask the coordinator."))


def _act(new: NewEvent, author: Author, at: datetime) -> Act:
    said = {**vars(new), "at": new.at.astimezone(UTC)}
    del said["version"]
    return Act(received_at=at, person=author.person, partner=author.partner, role=author.role, centre=author.centre, **said)


def _insert(session: Session, fresh: dict[str, tuple[Act, Arrived]], at: datetime) -> set[str]:
    """Insert events and return the ids of those that nobody inserted meanwhile."""
    if not fresh:
        return set()
    session.flush()
    rows = [(*act, act.at - at > events.FUTURE, each.digest, each.body) for act, each in fresh.values()]
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # the only writer: what was not known a moment ago is not known now
        INSERT.execute(session, rows)
        return set(fresh)
    return {id_ for (id_,) in KEEP.told(session, rows)}


def _aside(each: Arrived, answer: Answer, author: Author, at: datetime, *, barred: bool = False) -> SetAside:
    refusal = answer.refusal or Invalid(wire.NO_OBJECT)
    return SetAside(
        event_id=each.new.id or None,
        receipt=answer.receipt,
        device=each.new.device,
        sequence=each.new.sequence,
        person=author.person,
        partner=author.partner,
        role=author.role,
        centre=author.centre,
        received_at=at,
        message=refusal.message,
        values={name: value if isinstance(value, int) else str(value) for name, value in refusal.values.items()},
        is_barred=barred,
        digest=each.digest,
        body=each.body,
    )


def quarantine(session: Session, arrived: Sequence[Arrived], author: Author, why: Refusal, *, at: datetime) -> list[Answer]:
    """Set events aside for who sent them: a device that may not send any more. What we hold already is only said so."""
    known = _known(session, arrived)
    answers, apart = [], []
    for each in arrived:
        answer = _seen(each, known) if each.new.id in known else Answer(each.new.id, Receipt.INVALID, why)
        if answer.refusal is not None:
            apart.append(_aside(each, answer, author, at, barred=True))
        answers.append(answer)
    aside.keep(session, apart)
    return answers


def let_in(session: Session, rows: Sequence[int], person: int, *, at: datetime) -> list[Answer]:
    """Take what barred devices sent for what its authors did: a coordinator knows that it was them.

    What cannot be kept all the same waits on, and its answer says why.

    Raises
    ------
    Conflict
        Something was set aside for what it says, or somebody decided already; nothing is let in then.
    """
    by_author = defaultdict[Author, list[SetAside]](list)
    # in one order: two who let the same in wait for each other, and not in a ring
    for row in sorted(set(rows)):
        kept = find(session, SetAside, row)
        if not kept.is_barred or kept.role is None or kept.person is None:
            raise Conflict(say("This was set aside for what it says, not for who sent it: it cannot be let in."))
        by_author[Author(kept.person, kept.partner, kept.role, kept.centre)].append(kept)
        aside.decide(session, row, person, at=at)
    answers = []
    for author, lying in by_author.items():
        answered = receive(session, unpack([kept.body for kept in lying]), author, at=at)
        for kept, answer in zip(lying, answered, strict=True):
            if answer.refusal is not None:
                kept.decided_at = kept.decided_by = None
        answers += answered
    return answers


def adopt(session: Session, code: str, crate_type: str, owner: str, *, at: datetime) -> Crate:
    """Make a crate known whose label we did not print; all that was ever told of it counts from now on.

    Raises
    ------
    Invalid
        The code was misread.
    Conflict
        It is known already.
    """
    code, _ = codes.printed(code.strip())
    one_by_one(session, "events")
    if session.get(Crate, code):
        raise Conflict(say("Crate %(crate)s is known already; nothing was changed."), crate=code)
    crate = Crate(code=code, type=find(session, CrateType, crate_type).id, owner=owner.strip()[:60])
    session.add(crate)
    session.flush()
    meaning.tell_anew(session, code, at=at)
    return crate
