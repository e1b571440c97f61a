"""Events out of what people did: scans, counts and settlements, and what later acts made of them.

EPCIS knows two ways of taking back: an error declaration on the event's own id, and nothing else. So each act goes out when it
reached us; when a later one takes it back or counts anew, it goes out once more under the same id with its declaration; and
when it stands again after that, under an id of its own. A document from a time on is the rest of the whole one, whatever
arrived in which order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from .. import events
from ..crates import WHOSE, CrateState, Move
from ..events import Act, Event, EventKind
from . import since as begin
from .naming import Asked, Json, Made, Territory, instant, some
from .words import AT_CENTRE, DISPOSITIONS, FROM_POINT, GONE, OBSERVED, STEPS, TO_POINT

KINDS = (EventKind.SCAN, EventKind.COUNT, EventKind.SETTLE, EventKind.UNDO)
"""Acts about things. Stops reached and done, and notes, tell of a driver's day: EPCIS has no place for them."""

MANY = 5_000
"""Keys asked for at once; a database takes some thirty thousand."""


class Heard(NamedTuple):
    """An act, and where it stands in the order of arrival."""

    row: int
    act: Act


def arrived(session: Session, asked: Asked, first: int, limit: int) -> Made:
    """Return what reached us from a row on, and the events that each arrival makes; of a lot nobody tells so."""
    if asked.lot is not None:
        return []
    rows = _of_crate(session, asked.crate) if asked.crate else _rows(session, first, limit, asked.since)
    page = [h for h in rows if h.row >= first and (asked.since is None or h.act.received_at >= asked.since)][:limit]
    made: dict[int, list[Json]] = {heard.row: [] for heard in page}
    for group in _stories(_with_kin(session, page)):
        made |= {row: told for row, told in _tell(asked.territory, group) if row in made}
    return sorted(made.items())


# -- reading


def _rows(session: Session, first: int, limit: int, since: datetime | None) -> list[Heard]:
    query = _asked(col(Event.kind).in_(KINDS))
    if since is not None:
        first = first or begin.first(session, col(Event.row), col(Event.received_at), since)
        query = query.where(col(Event.received_at) >= since)
    return _heard(session, query.where(col(Event.row) >= first).order_by(col(Event.row)).limit(limit))


def _of_crate(session: Session, crate: str) -> list[Heard]:
    """Return all that was done to a crate and taken back; hundreds at most."""
    found = {h.act.id: h for h in _heard(session, _asked(col(Event.crate) == crate, col(Event.kind).in_(KINDS)))}
    _add_undos(session, found)
    return sorted(found.values())


