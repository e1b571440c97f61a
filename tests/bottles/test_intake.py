"""What reaches us is held, once, with a receipt; what it adds up to does not depend on when it reached us."""

import hashlib
import json
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import Session, SQLModel, select

from bottles import audit, crates, intake, ledger, pickups, routes, wire
from bottles.aside import SetAside
from bottles.crates import CrateState, Move
from bottles.db import transaction
from bottles.disputes import Dispute, DisputeKind, DisputeStatus, open_ones
from bottles.errors import Invalid
from bottles.events import Event, EventKind, Receipt
from bottles.intake import Author
from bottles.ledger import AccountKind
from bottles.pickups import PickupStatus
from bottles.routes import Outcome, Visit
from bottles.wire import NewEvent
from tests import build
from tests.build import NOON, Cast


def test_an_event_sent_twice_moves_the_crate_once(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    scan = cast.scan(crate, Move.DROP)

    first = intake.record(session, scan, cast.driver, at=NOON)
    again = intake.record(session, scan, cast.driver, at=NOON + timedelta(minutes=1))

    assert (first, again) == (Receipt.KEPT, Receipt.ALREADY_KNOWN)
    assert ledger.on_hand(session, AccountKind.POINT, "cellar", "crate12") == 1


def test_a_body_is_told_from_others_by_its_canonical_form(cast: Cast):
    said = {
        **json.loads(intake.made(cast.event(EventKind.NOTE, note="été “7”")).body),
        "newer": {"b": [1.50, None], "a": "\ud800"},
    }
    turned = json.dumps(dict(reversed(said.items())), indent=2).encode()
    torn = turned[:-1]

    whole, unreadable = intake.unpack([turned, torn])

    assert whole.digest == hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    assert unreadable.digest == hashlib.sha256(torn).hexdigest()
    assert isinstance(whole.new, NewEvent)
    assert isinstance(unreadable.new, intake.Unreadable)


def test_how_deep_an_event_may_nest_does_not_hang_on_who_reads_it(cast: Cast):
    flat = json.loads(intake.made(cast.event(EventKind.NOTE, note="[{" * 900)).body)
    at_most, deeper, far = (
        json.dumps(flat | {"more": "DEEP"}).replace('"DEEP"', "[" * deep + "]" * deep).encode() for deep in (59, 60, 930)
    )

    here = intake.unpack([at_most, deeper, far])
    below = _from_far_down(lambda: intake.unpack([at_most, deeper, far]), 200)

    assert [type(one.new) for one in here] == [type(one.new) for one in below] == [NewEvent, *[intake.Unreadable] * 2]
    assert [one.digest for one in here] == [one.digest for one in below]
    assert all("more than 60 deep" in str(one.new.refusal) for one in here[1:] if isinstance(one.new, intake.Unreadable))


def _from_far_down(ask: Callable[[], list[intake.Arrived]], frames: int) -> list[intake.Arrived]:
    return _from_far_down(ask, frames - 1) if frames else ask()


def test_the_same_id_with_another_body_is_set_aside_and_the_first_stands(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)
    scan = cast.scan(crate, Move.DROP)
    intake.record(session, scan, cast.driver, at=NOON)

    forged = scan.model_copy(update={"move": Move.LOSE})
    (answer,) = intake.record_all(session, [forged], cast.driver, at=NOON)

    assert answer.receipt is Receipt.CONFLICT
    assert crate.state is CrateState.OUT
    assert session.exec(select(SetAside.event_id)).all() == [scan.id]


def test_one_bad_event_never_spoils_the_others(session: Session, cast: Cast):
    good, bad = crates.register(session, "crate12", 2)
    news = [cast.scan(good, Move.DROP), cast.scan(bad, Move.COLLECT, holder=None), cast.scan(bad, Move.DROP)]

    answers = intake.record_all(session, news, cast.driver, at=NOON)

    assert [answer.receipt for answer in answers] == [Receipt.KEPT, Receipt.INVALID, Receipt.KEPT]
    assert "must say its holder" in str(answers[1].refusal)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"kind": EventKind.SCAN, "crate": "J", "move": "fly"}, "not a move"),
        ({"kind": EventKind.STOP_DONE, "task": 999}, "does not exist"),
        ({"kind": EventKind.STOP_MISSED, "task": None}, "must say its task"),
        ({"kind": EventKind.STOP_DONE, "route": 1}, "must say its task"),
        ({"kind": EventKind.PHOTO}, "must say its photo"),
        ({"kind": EventKind.SIGNATURE, "photo": "0" * 64}, "must say its note"),
        ({"kind": EventKind.STOP_ADDED, "point": "cellar"}, "must say its route"),
        ({"kind": EventKind.ROUTE_CLOSED, "note": "x"}, "must say its route"),
        ({"kind": EventKind.COUNT, "move": "collect", "item": "crate12"}, "must say its quantity"),
        ({"kind": EventKind.SETTLE, "crate": "J", "state": "out"}, "role"),
        ({"kind": EventKind.SCAN, "crate": "J", "move": "wash"}, "role"),
    ],
)
def test_what_has_a_bad_form_is_kept_aside_with_a_sentence(session: Session, cast: Cast, facts: dict[str, object], says: str):
    (answer,) = intake.record_all(session, [cast.event(**facts)], cast.driver, at=NOON)

    assert answer.receipt is Receipt.INVALID
    assert says in str(answer.refusal)
    assert session.exec(select(SetAside.receipt)).all() == [Receipt.INVALID]


