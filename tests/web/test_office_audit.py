"""The audit's page: asked for once, watched, stopped, and read again, in the reader's language."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bottles import audit, audits, errands
from bottles.audits import Audit
from bottles.crates import Crate
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from web import auditing, jobs

from . import build_day
from .conftest import TUESDAY
from .office_pages import office, said

__all__ = ["office"]

PAGE = "/office/audit"
HX = {"HX-Request": "true"}


@pytest.fixture
def woken(monkeypatch):
    """The audits the worker was woken for; no worker is."""
    ids: list[int] = []
    monkeypatch.setattr(jobs, "wake", lambda errand_id, kind: ids.append(errand_id) if kind is Audit else None)
    return ids


@pytest.fixture
def asked(office, woken) -> int:
    office.post(PAGE)
    return woken[0]


def run(engine, audit_id, at=TUESDAY):
    """Answer every question in one unit of work: a database in memory has one connection."""
    with transaction(engine) as session:
        errands.take(session, Audit, audit_id, at=at)
        errands.finish(session, Audit, audit_id, at=at, checks=audits.told(audit.audit(session)))


def half(engine, audit_id, *, faults=(), at=TUESDAY):
    """Let a worker come to the third question."""
    names = list(audit.QUESTIONS)[:3]
    checks = [audit.Check(name, compared=700, is_done=name != names[2]) for name in names]
    for fault in faults:
        checks[1].hear(fault)
    with transaction(engine) as session:
        errands.take(session, Audit, audit_id, at=at)
        session.expire_all()
        errands.tell(session, Audit, audit_id, at=at, checks=audits.told(checks))


def spoil(engine):
    with transaction(engine) as session:
        (crate,) = build_day.labelled(session, 1)
        session.get(Crate, crate.code).clean = not crate.clean
    return crate.code


def test_where_nobody_has_added_up_the_page_offers_it_and_begins_nothing(office, territory_engine, woken):
    page = said(office.get(PAGE))

    assert "Nobody has added it up yet" in page
    assert "The last audits" not in page
    assert woken == []
    with reading(territory_engine) as session:
        assert audits.recent(session, 1) == []


def test_asking_wakes_the_worker_once_and_a_second_person_watches_the_same(office, territory_engine, woken):
    first, again = office.post(PAGE), office.post(PAGE)

    assert (first.status_code, first.location, again.status_code, len(woken)) == (303, PAGE, 303, 1)
    page = said(office.get(PAGE))
    assert "The audit begins in a moment." in page
    assert f'data-hx-get="{PAGE}/{woken[0]}/progress"' in page
    assert "Add it up" not in page
    assert "Asked for by Alix Agenda" in page


def test_who_waits_sees_the_question_it_is_at_and_what_differs_so_far(office, territory_engine, clock, asked):
    half(territory_engine, asked, faults=["something is wrong"])
    clock.at += timedelta(seconds=50)

    whole, part = said(office.get(PAGE)), said(office.get(f"{PAGE}/{asked}/progress", headers=HX))

    assert "<html" not in part
    for page in (whole, part):
        assert f"Question 3 of {len(audit.QUESTIONS)}: No stock is below zero" in page
        assert "for 50" in page
        assert "2,101 rows looked at" in page
        assert "something is wrong" in page
        assert f'action="{PAGE}/{asked}/stop"' in page
        assert "Look again" in page


def test_who_waits_is_told_how_long_the_last_whole_one_took(office, territory_engine, clock, asked, woken):
    run(territory_engine, asked)
    with transaction(territory_engine) as session:
        find(session, Audit, asked).seen_at = TUESDAY + timedelta(minutes=7)
    office.post(PAGE)
    half(territory_engine, woken[1])

    page = said(office.get(PAGE))
    assert "last time it took 7" in page
    assert 'max="420.0"' in page
    assert "all equal" in page
    assert page.count("Asked for by") == 1
    assert "last time it took 7" in said(office.get(f"{PAGE}/{woken[1]}/progress", headers=HX))


def test_one_that_takes_longer_than_the_last_shows_no_full_bar(office, territory_engine, clock, asked, woken):
    run(territory_engine, asked)
    office.post(PAGE)
    half(territory_engine, woken[1])
    clock.at += timedelta(minutes=9)

    assert f'value="2" max="{len(audit.QUESTIONS)}"' in said(office.get(PAGE))


def test_an_audit_that_finds_nothing_says_that_it_all_adds_up(office, territory_engine, asked):
    run(territory_engine, asked)

    page = said(office.get(PAGE))

    assert "It all adds up." in page
    assert "all equal" in page
    assert "Add it up again" in page


def test_an_audit_that_is_over_sends_the_page_that_waits_on(office, territory_engine, asked):
    run(territory_engine, asked)

    by_htmx, by_hand = (office.get(f"{PAGE}/{asked}/progress", headers=headers) for headers in (HX, {}))

    assert (by_htmx.status_code, by_htmx.headers["HX-Redirect"]) == (204, f"{PAGE}/{asked}")
    assert (by_hand.status_code, by_hand.location) == (303, f"{PAGE}/{asked}")


def test_a_planted_error_is_named(office, territory_engine, asked):
    code = spoil(territory_engine)
    run(territory_engine, asked)

    page = said(office.get(PAGE))

    assert "1 question finds something wrong." in page
    assert f"crate {code}" in page
    assert "It all adds up." not in page


def test_what_is_wrong_is_told_in_the_readers_language(office, territory_engine, asked, monkeypatch):
    code = spoil(territory_engine)
    run(territory_engine, asked)
    heard = {"crate %(code)s: cached %(cached)s, events say %(told)s": "casier %(code)s : gardé %(cached)s, dit %(told)s"}
    monkeypatch.setattr("web.forms.gettext", lambda message: heard.get(message, message))

    assert f"casier {code} : gardé" in said(office.get(PAGE))


def test_more_faults_than_a_page_shows_are_folded_away_and_counted(office, territory_engine, asked):
    half(territory_engine, asked, faults=[f"fault {n}." for n in range(audits.KEPT + 7)])
    running = said(office.get(PAGE))
    with transaction(territory_engine) as session:
        errands.finish(session, Audit, asked, at=TUESDAY)

    page = said(office.get(PAGE))

    assert f"and {audits.KEPT + 2} more" in running
    assert "fault 5." not in running

    assert f"{audits.KEPT - 5} more" in page
    assert "and 7 more" in page
    assert f"fault {audits.KEPT - 1}." in page


def test_stopping_one_that_runs_is_said_until_it_has_ended(office, territory_engine, asked):
    half(territory_engine, asked)

    answer = office.post(f"{PAGE}/{asked}/stop")

    assert (answer.status_code, answer.location) == (303, f"{PAGE}/{asked}")
    assert "Stopping; what was found so far is kept." in said(office.get(answer.location))
    with reading(territory_engine) as session:
        stopped = find(session, Audit, asked)
        assert (stopped.stop_asked, stopped.status) == (True, ErrandStatus.RUNNING)


def test_a_stopped_audit_says_how_far_it_came_and_what_it_found(office, territory_engine, asked):
    half(territory_engine, asked, faults=["something is wrong"])
    office.post(f"{PAGE}/{asked}/stop")
    with transaction(territory_engine) as session:
        errands.finish(session, Audit, asked, at=TUESDAY)

    page = said(office.get(PAGE))

    assert f"It was stopped at question 3 of {len(audit.QUESTIONS)}." in page
    assert "something is wrong" in page
    assert "stopped here" in page
    assert "It all adds up." not in page


def test_one_that_is_stopped_before_it_began_says_so(office, territory_engine, asked):
    office.post(f"{PAGE}/{asked}/stop")

    page = said(office.get(PAGE))

    assert "It was stopped before it began: nothing was looked at." in page
    assert "It all adds up." not in page


def test_one_that_broke_off_says_so_with_what_it_had_found(office, territory_engine, asked):
    half(territory_engine, asked, faults=["something is wrong"])
    with transaction(territory_engine) as session:
        errands.fail(session, Audit, asked, auditing.BROKEN, at=TUESDAY)

    page = said(office.get(PAGE))

    assert "The audit broke off on our side." in page
    assert "something is wrong" in page
    assert "It was stopped at" not in page


def test_the_last_audits_stay_readable_with_who_asked_and_what_they_found(office, territory_engine, clock, asked, woken):
    code = spoil(territory_engine)
    run(territory_engine, asked)
    with transaction(territory_engine) as session:
        session.connection().execute(sa.update(Crate).values(clean=~Crate.__table__.c.clean))
    clock.at += timedelta(hours=2)
    office.post(PAGE)
    run(territory_engine, woken[1], at=clock())

    now, before = said(office.get(PAGE)), said(office.get(f"{PAGE}/{asked}"))

    assert "It all adds up." in now
    assert code not in now
    assert "1 differs" in now
    assert f'href="{PAGE}/{asked}"' in now
    assert f"crate {code}" in before


@pytest.mark.parametrize(("verb", "path"), [("get", "/999"), ("get", "/999/progress"), ("post", "/999/stop")])
def test_an_audit_that_there_is_not_is_not_found(office, verb, path):
    assert getattr(office, verb)(PAGE + path).status_code == 404
