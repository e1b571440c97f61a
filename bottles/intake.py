"""The one way in for what people did: keep the event, then tell crates, ledger, routes and orders what it means.

`record` never refuses an act that happened. What has a bad form is set aside with a sentence; everything else is kept, and
what the kept events add up to is projected again: crates by replay, visits and receptions by their counts and scans. A
projection is a function of the events alone, so the order in which they reach us does not matter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from . import crates, events, ledger, projections
from .crates import CrateState, Move
from .errors import Invalid, NotAllowed, Refusal, say
from .events import Event, EventKind, NewEvent, Receipt, SetAside
from .ledger import AccountKind, Key, Posting
from .people import Role
from .points import Point
from .routes import Route, Task

EVENT = Event.__table__  # type: ignore[attr-defined]  # the table behind the class, for statements without objects


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

CENTRE_COUNTS = {
    Move.COMMISSION: (AccountKind.OUTSIDE, AccountKind.CLEAN),
    Move.WASH: (AccountKind.RECEIVED, AccountKind.CLEAN),
    Move.RETIRE: (AccountKind.RECEIVED, AccountKind.OUTSIDE),
}
"""Counts of unlabelled crates at the centre, and the accounts they go between."""


def record(session: Session, new: NewEvent, author: Author, *, at: datetime) -> Receipt:
    """Keep one event and what it means; see `record_all`."""
    return record_all(session, [new], author, at=at)[0].receipt


def record_all(
    session: Session, news: Sequence[NewEvent], author: Author, *, bodies: Sequence[bytes] | None = None, at: datetime
) -> list[Answer]:
    """Keep events in one transaction and answer one receipt each, in the same order.

    `bodies` are the bytes each event arrived as; without them its canonical form is kept. `at` is our time of receipt.
    """
    raws = bodies or [events.body_of(new) for new in news]
    known, places = _known(session, [new.id for new in news]), _places(session, news)
    answers, fresh = [], []
    for new, raw in zip(news, raws, strict=True):
        answer = _answer(new, raw, author, known, places)
        known.setdefault(new.id, events.digest(raw))
        if answer.receipt is Receipt.KEPT:
            fresh.append(_row(new, raw, author, at))
        elif answer.refusal is not None:
            _set_aside(session, answer, raw, new.device, author.person, at)
        answers.append(answer)
    kept = _insert(session, fresh) if fresh else []
    if kept:
        _project(session, kept, at)
    if len(kept) < len(fresh):
        return _overtaken(session, answers, news, raws, {event.id for event in kept})
    return answers


def _overtaken(
    session: Session, answers: list[Answer], news: Sequence[NewEvent], raws: Sequence[bytes], kept: set[str]
) -> list[Answer]:
    """Answer again for events that another request kept while we were at it."""
    known = _known(session, [new.id for new in news])
    return [
        answer if answer.receipt is not Receipt.KEPT or answer.id in kept else _seen(answer.id, raw, known)
        for answer, raw in zip(answers, raws, strict=True)
    ]


def _known(session: Session, ids: Sequence[str]) -> dict[str, str]:
    return dict(session.exec(select(Event.id, Event.digest).where(col(Event.id).in_(ids))).all())


Places = dict[str, set[int | str]]
"""The tasks, routes and points that some events name and that exist here."""


def _places(session: Session, news: Sequence[NewEvent]) -> Places:
    found: Places = {}
    for name, table in (("task", Task), ("route", Route), ("point", Point)):
        wanted = {key for new in news if (key := getattr(new, name)) is not None}
        named = sa.select(col(table.id)).where(col(table.id).in_(wanted))
        found[name] = set(session.scalars(named)) if wanted else set()
    return found


def _answer(new: NewEvent, raw: bytes, author: Author, known: dict[str, str], places: Places) -> Answer:
    if new.id in known:
        return _seen(new.id, raw, known)
    try:
        _check(new, author, places)
    except Refusal as refusal:
        return Answer(new.id, Receipt.INVALID, refusal)
    return Answer(new.id, Receipt.KEPT)


def _seen(id_: str, raw: bytes, known: dict[str, str]) -> Answer:
    if known[id_] == events.digest(raw):
        return Answer(id_, Receipt.ALREADY_KNOWN)
    clash = Invalid(say("Another event bears the same id; the first was kept, this one is set aside."))
    return Answer(id_, Receipt.CONFLICT, clash)


def _check(new: NewEvent, author: Author, places: Places) -> None:
    if new.at.tzinfo is None:
        raise Invalid(say("A time needs its time zone: %(value)s has none."), value=new.at)
    if new.move is not None and new.move not in set(Move):
        raise Invalid(say("“%(move)s” is not a move we know."), move=new.move)
    if new.state is not None and new.state not in set(CrateState):
        raise Invalid(say("“%(state)s” is not a state we know."), state=new.state)
    needs = NEEDS[new.kind] + (MOVE_NEEDS.get(Move(new.move), ()) if new.kind is EventKind.SCAN and new.move else ())
    for name in needs:
        if getattr(new, name) is None:
            raise Invalid(say("An event of the kind “%(kind)s” must say its %(name)s."), kind=str(new.kind), name=name)
    for name, here in places.items():
        key = getattr(new, name)
        if key is not None and key not in here:
            raise Invalid(say("The event names a task, route or point that does not exist here: %(key)s."), key=key)
    _may(new, author)


def _may(new: NewEvent, author: Author) -> None:
    moves = MAY.get(author.role, frozenset())
    settles = new.kind is EventKind.SETTLE and author.role is not Role.COORDINATOR
    if not moves or settles or (new.move is not None and Move(new.move) not in moves):
        raise NotAllowed(say("Your role may not record this; ask the coordinator."))


def _row(new: NewEvent, raw: bytes, author: Author, at: datetime) -> dict[str, object]:
    return {
        **dict.fromkeys(NewEvent.model_fields),
        **new.model_dump(),
        "received_at": at,
        "person": author.person,
        "partner": author.partner,
        "role": author.role,
        "centre": author.centre,
        "future": new.at - at > events.FUTURE,
        "digest": events.digest(raw),
        "body": raw,
    }


def _insert(session: Session, rows: list[dict[str, object]]) -> list[Event]:
    """Insert events and return those that nobody inserted meanwhile."""
    session.flush()
    connection = session.connection()
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(EVENT)
    ids = connection.execute(insert.on_conflict_do_nothing().returning(EVENT.c.id), rows).scalars().all()
    return list(session.exec(select(Event).where(col(Event.id).in_(ids)).order_by(col(Event.row))))


def _set_aside(session: Session, answer: Answer, raw: bytes, device: str, person: int, at: datetime) -> None:
    session.add(
        SetAside(
            event_id=answer.id,
            receipt=answer.receipt,
            device=device,
            person=person,
            received_at=at,
            message=str(answer.refusal),
            body=raw,
        )
    )


def _project(session: Session, kept: list[Event], at: datetime) -> None:
    """Work out again whatever the kept events touch: crates first, since visits count them, then visits, then receptions."""
    touched = [*kept, *_targets(session, kept)]
    codes = {event.crate for event in touched if event.crate}
    flows = []
    if codes:
        for crate, (where, holder) in crates.retell(session, codes, at=at):
            source = Key(AccountKind(where), holder, crate.type)
            target = Key(AccountKind(crate.where), crate.holder, crate.type)
            flows.append(Posting(source, target, 1, f"crate:{crate.code}", crate.since or at))
        ledger.post(session, flows, known_at=at)
    visits = sorted({(event.task, event.plan or 0) for event in touched if event.task is not None})
    routes = {event.route for event in touched if event.route is not None and event.kind is EventKind.COUNT}
    routes |= {event.route for event in touched if event.route is not None and event.move == Move.RECEIVE}
    for task, plan in visits:
        route = projections.visit(session, task, plan, at=at)
        if route is not None:
            routes.add(route)
    for route in sorted(routes):
        projections.reception(session, route, at=at)
    for event in touched:
        _centre_count(session, event, at)


def _targets(session: Session, kept: Iterable[Event]) -> list[Event]:
    """Return the events that new undos name, through undos of undos."""
    found: list[Event] = []
    names = [event.undoes for event in kept if event.kind is EventKind.UNDO]
    while names:
        fresh = list(session.exec(select(Event).where(col(Event.id).in_(names))))
        found += fresh
        names = [event.undoes for event in fresh if event.undoes]
    return found


def _centre_count(session: Session, event: Event, at: datetime) -> None:
    """Move unlabelled crates between the centre's accounts, by one count that belongs to no visit and no route."""
    if event.kind is not EventKind.COUNT or event.task or event.route or event.move not in CENTRE_COUNTS:
        return
    stands = bool([e for e in events.standing(events.with_undos(session, [event])) if e.id == event.id])
    source, target = (
        Key(kind, "" if kind is AccountKind.OUTSIDE else event.centre, event.item or "")
        for kind in CENTRE_COUNTS[Move(event.move)]
    )
    wanted = [Posting(source, target, (event.quantity or 0) * stands, f"count:{event.id}", event.at, event=event.id)]
    ledger.bring(session, wanted, f"count:{event.id}", at=event.at, known_at=at)
