"""Somebody counted what really stands there."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bottles import audit, disputes, holdings, ledger, stocktakes
from bottles.errors import Invalid
from bottles.holdings import When
from bottles.ledger import AccountKind, Key, Posting
from tests.build import NOON, Cast

CELLAR = Key(AccountKind.POINT, "cellar", "crate12")
CLEAN = Key(AccountKind.CLEAN, "centre", "crate12")
VAN = Key(AccountKind.VAN, "van-1", "crate12")
LOST = (AccountKind.UNEXPLAINED, "cellar", "crate12")


def hours_ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


def move(session: Session, source: Key, target: Key, quantity: int, at: datetime, *, known_at: datetime | None = None) -> None:
    posting = Posting(source, target, quantity, f"move:{at.isoformat()}", at)
    ledger.post(session, [posting], known_at=known_at or at)


def count(session: Session, cast: Cast, counted: int, **more: object) -> stocktakes.Stocktake:
    more.setdefault("at", NOON)
    return stocktakes.take_stock(session, CELLAR, counted, cast.coordinator.person, **more)


def held(session: Session, when: datetime) -> int:
    return holdings.quantities(session, holders=["cellar"], when=When(as_of=when))[CELLAR[:3]]


def faults(session: Session) -> list[str]:
    return [fault for check in audit.audit(session) for fault in check.faults]


def test_what_is_missing_becomes_unexplained(session: Session, cast: Cast):
    move(session, CLEAN, CELLAR, 10, hours_ago(5))

    count(session, cast, 7)

    assert ledger.on_hand(session, *CELLAR[:3]) == 7
    assert ledger.on_hand(session, *LOST) == 3


def test_a_count_that_agrees_is_kept_and_moves_nothing(session: Session, cast: Cast):
    move(session, CLEAN, CELLAR, 10, hours_ago(5))

    taken = count(session, cast, 10, note="Counted with the host")

    assert ledger.posted(session, taken.cause) == {}
    assert [(row.counted, row.note) for row in stocktakes.of_holder(session, *CELLAR[:2])] == [(10, "Counted with the host")]


def test_what_was_there_before_we_kept_books_explains_a_first_pickup(session: Session, cast: Cast):
    move(session, CELLAR, VAN, 8, hours_ago(5))
    assert [dispute.values["quantity"] for dispute in disputes.open_ones(session)] == [-8]

    count(session, cast, 8, opening=True, counted_at=hours_ago(24))

    assert disputes.open_ones(session) == []
    assert ledger.on_hand(session, *CELLAR[:3]) == 0
    assert held(session, hours_ago(6)) == 8
    assert faults(session) == []


def test_a_count_of_the_past_leaves_what_was_done_since(session: Session, cast: Cast):
    move(session, CLEAN, CELLAR, 10, hours_ago(5))
    move(session, CELLAR, VAN, 4, hours_ago(1))

    count(session, cast, 9, counted_at=hours_ago(3))

    assert ledger.on_hand(session, *CELLAR[:3]) == 5


@pytest.mark.parametrize("hours", [5, 3])
def test_an_act_until_then_that_comes_late_leaves_what_was_counted(session: Session, cast: Cast, hours: int):
    move(session, CLEAN, CELLAR, 10, hours_ago(9))
    count(session, cast, 7, counted_at=hours_ago(3))
    move(session, CELLAR, VAN, 3, hours_ago(hours), known_at=NOON)

    stocktakes.retake(session, ["cellar"], since=hours_ago(hours), known_at=NOON)

    assert ledger.on_hand(session, *CELLAR[:3]) == 7
    assert ledger.on_hand(session, *LOST) == 0
    assert faults(session) == []


def test_a_newer_act_does_not_touch_a_count(session: Session, cast: Cast):
    count(session, cast, 7, counted_at=hours_ago(3))
    move(session, CELLAR, VAN, 3, hours_ago(1))

    stocktakes.retake(session, ["cellar"], since=hours_ago(1), known_at=NOON)

    assert ledger.on_hand(session, *CELLAR[:3]) == 4


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_counts_written_down_in_any_order_give_one_balance(session: Session, cast: Cast, order: tuple[int, ...]):
    move(session, CLEAN, CELLAR, 10, hours_ago(9))
    counts = [(8, hours_ago(6)), (5, hours_ago(4)), (6, hours_ago(2))]

    for number in order:
        counted, when = counts[number]
        count(session, cast, counted, counted_at=when)

    assert [held(session, when) for _counted, when in counts] == [8, 5, 6]
    assert ledger.on_hand(session, *LOST) == 4


def test_of_two_counts_at_one_time_the_one_written_down_last_stands(session: Session, cast: Cast):
    for counted in (8, 5):
        count(session, cast, counted, counted_at=hours_ago(3))
    move(session, CLEAN, CELLAR, 2, hours_ago(5), known_at=NOON)

    posted = []
    for _again in range(3):
        stocktakes.retake(session, ["cellar"], since=hours_ago(5), known_at=NOON)
        posted.append(session.connection().scalar(sa.select(sa.func.count()).select_from(ledger.TRANSFER)))

    assert ledger.on_hand(session, *CELLAR[:3]) == 5
    assert len(set(posted)) == 1


@pytest.mark.parametrize(
    ("key", "counted", "when"),
    [
        (Key(AccountKind.AVAILABLE, "centre", "jura75", 1), 5, NOON),
        (Key(AccountKind.POINT, "cellar", "nothing"), 5, NOON),
        (CELLAR, -1, NOON),
        (CELLAR, 5, NOON + timedelta(seconds=1)),
    ],
)
def test_what_cannot_be_counted_is_refused(session: Session, cast: Cast, key: Key, counted: int, when: datetime):
    with pytest.raises(Invalid):
        stocktakes.take_stock(session, key, counted, cast.coordinator.person, counted_at=when, at=NOON)

    assert ledger.balances(session) == {}
