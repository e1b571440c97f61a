"""Two requests at the same moment: the one that another got in the way of is begun again, while that is safe."""

import psycopg.errors
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bottles import crates, intake
from bottles.db import reading, transaction
from bottles.events import Event
from bottles.people import Role
from web import races

from . import build_day
from .api_clients import Race
from .conftest import TUESDAY

DEADLOCK = OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected("they wait for each other"))


@pytest.fixture
def scan(sign_in, territory_engine):
    """Scan a crate into service on the centre's page."""
    with transaction(territory_engine) as session:
        build_day.places(session)
        code = crates.register(session, build_day.CRATE, 1)[0].code
    return lambda: sign_in(Role.WASHER).post("/centre/crates/commission/scan", data={"code": code})


def kept(engine) -> list[Event]:
    with reading(engine) as session:
        return list(session.exec(select(Event)))


@pytest.mark.parametrize("error", [psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation])
def test_a_page_that_another_one_got_in_the_way_of_is_begun_again(scan, territory_engine, monkeypatch, error):
    monkeypatch.setattr(intake, "record_all", Race(intake.record_all, 3, error))

    answer = scan()

    assert answer.status_code < 400, answer.text
    assert len(kept(territory_engine)) == 1


@pytest.mark.parametrize(("times", "error"), [(4, psycopg.errors.DeadlockDetected), (1, psycopg.errors.ConnectionFailure)])
def test_a_page_that_cannot_be_answered_now_says_so(scan, territory_engine, monkeypatch, times, error):
    monkeypatch.setattr(intake, "record_all", Race(intake.record_all, times, error))

    assert scan().status_code == 503
    assert kept(territory_engine) == []


def test_what_is_committed_is_not_done_again(app, territory_engine):
    begun = []

    def view():
        begun.append(TUESDAY)
        with transaction(territory_engine) as session:
            crates.register(session, build_day.CRATE, 1)
        raise DEADLOCK

    with app.test_request_context():
        app.preprocess_request()
        with pytest.raises(OperationalError):
            races.again(view)

    assert len(begun) == 1


def test_what_only_looked_is_begun_again(app, engine):
    begun = []

    def view():
        begun.append(TUESDAY)
        assert kept(engine) == []
        raise DEADLOCK

    with app.test_request_context():
        app.preprocess_request()
        with pytest.raises(OperationalError):
            races.again(view)

    assert len(begun) == races.TRIES
