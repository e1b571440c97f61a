"""Two people are at one stop, one reception or the last bottles in the same moment, fifty times: it adds up every time."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from bottles import batches, intake, ledger, orders, routes
from bottles.crates import Move
from bottles.db import transaction
from bottles.errors import OutOfStock, Refusal
from bottles.events import Event, EventKind
from bottles.ledger import AccountKind
from tests import build
from tests.bottles.races import *  # noqa: F403  # fixtures are found by their names
from tests.bottles.races import LATER, RUNS, faults, labelled, telling, visits
from tests.build import NOON, Cast

pytestmark = pytest.mark.slow


# -- stops and receptions


def test_two_phones_at_one_stop_both_count(engine: Engine, cast: Cast, race):
    stops = visits(engine, cast)

    for stop in stops:
        visit = {"task": stop["task"], "plan_version": stop["plan_version"], "holder": "van-1"}
        # with its rows there already, no unique key keeps the two apart
        with transaction(engine) as session:
            intake.record(session, cast.event(EventKind.STOP_REACHED, **visit), cast.driver, at=NOON)
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
            # with its row there already, no unique key keeps the two apart
            intake.record(
                session, cast.count(Move.RECEIVE, "crate12", 1, route=stop["route"], device="tablet"), cast.washer, at=NOON
            )

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

    for _ in range(RUNS):
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
