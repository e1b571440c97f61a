"""A plan that was asked for is worked on once, may be stopped, and is begun again when its worker falls silent."""

from datetime import date, timedelta

from bottles import errands, searches
from bottles.db import find
from bottles.errands import ErrandStatus
from bottles.searches import Search
from tests.build import NOON, TUESDAY

LATER = NOON + timedelta(minutes=5)


def asked(session, day: date = TUESDAY, key: str | None = None) -> Search:
    return searches.ask(session, day, seconds=10, key=key, at=NOON)


def test_a_search_with_a_key_is_asked_for_once(session):
    first, again = (asked(session, key="draft:2026-10-06") for _ in range(2))

    assert first.id == again.id


def test_the_week_accepted_last_is_found_behind_one_that_was_proposed_since(session):
    weeks = [searches.ask_week(session, [TUESDAY], seconds=10, at=NOON) for _ in range(3)]
    for week in weeks[:2]:
        week.accepted_at = NOON

    assert searches.latest_accepted(session).id == weeks[1].id


def test_without_a_key_each_wish_is_a_search_of_its_own(session):
    assert asked(session).id != asked(session).id


def test_one_worker_takes_a_search_and_the_next_does_not(session):
    search = asked(session)

    assert [errands.take(session, Search, search.id, at=NOON) for _ in range(2)] == [True, False]


def test_a_sign_of_life_keeps_the_curve_and_hears_the_stop(session):
    search = asked(session)
    errands.take(session, Search, search.id, at=NOON)

    before = errands.tell(session, Search, search.id, curve=[[0.5, 9000]], at=LATER)
    errands.stop(session, Search, search.id)
    after = errands.tell(session, Search, search.id, curve=[[0.5, 9000], [1.5, 8000]], at=LATER)

    assert (before, after) == (False, True)
    assert (search.curve[-1], search.seen_at) == ([1.5, 8000], LATER)


def test_only_a_running_search_that_fell_silent_is_begun_again(session):
    silent, lively, waiting = (asked(session) for _ in range(3))
    errands.take(session, Search, silent.id, at=NOON)
    errands.take(session, Search, lively.id, at=LATER)
    session.expire_all()

    lost = errands.revive(session, Search, silent_since=NOON + timedelta(minutes=1))

    assert [search.id for search in lost] == [silent.id]
    assert [search.id for search in errands.waiting(session, Search)] == [silent.id, waiting.id]


def test_a_search_that_failed_keeps_the_reason_and_is_not_taken_again(session):
    search = asked(session)

    errands.fail(session, Search, search.id, "The search broke off.", at=LATER)
    session.flush()

    assert (search.status, search.trouble) == (ErrandStatus.FAILED, "The search broke off.")
    assert not errands.take(session, Search, search.id, at=LATER)


def test_the_latest_search_of_a_day_is_the_last_that_was_asked_for(session):
    asked(session)
    last = asked(session)
    asked(session, day=TUESDAY + timedelta(days=1))

    assert searches.latest(session, TUESDAY) == find(session, Search, last.id)
