"""Who holds how many, since when; what a stop finds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session

from bottles import holdings, intake, ledger
from bottles.crates import Move, register
from bottles.events import EventKind
from bottles.holdings import Holding, Seen, When
from bottles.ledger import AccountKind, Key, Posting
from tests import build
from tests.build import CENTRE, NOON, Cast

CLEAN = Key(AccountKind.CLEAN, "centre", "crate12")
CELLAR = Key(AccountKind.POINT, "cellar", "crate12")
SHOP = Key(AccountKind.POINT, "shop", "crate12")
VAN = Key(AccountKind.VAN, "van-1", "crate12")


def days_ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def move(
    session: Session, source: Key, target: Key, quantity: int, at: datetime, cause: str = "", known_at: datetime | None = None
) -> None:
    cause = cause or f"move:{source.holder}:{target.holder}:{at.isoformat()}"
    ledger.post(session, [Posting(source, target, quantity, cause, at)], known_at=known_at or at)


def one(session: Session, key: Key = CELLAR, **more: object) -> Holding:
    more.setdefault("at", NOON)
    (found,) = holdings.balances(session, kinds=[key.kind], holders=[key.holder], item=key.item, **more)
    return found


# -- balances


def test_each_holder_is_told_with_what_they_have(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(3))
    move(session, CLEAN, SHOP, 2, days_ago(2))

    found = {(row.kind, row.holder, row.item): row.quantity for row in holdings.balances(session, at=NOON)}

    assert found == {CELLAR[:3]: 5, SHOP[:3]: 2, CLEAN[:3]: -7}


def test_an_empty_account_and_what_left_the_loop_are_not_told(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(3))
    move(session, CELLAR, Key(AccountKind.OUTSIDE, "", "crate12"), 5, days_ago(1))

    assert [row.kind for row in holdings.balances(session, at=NOON)] == [AccountKind.CLEAN]


def test_lots_and_orders_of_one_type_are_added_up(session: Session):
    for lot, days in ((1, 50), (2, 10)):
        shelf = Key(AccountKind.AVAILABLE, "centre", "jura75", lot)
        move(session, Key(AccountKind.OUTSIDE, "", "jura75"), shelf, 100, days_ago(days))

    found = one(session, Key(AccountKind.AVAILABLE, "centre", "jura75"))

    assert (found.quantity, found.ages, found.oldest) == (200, (100, 100, 0, 0), days_ago(50))


def test_a_balance_is_told_as_of_a_past_time_and_as_known_at_one(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(10))
    move(session, CLEAN, CELLAR, 3, days_ago(8), known_at=days_ago(2))

    assert one(session).quantity == 8
    assert one(session, when=When(as_of=days_ago(9))).quantity == 5
    assert one(session, when=When(known_at=days_ago(3))).quantity == 5
    assert one(session, when=When(as_of=days_ago(8), known_at=days_ago(2))).quantity == 8
    assert holdings.balances(session, holders=["cellar"], when=When(as_of=days_ago(11)), at=NOON) == []


# -- ages


def test_what_is_held_is_taken_to_be_what_came_last(session: Session):
    for days, quantity in ((100, 10), (45, 4), (5, 3)):
        move(session, CLEAN, CELLAR, quantity, days_ago(days))
    move(session, CELLAR, VAN, 8, days_ago(1))

    found = one(session)

    assert (found.quantity, found.ages, found.oldest) == (9, (3, 4, 0, 2), days_ago(100))


@pytest.mark.parametrize(("days", "bracket"), [(30.5, 0), (31.5, 1), (60.5, 1), (61.5, 2), (90.5, 2), (91.5, 3)])
def test_a_bracket_counts_whole_days(session: Session, days: float, bracket: int):
    move(session, CLEAN, CELLAR, 1, days_ago(days))

    assert one(session).ages.index(1) == bracket


def test_ages_count_back_from_the_time_the_balance_is_told_for(session: Session):
    move(session, CLEAN, CELLAR, 6, days_ago(100))

    assert one(session).ages == (0, 0, 0, 6)
    assert one(session, when=When(as_of=days_ago(60))).ages == (0, 6, 0, 0)


def test_brackets_may_be_others(session: Session):
    move(session, CLEAN, CELLAR, 6, days_ago(10))

    assert one(session, brackets=(7, 14)).ages == (0, 6, 0)


def test_more_left_than_came_has_no_age(session: Session):
    move(session, CELLAR, VAN, 3, days_ago(1))
    move(session, CLEAN, CELLAR, 1, days_ago(1))

    found = one(session)

    assert (found.quantity, found.ages, found.oldest) == (-2, (0, 0, 0, 0), None)


def test_a_corrected_count_is_no_arrival(session: Session):
    move(session, CLEAN, CELLAR, 10, days_ago(80))
    for collected in (8, 3):
        flow = [Posting(CELLAR, VAN, collected, "visit", days_ago(5))]
        ledger.bring(session, flow, "visit", known_at=NOON)

    assert one(session).ages == (0, 0, 7, 0)


def test_what_a_stop_leaves_is_new_though_it_takes_more(session: Session):
    move(session, CLEAN, CELLAR, 10, days_ago(80))
    visit = [
        Posting(VAN, CELLAR, 4, "visit", days_ago(5), event="left"),
        Posting(CELLAR, VAN, 8, "visit", days_ago(5), event="taken"),
    ]
    ledger.bring(session, visit, "visit", known_at=NOON)

    assert one(session).ages == (4, 0, 2, 0)


def test_a_labelled_crate_has_its_own_age_and_the_others_share_the_rest(session: Session):
    move(session, CLEAN, CELLAR, 1, days_ago(80), cause="crate:J000001X")
    move(session, CLEAN, CELLAR, 4, days_ago(70))
    move(session, CLEAN, CELLAR, 2, days_ago(5))
    move(session, CELLAR, VAN, 5, days_ago(1))

    assert one(session).ages == (1, 0, 1, 0)


def test_a_labelled_crate_that_left_and_came_back_is_as_old_as_its_last_arrival(session: Session):
    for days, source, target in ((80, CLEAN, CELLAR), (40, CELLAR, VAN), (2, VAN, CELLAR)):
        move(session, source, target, 1, days_ago(days), cause="crate:J000001X")

    assert one(session).ages == one(session, is_deep=False).ages == (1, 0, 0, 0)


def test_a_labelled_crate_that_left_leaves_the_others_their_ages(session: Session):
    move(session, CLEAN, CELLAR, 2, days_ago(50))
    move(session, CLEAN, CELLAR, 1, days_ago(9), cause="crate:J000001X")
    move(session, CELLAR, VAN, 1, days_ago(3), cause="crate:J000001X")

    assert one(session).ages == (0, 2, 0, 0)


def test_a_look_no_further_than_the_last_bracket_gives_the_same_ages_but_not_the_oldest(session: Session):
    seed = 20261122
    random = Random(seed)
    for number in range(60):
        source, target = random.choice([(CLEAN, CELLAR), (CLEAN, CELLAR), (CELLAR, VAN)])
        cause = f"crate:{number % 7}" if number % 3 else f"visit:{number}"
        move(session, source, target, random.randint(1, 4), days_ago(random.uniform(0, 150)), cause, known_at=NOON)

    deep, near = one(session), one(session, is_deep=False)

    assert near.ages == deep.ages, seed
    assert sum(deep.ages) == max(0, deep.quantity), seed
    assert near.oldest == (None if deep.ages[-1] else deep.oldest), seed


# -- the statement


def test_a_statement_tells_each_movement_with_the_balance_after_it(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(9), cause="a")
    move(session, CELLAR, VAN, 2, days_ago(4), cause="b")
    move(session, CLEAN, CELLAR, 1, days_ago(6), cause="late", known_at=NOON)

    told = holdings.movements(session, *CELLAR[:3])

    assert [(m.cause, m.quantity, m.balance) for m in told] == [("b", -2, 4), ("late", 1, 6), ("a", 5, 5)]
    assert (told[0].kind, told[0].holder, told[1].known_at) == (AccountKind.VAN, "van-1", NOON)


def test_a_statement_tells_what_was_known_then(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(9), cause="a")
    move(session, CLEAN, CELLAR, 1, days_ago(6), cause="late", known_at=NOON)

    told = holdings.movements(session, *CELLAR[:3], when=When(known_at=days_ago(1)))

    assert [m.cause for m in told] == ["a"]


def test_a_statement_tells_a_correction_within_what_it_corrects(session: Session):
    for collected in (8, 3):
        flow = [Posting(CELLAR, VAN, collected, "visit", days_ago(5))]
        ledger.bring(session, flow, "visit", known_at=NOON)

    assert [(m.cause, m.quantity) for m in holdings.movements(session, *CELLAR[:3])] == [("visit", -3)]


def test_a_statement_does_not_tell_what_was_taken_back(session: Session):
    ledger.bring(session, [Posting(CELLAR, VAN, 8, "visit", days_ago(5))], "visit", known_at=NOON)
    ledger.bring(session, [], "visit", known_at=NOON)

    assert holdings.movements(session, *CELLAR[:3]) == []


def test_a_long_statement_is_read_page_by_page(session: Session):
    for days in range(5):
        move(session, CLEAN, CELLAR, 1, days_ago(days), cause=f"day-{days}")

    pages: Sequence[Sequence[str]] = [
        [m.cause for m in holdings.movements(session, *CELLAR[:3], most=2, skip=skip)] for skip in (0, 2, 4)
    ]

    assert pages == [["day-0", "day-1"], ["day-2", "day-3"], ["day-4"]]


# -- what a stop finds


def test_a_stop_is_compared_with_what_we_believed_before_it_began(session: Session, cast: Cast):
    move(session, Key(AccountKind.CLEAN, CENTRE, "crate12"), CELLAR, 6, days_ago(3))
    task = build.pickup(session, cast, take=8, leave=0)
    plan = build.plan(session, cast, [task])
    (crate,) = register(session, "crate12", 1)
    visit = {"task": task.id, "plan_version": plan.id, "point": "cellar", "holder": "van-1"}
    for event in (
        cast.scan(crate, Move.COLLECT, **visit),
        cast.count(Move.COLLECT, "crate12", 8, at=NOON + timedelta(minutes=5), **visit),
        cast.event(EventKind.STOP_DONE, at=NOON + timedelta(minutes=6), **visit),
    ):
        intake.record(session, event, cast.driver, at=NOON)

    (match,) = holdings.reconcile(session, "cellar", {"crate12": Seen(8, 1, 8)}, began=NOON)

    assert (match.believed, match.total, match.unlabelled, match.difference) == (6, 8, 7, 2)


@pytest.mark.parametrize(("seen", "difference", "unlabelled"), [(Seen(8, 3), -1, 0), (Seen(8, 3, 2), -2, 0), (Seen(), -4, 0)])
def test_scans_alone_count_and_a_count_overrules_them(session: Session, seen: Seen, difference: int, unlabelled: int):
    move(session, CLEAN, CELLAR, 4, days_ago(1))

    (match,) = holdings.reconcile(session, "cellar", {"crate12": seen}, began=NOON)

    assert (match.difference, match.unlabelled) == (difference, unlabelled)


def test_an_older_act_that_reaches_us_late_mends_the_difference(session: Session):
    move(session, CLEAN, CELLAR, 5, days_ago(2))
    move(session, CELLAR, VAN, 8, NOON, cause="visit")
    move(session, CLEAN, CELLAR, 3, days_ago(1), known_at=NOON + timedelta(days=1))

    (match,) = holdings.reconcile(session, "cellar", {"crate12": Seen(8, 0, 8)}, began=NOON)

    assert match.difference == 0
