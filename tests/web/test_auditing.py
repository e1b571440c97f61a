"""An audit that was asked for is worked on once, tells that it is alive, stops when told, and says when it broke off."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bottles import audit, audits, errands
from bottles.audits import Audit
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from web import auditing
from web.auditing import run_audit

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT count(*) FROM n"
"""A statement that no database ever answers."""


@pytest.fixture
def asked(shared_engine, clock, monkeypatch) -> int:
    """An audit asked for; signs of life come without a pause."""
    monkeypatch.setattr(auditing, "TELL_SECONDS", 0.001)
    monkeypatch.setattr(audit, "STEP", 1)
    with transaction(shared_engine) as session:
        return audits.ask(session, at=clock())[0].id


def put(monkeypatch, **questions) -> None:
    """Let the audit ask these questions."""
    monkeypatch.setattr(audit, "QUESTIONS", questions)


def kept(engine, audit_id) -> Audit:
    with reading(engine) as session:
        return find(session, Audit, audit_id)


def stop(engine, audit_id, clock) -> None:
    with transaction(engine) as session:
        audits.stop(session, audit_id, at=clock())


def test_an_audit_answers_every_question_once(shared_engine, clock, asked):
    run_audit(shared_engine, asked, clock)

    done = kept(shared_engine, asked)
    assert (done.status, done.seen_at, done.trouble) == (ErrandStatus.DONE, clock(), "")
    assert [check.name for check in audits.read(done) if check.is_done] == list(audit.QUESTIONS)
    assert done.questions == len(audit.QUESTIONS)


def test_an_audit_is_worked_on_once(shared_engine, clock, asked, monkeypatch):
    run_audit(shared_engine, asked, clock)
    put(monkeypatch, one=lambda session: iter([1]))

    run_audit(shared_engine, asked, clock)

    assert len(audits.read(kept(shared_engine, asked))) > 1


def test_signs_of_life_tell_how_far_it_is(shared_engine, clock, asked, monkeypatch):
    def look(session) -> Iterator[int]:
        yield 1
        while not (told := audits.read(kept(shared_engine, asked))):
            yield 1
        seen.extend(told)

    seen = []
    put(monkeypatch, one=look)

    run_audit(shared_engine, asked, clock)

    assert [(check.name, check.is_done) for check in seen] == [("one", False)]
    assert seen[0].compared >= 1


def test_an_audit_that_is_stopped_keeps_what_it_found_so_far(shared_engine, clock, asked, monkeypatch):
    def endless(session) -> Iterator[int]:
        stop(shared_engine, asked, clock)
        while True:
            yield 1

    put(monkeypatch, one=lambda session: iter(["wrong", 1]), two=endless, three=lambda session: iter([1]))

    run_audit(shared_engine, asked, clock)

    done = kept(shared_engine, asked)
    assert done.status is ErrandStatus.DONE
    assert [(check.name, check.differing, check.is_done) for check in audits.read(done)] == [
        ("one", 1, True),
        ("two", 0, False),
    ]


def test_a_statement_that_takes_for_ever_is_broken_off(shared_engine, clock, asked, monkeypatch):
    def look(session) -> Iterator[int]:
        yield 1
        stop(shared_engine, asked, clock)
        yield session.scalar(sa.text(ENDLESS))

    put(monkeypatch, one=look)

    run_audit(shared_engine, asked, clock)

    done = kept(shared_engine, asked)
    assert (done.status, done.trouble) == (ErrandStatus.DONE, "")
    with reading(shared_engine) as session:
        assert session.scalar(sa.text("SELECT 1")) == 1


def test_a_process_that_has_to_end_leaves_the_audit_to_the_next_one(shared_engine, clock, asked, monkeypatch):
    def endless(session) -> Iterator[int]:
        while True:
            yield 1

    with monkeypatch.context() as patch:
        put(patch, one=endless)
        run_audit(shared_engine, asked, clock, stopping=lambda: True)
    assert kept(shared_engine, asked).status is ErrandStatus.WAITING

    run_audit(shared_engine, asked, clock)

    assert kept(shared_engine, asked).status is ErrandStatus.DONE


def test_an_audit_whose_worker_was_lost_after_the_stop_keeps_what_was_found(shared_engine, clock, asked):
    found = audits.told([audit.Check("one", compared=5, is_done=True)])
    with transaction(shared_engine) as session:
        errands.take(session, Audit, asked, at=clock())
    with transaction(shared_engine) as session:
        errands.tell(session, Audit, asked, at=clock(), checks=found)
        audits.stop(session, asked, at=clock())
        errands.put_back(session, Audit, asked)

    run_audit(shared_engine, asked, clock)

    done = kept(shared_engine, asked)
    assert (done.status, done.checks) == (ErrandStatus.DONE, found)


def test_an_audit_that_breaks_off_says_so_and_keeps_what_it_found(shared_engine, clock, asked, monkeypatch, caplog):
    def broken(session) -> Iterator[int]:
        yield 1
        raise MemoryError

    put(monkeypatch, one=lambda session: iter(["wrong"]), two=broken)

    run_audit(shared_engine, asked, clock)

    failed = kept(shared_engine, asked)
    assert (failed.status, failed.trouble) == (ErrandStatus.FAILED, auditing.BROKEN)
    assert [check.differing for check in audits.read(failed)] == [1, 0]
    assert "MemoryError" in caplog.text


def test_a_sign_of_life_that_cannot_be_kept_ends_nothing(shared_engine, clock, asked, monkeypatch, caplog):
    def unreachable(*_arguments: object, **_named: object) -> bool:
        refused.append(1)
        raise sa.exc.OperationalError("", {}, Exception("gone"))

    def look(session) -> Iterator[int]:
        while not refused:
            yield 1
        patch.undo()

    refused: list[int] = []
    put(monkeypatch, one=look)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(errands, "tell", unreachable)
        run_audit(shared_engine, asked, clock)

    assert kept(shared_engine, asked).status is ErrandStatus.DONE
    assert "cannot tell how far it is" in caplog.text
