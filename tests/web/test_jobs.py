"""The queue wakes workers; what it loses, the sweep finds."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from bottles import audits, errands, routes, searches
from bottles.audits import Audit
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from bottles.searches import Search
from routing.child import Pool
from web import auditing, jobs, planning
from web.jobs import Queue, open_storage
from web.surroundings import Surroundings

from .days import TUESDAY, ask


@pytest.fixture
def queue(config, tmp_path) -> Queue:
    return Queue(open_storage(config, tmp_path))


def asked(session: Session, at, **facts: object) -> int:
    search = searches.ask(session, TUESDAY, seconds=0, at=at)
    search.sqlmodel_update(facts)
    session.flush()
    return search.id


def test_a_page_that_wakes_a_worker_is_heard_by_it(app, territory_engine, config, clock, tmp_path):
    with transaction(territory_engine) as session:
        ask(session, clock())
        search = asked(session, clock())
    storage = open_storage(config, tmp_path)
    Queue(storage, {Search: lambda found: planning.run_search(territory_engine, config, found, clock)})

    with app.app_context():
        jobs.wake(search)
    storage.execute(storage.dequeue())

    with reading(territory_engine) as session:
        assert find(session, Search, search).status is ErrandStatus.DONE
        assert len(routes.versions(session, TUESDAY)) == 1


def test_a_worker_searches_in_children_that_wait_and_ends_them(territory_engine, config, clock, tmp_path, monkeypatch):
    with transaction(territory_engine) as session:
        ask(session, clock())
        search = asked(session, clock())
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(config=config, engine=territory_engine, now=clock)
    Queue(open_storage(config, tmp_path)).wake(search)
    used: list[Pool] = []
    monkeypatch.setattr(Pool, "_take", lambda pool, take=Pool._take: used.append(pool) or take(pool))
    # what is there now, instead of waiting for more
    monkeypatch.setattr(jobs.Consumer, "run", lambda consumer: consumer.huey.execute(consumer.huey.dequeue()))

    jobs.work_off(here)

    with reading(territory_engine) as session:
        assert find(session, Search, search).status is ErrandStatus.DONE
    assert [pool._waiting for pool in used] == [[]]


def test_the_demo_has_a_queue_of_its_own(make_app, config, tmp_path):
    with make_app(demo=True).app_context():
        jobs.wake(7)

    assert Queue(open_storage(config, tmp_path)).unheard() == set()
    assert Queue(open_storage(config, tmp_path, demo=True)).unheard() == {7}


def test_a_queue_that_cannot_be_written_to_stops_no_page(app, monkeypatch, caplog):
    def full(*_arguments: object, **_named: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(jobs, "open_storage", full)

    with app.app_context():
        jobs.wake(7)

    assert "search 7 waits for the sweep" in caplog.text


def test_the_sweep_wakes_a_worker_for_what_waits_unheard_and_only_once(territory_engine, config, clock, queue):
    with transaction(territory_engine) as session:
        search = asked(session, clock())

    first, again = ([woken.id for woken in jobs.sweep(territory_engine, queue, config, clock)] for _ in range(2))

    assert (first, again) == ([search], [])
    assert queue.unheard() == {search}


def test_a_search_that_fell_silent_is_begun_again(territory_engine, config, clock, queue):
    with transaction(territory_engine) as session:
        alive = asked(session, clock(), status=ErrandStatus.RUNNING, seen_at=clock())
        long_ago = clock() - timedelta(seconds=config.jobs.lost_seconds + 1)
        lost = asked(session, clock(), status=ErrandStatus.RUNNING, seen_at=long_ago)

    woken = jobs.sweep(territory_engine, queue, config, clock)

    assert [found.id for found in woken] == [lost]
    with reading(territory_engine) as session:
        assert find(session, Search, alive).status is ErrandStatus.RUNNING


def test_a_search_that_keeps_killing_its_worker_is_given_up(territory_engine, config, clock, queue):
    before = clock() - jobs.LONGEST - timedelta(seconds=1)
    with transaction(territory_engine) as session:
        deadly = asked(session, before, status=ErrandStatus.RUNNING, seen_at=before)

    woken = jobs.sweep(territory_engine, queue, config, clock)

    assert woken == []
    with reading(territory_engine) as session:
        given_up = find(session, Search, deadly)
        assert (given_up.status, given_up.trouble) == (ErrandStatus.FAILED, planning.BROKEN)


def test_an_audit_is_woken_for_and_swept_like_a_search_and_not_taken_for_one(territory_engine, config, clock, queue, tmp_path):
    long_ago = clock() - timedelta(seconds=config.jobs.lost_seconds + 1)
    with transaction(territory_engine) as session:
        audit, _ = audits.ask(session, at=long_ago)
        search = asked(session, clock())
        errands.take(session, Audit, audit.id, at=long_ago)

    woken = jobs.sweep(territory_engine, queue, config, clock)

    assert audit.id == search
    assert {type(found) for found in woken} == {Audit, Search}
    assert queue.unheard() == queue.unheard(Audit) == {search}
    heard: list[str] = []
    known = {Search: lambda found: heard.append(f"search {found}"), Audit: lambda found: heard.append(f"audit {found}")}
    worker = open_storage(config, tmp_path)
    Queue(worker, known)
    for _ in range(2):
        worker.execute(worker.dequeue())
    assert sorted(heard) == [f"audit {search}", f"search {search}"]


def test_an_audit_that_keeps_killing_its_worker_is_given_up_with_its_own_sentence(territory_engine, config, clock, queue):
    before = clock() - jobs.LONGEST - timedelta(seconds=1)
    with transaction(territory_engine) as session:
        deadly, _ = audits.ask(session, at=before)
        errands.take(session, Audit, deadly.id, at=before)

    assert jobs.sweep(territory_engine, queue, config, clock) == []

    with reading(territory_engine) as session:
        assert find(session, Audit, deadly.id).trouble == auditing.BROKEN


def test_a_worker_ends_only_when_its_audit_has(shared_engine, config, clock, tmp_path, monkeypatch):
    with transaction(shared_engine) as session:
        audit, _ = audits.ask(session, at=clock())
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(config=config, engine=shared_engine, now=clock)
    Queue(open_storage(config, tmp_path)).wake(audit.id, Audit)
    monkeypatch.setattr(jobs.Consumer, "run", lambda consumer: consumer.huey.execute(consumer.huey.dequeue()))

    jobs.work_off(here)

    with reading(shared_engine) as session:
        assert find(session, Audit, audit.id).status is ErrandStatus.DONE


@pytest.mark.slow
def test_what_breaks_work_beside_the_queue_is_told_to_the_log(caplog):
    def work(errand: int) -> None:
        raise OSError(f"no room for {errand}")

    with ThreadPoolExecutor(1) as beside:
        jobs.put_beside(beside, work, 7)

    assert "no room for 7" in caplog.text


def test_the_queue_may_live_in_postgresql(config, postgresql_server, tmp_path):
    dsn = postgresql_server.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
    config = replace(config, jobs=replace(config.jobs, queue=dsn))
    queue, worker = (Queue(open_storage(config, tmp_path)) for _ in range(2))

    queue.wake(7)

    assert worker.unheard() == {7}
    assert not list(tmp_path.iterdir())
    for end in (queue, worker):
        end.storage.storage.flush_all()
        end.storage.storage.close()