@pytest.mark.parametrize("kind", [k for k in EventKind if str(k).startswith("stop_")])
def test_a_stop_that_nobody_planned_says_its_route_and_its_point(session: Session, cast: Cast, kind: EventKind):
    planned = build.plan(session, cast, [build.pickup(session, cast)])
    route = build.route_of(session, planned).id
    told = cast.event(kind, route=route, point="cellar", plan_version=planned.id, holder="van-1", reason="full")

    (answer,) = intake.record_all(session, [told], cast.driver, at=NOON)

    assert answer.receipt is Receipt.KEPT


def test_those_without_a_part_in_the_work_record_nothing(session: Session, cast: Cast):
    (answer,) = intake.record_all(session, [cast.event(EventKind.NOTE, note="hello")], cast.winemaker, at=NOON)

    assert answer.receipt is Receipt.INVALID


def test_a_time_far_ahead_is_kept_and_flagged(session: Session, cast: Cast):
    (crate,) = crates.register(session, "crate12", 1)

    intake.record(session, cast.scan(crate, Move.DROP, at=NOON + timedelta(days=365)), cast.driver, at=NOON)

    assert session.exec(select(Event.future)).all() == [True]


def visit_of(session: Session, cast: Cast, take: int = 8) -> dict[str, object]:
    task = build.pickup(session, cast, take=take, leave=0)
    plan = build.plan(session, cast, [task])
    return {"task": task.id, "plan_version": plan.id, "point": "cellar", "holder": "van-1"}


def test_the_count_is_the_total_and_the_rest_is_unlabelled(session: Session, cast: Cast):
    visit, labelled = visit_of(session, cast), crates.register(session, "crate12", 3)

    news = [cast.scan(crate, Move.COLLECT, **visit) for crate in labelled]
    intake.record_all(session, [*news, cast.count(Move.COLLECT, "crate12", 8, **visit)], cast.driver, at=NOON)

    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "crate12") == 8
    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "unsorted") == 96
    assert ledger.on_hand(session, AccountKind.OUTSIDE, "cellar", "unsorted") == -96


def test_a_later_count_takes_the_place_of_an_earlier_one(session: Session, cast: Cast):
    visit = visit_of(session, cast)

    for minutes, counted in ((0, 8), (5, 6)):
        when = NOON + timedelta(minutes=minutes)
        intake.record(session, cast.count(Move.COLLECT, "crate12", counted, at=when, **visit), cast.driver, at=when)

    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "crate12") == 6
    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "unsorted") == 72


def test_a_count_below_the_scans_is_a_dispute(session: Session, cast: Cast):
    visit, labelled = visit_of(session, cast), crates.register(session, "crate12", 3)

    news = [cast.scan(crate, Move.COLLECT, **visit) for crate in labelled]
    intake.record_all(session, [*news, cast.count(Move.COLLECT, "crate12", 2, **visit)], cast.driver, at=NOON)

    assert DisputeKind.COUNT_BELOW_SCANS in {dispute.kind for dispute in open_ones(session)}


def test_an_undone_end_reopens_the_pickup(session: Session, cast: Cast):
    visit = visit_of(session, cast)
    pickup = session.exec(select(pickups.Pickup)).one()
    done = cast.event(EventKind.STOP_DONE, task=visit["task"], plan_version=visit["plan_version"])
    intake.record(session, done, cast.driver, at=NOON)
    assert pickup.status is PickupStatus.DONE

    intake.record(session, cast.undo(done), cast.driver, at=NOON)

    assert pickup.status is PickupStatus.OPEN


