"""Passes: used once, for one day, and withdrawn with all they opened."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bottles import passes, people, tokens
from bottles.db import find
from bottles.errors import Conflict, Invalid, NotFound
from bottles.passes import DriverPass, PassState
from bottles.people import Person, Role, SignIn
from bottles.tokens import Token, TokenKind
from tests.build import NOON, TUESDAY

SECRET = "fourgon-du-matin"  # noqa: S105 - of nobody
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
UNTIL = NOON + 16 * HOUR
PHONE = "a" * 32


def make(session, cast, secret=SECRET, **facts) -> DriverPass:
    given = {"person": cast.driver.person, "vehicle": "van-1", "day": TUESDAY, "until": UNTIL, "at": NOON} | facts
    return passes.create(session, secret, by=cast.coordinator.person, **given)


def redeem(session, secret=SECRET, **facts):
    return passes.redeem(session, secret, PHONE, **{"today": TUESDAY, "at": NOON + HOUR} | facts)


def test_a_pass_signs_its_driver_in(session, cast):
    made = make(session, cast)

    used, person = redeem(session)

    assert (used.id, person.id) == (made.id, cast.driver.person)
    assert (used.used_at, used.used_device, used.state(NOON + HOUR)) == (NOON + HOUR, PHONE, PassState.USED)


def test_the_secret_of_a_pass_is_not_kept(session, cast):
    made = make(session, cast)

    assert SECRET not in str(made.model_dump())
    assert len(made.digest) == 64


@pytest.mark.parametrize("secret", ["", SECRET[:-1], f"{SECRET} ", "\0", "é" * 10_000])
def test_a_secret_that_is_none_is_refused(session, cast, secret):
    make(session, cast)

    with pytest.raises(Invalid, match="not one of ours"):
        redeem(session, secret)


def test_a_pass_is_used_once(session, cast):
    made = make(session, cast)
    redeem(session)

    with pytest.raises(Conflict, match="used already"):
        redeem(session, at=NOON + 2 * HOUR)

    assert made.used_at == NOON + HOUR


@pytest.mark.parametrize(("facts", "says"), [({"at": UNTIL}, "is over"), ({"today": TUESDAY - DAY}, "for another day")])
def test_a_pass_opens_its_own_day_only(session, cast, facts, says):
    made = make(session, cast)

    with pytest.raises(Conflict, match=says):
        redeem(session, **facts)

    assert made.used_at is None


def test_a_pass_that_was_withdrawn_opens_nothing(session, cast):
    made = make(session, cast)
    passes.revoke(session, made.id, cast.coordinator.person, at=NOON)

    with pytest.raises(Conflict, match="was withdrawn"):
        redeem(session)

    assert (made.revoked_at, made.revoked_by) == (NOON, cast.coordinator.person)


@pytest.mark.parametrize("change", [{"active": False}, {"role": Role.COORDINATOR}])
def test_who_does_not_drive_any_more_is_not_signed_in(session, cast, change):
    make(session, cast)
    for name, value in change.items():
        setattr(find(session, Person, cast.driver.person), name, value)
    session.flush()

    with pytest.raises(Conflict, match="was withdrawn"):
        redeem(session)


def test_a_pass_is_made_for_a_driver_and_for_a_day_that_is_not_over(session, cast):
    with pytest.raises(Invalid, match="to a driver first"):
        make(session, cast, person=cast.washer.person)
    with pytest.raises(Conflict, match="has passed"):
        make(session, cast, until=NOON)

    assert session.exec(select(DriverPass)).all() == []


def test_a_new_pass_ends_the_one_nobody_used_and_leaves_the_first_phone_and_other_days_alone(session, cast):
    used = make(session, cast, "a")
    redeem(session, "a")
    waiting, tomorrow = make(session, cast, "b"), make(session, cast, "c", day=TUESDAY + DAY)

    new = make(session, cast, "d", at=NOON + 2 * HOUR)

    session.expire_all()
    states = [each.state(NOON + 2 * HOUR) for each in (used, waiting, tomorrow, new)]
    assert states == [PassState.USED, PassState.REVOKED, PassState.WAITING, PassState.WAITING]


def test_withdrawing_a_pass_ends_what_it_opened_and_nothing_else(session, cast):
    made = make(session, cast)
    used, person = redeem(session)
    for token, of_pass in (("by-code", used.id), ("by-password", None)):
        people.sign_in(session, person.id, token, PHONE, lasting=DAY, driver_pass=of_pass, at=NOON + HOUR)
        tokens.create(
            session, f"jmb_{token}", TokenKind.UPLOAD, person, device=PHONE, lasting=DAY, driver_pass=of_pass, at=NOON + HOUR
        )

    passes.revoke(session, made.id, cast.coordinator.person, at=NOON + 2 * HOUR)

    session.expire_all()
    assert [row.ended_at for row in session.exec(select(SignIn).order_by(SignIn.id))] == [NOON + 2 * HOUR, None]
    ended = [(token.revoked_at, token.revoked_by) for token in session.exec(select(Token).order_by(Token.id))]
    assert ended == [(NOON + 2 * HOUR, cast.coordinator.person), (None, None)]
    assert people.signed_in(session, "by-code", at=NOON + 2 * HOUR) is None


def test_withdrawing_twice_keeps_the_first_word(session, cast):
    made = make(session, cast)
    passes.revoke(session, made.id, cast.coordinator.person, at=NOON)

    with pytest.raises(Conflict, match="already"):
        passes.revoke(session, made.id, cast.coordinator.person, at=NOON + HOUR)
    with pytest.raises(NotFound):
        passes.revoke(session, made.id + 1, cast.coordinator.person, at=NOON)

    assert made.revoked_at == NOON


def test_passes_are_listed_from_a_day_on_with_whom_they_are_for(session, cast):
    old, new = make(session, cast, "a"), make(session, cast, "b", day=TUESDAY + DAY)

    assert [(each.id, person.name) for each, person in passes.listed(session, since=TUESDAY)] == [
        (new.id, find(session, Person, cast.driver.person).name),
        (old.id, find(session, Person, cast.driver.person).name),
    ]
    assert [each.id for each, _person in passes.listed(session, since=TUESDAY + DAY)] == [new.id]
    assert passes.of(session, cast.driver.person, "van-1", TUESDAY) == [old]


def test_what_a_pass_opened_stands_until_it_is_withdrawn_or_over_and_a_password_needs_none(session, cast):
    made = make(session, cast)
    assert not passes.stands(session, made.id, at=NOON)
    redeem(session)

    assert passes.stands(session, made.id, at=UNTIL - timedelta(seconds=1))
    assert not passes.stands(session, made.id, at=UNTIL)
    passes.revoke(session, made.id, cast.coordinator.person, at=NOON + 2 * HOUR)
    assert not passes.stands(session, made.id, at=NOON + 2 * HOUR)
    assert passes.stands(session, None, at=NOON)
