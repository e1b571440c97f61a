"""Histories for property tests: what several devices tell of one small world, and the ways in which it may reach us."""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from bottles import audit, codes, crates, disputes, intake, ledger, orders, routes
from bottles.batches import LotEdge, Reception
from bottles.catalogue import UNSORTED
from bottles.crates import Crate, CrateState, Move
from bottles.events import EventKind, Receipt
from bottles.hauls import AddedLine, AddedStop
from bottles.intake import MAY, Author
from bottles.ledger import Account, Transfer
from bottles.orders import Order
from bottles.people import Person, Role
from bottles.pickups import Pickup
from bottles.routes import VisitLine
from bottles.wire import NewEvent
from tests import build
from tests.build import NOON, Cast

MORE = int(os.environ.get("BOUTEILLES_EXAMPLES", "1"))
"""How many times as many examples as usual are tried."""

FOREIGN = f"0370000000001{codes.check_digit('370000000001')}A17"
"""A crate of another network that is taken into use."""
STRANGE = f"0370000000001{codes.check_digit('370000000001')}Z99"
"""A crate that nobody ever says anything about."""
ROLES = {"phone-1": Role.DRIVER, "phone-2": Role.DRIVER, "tablet": Role.WASHER, "office": Role.COORDINATOR}
REPRINTED = NOON + timedelta(minutes=6)
RECEIVED = NOON + timedelta(days=1)
LATE = timedelta(days=6)


def tried(examples: int) -> settings:
    """Return how many examples are tried; a failure prints what makes it happen again.

    To make a failing history smaller takes minutes, longer than a test may take: it is done where more are asked for.
    """
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    phases = [phase for phase in Phase if phase not in (Phase.shrink, Phase.explain) or MORE > 1]
    return settings(max_examples=examples * MORE, deadline=None, print_blob=True, suppress_health_check=quiet, phases=phases)


# -- the world


@dataclass
class World:
    """What stands before anybody does anything: crates, an order, and two pickups on the route of two plan versions."""

    cast: Cast
    authors: dict[str, Author]
    labelled: list[str]
    pickups: list[int]
    order: int
    plans: list[int]
    routes: list[int]


def world(session: Session) -> World:
    """Make the world in an empty database: the ids in it are the same every time."""
    cast = build.cast(session)
    second = Person(name="Second Driver", email="second@example.org", role=Role.DRIVER, partner="cooperative")
    session.add(second)
    lot = build.lot(session, cast, bottles=48)
    placed = orders.place(
        session, "epicerie", "shop", {"jura75": 24}, cast.shop.person, due=build.TUESDAY, crate_type="crate12", at=NOON
    )
    assert lot.quantity == 48
    labelled = [crate.code for crate in crates.register(session, "crate12", 3)]
    crates.reprint(session, labelled[1:2], at=REPRINTED)
    asked = [build.pickup(session, cast, take=take) for take in (8, 3)]
    brought = next(task for task in routes.gather(session, at=NOON) if task.order == placed.id)
    plans = [build.plan(session, cast, [*asked, brought], day=build.TUESDAY + timedelta(days=1)) for _ in range(2)]
    people = {
        "phone-1": cast.driver,
        "phone-2": Author(second.id or 0, "cooperative", Role.DRIVER, build.CENTRE),
        "tablet": cast.washer,
        "office": cast.coordinator,
    }
    return World(
        cast,
        people,
        labelled,
        [task.id or 0 for task in asked],
        brought.id or 0,
        [plan.id or 0 for plan in plans],
        [build.route_of(session, plan).id or 0 for plan in plans],
    )


# -- what is told


@dataclass(frozen=True)
class Sketch:
    """An act before it has a place in a history: what it undoes is the number of another act."""

    device: str
    minute: int
    kind: EventKind
    facts: dict[str, Any]
    undoes: int | None = None


MINUTES = st.integers(0, 12)
"""Few moments, so that many acts are done at the same one."""