def test_what_is_partly_done_asks_for_the_rest_the_next_day(session: Session, cast: Cast):
    visit = visit_of(session, cast, take=8)
    ended = cast.event(EventKind.STOP_PARTLY, task=visit["task"], plan_version=visit["plan_version"], reason="full")
    intake.record_all(session, [cast.count(Move.COLLECT, "crate12", 5, **visit), ended], cast.driver, at=NOON)

    (task,) = routes.gather(session, at=NOON)

    assert routes.loads(session, [task])[task.id].take == {"crate12": 3}


def test_a_missed_stop_keeps_its_reason_and_stays_open(session: Session, cast: Cast):
    visit = visit_of(session, cast)
    missed = cast.event(EventKind.STOP_MISSED, task=visit["task"], plan_version=visit["plan_version"], reason="closed")

    intake.record(session, missed, cast.driver, at=NOON)

    row = session.get(Visit, (visit["task"], visit["plan_version"]))
    assert (row.outcome, row.reason) == (Outcome.MISSED, "closed")
    assert len(routes.open_tasks(session)) == 1


def test_an_event_under_an_older_plan_version_still_counts_for_its_task(session: Session, cast: Cast):
    task = build.pickup(session, cast, take=8, leave=0)
    seen = build.plan(session, cast, [task])
    build.plan(session, cast, [task])

    visit = {"task": task.id, "plan_version": seen.id, "point": "cellar", "holder": "van-1"}
    done = cast.event(EventKind.STOP_DONE, task=task.id, plan_version=seen.id)
    intake.record_all(session, [cast.count(Move.COLLECT, "crate12", 8, **visit), done], cast.driver, at=NOON)

    assert session.exec(select(pickups.Pickup)).one().status is PickupStatus.DONE


def test_a_reception_below_the_drivers_count_is_a_dispute_and_the_van_is_empty(session: Session, cast: Cast):
    visit = visit_of(session, cast)
    intake.record(session, cast.count(Move.COLLECT, "crate12", 8, **visit), cast.driver, at=NOON)
    route = routes.route_of(session, visit["task"], visit["plan_version"])

    intake.record(session, cast.count(Move.RECEIVE, "crate12", 7, route=route), cast.washer, at=NOON)

    told = [d.values for d in open_ones(session) if d.kind is DisputeKind.RECEPTION_DIFFERENCE]
    assert told == [{"received": 7, "expected": 8, "item": "crate12"}]
    assert ledger.balances(session, AccountKind.VAN) == {}
    assert ledger.on_hand(session, AccountKind.UNEXPLAINED, build.CENTRE, "unsorted") == 12


def test_a_reception_counted_right_later_closes_its_dispute(session: Session, cast: Cast):
    visit = visit_of(session, cast)
    intake.record(session, cast.count(Move.COLLECT, "crate12", 8, **visit), cast.driver, at=NOON)
    route = routes.route_of(session, visit["task"], visit["plan_version"])
    intake.record(session, cast.count(Move.RECEIVE, "crate12", 7, route=route), cast.washer, at=NOON)

    right = cast.count(Move.RECEIVE, "crate12", 8, route=route, at=NOON + timedelta(minutes=9))
    intake.record(session, right, cast.washer, at=NOON)

    closed = session.exec(select(Dispute.status).where(Dispute.kind == DisputeKind.RECEPTION_DIFFERENCE)).all()
    assert closed == [DisputeStatus.EXPLAINED]
    assert ledger.on_hand(session, AccountKind.UNEXPLAINED, build.CENTRE, "unsorted") == 0


def test_labels_collected_by_scan_and_received_by_count_are_not_counted_twice(session: Session, cast: Cast):
    visit, labelled = visit_of(session, cast), crates.register(session, "crate12", 8)
    intake.record_all(session, [cast.scan(crate, Move.COLLECT, **visit) for crate in labelled], cast.driver, at=NOON)
    route = routes.route_of(session, visit["task"], visit["plan_version"])

    intake.record(session, cast.count(Move.RECEIVE, "crate12", 8, route=route), cast.washer, at=NOON)
    later = NOON + timedelta(hours=2)
    washed = [cast.scan(crate, Move.WASH, at=later, device="tablet") for crate in labelled]
    intake.record_all(session, washed, cast.washer, at=later)

    assert ledger.on_hand(session, AccountKind.CLEAN, build.CENTRE, "crate12") == 8
    assert ledger.balances(session, AccountKind.VAN) == {}
    assert {d.kind for d in open_ones(session)} <= {DisputeKind.UNEXPECTED_MOVE}


