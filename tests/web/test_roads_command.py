"""What drivers' days teach about the ways, and planning that reckons with it."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import select

from bottles import calibrations, codes, intake, migrations
from bottles.db import open_engine, reading, transaction
from bottles.events import EventKind
from bottles.people import Role
from bottles.points import Point
from bottles.wire import NewEvent
from routing.planner.learning import legs_driven
from routing.problem import Place
from routing.travel import between
from tests.apps import copy
from web import planning
from web.commands import main
from web.surroundings import Surroundings

from . import build_day
from .build_day import CELLAR, DAWN, SHOP


@pytest.fixture
def say(territory_engine, clock, tmp_path, monkeypatch):
    """Type a command about the territory's database."""
    here = Surroundings(instance=tmp_path)
    here.__dict__.update(engine=territory_engine, now=clock)
    # its tables are made from the models, not by migrations
    monkeypatch.setattr(migrations, "is_current", lambda _engine: True)
    return lambda *words: CliRunner().invoke(main, list(words), obj=here)


SLOWER = 1.5
"""How much longer the drivers of these tests take than a plan says without margin."""


def drive(session, config, minutes, *, days=1, silent=(), undo=False):
    """Let a driver do routes of three stops, each way in the time given, and tell of all but the silent ones."""
    for number in range(days):
        tasks = [build_day.pickup(session), build_day.pickup(session, point=SHOP), build_day.pickup(session)]
        made = build_day.plan(session, [[task] for task in tasks])
        driver, at, told = build_day.author(session, Role.DRIVER), DAWN + timedelta(hours=1), []
        for position, task in enumerate(tasks):
            visit = {"task": task.id, "plan_version": made.plan, "device": f"van-{number}"}
            reached, left = at, at + timedelta(minutes=10)
            at = left + timedelta(minutes=minutes)
            if position not in silent:
                told += [(EventKind.STOP_REACHED, reached, visit), (EventKind.STOP_DONE, left, visit)]
        ids = []
        for sequence, (kind, when, visit) in enumerate(told, 1):
            ids.append(codes.uuid7(when, 1000 * made.plan + sequence))
            event = NewEvent.model_validate({"id": ids[-1], "sequence": sequence, "kind": kind, "at": when, **visit})
            intake.record(session, event, driver, at=when)
        if undo:
            when = at + timedelta(minutes=1)
            facts = {"kind": EventKind.UNDO, "undoes": ids[-2], "device": f"van-{number}", "sequence": 99, "at": when}
            intake.record(session, NewEvent.model_validate({"id": codes.uuid7(when, 9), **facts}), driver, at=when)


def expected_minutes(session, config):
    """Return what a plan says for the way between the two points, without margin."""
    places = [Place(point.lon, point.lat) for point in (session.get(Point, CELLAR), session.get(Point, SHOP))]
    return int(between(places, planning.planner_settings(config).travel).seconds[0, 1]) / 60 / 1.15


@pytest.fixture(scope="module")
def driven_template(territory_template, config):
    """Twenty days of three stops, each way half as long again as a plan would say: driven once, and copied for each test."""
    engine = open_engine("sqlite://")
    copy(territory_template, engine)
    with transaction(engine) as session:
        build_day.places(session)
        drive(session, config, expected_minutes(session, config) * SLOWER, days=20)
    yield engine
    engine.dispose()


@pytest.fixture
def driven(territory_engine, driven_template):
    copy(driven_template, territory_engine)


def test_a_way_is_from_ending_a_stop_to_reaching_the_next(territory_engine, config):
    with transaction(territory_engine) as session:
        drive(session, config, 25)

        legs = legs_driven(session, planning.ZoneInfo("Europe/Paris"), since=DAWN)

    assert [(leg.seconds, leg.hour, leg.profile) for leg in legs] == [(1500, 8, "car"), (1500, 9, "car")]


@pytest.mark.parametrize(("silent", "left"), [((1,), 0), ((0,), 1), ((0, 1, 2), 0)])
def test_where_nobody_told_of_a_stop_no_way_is_made_up(territory_engine, config, silent, left):
    with transaction(territory_engine) as session:
        drive(session, config, 25, silent=silent)

        assert len(legs_driven(session, planning.ZoneInfo("Europe/Paris"), since=DAWN)) == left


def test_what_was_undone_was_not_driven(territory_engine, config):
    with transaction(territory_engine) as session:
        drive(session, config, 25, undo=True)

        assert len(legs_driven(session, planning.ZoneInfo("Europe/Paris"), since=DAWN)) == 1


def test_days_before_are_not_read(territory_engine, config):
    with transaction(territory_engine) as session:
        drive(session, config, 25)

        assert legs_driven(session, planning.ZoneInfo("Europe/Paris"), since=DAWN + timedelta(days=2)) == []


def test_too_few_ways_are_refused_in_a_sentence(say, territory_engine, config):
    with transaction(territory_engine) as session:
        drive(session, config, 25)

    answer = say("roads", "calibrate", "--write")

    assert answer.exit_code == 1
    assert "2 of 2 ways between stops can be used, and it takes 30" in answer.output
    with reading(territory_engine) as session:
        assert calibrations.latest(session, "circle") is None


def test_the_factor_is_told_with_its_ways_and_its_errors_and_changes_nothing_unasked(say, territory_engine, driven):
    answer = say("roads", "calibrate")

    assert answer.exit_code == 0, answer.output
    # forty legs of half as long again, drawn by ten legs towards 1
    assert "From 40 of 40 legs" in answer.output
    assert "car      x 1.38   from 40 ways" in answer.output
    assert "--write lets it reckon with this" in answer.output
    with reading(territory_engine) as session:
        assert calibrations.latest(session, "circle") is None


def test_planning_reckons_with_what_was_written_until_it_is_forgotten(say, territory_engine, config, driven):
    def way():
        with reading(territory_engine) as session:
            places = [Place(point.lon, point.lat) for point in session.exec(select(Point).where(Point.id.in_([CELLAR, SHOP])))]
            settings = planning.calibrated(session, config)
        return int(between(places, settings.travel).seconds[0, 1])

    before = way()
    say("roads", "calibrate", "--write")
    after = way()
    say("roads", "calibrate", "--forget")

    # the margin of 15 % gives way to a factor, and to the margin that was measured
    assert after / before == pytest.approx(SLOWER / 1.15, rel=0.01)
    assert way() == before


def test_what_another_source_of_ways_taught_is_not_used(territory_engine, config):
    facts = {"legs": 40, "used": 40, "before": 0.5, "after": 0.1, "made_at": DAWN}
    with transaction(territory_engine) as session:
        session.add(calibrations.Calibration(source="osrm", factors={"car": 2.0}, **facts))

    with reading(territory_engine) as session:
        assert planning.calibrated(session, config) == planning.planner_settings(config)


def test_a_factor_that_no_road_explains_is_told_and_not_written(say, territory_engine, config):
    with transaction(territory_engine) as session:
        build_day.places(session)
        drive(session, config, expected_minutes(session, config) * 30, days=20)

    answer = say("roads", "calibrate", "--write")

    assert answer.exit_code == 1
    assert "From 40 of 40 legs" in answer.output
    assert "expected factors from 0.2 to 5" in answer.output
    with reading(territory_engine) as session:
        assert calibrations.latest(session, "circle") is None


def test_to_write_and_to_forget_at_once_is_refused(say, territory_engine, driven):
    say("roads", "calibrate", "--write")

    answer = say("roads", "calibrate", "--write", "--forget")

    assert answer.exit_code == 2
    with reading(territory_engine) as session:
        assert calibrations.latest(session, "circle") is not None