@st.composite
def scans(draw: st.DrawFn, here: World) -> Sketch:
    device = draw(st.sampled_from(sorted(ROLES)))
    crate = draw(st.sampled_from([*here.labelled, codes.label(here.labelled[1], 2), FOREIGN, STRANGE]))
    move = draw(st.sampled_from(sorted(MAY[ROLES[device]])))
    facts = {"crate": crate, "move": move, "point": draw(st.sampled_from(["cellar", "shop"]))}
    facts["holder"] = draw(st.sampled_from(["van-1", "van-2", "epicerie"]))
    if move in (Move.COLLECT, Move.DROP, Move.DELIVER) and draw(st.booleans()):
        facts |= draw(st.one_of(visits(here), added(here))) | {"point": "cellar", "holder": "van-1"}
    if move is Move.RECEIVE and draw(st.booleans()):
        facts["route"] = draw(st.sampled_from(here.routes))
    return Sketch(device, draw(MINUTES), EventKind.SCAN, facts)


def visits(here: World) -> st.SearchStrategy[dict[str, Any]]:
    # most phones name the plan they saw, an older one or none at all
    plans = st.sampled_from([*here.plans, here.plans[-1], 0, None])
    return st.builds(lambda task, plan: {"task": task, "plan_version": plan}, st.sampled_from(here.pickups), plans)


def added(here: World) -> st.SearchStrategy[dict[str, Any]]:
    """Say of which stop an act is that no plan has: of a route, and at a point."""
    return st.builds(
        lambda route, point: {"route": route, "point": point}, *map(st.sampled_from, (here.routes, ["cellar", "shop"]))
    )


@st.composite
def counts(draw: st.DrawFn, here: World) -> Sketch:
    quantity = {"quantity": draw(st.integers(0, 9))}
    sort = draw(st.sampled_from(["visit", "visit", "visit", "reception", "centre", "order"]))
    if sort == "visit":
        item = draw(st.sampled_from(["crate12", "crate20", UNSORTED]))
        move = draw(st.sampled_from([Move.COLLECT, Move.COLLECT, Move.DROP]))
        which = draw(st.one_of(visits(here), visits(here), added(here)))
        facts = which | {"move": move, "item": item, "holder": draw(st.sampled_from(["van-1", "van-2", None]))}
        return Sketch(draw(st.sampled_from(["phone-1", "phone-2", "office"])), draw(MINUTES), EventKind.COUNT, facts | quantity)
    if sort == "order":
        facts = {"task": here.order, "plan_version": here.plans[0], "move": Move.DELIVER, "item": "jura75"}
        return Sketch(draw(st.sampled_from(["phone-1", "office"])), draw(MINUTES), EventKind.COUNT, facts | quantity)
    if sort == "reception":
        item = draw(st.sampled_from(["crate12", "crate20", UNSORTED]))
        facts = {"route": draw(st.sampled_from(here.routes)), "move": Move.RECEIVE, "item": item}
        return Sketch(draw(st.sampled_from(["tablet", "office"])), draw(MINUTES), EventKind.COUNT, facts | quantity)
    facts = {"move": draw(st.sampled_from([Move.COMMISSION, Move.WASH, Move.RETIRE])), "item": "crate12"}
    return Sketch("tablet", draw(MINUTES), EventKind.COUNT, facts | quantity)


@st.composite
def outcomes(draw: st.DrawFn, here: World) -> Sketch:
    kind = draw(st.sampled_from([EventKind.STOP_REACHED, EventKind.STOP_DONE, EventKind.STOP_PARTLY, EventKind.STOP_MISSED]))
    facts = draw(st.one_of(visits(here), visits(here), added(here))) | {"reason": "closed"}
    return Sketch(draw(st.sampled_from(["phone-1", "phone-2", "office"])), draw(MINUTES), kind, facts)


@st.composite
def undos(draw: st.DrawFn, here: World) -> Sketch:
    # what it names may lie before it or after it, may be somebody else's, and may be an undo itself
    device, facts = draw(st.sampled_from(sorted(ROLES))), dict[str, Any]()
    if draw(st.integers(0, 3)) == 0:
        facts["crate"] = draw(st.sampled_from([*here.labelled, FOREIGN]))
    return Sketch(device, draw(MINUTES), EventKind.UNDO, facts, draw(st.integers(0, 40)))


@st.composite
def settlements(draw: st.DrawFn, here: World) -> Sketch:
    facts = {"crate": draw(st.sampled_from([*here.labelled, FOREIGN])), "state": draw(st.sampled_from(sorted(CrateState)))}
    facts |= {"point": "shop", "holder": "van-2"}
    return Sketch("office", draw(MINUTES), EventKind.SETTLE, facts)


