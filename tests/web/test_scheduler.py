"""Of several schedulers one leads; it asks for tomorrow's draft once, also when its hour was missed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlmodel import select

from bottles import outbox, people
from bottles.db import reading, transaction
from bottles.routes import Plan
from bottles.searches import Search
from web.scheduler import Scheduler
from web.surroundings import Surroundings

EVENING = datetime(2026, 10, 6, 16, 5, tzinfo=UTC)
"""Five past six in Arbois, in summer time."""
LEASE = timedelta(seconds=60)


@pytest.fixture
def make(territory_engine, config, clock, tmp_path) -> Callable[[str], Scheduler]:
    """Make a scheduler of that name on the test's database and clock; its timer is never started."""

    def named(name: str) -> Scheduler:
        here = Surroundings(instance=tmp_path)
        here.__dict__.update(config=config, engine=territory_engine, now=clock)
        return Scheduler(here, BackgroundScheduler(timezone=here.zone), name)

    return named


def drafts(engine) -> list[tuple[date, str | None]]:
    with reading(engine) as session:
        return [(search.day, search.key) for search in session.exec(select(Search))]


def jobs_of(scheduler: Scheduler) -> set[str]:
    return {job.id for job in scheduler.timer.get_jobs()}


def test_one_leads_and_the_other_waits(make):
    first, second = make("first"), make("second")

    for scheduler in (first, second, first):
        scheduler.beat()

    assert (first.leads, second.leads) == (True, False)
    assert (jobs_of(first), jobs_of(second)) == ({"draft", "sweep", "seal"}, set())


@pytest.mark.parametrize("host", ["", "mail.example"])
def test_mails_are_posted_only_where_a_mail_server_is_set(make, config, clock, host):
    first, second = make("first"), make("second")
    first.here.__dict__["config"] = replace(config, mail=replace(config.mail, host=host, sender="van@example.org"))
    first.beat()

    assert ("post" in jobs_of(first)) is bool(host)

    clock.at += LEASE + timedelta(seconds=1)
    second.beat()
    first.beat()
    assert jobs_of(first) == set()


def test_another_takes_over_when_the_leader_falls_silent_and_the_leader_stops(make, clock):
    first, second = make("first"), make("second")
    first.beat()

    clock.at += LEASE + timedelta(seconds=1)
    second.beat()
    first.beat()

    assert (first.leads, second.leads) == (False, True)
    assert jobs_of(first) == set()


def test_a_leader_that_keeps_renewing_keeps_the_lease(make, clock):
    first, second = make("first"), make("second")

    for _ in range(5):
        first.beat()
        second.beat()
        clock.at += LEASE / 2

    assert (first.leads, second.leads) == (True, False)


def test_a_leader_that_ends_gives_the_lease_back(make):
    first, second = make("first"), make("second")
    first.beat()

    first.resign()
    second.beat()

    assert second.leads


def test_without_a_database_nobody_leads(make, territory_engine):
    leader = make("first")
    leader.beat()

    with transaction(territory_engine) as session:
        session.connection().exec_driver_sql("ALTER TABLE lease RENAME TO gone")
    leader.beat()

    assert not leader.leads


def test_the_draft_for_tomorrow_is_asked_for_once(make, clock, territory_engine):
    clock.at = EVENING
    leader = make("first")

    first, again = leader.draft(), leader.draft()

    assert first == again
    assert drafts(territory_engine) == [(date(2026, 10, 7), "draft:2026-10-07")]
    assert leader.queue.unheard() == {first}


def test_a_missed_draft_is_caught_up_once_by_whoever_leads_next(make, clock, territory_engine):
    clock.at = EVENING + timedelta(hours=3)
    first, second = make("first"), make("second")

    first.beat()
    first.resign()
    second.beat()

    assert drafts(territory_engine) == [(date(2026, 10, 7), "draft:2026-10-07")]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-10-06T15:59", None),  # one minute to six
        ("2026-10-06T16:00", date(2026, 10, 7)),
        ("2026-10-06T21:59", date(2026, 10, 7)),  # one minute to midnight
        ("2026-10-06T22:01", date(2026, 10, 7)),  # missed in the evening, and nobody is on the road yet
        ("2026-10-07T04:59", date(2026, 10, 7)),
        ("2026-10-07T05:01", None),  # the first shift has begun: too late for a draft
        ("2026-10-09T18:00", None),  # Friday evening: the centre is closed on Saturday
        ("2026-10-11T18:00", date(2026, 10, 12)),
        ("2026-10-25T17:00", date(2026, 10, 26)),  # winter time begins
        ("2026-10-25T16:59", None),
    ],
)
def test_a_draft_is_due_from_its_hour_until_its_day_begins(make, at, day):
    assert make("first").due(datetime.fromisoformat(at).replace(tzinfo=UTC)) == day


def test_the_draft_runs_at_its_hour_on_the_territorys_clock(make, config):
    leader = make("first")
    leader.beat()

    trigger = leader.timer.get_job("draft").trigger

    winter, summer = (datetime(2026, month, 6, 12, tzinfo=UTC) for month in (1, 7))
    assert [trigger.get_next_fire_time(None, at).astimezone(UTC).hour for at in (winter, summer)] == [17, 16]


def test_the_sweep_forgets_failed_sign_ins_that_no_limit_counts_any_more(make, territory_engine, clock, config):
    with transaction(territory_engine) as session:
        for minutes in (1, config.sign_in.window_minutes + 1):
            people.failed(session, f"{minutes}@example.org", "192.0.2.7", at=clock() - timedelta(minutes=minutes))

    make("first").sweep()

    with reading(territory_engine) as session:
        assert session.exec(select(people.SignInAttempt.email)).all() == ["1@example.org"]


def test_the_sweep_erases_letters_that_are_kept_no_longer(make, territory_engine, clock):
    with transaction(territory_engine) as session:
        for name, age in (("old", outbox.KEPT + timedelta(seconds=1)), ("kept", outbox.KEPT)):
            outbox.write(session, name, "winemaker@example.org", "The van", "comes", at=clock() - age)

    make("first").sweep()

    with reading(territory_engine) as session:
        assert session.exec(select(outbox.Letter.key)).all() == ["kept"]


def test_a_day_that_was_planned_by_hand_gets_no_draft(make, territory_engine, clock):
    clock.at = EVENING
    with transaction(territory_engine) as session:
        session.add(Plan(day=date(2026, 10, 7), version=1, cost=0, metres=0, seconds=0, made_at=EVENING))

    assert make("first").draft() is None
    assert drafts(territory_engine) == []
