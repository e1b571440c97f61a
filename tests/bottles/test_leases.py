"""Of several who could do a thing, one does it, on both databases."""

from datetime import timedelta

from bottles import leases
from tests.build import NOON

MINUTE = timedelta(minutes=1)


def hold(session, holder, at):
    return leases.hold(session, "scheduler", holder, MINUTE, at=at)


def test_of_two_who_ask_one_holds_the_lease(session):
    assert [hold(session, holder, NOON) for holder in ("first", "second")] == [True, False]


def test_who_holds_it_renews_it(session):
    hold(session, "first", NOON)

    renewed = hold(session, "first", NOON + MINUTE / 2)

    assert renewed
    assert not hold(session, "second", NOON + MINUTE)


def test_a_lease_that_ran_out_is_taken_over_and_not_given_back(session):
    hold(session, "first", NOON)
    later = NOON + MINUTE * 2

    taken = hold(session, "second", later)

    assert taken
    assert not hold(session, "first", later)


def test_a_lease_given_back_is_free_at_once(session):
    hold(session, "first", NOON)

    leases.release(session, "scheduler", "first")

    assert hold(session, "second", NOON)


def test_nobody_gives_back_the_lease_of_another(session):
    hold(session, "first", NOON)

    leases.release(session, "scheduler", "second")

    assert not hold(session, "second", NOON)


def test_leases_of_different_things_do_not_meet(session):
    hold(session, "first", NOON)

    assert leases.hold(session, "sealing", "second", MINUTE, at=NOON)