def scanned(here: World, device: str, minute: int, move: Move) -> Sketch:
    """Scan the crate whose label was printed anew."""
    facts = {"crate": here.labelled[1], "move": move, "point": "cellar", "holder": "van-1"}
    return Sketch(device, minute, EventKind.SCAN, facts)


def lives(here: World) -> st.SearchStrategy[list[Sketch]]:
    """Give the life of one crate, so short and so crowded that every two of its acts meet in every way."""
    minutes, phones = st.integers(0, 1), st.sampled_from(["phone-1", "phone-2"])
    scan = st.builds(scanned, st.just(here), phones, minutes, st.sampled_from([Move.LOAD, Move.DROP, Move.COLLECT]))
    undo = st.builds(
        lambda device, minute, target: Sketch(device, minute, EventKind.UNDO, {}, target),
        st.sampled_from(["phone-1", "phone-2", "office"]),
        minutes,
        st.integers(0, 6),
    )
    lost = {"crate": here.labelled[1], "state": CrateState.LOST}
    settle = st.builds(lambda minute: Sketch("office", minute, EventKind.SETTLE, lost), minutes)
    return st.lists(st.one_of(scan, scan, scan, undo, settle), min_size=2, max_size=6)


def sketches(here: World, *, settled: bool) -> st.SearchStrategy[list[Sketch]]:
    """Give what several devices do, in the order in which each of them numbers it."""
    sorts = [scans(here), scans(here), scans(here), counts(here), counts(here), outcomes(here), undos(here), undos(here)]
    return st.lists(st.one_of(*sorts, *[settlements(here)] * settled), min_size=1, max_size=24)


def told(acts: list[Sketch]) -> list[tuple[str, NewEvent]]:
    """Turn sketches into events, each with its device: ids and numbers as the devices make them."""
    numbers, found = dict.fromkeys(ROLES, 0), []
    ids = [codes.uuid7(NOON + timedelta(minutes=act.minute), 1000 + n) for n, act in enumerate(acts)]
    for id_, act in zip(ids, acts, strict=True):
        numbers[act.device] += 1
        said = {**act.facts, "id": id_, "kind": act.kind, "at": NOON + timedelta(minutes=act.minute), "device": act.device}
        if act.undoes is not None:
            said["undoes"] = ids[act.undoes % len(ids)]
        found.append((act.device, NewEvent.model_validate({**said, "sequence": numbers[act.device]})))
    return found


# -- how it reaches us


@dataclass(frozen=True)
class Arrival:
    """The order in which acts reach us, those sent twice among them, where it is cut into batches, and when a crate is adopted.

    `late` is the device whose acts come six days after all others.
    """

    order: list[int]
    cuts: list[bool]
    adopted: int
    late: str | None = None


@st.composite
def arrivals(draw: st.DrawFn, acts: list[Sketch]) -> Arrival:
    order = draw(st.permutations(range(len(acts))))
    for again in draw(st.lists(st.sampled_from(order), max_size=4)):
        order.insert(draw(st.integers(0, len(order))), again)
    late = draw(st.sampled_from([None, *sorted(ROLES)]))
    order.sort(key=lambda n: acts[n].device == late)
    cuts = draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    return Arrival(order, cuts, draw(st.integers(0, len(order))), late)


def in_order(acts: list[Sketch]) -> Arrival:
    """Give the arrival in which each act reaches us alone, in the order in which it was done."""
    order = sorted(range(len(acts)), key=lambda n: acts[n].minute)
    return Arrival(order, [True] * len(acts), 0)


def batches(acts: list[Sketch], arrival: Arrival) -> Iterator[tuple[str, list[NewEvent]]]:
    """Cut what was told into batches, each of one device."""
    events = told(acts)
    order = list(zip(arrival.order, arrival.cuts, strict=True))
    while order:
        device = events[order[0][0]][0]
        length = next((n for n, (act, cut) in enumerate(order) if n and (cut or events[act][0] != device)), len(order))
        yield device, [events[act][1] for act, _ in order[:length]]
        order = order[length:]


