"""Two people do it in the same moment, fifty times, on SQLite and on PostgreSQL: it adds up every time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from bottles import audit, batches, crates, intake, ledger, orders, pickups, routes
from bottles.aside import SetAside
from bottles.crates import Crate, CrateState, Move
from bottles.db import open_engine, transaction
from bottles.disputes import DisputeKind, open_ones
from bottles.errors import Conflict, NotAllowed, OutOfStock, Refusal, say
from bottles.events import Event, EventKind, Receipt
from bottles.intake import Answer, Author
from bottles.ledger import AccountKind
from bottles.routes import Route, Stop, StopTask
from bottles.wire import NewEvent, body_of
from tests import build
from tests.apps import copy
from tests.bottles.histories import FOREIGN
from tests.build import NOON, Cast
from tests.databases import BOTH

pytestmark = pytest.mark.slow

RUNS = 50
LATER = NOON + timedelta(hours=1)
RACES = {"40001", "40P01", "23505"}
"""What the API takes for somebody else being in the way: it records the batch once more."""

Act = Callable[[Session], Any]


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Give an empty database that several connections share, written to a disk."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgresql_engine")
        return
    engine = open_engine(f"sqlite:///{tmp_path / 'races.sqlite'}")
    copy(request.getfixturevalue("sqlite_template"), engine)
    yield engine
    engine.dispose()


@pytest.fixture
def cast(engine: Engine) -> Cast:
    with transaction(engine) as session:
        return build.cast(session)


@pytest.fixture
def race(engine: Engine) -> Iterator[Callable[..., list[Any]]]:
    """Do several things in the same moment, each in a transaction of its own; give what each returned or refused."""
    with ThreadPoolExecutor(10) as pool:

        def run(*acts: Act) -> list[Any]:
            barrier = Barrier(len(acts))
            return list(pool.map(partial(outcome, engine, barrier), acts))

        yield run


def outcome(engine: Engine, barrier: Barrier, act: Act) -> Any:
    barrier.wait(timeout=30)
    while True:
        try:
            with transaction(engine) as session:
                return act(session)
        except Refusal as refusal:
            return refusal
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RACES:
                raise


def telling(author: Author, *news: NewEvent) -> Act:
    """Hand events in, as one batch."""
    return lambda session: intake.record_all(session, news, author, at=LATER)


def receipts(told: list[list[Answer]]) -> list[Receipt]:
    return sorted(answer.receipt for answers in told for answer in answers)


def faults(engine: Engine) -> list[list[str]]:
    with transaction(engine) as session:
        return [check.faults for check in audit.audit(session) if check.faults]


def labelled(engine: Engine, count: int = RUNS) -> list[Crate]:
    with transaction(engine) as session:
        return crates.register(session, "crate12", count)


def visits(engine: Engine, cast: Cast) -> list[dict[str, Any]]:
    """Put pickups on routes of their own, and return what events about each of them bear."""
    with transaction(engine) as session:
        plan = build.plan(session, cast, [])
        for _ in range(RUNS):
            wanted = [pickups.Crates("crate12", 8)]
            pickups.request(session, "cave", "cellar", wanted, cast.winemaker.person, ready_from=build.TUESDAY, at=NOON)
        tasks = routes.gather(session, at=NOON)
        first = build.route_of(session, plan).model_dump(exclude={"id"})
        driven = [Route(**first) for _ in tasks]
        session.add_all(driven)
        session.flush()
        halts = [Stop(route=r.id, position=1, point="cellar", arrives=NOON, starts=NOON, leaves=NOON) for r in driven]
        session.add_all(halts)
        session.flush()
        session.add_all(StopTask(stop=halt.id, task=task.id) for halt, task in zip(halts, tasks, strict=True))
        return [{"task": t.id, "plan_version": plan.id, "route": r.id} for t, r in zip(tasks, driven, strict=True)]


# -- one event, several times


def test_one_event_sent_ten_times_at_once_is_one_row(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]

    told = [race(*[telling(cast.driver, scan)] * 10) for scan in scans]

    assert [receipts(answers) for answers in told] == [[Receipt.ALREADY_KNOWN] * 9 + [Receipt.KEPT]] * RUNS
    assert [{a.id for (a,) in answers} for answers in told] == [{scan.id} for scan in scans]
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
        assert ledger.on_hand(session, AccountKind.POINT, "cellar", "crate12") == RUNS
    assert faults(engine) == []


def test_of_two_bodies_with_one_id_one_is_kept_and_one_set_aside(engine: Engine, cast: Cast, race):
    pairs = [[cast.scan(crate, Move.DROP), cast.scan(crate, Move.LOSE)] for crate in labelled(engine)]
    pairs = [[one, other.model_copy(update={"id": one.id, "sequence": one.sequence})] for one, other in pairs]

    told = [race(*[telling(cast.driver, new) for new in pair]) for pair in pairs]

    assert [receipts(answers) for answers in told] == [[Receipt.CONFLICT, Receipt.KEPT]] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
        assert sorted(session.exec(select(SetAside.event_id)).all()) == sorted(one.id for one, _ in pairs)


def test_one_bad_body_sent_five_times_at_once_lies_there_once(engine: Engine, cast: Cast, race):
    bad = [cast.scan("J", Move.COLLECT, holder=None) for _ in range(RUNS)]

    told = [race(*[telling(cast.driver, new)] * 5) for new in bad]

    assert [receipts(answers) for answers in told] == [[Receipt.INVALID] * 5] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(SetAside)).all()) == RUNS


def test_a_quarantined_event_that_two_people_let_in_is_let_in_once(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]
    with transaction(engine) as session:
        intake.quarantine(session, scans, [body_of(s) for s in scans], cast.driver, NotAllowed(say("Gone.")), at=NOON)
        rows = list(session.exec(select(SetAside.row).order_by(SetAside.row)))

    def let_in(row: int, session: Session) -> Answer:
        return intake.let_in(session, row, cast.coordinator.person, at=LATER)

    told = [race(*[partial(let_in, row)] * 2) for row in rows]

    assert [sorted(type(one).__name__ for one in pair) for pair in told] == [["Answer", "Conflict"]] * RUNS
    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == RUNS
    assert faults(engine) == []


# -- crates


def test_two_people_who_scan_one_crate_into_two_places_are_both_believed(engine: Engine, cast: Cast, race):
    places = [[cast.scan(crate, Move.DROP, point=p, device=p) for p in ("cellar", "shop")] for crate in labelled(engine)]

    for scans in places:
        race(*[telling(cast.driver, scan) for scan in scans])

    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == 2 * RUNS
        assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNEXPECTED_MOVE] * RUNS
    assert faults(engine) == []


def test_two_people_who_scan_an_unknown_crate_at_once_open_one_dispute(engine: Engine, cast: Cast, race):
    strange = [f"{FOREIGN}{n}" for n in range(RUNS)]

    for code in strange:
        race(*[telling(cast.driver, cast.scan(code, Move.DROP, device=device)) for device in ("phone-1", "phone-2")])

    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == 2 * RUNS
        assert [dispute.kind for dispute in open_ones(session)] == [DisputeKind.UNKNOWN_CRATE] * RUNS


def test_an_undo_that_arrives_with_what_it_undoes_counts(engine: Engine, cast: Cast, race):
    scans = [cast.scan(crate, Move.DROP) for crate in labelled(engine)]

    for scan in scans:
        race(telling(cast.driver, scan), telling(cast.driver, cast.undo(scan)))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.NEW}
        assert ledger.on_hand(session, AccountKind.POINT, "cellar", "crate12") == 0
    assert faults(engine) == []


def test_a_count_that_two_people_undo_at_once_is_undone_once(engine: Engine, cast: Cast, race):
    washed = [cast.count(Move.WASH, "crate12", 5, device="tablet") for _ in range(RUNS)]
    with transaction(engine) as session:
        intake.record_all(session, washed, cast.washer, at=NOON)

    for count in washed:
        undos = [cast.undo(count, device=device) for device in ("tablet", "tablet-2")]
        race(*[telling(cast.washer, undo) for undo in undos])

    with transaction(engine) as session:
        assert ledger.on_hand(session, AccountKind.CLEAN, build.CENTRE, "crate12") == 0
    assert faults(engine) == []


def test_a_late_scan_that_arrives_with_a_settlement_changes_nothing_after_it(engine: Engine, cast: Cast, race):
    for crate in labelled(engine):
        late = cast.scan(crate, Move.DROP, at=NOON)
        settled = cast.event(
            EventKind.SETTLE, at=LATER, device="office", crate=crate.code, state=CrateState.LENT, holder="epicerie"
        )
        race(telling(cast.driver, late), telling(cast.coordinator, settled))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.LENT}
        assert ledger.on_hand(session, AccountKind.CUSTOMER, "epicerie", "crate12") == RUNS
    assert faults(engine) == []


def test_a_crate_adopted_while_somebody_scans_it_is_where_it_was_seen(engine: Engine, cast: Cast, race):
    strange = [f"{FOREIGN}{n}" for n in range(RUNS)]

    def adopt(code: str, session: Session) -> Crate:
        return intake.adopt(session, code, "crate12", "Another network", at=LATER)

    for code in strange:
        race(telling(cast.driver, cast.scan(code, Move.DROP)), partial(adopt, code))

    with transaction(engine) as session:
        assert set(session.exec(select(Crate.state))) == {CrateState.OUT}
        assert open_ones(session) == []
    assert faults(engine) == []


def test_a_crate_that_two_people_adopt_is_adopted_once(engine: Engine, cast: Cast, race):
    def adopt(code: str, owner: str, session: Session) -> str:
        return intake.adopt(session, code, "crate12", owner, at=LATER).owner

    told = [race(*[partial(adopt, f"{FOREIGN}{n}", owner) for owner in ("one", "two")]) for n in range(RUNS)]

    assert [sum(isinstance(answer, Conflict) for answer in pair) for pair in told] == [1] * RUNS


def test_of_two_reprints_at_once_the_second_voids_the_first(engine: Engine, cast: Cast, race):
    def reprint(code: str, session: Session) -> int:
        return crates.reprint(session, [code], at=LATER)[0].edition

    told = [race(*[partial(reprint, crate.code)] * 2) for crate in labelled(engine)]

    assert [sorted(pair) for pair in told] == [[2, 3]] * RUNS


def test_crates_registered_at_once_get_each_its_own_serial(engine: Engine, cast: Cast, race):
    def register(session: Session) -> list[str]:
        return [crate.code for crate in crates.register(session, "crate12", 3)]

    told = [code for _ in range(RUNS) for made in race(register, register) for code in made]

    assert len(set(told)) == len(told) == 6 * RUNS


# -- stops and receptions


def test_two_phones_at_one_stop_both_count(engine: Engine, cast: Cast, race):
    stops = visits(engine, cast)

    for stop in stops:
        visit = {"task": stop["task"], "plan_version": stop["plan_version"], "holder": "van-1"}
        race(
            telling(cast.driver, cast.count(Move.COLLECT, "crate12", 5, **visit)),
            telling(cast.driver, cast.count(Move.COLLECT, "crate20", 2, device="phone-2", **visit)),
        )

    with transaction(engine) as session:
        assert ledger.on_hand(session, AccountKind.VAN, "van-1", "crate12") == 5 * RUNS
        assert ledger.on_hand(session, AccountKind.VAN, "van-1", "crate20") == 2 * RUNS
        assert ledger.on_hand(session, AccountKind.VAN, "van-1", "unsorted") == 100 * RUNS
    assert faults(engine) == []


def test_two_tablets_at_one_reception_count_it_once(engine: Engine, cast: Cast, race):
    stops = visits(engine, cast)
    with transaction(engine) as session:
        for stop in stops:
            visit = {"task": stop["task"], "plan_version": stop["plan_version"], "holder": "van-1"}
            intake.record(session, cast.count(Move.COLLECT, "crate12", 8, **visit), cast.driver, at=NOON)

    for stop in stops:
        counts = [cast.count(Move.RECEIVE, "crate12", 8, route=stop["route"], device=d) for d in ("tablet", "tablet-2")]
        race(*[telling(cast.washer, count) for count in counts])

    with transaction(engine) as session:
        assert ledger.on_hand(session, AccountKind.RECEIVED, build.CENTRE, "crate12") == 8 * RUNS
        assert ledger.balances(session, AccountKind.VAN) == {}
    assert faults(engine) == []


def test_batches_about_the_same_stops_in_opposite_orders_both_get_through(engine: Engine, cast: Cast, race):
    stops, labels = visits(engine, cast), labelled(engine, 2 * RUNS)

    for here, there, one, other in zip(stops, stops[::-1], labels[:RUNS], labels[RUNS:], strict=True):
        first, second = ({"task": s["task"], "plan_version": s["plan_version"], "holder": "van-1"} for s in (here, there))
        race(
            telling(cast.driver, cast.count(Move.COLLECT, "crate20", 1, **first), cast.scan(one, Move.COLLECT, **second)),
            telling(cast.driver, cast.count(Move.DROP, "crate20", 1, **second), cast.scan(other, Move.DROP, point="shop")),
        )

    with transaction(engine) as session:
        assert len(session.exec(select(Event)).all()) == 4 * RUNS
    assert faults(engine) == []


# -- stock


def test_two_orders_for_the_last_bottles_are_not_both_served(engine: Engine, cast: Cast, race):
    with transaction(engine) as session:
        build.lot(session, cast, bottles=12)

    def place(session: Session) -> int:
        wanted, due = {"jura75": 12}, build.TUESDAY
        who = cast.winemaker.person
        return orders.place(session, "cave", "cellar", wanted, who, due=due, crate_type="crate12", at=NOON).id or 0

    for _ in range(RUNS):
        told = race(place, place)
        (served,) = [order for order in told if isinstance(order, int)]
        (refused,) = [refusal for refusal in told if isinstance(refusal, OutOfStock)]
        assert refused.message % refused.values
        with transaction(engine) as session:
            assert [n for n in ledger.balances(session, AccountKind.AVAILABLE).values() if n] == []
            orders.cancel(session, served, "cave", at=NOON)
    assert faults(engine) == []


def test_the_last_bottles_of_a_reception_are_sorted_once(engine: Engine, cast: Cast, race):
    with transaction(engine) as session:
        route = build.reception(session, cast, crates=1).id or 0

    def sort(session: Session) -> int:
        return len(batches.sort(session, route, {"jura75": 12}, {}, cast.washer.person, finished=False, at=NOON))

    for n in range(RUNS):
        told = race(sort, sort)
        assert sorted(type(one).__name__ for one in told) == ["Invalid", "int"]
        with transaction(engine) as session:
            more = cast.count(Move.RECEIVE, "crate12", n + 2, route=route, device="tablet", at=NOON + timedelta(minutes=n))
            intake.record(session, more, cast.washer, at=LATER)
    assert faults(engine) == []


def test_the_last_sorted_bottles_are_washed_once(engine: Engine, cast: Cast, race):
    with transaction(engine) as session:
        route = build.reception(session, cast, crates=RUNS).id or 0

    def wash(line: str, session: Session) -> int:
        takes = {"jura75": 12}
        run = batches.start_wash(session, build.CENTRE, "standard", line, takes, cast.washer.person, at=NOON)
        return run.id or 0

    for n in range(RUNS):
        with transaction(engine) as session:
            batches.sort(session, route, {"jura75": 12}, {}, cast.washer.person, finished=False, at=NOON)
        told = race(partial(wash, "line 1"), partial(wash, "line 2"))
        assert sorted(type(one).__name__ for one in told) == ["OutOfStock", "int"]
        with transaction(engine) as session:
            batches.finish_wash(session, next(run for run in told if isinstance(run, int)), build.GOOD_READINGS, at=NOON)
    assert faults(engine) == []


def test_a_lot_that_two_people_inspect_is_released_once(engine: Engine, cast: Cast, race):
    with transaction(engine) as session:
        route = build.reception(session, cast, crates=RUNS).id or 0
        batches.sort(session, route, {"jura75": 12 * RUNS}, {}, cast.washer.person, finished=True, at=NOON)
        lots = []
        for n in range(RUNS):
            run = batches.start_wash(session, build.CENTRE, "standard", f"{n}", {"jura75": 12}, cast.washer.person, at=NOON)
            batches.finish_wash(session, run.id or 0, build.GOOD_READINGS, at=NOON)
            lots += [lot.id for lot in batches.lots_of(session, run.id or 0)]

    def inspect(lot: int, session: Session) -> int:
        within = timedelta(days=30)
        who = cast.washer.person
        return batches.inspect(session, lot, {}, who, use_within=within, zone="Europe/Paris", at=NOON).accepted

    told = [race(*[partial(inspect, lot)] * 2) for lot in lots]

    assert [sum(isinstance(answer, Refusal) for answer in pair) for pair in told] == [1] * RUNS
    assert faults(engine) == []


def test_an_order_cancelled_while_it_is_delivered_ends_in_one_of_both(engine: Engine, cast: Cast, race):
    with transaction(engine) as session:
        build.lot(session, cast, bottles=12 * RUNS)
        placed = [
            orders.place(
                session,
                "cave",
                "cellar",
                {"jura75": 12},
                cast.winemaker.person,
                due=build.TUESDAY,
                crate_type="crate12",
                at=NOON,
            ).id
            for _ in range(RUNS)
        ]
        tasks = {task.order: task.id for task in routes.gather(session, at=NOON)}

    def cancel(order: int, session: Session) -> int:
        return orders.cancel(session, order, "cave", at=NOON).id or 0

    for order in placed:
        told = race(telling(cast.driver, cast.count(Move.DELIVER, "jura75", 12, task=tasks[order])), partial(cancel, order))
        assert isinstance(told[0], list), told

    with transaction(engine) as session:
        delivered = select(ledger.Account.quantity).where(col(ledger.Account.kind) == AccountKind.CUSTOMER)
        assert sum(session.exec(delivered)) == 12 * RUNS
    assert faults(engine) == []
