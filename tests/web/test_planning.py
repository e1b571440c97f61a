"""A plan that was asked for is searched for, tells that it is alive, and ends with a plan or a sentence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bottles import errands, routes, searches
from bottles.db import find, reading, transaction
from bottles.errands import ErrandStatus
from bottles.routes import Plan
from bottles.searches import Search
from routing.problem import Problem
from web import planning
from web.planning import planner_settings, run_search

from .days import TUESDAY, ask


@pytest.fixture
def search(territory_engine, clock) -> int:
    """A plan asked for, for a day with two pickups; the first plan found is good enough."""
    with transaction(territory_engine) as session:
        ask(session, clock())
        return searches.ask(session, TUESDAY, seconds=0, at=clock()).id


def test_settings_reach_the_planner_in_its_units(config):
    settings = planner_settings(config)

    assert (settings.zone, settings.pickup, settings.delivery) == ("Europe/Paris", 10000, 30000)
    assert (settings.travel.metres.b, settings.travel.seconds.a, settings.travel.margin) == (1.2, 60, 0.15)
    assert settings.bottle_grams == 560


def test_a_search_ends_with_a_plan_for_every_call_and_its_curve(territory_engine, config, clock, search):
    plan = run_search(territory_engine, config, search, clock)

    with reading(territory_engine) as session:
        done = find(session, Search, search)
        assert (done.status, done.plan, done.trouble) == (ErrandStatus.DONE, plan, "")
        assert done.curve[-1][1] == find(session, Plan, plan).cost
        (route,) = routes.of_plan(session, plan)
        assert {stop.point for stop in routes.stops(session, route.id)} == {"arbois", "poligny"}


def test_a_search_is_worked_on_once(territory_engine, config, clock, search):
    run_search(territory_engine, config, search, clock)

    again = run_search(territory_engine, config, search, clock)

    assert again is None
    with reading(territory_engine) as session:
        assert len(routes.versions(session, TUESDAY)) == 1


def test_a_search_that_breaks_off_says_a_sentence_and_keeps_no_plan(territory_engine, config, clock, search):
    def break_off(*_arguments: object) -> None:
        raise MemoryError

    plan = run_search(territory_engine, config, search, clock, solver=break_off)

    assert plan is None
    with reading(territory_engine) as session:
        failed = find(session, Search, search)
        assert (failed.status, failed.trouble) == (ErrandStatus.FAILED, planning.BROKEN)
        assert routes.versions(session, TUESDAY) == []


def test_a_running_search_gives_signs_of_life_and_hears_that_it_should_stop(
    territory_engine, config, clock, search, monkeypatch
):
    asked = []

    def look(problem: Problem, _settings: object, _better: object, stop: object) -> object:
        clock.at += timedelta(seconds=7)
        asked.append(stop())
        with transaction(territory_engine) as session:
            assert find(session, Search, search).seen_at == clock()
            errands.stop(session, Search, search)
        asked.append(stop())
        return planning.run(problem, planning.SearchSettings(seconds=0))

    monkeypatch.setattr(planning, "TELL_SECONDS", 0)

    run_search(territory_engine, config, search, clock, solver=look)

    assert asked == [False, True]


def test_a_process_that_has_to_end_stops_the_search_and_keeps_its_best_plan(territory_engine, config, clock):
    with transaction(territory_engine) as session:
        ask(session, clock())
        long = searches.ask(session, TUESDAY, seconds=600, at=clock()).id

    plan = run_search(territory_engine, config, long, clock, stopping=lambda: True)

    assert plan is not None


def test_a_day_without_calls_has_an_empty_plan(territory_engine, config, clock):
    with transaction(territory_engine) as session:
        empty = searches.ask(session, TUESDAY, seconds=0, at=clock()).id

    plan = run_search(territory_engine, config, empty, clock)

    with reading(territory_engine) as session:
        assert routes.of_plan(session, plan) == []


def test_a_closed_point_is_left_out_with_its_reason(territory_engine, config, clock):
    with transaction(territory_engine) as session:
        ask(session, clock(), hours={})
        search = searches.ask(session, TUESDAY, seconds=0, at=clock()).id

    plan = run_search(territory_engine, config, search, clock)

    with reading(territory_engine) as session:
        assert [entry["message"] for entry in find(session, Plan, plan).left_out] == ["Closed all day."] * 2


def test_the_margin_makes_days_longer(territory_engine, config, clock):
    slow = replace(config, travel=replace(config.travel, margin=0.3))
    lengths = []
    with transaction(territory_engine) as session:
        ask(session, clock())
    for settings in (config, slow):
        with transaction(territory_engine) as session:
            search = searches.ask(session, TUESDAY, seconds=0, at=clock()).id
        plan = run_search(territory_engine, settings, search, clock)
        with reading(territory_engine) as session:
            lengths.append(sum(route.driving_seconds for route in routes.of_plan(session, plan)))

    assert lengths[1] == pytest.approx(lengths[0] * 1.3 / 1.15, rel=0.01)