def test_unlabelled_crates_that_are_washed_become_clean_until_it_is_undone(session: Session, cast: Cast):
    route = build.reception(session, cast, crates=10)
    assert route.vehicle == "van-1"
    washed = cast.count(Move.WASH, "crate12", 10, device="tablet")

    intake.record(session, washed, cast.washer, at=NOON)
    assert ledger.on_hand(session, AccountKind.CLEAN, build.CENTRE, "crate12") == 10

    intake.record(session, cast.undo(washed, device="tablet"), cast.washer, at=NOON)
    assert ledger.on_hand(session, AccountKind.CLEAN, build.CENTRE, "crate12") == 0


def picture(session: Session) -> tuple[object, ...]:
    """Return what must not depend on the order of arrival: crate states, observed balances, open disputes."""
    session.flush()
    states = {crate.code: (crate.state, crate.where, crate.holder) for crate in session.exec(select(crates.Crate))}
    disputes = sorted(dispute.key.split(":", 1)[0] for dispute in open_ones(session))
    balances = {key: n for key, n in ledger.balances(session).items() if key.kind not in ledger.GUARDED}
    return states, balances, disputes


def story(cast: Cast, labelled: list[crates.Crate], visit: dict[str, object], route: int) -> list[tuple[NewEvent, Author]]:
    """Tell a day from three devices, an undo and a correction among its events."""
    at = iter(NOON + timedelta(minutes=n) for n in range(60))
    slip = cast.scan(labelled[2], Move.COLLECT, at=next(at), **visit)
    first = cast.count(Move.COLLECT, "crate12", 9, at=next(at), **visit)
    return [
        (cast.scan(labelled[0], Move.COLLECT, at=next(at), **visit), cast.driver),
        (cast.scan(labelled[1], Move.COLLECT, at=next(at), device="phone-2", **visit), cast.driver),
        (slip, cast.driver),
        (cast.undo(slip), cast.driver),
        (first, cast.driver),
        (cast.count(Move.COLLECT, "crate12", 7, at=next(at), **visit), cast.driver),
        (cast.event(EventKind.STOP_DONE, at=next(at), task=visit["task"], plan_version=visit["plan_version"]), cast.driver),
        (cast.count(Move.RECEIVE, "crate12", 6, at=next(at), route=route, device="tablet"), cast.washer),
        (cast.scan(labelled[0], Move.WASH, at=next(at), device="tablet"), cast.washer),
    ]


def told(engine: Engine, order: Callable[[list[object]], list[object]]) -> tuple[object, ...]:
    """Live the story in one order of arrival, in an empty database, and return what it adds up to."""
    with transaction(engine) as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            session.execute(table.delete())
    with transaction(engine) as session:
        cast = build.cast(session)
        labelled = crates.register(session, "crate12", 3)
        visit = visit_of(session, cast)
        route = routes.route_of(session, visit["task"], visit["plan_version"])
        for event, author in order(story(cast, labelled, visit, route)):
            intake.record(session, event, author, at=NOON + timedelta(days=1))
        assert [check.faults for check in audit.audit(session) if check.faults] == []
        return picture(session)


@pytest.mark.slow
def test_any_order_of_arrival_adds_up_to_the_same(sqlite_engine: Engine):
    seed = 4217
    dice = random.Random(seed)
    expected = told(sqlite_engine, list)

    for _ in range(8):
        shuffled = told(sqlite_engine, lambda events: dice.sample(events, len(events)))
        assert shuffled == expected, f"seed {seed}"


def test_a_count_that_arrives_late_does_not_take_the_place_of_a_later_one(session: Session, cast: Cast):
    visit = visit_of(session, cast)
    first, last = (cast.count(Move.COLLECT, "crate12", n, at=NOON + timedelta(minutes=n), **visit) for n in (5, 7))

    for count in (last, first):
        intake.record(session, count, cast.driver, at=NOON + timedelta(days=1))

    assert ledger.on_hand(session, AccountKind.VAN, "van-1", "crate12") == 7


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_what_no_database_keeps_is_seen_however_it_is_written(encoding):
    with pytest.raises(Invalid, match="cannot be kept"):
        wire.parsed(r'{"note": "a\u0000b"}'.encode(encoding))