def live(session: Session, here: World, acts: list[Sketch], arrival: Arrival, watch: Callable[[], None] = lambda: None) -> None:
    """Let what was told reach us, and look after every batch."""
    at, parts = RECEIVED, list(batches(acts, arrival))
    for n, (device, news) in enumerate([*parts, ("", [])]):
        if n == arrival.adopted % (len(parts) + 1):
            intake.adopt(session, FOREIGN, "crate12", "Another network", at=at)
        at += timedelta(minutes=1)
        received = at + LATE if device == arrival.late else at
        answers = intake.record_all(session, news, here.authors[device], at=received) if news else []
        assert {answer.receipt for answer in answers} <= {Receipt.KEPT, Receipt.ALREADY_KNOWN}, answers
        watch()


# -- what it adds up to


def standings(session: Session) -> dict[str, crates.Standing]:
    """Return where every crate stands, as it is cached."""
    session.expire_all()
    found = session.exec(select(Crate)).all()
    return {c.code: crates.Standing(c.state, c.clean, c.where, c.holder, c.since) for c in found}


def replayed(session: Session) -> dict[str, crates.Standing]:
    """Return where every crate stands by all that was told of it."""
    lives = crates.lives_of(session, list(session.exec(select(Crate.code))))
    return {code: crates.replay(life).now for code, life in lives.items()}


def places(standing: dict[str, crates.Standing]) -> dict[str, int]:
    """Return how many crates are in each place other than the one they all came from."""
    found = Counter(f"{crate.where} {crate.holder}" for crate in standing.values() if crate.place != crates.NOWHERE.place)
    return {**found, **({"outside ": -found.total()} if found else {})}


def travelled(session: Session) -> dict[str, int]:
    """Return how many crates the ledger has in each kind of place, of those with a label."""
    found: dict[str, int] = defaultdict(int)
    source, target = (sa.orm.aliased(Account) for _ in range(2))
    moved = select(Transfer.quantity, source.kind, source.holder, target.kind, target.holder)
    moved = moved.join(source, source.id == Transfer.source).join(target, target.id == Transfer.target)
    for quantity, *ends in session.exec(moved.where(Transfer.cause.startswith("crate:"))):
        found[f"{ends[0]} {ends[1]}"] -= quantity
        found[f"{ends[2]} {ends[3]}"] += quantity
    return {place: n for place, n in found.items() if n}


def balances(session: Session, moments: list[datetime]) -> dict[Any, dict[Any, int]]:
    """Return every balance that events make, now and as of every moment."""
    names = {a.id: (a.kind, a.holder, a.item, a.lot) for a in session.exec(select(Account)) if not a.guarded}
    now = {names[a.id]: a.quantity for a in session.exec(select(Account)) if a.id in names and a.quantity}
    past = {}
    for moment in moments:
        then = ledger.folded(session, as_of=moment)
        past[moment] = {names[id_]: n for id_, n in then.items() if id_ in names and n}
    return {"now": now, **past}


def wondered(session: Session) -> list[tuple[Any, ...]]:
    """Return what waits for a person, named by what it is about."""
    accounts = {f"account:{a.id}": f"{a.kind} {a.holder} {a.item}" for a in session.exec(select(Account))}
    named = [(d.kind, accounts.get(d.subject, d.subject), d.key.rpartition(":")[2]) for d in disputes.open_ones(session)]
    return sorted(named)


def visited(session: Session) -> Any:
    """Return what came of every task and route."""
    visits = sorted((v.task, v.plan, v.outcome or "", v.reason) for v in session.exec(select(routes.Visit)))
    lines = sorted((v.task, v.plan, v.move, v.item, v.quantity, v.scanned) for v in session.exec(select(VisitLine)))
    stops = sorted((a.route, a.point, a.outcome or "", a.reason, a.began, a.at) for a in session.exec(select(AddedStop)))
    more = sorted((a.route, a.point, a.move, a.item, a.quantity, a.scanned) for a in session.exec(select(AddedLine)))
    ends = sorted((p.id, p.status) for p in session.exec(select(Pickup)))
    ends += sorted((o.id, o.status) for o in session.exec(select(Order)))
    came = sorted((r.route, r.centre, r.bottles) for r in session.exec(select(Reception)) if r.bottles)
    edges = sorted((e.parent, e.child, e.quantity) for e in session.exec(select(LotEdge)))
    return {"visits": visits, "lines": lines, "added": stops, "more": more, "ends": ends, "receptions": came, "edges": edges}


def faults(session: Session) -> list[Any]:
    """Return what the audit finds, but for the numbers of devices whose acts are not all there."""
    return [(check.name, check.faults) for check in audit.audit(session) if check.faults]
