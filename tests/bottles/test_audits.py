"""An audit that was asked for is one for everybody, may be stopped, and keeps what it found for readers of any language."""

from datetime import timedelta

import sqlalchemy as sa

from bottles import audit, audits, errands
from bottles.audit import Check
from bottles.audits import Audit
from bottles.db import find
from bottles.errands import ErrandStatus
from bottles.errors import Fault, say
from tests.build import NOON

LATER = NOON + timedelta(minutes=5)
WRONG = Fault(say("all accounts together hold %(total)s, not 0"), total=3)


def asked(session) -> Audit:
    return audits.ask(session, at=NOON)[0]


def test_while_one_is_under_way_that_one_is_meant(session, cast):
    first, is_new = audits.ask(session, person=cast.driver.person, at=NOON)
    again, is_new_again = audits.ask(session, at=LATER)
    errands.finish(session, Audit, first.id, at=LATER)
    after, is_new_after = audits.ask(session, at=LATER)

    assert (is_new, is_new_again, is_new_after) == (True, False, True)
    assert (first.id, first.asked_by) == (again.id, cast.driver.person)
    assert after.id != first.id
    assert [one.id for one in audits.recent(session, 2)] == [after.id, first.id]


def test_one_that_nobody_has_begun_ends_when_it_is_stopped(session):
    waiting = asked(session)

    audits.stop(session, waiting.id, at=LATER)

    assert (waiting.status, waiting.seen_at, audits.read(waiting)) == (ErrandStatus.DONE, LATER, [])
    assert not errands.take(session, Audit, waiting.id, at=LATER)


def test_one_that_runs_hears_the_stop_at_its_next_sign_of_life(session):
    running = asked(session)
    errands.take(session, Audit, running.id, at=NOON)
    session.expire_all()

    before = errands.tell(session, Audit, running.id, at=NOON, checks=[])
    audits.stop(session, running.id, at=NOON)
    after = errands.tell(session, Audit, running.id, at=LATER, checks=audits.told([Check("One", compared=7, read=2)]))

    assert (before, after) == (False, True)
    assert (running.status, running.seen_at) == (ErrandStatus.RUNNING, LATER)
    assert [check.looked for check in audits.read(running)] == [9]


def test_what_another_worker_has_ended_with_is_not_written_over(session):
    ended = asked(session)
    errands.take(session, Audit, ended.id, at=NOON)
    errands.finish(session, Audit, ended.id, at=NOON, checks=audits.told([Check("One", compared=7)]))

    is_enough = errands.tell(session, Audit, ended.id, at=LATER, checks=[])
    errands.put_back(session, Audit, ended.id)

    assert is_enough
    assert (ended.status, ended.seen_at) == (ErrandStatus.DONE, NOON)
    assert [check.looked for check in audits.read(ended)] == [7]


def test_faults_are_kept_as_message_and_values_and_read_as_they_were(session):
    kept = asked(session)
    checks = [Check("One", compared=4, faults=[WRONG, "sorted pont-du-navoy: -1"], differing=2, is_done=True)]

    errands.finish(session, Audit, kept.id, at=LATER, checks=audits.told(checks))
    session.flush()
    session.expire_all()

    read = audits.read(find(session, Audit, kept.id))
    assert read == checks
    assert (read[0].faults[0].message, read[0].faults[0].values) == (WRONG.message, {"total": 3})


def test_of_a_great_many_faults_only_the_first_are_kept_and_all_are_counted(session):
    many = Check("One", faults=[WRONG] * (audits.KEPT + 1), differing=audits.KEPT + 1)

    (told,) = audits.told([many])

    assert (len(told["faults"]), told["differing"]) == (audits.KEPT, audits.KEPT + 1)


def test_what_the_databases_themselves_add_up_can_be_kept(session, cast):
    """PostgreSQL gives a sum as a number of its own kind."""
    session.flush()
    columns = {"kind": "point", "holder": "cave", "item": "jura75", "lot": 0, "order": 0, "guarded": False, "quantity": 3}
    session.connection().execute(sa.insert(audit.accounts.ACCOUNT).values(**columns))
    kept = asked(session)

    errands.finish(session, Audit, kept.id, at=LATER, checks=audits.told(audit.audit(session)))
    session.flush()
    session.expire_all()

    assert WRONG in [fault for check in audits.read(kept) for fault in check.faults]
