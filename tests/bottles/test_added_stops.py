"""A stop that nobody planned: what is scanned and counted there moves between the point and the van, whatever comes first."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import Session, select

from bottles import audit, crates, disputes, hauls, intake, ledger
from bottles.batches import LotEdge, Reception
from bottles.catalogue import UNSORTED
from bottles.crates import CrateState, Move
from bottles.db import find
from bottles.disputes import DisputeKind
from bottles.events import EventKind, Receipt
from bottles.hauls import AddedLine, AddedStop
from bottles.ledger import AccountKind
from bottles.pickups import Pickup, PickupStatus
from bottles.routes import Outcome, Route, Task, Visit
from bottles.wire import NewEvent
from tests import build
from tests.build import NOON, Cast


@pytest.fixture
def task(session: Session, cast: Cast) -> Task:
    return build.pickup(session, cast, take=8)


@pytest.fixture
def route(session: Session, cast: Cast, task: Task) -> Route:
    return build.route_of(session, build.plan(session, cast, [task]))


def here(route: Route, point: str = "shop") -> dict[str, object]:
    return {"route": route.id, "plan_version": route.plan, "point": point, "holder": "van-1"}


def tell(session: Session, cast: Cast, *news: NewEvent) -> None:
    for new in news:
        assert intake.record(session, new, cast.driver, at=NOON + timedelta(hours=4)) is Receipt.KEPT
    session.flush()


def on_hand(session: Session, kind: AccountKind, holder: str, item: str = "crate12") -> int:
    return ledger.on_hand(session, kind, holder, item)


def test_unlabelled_crates_of_an_added_stop_go_from_the_point_to_the_van_with_full_bottles(session, cast, route):
    tell(session, cast, cast.count(Move.COLLECT, "crate12", 5, **here(route)))

    assert on_hand(session, AccountKind.POINT, "shop") == -5
    assert on_hand(session, AccountKind.VAN, "van-1") == 5
    assert on_hand(session, AccountKind.VAN, "van-1", UNSORTED) == 60


def test_empties_left_at_an_added_stop_come_from_the_centre_through_the_van(session, cast, route):
    tell(session, cast, cast.count(Move.DROP, "crate12", 4, **here(route)))

    assert on_hand(session, AccountKind.POINT, "shop") == 4
    assert on_hand(session, AccountKind.VAN, "van-1") == 0
    assert on_hand(session, AccountKind.CLEAN, build.CENTRE) == -4


def test_a_count_at_an_added_stop_is_the_total_of_labelled_and_unlabelled_crates(session, cast, route):
    crate = crates.register(session, "crate12", 1)[0]

    tell(session, cast, cast.scan(crate, Move.COLLECT, **here(route)), cast.count(Move.COLLECT, "crate12", 3, **here(route)))

    assert crate.state is CrateState.ABOARD
    assert on_hand(session, AccountKind.VAN, "van-1") == 3
    line = session.exec(select(AddedLine)).one()
    assert (line.quantity, line.scanned) == (3, 1)


def test_fewer_counted_than_scanned_at_an_added_stop_waits_for_a_person(session, cast, route):
    labelled = crates.register(session, "crate12", 2)
    count = cast.count(Move.COLLECT, "crate12", 1, **here(route))

    tell(session, cast, *(cast.scan(crate, Move.COLLECT, **here(route)) for crate in labelled), count)

    odd = [dispute for dispute in disputes.open_ones(session) if dispute.kind is DisputeKind.COUNT_BELOW_SCANS]
    assert [dispute.subject for dispute in odd] == [f"visit:route-{route.id}/shop"]


def test_an_added_stop_tells_how_it_ended_and_when_it_began(session, cast, route):
    later = NOON + timedelta(minutes=9)
    reached = cast.event(EventKind.STOP_REACHED, **here(route))
    ended = cast.event(EventKind.STOP_PARTLY, reason="van-full", at=later, **here(route))

    tell(session, cast, ended, reached)

    (stop,) = hauls.added(session, route.id or 0)
    assert (stop.outcome, stop.reason, stop.began, stop.at) == (Outcome.PARTLY, "van-full", NOON, later)


@pytest.mark.parametrize("is_planned", [True, False])
def test_who_comes_with_another_phone_after_a_stop_was_ended_opens_it_not(session, cast, route, task, is_planned):
    place = {"task": task.id, "plan_version": route.plan} if is_planned else here(route)
    missed = cast.event(EventKind.STOP_MISSED, **place, reason="closed")
    late = cast.event(EventKind.STOP_REACHED, at=NOON + timedelta(hours=1), **place)

    tell(session, cast, missed, late)

    stop = find(session, Visit, (task.id, route.plan)) if is_planned else find(session, AddedStop, (route.id, "shop"))
    assert (stop.outcome, stop.reason) == (Outcome.MISSED, "closed")


def test_added_stops_are_listed_as_they_happened(session, cast, route):
    first = cast.event(EventKind.STOP_ADDED, **here(route, "shop"))
    second = cast.event(EventKind.STOP_ADDED, at=NOON + timedelta(minutes=30), **here(route, "cellar"))

    tell(session, cast, second, first)

    assert [stop.point for stop in hauls.added(session, route.id or 0)] == ["shop", "cellar"]


def test_an_added_stop_taken_back_whole_leaves_nothing(session, cast, route):
    added, count = (
        cast.event(EventKind.STOP_ADDED, **here(route)),
        cast.count(Move.COLLECT, "crate12", 5, **here(route)),
    )
    tell(session, cast, added, count)

    tell(session, cast, cast.undo(count), cast.undo(added))

    assert session.exec(select(AddedStop)).all() == session.exec(select(AddedLine)).all() == []
    assert on_hand(session, AccountKind.VAN, "van-1") == on_hand(session, AccountKind.POINT, "shop") == 0


def test_what_is_open_at_the_point_stays_open(session, cast, route, task):
    tell(session, cast, cast.count(Move.COLLECT, "crate12", 8, **here(route, "cellar")))
    tell(session, cast, cast.event(EventKind.STOP_DONE, **here(route, "cellar")))

    assert find(session, Pickup, task.pickup).status is PickupStatus.OPEN


def test_loading_and_reception_of_a_route_are_no_added_stop(session, cast, route):
    crate = crates.register(session, "crate12", 1)[0]

    tell(session, cast, cast.scan(crate, Move.LOAD, route=route.id, point=build.CENTRE, holder="van-1"))

    assert session.exec(select(AddedStop)).all() == []


def test_reception_expects_what_an_added_stop_brought(session, cast, route, task):
    visit = {"task": task.id, "plan_version": route.plan, "point": "cellar", "holder": "van-1"}
    tell(session, cast, cast.count(Move.COLLECT, "crate12", 8, **visit), cast.count(Move.COLLECT, "crate12", 2, **here(route)))

    received = cast.count(Move.RECEIVE, "crate12", 10, route=route.id, device="tablet")
    intake.record(session, received, cast.washer, at=NOON)
    session.flush()

    assert [d for d in disputes.open_ones(session) if d.kind is DisputeKind.RECEPTION_DIFFERENCE] == []
    assert on_hand(session, AccountKind.VAN, "van-1") == 0
    edges = {edge.parent: edge.quantity for edge in session.exec(select(LotEdge))}
    assert edges == {"point:cellar": 96, "point:shop": 24}


def test_what_an_added_stop_brought_may_be_told_after_the_reception(session, cast, route):
    received = cast.count(Move.RECEIVE, "crate12", 2, route=route.id, device="tablet")
    intake.record(session, received, cast.washer, at=NOON)
    assert [d.kind for d in disputes.open_ones(session)].count(DisputeKind.RECEPTION_DIFFERENCE) == 1

    tell(session, cast, cast.count(Move.COLLECT, "crate12", 2, **here(route)))

    assert [d for d in disputes.open_ones(session) if d.kind is DisputeKind.RECEPTION_DIFFERENCE] == []
    assert find(session, Reception, route.id).bottles == 24


def test_the_acts_of_an_added_stop_may_come_in_every_order(session, cast, route):
    crate = crates.register(session, "crate12", 1)[0]
    count = cast.count(Move.COLLECT, "crate12", 3, **here(route))
    scan = cast.scan(crate, Move.COLLECT, at=NOON + timedelta(minutes=1), **here(route))
    news = [count, scan, cast.undo(count, at=NOON + timedelta(minutes=2)), cast.event(EventKind.STOP_DONE, **here(route))]
    found = set()
    for order in permutations(news):
        with session.begin_nested() as trial:
            tell(session, cast, *order)
            assert [check.faults for check in audit.audit(session) if check.faults] == []
            stop = hauls.added(session, route.id or 0)[0]
            found.add(
                (
                    stop.outcome,
                    stop.began,
                    on_hand(session, AccountKind.VAN, "van-1"),
                    on_hand(session, AccountKind.POINT, "shop"),
                )
            )
            trial.rollback()
        session.expire_all()

    # a new crate with a label comes from outside: nobody had it before
    assert found == {(Outcome.DONE, NOON, 1, 0)}
