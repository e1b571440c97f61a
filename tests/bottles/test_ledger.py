"""Every bottle is somewhere, and nobody sells what is not there."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlmodel import Session

from bottles import audit, ledger, orders
from bottles.db import transaction
from bottles.disputes import open_ones
from bottles.errors import OutOfStock
from bottles.ledger import AccountKind, Key, Posting
from tests import build
from tests.build import NOON, TUESDAY, Cast

SORTED = Key(AccountKind.SORTED, "centre", "jura75")
OUTSIDE = Key(AccountKind.OUTSIDE, "", "jura75")
POINT = Key(AccountKind.POINT, "cellar", "crate12")
VAN = Key(AccountKind.VAN, "van-1", "crate12")


def move(source: Key, target: Key, quantity: int, cause: str = "test") -> Posting:
    return Posting(source, target, quantity, cause, NOON)


def test_a_guarded_account_never_falls_below_zero_and_nothing_is_posted(session: Session):
    ledger.post(session, [move(OUTSIDE, SORTED, 5)], known_at=NOON)

    with pytest.raises(OutOfStock):
        ledger.post(session, [move(SORTED, OUTSIDE, 6), move(OUTSIDE, POINT, 1)], known_at=NOON)

    assert ledger.on_hand(session, *SORTED[:3]) == 5
    assert ledger.on_hand(session, *POINT[:3]) == 0


def test_the_database_itself_refuses_to_oversell(session: Session):
    ledger.post(session, [move(OUTSIDE, SORTED, 5)], known_at=NOON)

    with pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.text("UPDATE account SET quantity = -1 WHERE kind = 'sorted'"))
    session.rollback()


def test_an_observed_account_below_zero_is_a_dispute_until_it_is_made_good(session: Session):
    ledger.post(session, [move(POINT, VAN, 3)], known_at=NOON)
    assert [dispute.values["quantity"] for dispute in open_ones(session)] == [-3]

    ledger.post(session, [move(VAN, POINT, 3)], known_at=NOON)

    assert open_ones(session) == []


def test_bringing_a_cause_to_a_quantity_posts_only_the_difference(session: Session):
    for wanted in (5, 8, 8, 2):
        ledger.bring(session, [move(POINT, VAN, wanted, "visit")], "visit", known_at=NOON)

    rows = session.connection().execute(sa.select(ledger.TRANSFER.c.quantity).order_by(ledger.TRANSFER.c.row)).scalars().all()
    assert rows == [5, 3, 6]
    assert ledger.on_hand(session, *VAN[:3]) == 2


def test_what_a_cause_no_longer_wants_is_taken_back(session: Session):
    ledger.bring(session, [move(POINT, VAN, 5, "visit")], "visit", known_at=NOON)

    ledger.bring(session, [], "visit", known_at=NOON)

    assert ledger.balances(session) == {}
    assert ledger.posted(session, "visit") == {}


def test_balances_can_be_told_as_they_were_and_as_they_were_known(session: Session):
    ledger.post(session, [move(OUTSIDE, SORTED, 5)], known_at=NOON)
    late = Posting(OUTSIDE, SORTED, 2, "late", NOON - timedelta(days=1))
    ledger.post(session, [late], known_at=NOON + timedelta(days=1))

    ids = {row.kind: row.id for row in session.connection().execute(sa.select(ledger.ACCOUNT))}
    stock = ids[AccountKind.SORTED]
    assert ledger.folded(session)[stock] == 7
    assert ledger.folded(session, as_of=NOON - timedelta(hours=1))[stock] == 2
    assert ledger.folded(session, known_at=NOON)[stock] == 5


@pytest.mark.slow
def test_two_orders_for_the_last_bottles_never_both_win(shared_engine: Engine):
    engine = shared_engine
    with transaction(engine) as session:
        cast = build.cast(session)
        build.lot(session, cast, bottles=12 * 50)
    for _ in range(50):
        with transaction(engine) as session:
            _leave(session, cast, 12)
        assert sorted(_race(engine, cast)) == ["placed", "refused"]
    with transaction(engine) as session:
        assert [check.faults for check in audit.audit(session) if check.faults] == []


def _leave(session: Session, cast: Cast, bottles: int) -> None:
    """Take what the last race left, and put so many bottles back."""
    for key, quantity in ledger.balances(session, AccountKind.RESERVED).items():
        order = orders.mine(session, key.order, "epicerie")
        assert quantity
        orders.cancel(session, order.id, "epicerie", at=NOON)
    (available,) = ledger.balances(session, AccountKind.AVAILABLE).items()
    orders.place(
        session,
        "epicerie",
        "shop",
        {"jura75": available[1] - bottles},
        cast.shop.person,
        due=TUESDAY,
        crate_type="crate12",
        at=NOON,
    )


def _race(engine: Engine, cast: Cast) -> list[str]:
    barrier, outcomes = Barrier(2), list[str]()

    def order() -> None:
        barrier.wait()
        try:
            with transaction(engine) as session:
                orders.place(
                    session, "epicerie", "shop", {"jura75": 12}, cast.shop.person, due=TUESDAY, crate_type="crate12", at=NOON
                )
            outcomes.append("placed")
        except OutOfStock:
            outcomes.append("refused")

    threads = [Thread(target=order) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