def _asked(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(col(Event.row), *events.ACT).where(*where)


def _heard(session: Session, query: sa.Select[Any]) -> list[Heard]:
    return [Heard(row[0], Act(*row[1:])) for row in session.connection().execute(query)]


def _with_kin(session: Session, page: Iterable[Heard]) -> dict[str, Heard]:
    """Add to a page what its events are told with: what they undo, counts of the same thing, and the undos of all."""
    found = {heard.act.id: heard for heard in page}
    fresh = list(found.values())
    while names := {h.act.undoes for h in fresh if h.act.undoes} - found.keys():
        fresh = _named(session, col(Event.id), names)
        found |= {heard.act.id: heard for heard in fresh}
    counts = [h.act for h in found.values() if h.act.kind is EventKind.COUNT]
    same_visit = _named(session, col(Event.task), {act.task for act in counts} - {None}, COUNTED)
    same_route = _named(session, col(Event.route), {act.route for act in counts if act.move == Move.RECEIVE} - {None}, COUNTED)
    found |= {h.act.id: h for h in same_visit + same_route}
    _add_undos(session, found)
    return found


COUNTED = col(Event.kind) == EventKind.COUNT


def _add_undos(session: Session, found: dict[str, Heard]) -> None:
    fresh: Collection[str] = list(found)
    while fresh:
        undos = {h.act.id: h for h in _named(session, col(Event.undoes), fresh) if h.act.id not in found}
        found |= undos
        fresh = undos


def _named(session: Session, column: Any, keys: Collection[Any], *where: sa.ColumnElement[bool]) -> list[Heard]:
    found, wanted = [], list(keys)
    for start in range(0, len(wanted), MANY):
        found += _heard(session, _asked(column.in_(wanted[start : start + MANY]), *where))
    return found


def _stories(found: Mapping[str, Heard]) -> list[list[Heard]]:
    """Put together what is about the same thing, each in the order of arrival."""
    groups: dict[object, list[Heard]] = defaultdict(list)
    for heard in found.values():
        groups[_subject(_root(heard.act, found))].append(heard)
    return [sorted(group) for group in groups.values()]


def _root(act: Act, found: Mapping[str, Heard]) -> Act:
    """Return the act that an undo, or an undo of undos, is about; itself when that is not here."""
    seen = {act.id}
    # two undos may name each other: ids are made by devices
    while act.kind is EventKind.UNDO and (name := act.undoes or "") in found and name not in seen:
        act = found[name].act
        seen.add(act.id)
    return act


def _subject(root: Act) -> tuple[Any, ...]:
    if root.kind is EventKind.COUNT and root.move == Move.RECEIVE and root.route is not None:
        return "reception", root.route, root.item
    if root.kind is EventKind.COUNT and root.task is not None:
        return "visit", root.task, root.plan_version, root.move, root.item
    return "act", root.id


# -- telling


@dataclass
class Story:
    """What is known about one thing so far, and what of it stands under which id."""

    acts: dict[str, Act] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    """What an undo has named."""
    alive: dict[str, Act] = field(default_factory=dict)
    """What nobody has undone."""
    ids: dict[str, str] = field(default_factory=dict)
    """What stands for those we tell, under which id they know it."""

    def hear(self, act: Act) -> None:
        """Add what arrived."""
        self.acts[act.id] = act
        if act.kind is EventKind.UNDO:
            self.named.add(act.undoes or "")
        else:
            self.alive[act.id] = act
        if act.kind is EventKind.UNDO or act.id in self.named:
            self.alive = {a.id: a for a in events.standing(self.acts.values())}

    def stands(self) -> Mapping[str, Act]:
        """Return what counts: of several counts of one thing the last, by the time of the act."""
        counted = [act for act in self.alive.values() if act.kind is EventKind.COUNT]
        if not counted:
            return self.alive
        last = max(counted, key=events.order)
        return {last.id: last}


def _tell(territory: Territory, group: Iterable[Heard]) -> Iterator[tuple[int, list[Json]]]:
    story = Story()
    for row, act in group:
        story.hear(act)
        told = []
        if act.kind is not EventKind.UNDO:
            story.ids[act.id] = f"urn:uuid:{act.id}"
            told.append(_event(territory, act, story.ids[act.id], act.received_at))
        yield row, [*told, *_again(territory, story, act), *_taken_back(territory, story, act)]


def _again(territory: Territory, story: Story, cause: Act) -> Iterator[Json]:
    """Tell once more, under a new id, what had been declared an error and stands after all."""
    for id_, act in story.stands().items():
        if id_ not in story.ids:
            story.ids[id_] = territory.id_of(f"restated:{id_}:{cause.id}")
            yield _event(territory, act, story.ids[id_], cause.received_at) | {"jmb:restates": f"urn:uuid:{id_}"}


def _taken_back(territory: Territory, story: Story, cause: Act) -> Iterator[Json]:
    """Declare an error what no longer stands."""
    standing = story.stands()
    for id_ in [id_ for id_ in story.ids if id_ not in standing]:
        declared: Json = {"declarationTime": instant(cause.at if cause.kind is EventKind.UNDO else cause.received_at)}
        if id_ in story.alive:
            declared |= {"reason": "incorrect_data", "correctiveEventIDs": [story.ids[other] for other in standing]}
        else:
            declared |= {"reason": "did_not_occur"}
        yield _event(territory, story.acts[id_], story.ids.pop(id_), cause.received_at) | {"errorDeclaration": declared}


def _event(territory: Territory, act: Act, id_: str, known_at: datetime) -> Json:
    event = {"type": "ObjectEvent", "eventID": id_, **territory.when(act.at, known_at)}
    return event | (_settled(territory, act) if act.kind is EventKind.SETTLE else _moved(territory, act))


def _moved(territory: Territory, act: Act) -> Json:
    move = Move(act.move or "")
    step = STEPS[move]
    if act.kind is EventKind.COUNT:
        things: Json = {"quantityList": [some(territory.named("type", act.item), act.quantity or 0)]}
    else:
        things = {"epcList": [territory.crate(act.crate or "")]}
    told = {"action": step.action, **things, "bizStep": territory.word(step.step), "disposition": step.disposition}
    told |= _places(territory, act, move)
    if act.route is not None:
        told["bizTransactionList"] = [{"type": territory.own("route"), "bizTransaction": territory.named("route", act.route)}]
    own = {"move": move, "basis": act.basis, "reason": act.reason}
    if act.holder and move is not Move.LEND:
        own["vehicle"] = territory.named("vehicle", act.holder)
    return told | {f"jmb:{name}": value for name, value in own.items() if value}


def _settled(territory: Territory, act: Act) -> Json:
    state = CrateState(act.state or "")
    column = WHOSE[state][1]
    place = getattr(act, column) if column in ("centre", "point") else None
    told = {
        "action": OBSERVED,
        "epcList": [territory.crate(act.crate or "")],
        "bizStep": "other",
        "disposition": DISPOSITIONS[state],
        "jmb:settled": state,
    }
    return told | ({"bizLocation": {"id": territory.named("place", place)}} if place else {})


def _places(territory: Territory, act: Act, move: Move) -> Json:
    """Say where it was read, where the thing is since, and between whom or what it went."""
    point, centre = (territory.named("place", key) if key else None for key in (act.point, act.centre))
    here = centre if move in AT_CENTRE else point
    told: Json = {}
    if here:
        told["readPoint"] = {"id": here}
        if move not in GONE:
            told["bizLocation"] = {"id": here}
    between: tuple[str | None, str | None] = (None, None)
    if move in FROM_POINT:
        between = point, centre
    elif move in TO_POINT:
        between = centre, point
    for side, place in zip(("source", "destination"), between, strict=True):
        if place:
            told[f"{side}List"] = [{"type": "location", side: place}]
    if move is Move.LEND and act.holder:
        told["destinationList"] = [{"type": "possessing_party", "destination": territory.named("partner", act.holder)}]
    return told
