"""Letters are written once, sent at least once, and tried again later each time."""

from datetime import timedelta

from bottles import outbox
from bottles.db import find
from bottles.outbox import MOST, PATIENCE, Letter
from tests.build import NOON


def put(session, key="near:1", **facts):
    outbox.write(session, key, "chene@example.org", "The van", "comes", **{"at": NOON, **facts})
    return outbox.due(session, at=facts.get("at", NOON))


def test_a_letter_is_written_once(session):
    assert outbox.write(session, "near:1", "a@example.org", "The van", "comes", at=NOON)
    assert not outbox.write(session, "near:1", "a@example.org", "The van", "comes again", at=NOON)

    (letter,) = outbox.due(session, at=NOON)
    assert find(session, Letter, letter).body == "comes"


def test_of_two_who_would_send_a_letter_one_gets_it(session):
    (letter,) = put(session)

    assert outbox.claim(session, letter, at=NOON) is not None
    assert outbox.claim(session, letter, at=NOON) is None
    assert outbox.due(session, at=NOON) == []


def test_a_letter_whose_sender_died_is_claimed_again(session):
    (letter,) = put(session)
    outbox.claim(session, letter, at=NOON)

    assert outbox.due(session, at=NOON + PATIENCE) == [letter]
    assert outbox.claim(session, letter, at=NOON + PATIENCE) is not None


def test_a_letter_that_was_sent_is_not_due(session):
    (letter,) = put(session)
    outbox.claim(session, letter, at=NOON)
    outbox.sent(session, letter, at=NOON)
    session.flush()

    assert outbox.due(session, at=NOON + timedelta(days=1)) == []
    assert outbox.claim(session, letter, at=NOON + timedelta(days=1)) is None


def test_each_failure_waits_twice_as_long_and_the_last_one_waits_for_a_person(session):
    (letter,) = put(session)
    at, waits = NOON, []
    for _ in range(MOST):
        outbox.claim(session, letter, at=at)
        outbox.failed(session, letter, "550 no such mailbox", at=at)
        session.flush()
        session.expire_all()
        waits.append(find(session, Letter, letter).next_at - at)
        at += waits[-1]

    assert waits == [PATIENCE * 2**n for n in range(MOST)]
    assert outbox.due(session, at=at) == []
    assert [stuck.trouble for stuck in outbox.stuck(session, at=at)] == ["550 no such mailbox"]


def test_a_letter_that_comes_too_late_is_not_sent(session):
    assert put(session, until=NOON + timedelta(minutes=15)) != []

    assert outbox.due(session, at=NOON + timedelta(minutes=15)) == []
