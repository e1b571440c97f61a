"""Tokens: who they speak for, until when, and what is left of one that is over."""

from datetime import timedelta

import pytest

from bottles import tokens
from bottles.db import find
from bottles.errors import Conflict, NotFound
from bottles.people import Person, Role
from bottles.tokens import TokenKind
from tests.build import CENTRE, NOON

SECRET = "jmb_open-sesame"  # noqa: S105 - of nobody
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def make(session, author, kind=TokenKind.BEARER, secret=SECRET, **facts):
    person = find(session, Person, author.person)
    return tokens.create(session, secret, kind, person, centre=CENTRE, **{"lasting": DAY, "at": NOON, **facts})


def test_a_secret_tells_who_holds_it_in_which_role_and_where(session, cast):
    made = make(session, cast.driver, TokenKind.UPLOAD, device="phone-1")

    holder = tokens.of(session, SECRET)

    assert (holder.token, holder.id, holder.role) == (made.id, cast.driver.person, Role.DRIVER)
    assert (holder.partner, holder.centre, holder.device) == ("cooperative", CENTRE, "phone-1")
    assert holder.expires_at == NOON + DAY


def test_the_secret_itself_is_not_kept(session, cast):
    made = make(session, cast.driver)

    assert SECRET not in str(made.model_dump())
    assert len(made.digest) == 64


@pytest.mark.parametrize("secret", ["", "jmb_", SECRET[:-1], f"{SECRET} ", "jmb_\0", "é" * 10_000])
def test_another_secret_is_nobodys(session, cast, secret):
    make(session, cast.driver)

    assert tokens.of(session, secret) is None


def test_a_token_opens_until_the_moment_it_expires(session, cast):
    make(session, cast.driver)

    holder = tokens.of(session, SECRET)

    assert holder.may(NOON + DAY - timedelta(seconds=1))
    assert not holder.may(NOON + DAY)


def test_a_revoked_token_is_known_and_opens_nothing(session, cast):
    made = make(session, cast.driver)

    tokens.revoke(session, made.id, cast.coordinator.person, at=NOON + HOUR)

    holder = tokens.of(session, SECRET)
    assert not holder.may(NOON + HOUR)
    assert (made.revoked_at, made.revoked_by) == (NOON + HOUR, cast.coordinator.person)
    assert not made.stands(NOON)


def test_revoking_twice_keeps_the_first_word(session, cast):
    made = make(session, cast.driver)
    tokens.revoke(session, made.id, None, at=NOON)

    with pytest.raises(Conflict):
        tokens.revoke(session, made.id, cast.coordinator.person, at=NOON + HOUR)

    assert made.revoked_at == NOON


def test_a_token_that_does_not_exist_cannot_be_revoked(session, cast):
    with pytest.raises(NotFound):
        tokens.revoke(session, 12, None, at=NOON)


@pytest.mark.parametrize(("kind", "may"), [(TokenKind.BEARER, False), (TokenKind.UPLOAD, True)])
def test_who_changed_their_role_reads_no_more_but_still_hands_in_what_they_did_before(session, cast, kind, may):
    make(session, cast.coordinator, kind, device="phone-1" if kind is TokenKind.UPLOAD else "")

    find(session, Person, cast.coordinator.person).role = Role.WASHER
    session.flush()

    holder = tokens.of(session, SECRET)
    assert holder.may(NOON) is may
    assert holder.role is Role.COORDINATOR


@pytest.mark.parametrize("kind", TokenKind)
def test_whose_account_is_closed_opens_nothing(session, cast, kind):
    make(session, cast.driver, kind)

    find(session, Person, cast.driver.person).active = False
    session.flush()

    assert not tokens.of(session, SECRET).may(NOON)


def test_a_new_token_of_a_device_ends_the_one_it_had_and_no_other(session, cast):
    old = make(session, cast.driver, TokenKind.UPLOAD, "a", device="phone-1")
    others = [
        make(session, cast.driver, TokenKind.UPLOAD, "b", device="phone-2"),
        make(session, cast.washer, TokenKind.UPLOAD, "c", device="phone-1"),
        make(session, cast.driver, TokenKind.BEARER, "d"),
    ]

    tokens.replace(session, cast.driver.person, "phone-1", at=NOON + HOUR)

    session.expire_all()
    assert old.revoked_at == NOON + HOUR
    assert [other.revoked_at for other in others] == [None, None, None]


def test_its_last_use_is_worth_writing_once_an_hour(session, cast):
    make(session, cast.driver)
    unused = tokens.of(session, SECRET)

    tokens.used(session, unused, at=NOON)

    used = tokens.of(session, SECRET)
    assert tokens.is_stale(unused, NOON)
    assert not tokens.is_stale(used, NOON + HOUR - timedelta(seconds=1))
    assert tokens.is_stale(used, NOON + HOUR)


def test_tokens_are_listed_with_whom_they_speak_for_the_newest_first(session, cast):
    first, second = make(session, cast.driver), make(session, cast.washer, TokenKind.BEARER, "b")

    listed = tokens.listed(session)

    assert [(token.id, person.id) for token, person in listed] == [
        (second.id, cast.washer.person),
        (first.id, cast.driver.person),
    ]


def test_a_device_remembers_each_person_who_ever_had_a_token_on_it_by_the_newest(session, cast):
    make(session, cast.driver, TokenKind.UPLOAD, device="phone-1")
    over = make(session, cast.driver, TokenKind.UPLOAD, "second", device="phone-1")
    tokens.revoke(session, over.id, None, at=NOON)
    others = make(session, cast.coordinator, TokenKind.UPLOAD, "third", device="phone-1")
    make(session, cast.driver, TokenKind.UPLOAD, "elsewhere", device="phone-2")
    make(session, cast.washer, TokenKind.BEARER, "program", device="")

    known = tokens.of_devices(session, {"phone-1", "phone-3"})

    assert known == {("phone-1", cast.driver.person): over, ("phone-1", cast.coordinator.person): others}
    assert tokens.of_devices(session, set()) == {}
