"""The one way in for what people did: keep the event, then tell crates, ledger, routes and orders what it means.

`record` never refuses an act that happened. What has a bad form is set aside with a sentence; everything else is kept, and
what the kept events add up to is projected again: crates by replay, visits and receptions by their counts and scans. A
projection is a function of the events alone, so the order in which they reach us does not matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session, col

from . import aside, codes, events, meaning, wire
from .aside import SetAside
from .catalogue import CrateType
from .crates import Crate, CrateState, Move
from .db import find, one_by_one
from .errors import Conflict, Invalid, NotAllowed, Refusal, say
from .events import Act, Event, EventKind, Receipt
from .people import Role
from .points import Point
from .routes import Route, Task
from .wire import NewEvent

EVENT = Event.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


# built once: they are asked for with every batch that comes in
KNOWN = sa.select(EVENT.c.id, EVENT.c.digest).where(EVENT.c.id.in_(sa.bindparam("ids", expanding=True)))
PLACES = {
    name: sa.select(col(table.id)).where(col(table.id).in_(sa.bindparam("ids", expanding=True)))
    for name, table in (("task", Task), ("route", Route), ("point", Point))
}
INSERT = sa.insert(EVENT)
KEEP = postgresql.insert(EVENT).on_conflict_do_nothing().returning(EVENT.c.id)


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
}
"""What an event of each kind must say."""

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


def unpack(bodies: Sequence[bytes]) -> list[NewEvent | Unreadable]:
    """Read events from the bytes they arrived as; needs no database, so nobody waits for it."""
    return [_unpacked(body) for body in bodies]


def _unpacked(body: bytes) -> NewEvent | Unreadable:
    try:
        return wire.read(body)
    except Invalid as refusal:
        return Unreadable(refusal, **wire.named(body))


def record(session: Session, new: NewEvent, author: Author, *, at: datetime) -> Receipt:
    """Keep one event and what it means; see `record_all`."""
    return record_all(session, [new], author, at=at)[0].receipt


def record_all(
    session: Session,
    news: Sequence[NewEvent | Unreadable],
    author: Author,
    *,
    bodies: Sequence[bytes] | None = None,
    at: datetime,
) -> list[Answer]:
    """Keep events in one transaction and answer one receipt each, in the same order.

    `bodies` are the bytes each event arrived as; without them its canonical form is kept. `at` is our time of receipt.
    """
    # what an undo names may come in at this very moment, and neither would see the other: an undo waits until it is alone
    undoes = any(isinstance(new, NewEvent) and new.kind is EventKind.UNDO for new in news)
    one_by_one(session, "events", shared=not undoes)
    raws = bodies or [wire.body_of(new) for new in news if isinstance(new, NewEvent)]
    digests = [wire.digest(raw) for raw in raws]
    known, places = _known(session, [new.id for new in news]), _places(session, news)
    answers, fresh, apart = [], {}, []
    for new, raw, digest in zip(news, raws, digests, strict=True):
        answer = _answer(new, digest, author, known, places)
        if answer.receipt is Receipt.KEPT and isinstance(new, NewEvent):
            known[new.id] = digest
            fresh[new.id] = (_act(new, author, at), digest, raw)
        elif answer.refusal is not None:
            apart.append(_aside(new, answer, raw, digest, author, at))
        answers.append(answer)
    kept = _insert(session, fresh, at)
    if len(kept) < len(fresh):
        answers = _overtaken(session, answers, digests, kept)
        lost = [(n, answer) for n, answer in enumerate(answers) if answer.id in fresh.keys() - kept and answer.refusal]
        apart += [_aside(news[n], answer, raws[n], digests[n], author, at) for n, answer in lost]
    aside.keep(session, apart)
    if kept:
        meaning.tell(session, [act for id_, (act, _, _) in fresh.items() if id_ in kept], at=at)
    return answers


def _overtaken(session: Session, answers: list[Answer], digests: Sequence[str], kept: set[str]) -> list[Answer]:
    """Answer again for events that another request kept while we were at it."""
    known = _known(session, [answer.id for answer in answers])
    return [
        answer if answer.receipt is not Receipt.KEPT or answer.id in kept else _seen(answer.id, digest, known)
        for answer, digest in zip(answers, digests, strict=True)
    ]


def _known(session: Session, ids: Sequence[str]) -> dict[str, str]:
    return {row.id: row.digest for row in session.connection().execute(KNOWN, {"ids": [id_ for id_ in ids if id_]})}


Places = dict[str, set[int | str]]
"""The tasks, routes and points that some events name and that exist here."""


def _places(session: Session, news: Sequence[NewEvent | Unreadable]) -> Places:
    found: dict[str, set[Any]] = {}
    for name, query in PLACES.items():
        wanted = {key for new in news if (key := getattr(new, name, None)) is not None}
        found[name] = set(session.connection().execute(query, {"ids": list(wanted)}).scalars()) if wanted else set()
    return found


def _answer(new: NewEvent | Unreadable, digest: str, author: Author, known: dict[str, str], places: Places) -> Answer:
    if new.id in known:
        return _seen(new.id, digest, known)
    if isinstance(new, Unreadable):
        return Answer(new.id, Receipt.INVALID, new.refusal)
    try:
        _check(new, author, places)
    except Refusal as refusal:
        return Answer(new.id, Receipt.INVALID, refusal)
    return Answer(new.id, Receipt.KEPT)


def _seen(id_: str, digest: str, known: dict[str, str]) -> Answer:
    if known[id_] == digest:
        return Answer(id_, Receipt.ALREADY_KNOWN)
    clash = Invalid(say("Another event bears the same id; the first was kept, this one is set aside."), field="id")
    return Answer(id_, Receipt.CONFLICT, clash)


def _check(new: NewEvent, author: Author, places: Places) -> None:
    if new.move is not None and new.move not in set(Move):
        raise Invalid(say("“%(move)s” is not a move we know."), field="move", move=new.move)
    if new.state is not None and new.state not in set(CrateState):
        raise Invalid(say("“%(state)s” is not a state we know."), field="state", state=new.state)
    for name in needs(new.kind, new.move, is_visit=new.task is not None or new.route is not None):
        if getattr(new, name) is None:
            unsaid = say("An event of the kind “%(kind)s” must say its %(name)s.")
            raise Invalid(unsaid, field=name, kind=str(new.kind), name=name)
    for name, here in places.items():
        key = getattr(new, name)
        if key is not None and key not in here:
            nowhere = say("The event names a task, route or point that does not exist here: %(key)s.")
            raise Invalid(nowhere, field=name, key=key)
    _may(new, author)


def needs(kind: EventKind, move: str | None, *, is_visit: bool = True) -> tuple[str, ...]:
    """Return what an event of a kind must say, and a scan or a count of a move besides."""
    if move and kind is EventKind.SCAN:
        return NEEDS[kind] + MOVE_NEEDS.get(Move(move), ())
    if move and kind is EventKind.COUNT and not is_visit:
        return NEEDS[kind] + meaning.said_by(Move(move))
    return NEEDS[kind]


def _may(new: NewEvent, author: Author) -> None:
    moves = MAY.get(author.role, frozenset())
    settles = new.kind is EventKind.SETTLE and author.role is not Role.COORDINATOR
    if not moves or settles or (new.move is not None and Move(new.move) not in moves):
        raise NotAllowed(say("Your role may not record this; ask the coordinator."))


def _act(new: NewEvent, author: Author, at: datetime) -> Act:
    said = {name: getattr(new, name) for name in wire.FACTS}
    return Act(received_at=at, person=author.person, partner=author.partner, role=author.role, centre=author.centre, **said)


def _insert(session: Session, fresh: dict[str, tuple[Act, str, bytes]], at: datetime) -> set[str]:
    """Insert events and return the ids of those that nobody inserted meanwhile."""
    if not fresh:
        return set()
    session.flush()
    connection = session.connection()
    rows = [
        {**act._asdict(), "future": act.at - at > events.FUTURE, "digest": digest, "body": raw}
        for act, digest, raw in fresh.values()
    ]
    if connection.dialect.name == "sqlite":
        # the only writer: what was not known a moment ago is not known now
        connection.execute(INSERT, rows)
        return set(fresh)
    return set(connection.execute(KEEP, rows).scalars())


def _aside(
    new: NewEvent | Unreadable, answer: Answer, raw: bytes, digest: str, author: Author, at: datetime, *, barred: bool = False
) -> SetAside:
    refusal = answer.refusal or Invalid(wire.NO_OBJECT)
    return SetAside(
        event_id=new.id or None,
        receipt=answer.receipt,
        device=new.device,
        sequence=new.sequence,
        person=author.person,
        partner=author.partner,
        role=author.role,
        centre=author.centre,
        received_at=at,
        message=refusal.message,
        values={name: value if isinstance(value, int) else str(value) for name, value in refusal.values.items()},
        is_barred=barred,
        digest=digest,
        body=raw,
    )


def quarantine(
    session: Session,
    news: Sequence[NewEvent | Unreadable],
    bodies: Sequence[bytes],
    author: Author,
    why: Refusal,
    *,
    at: datetime,
) -> list[Answer]:
    """Set events aside for who sent them: a device that may not send any more. What we hold already is only said so."""
    digests = [wire.digest(body) for body in bodies]
    known = _known(session, [new.id for new in news])
    answers, apart = [], []
    for new, body, digest in zip(news, bodies, digests, strict=True):
        answer = _seen(new.id, digest, known) if new.id in known else Answer(new.id, Receipt.INVALID, why)
        if answer.refusal is not None:
            apart.append(_aside(new, answer, body, digest, author, at, barred=True))
        answers.append(answer)
    aside.keep(session, apart)
    return answers


def let_in(session: Session, row: int, person: int, *, at: datetime) -> Answer:
    """Take what a barred device sent for what its author did: a coordinator knows that it was them.

    Raises
    ------
    Conflict
        It was set aside for what it says, or somebody decided already.
    """
    kept = find(session, SetAside, row)
    if not kept.is_barred or kept.role is None or kept.person is None:
        raise Conflict(say("This was set aside for what it says, not for who sent it: it cannot be let in."))
    aside.decide(session, row, person, at=at)
    author = Author(kept.person, kept.partner, kept.role, kept.centre)
    return record_all(session, unpack([kept.body]), author, bodies=[kept.body], at=at)[0]


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
