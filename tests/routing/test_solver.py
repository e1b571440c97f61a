"""The solver's plan is legal, never worse than the first one, and never a traceback."""

from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import routing
from routing import Settings
from routing.checker import violations
from routing.problem import Rests
from routing.search import Search, first
from routing.search.large import Regions
from routing.search.mix import APART, BEFORE, mix
from routing.search.team import Crew
from routing.solver import _crew
from tests.routing.build import HOUR, call, day, line, vehicle

QUICK = Settings(seconds=0.4, processes=1)


def must_left_out(problem, solution):
    return sum(problem.call[call].prize is None for call in solution.left_out)


@settings(max_examples=6, deadline=None)
@given(calls=some.integers(0, 15), vehicles=some.integers(0, 4), seed=some.integers(0, 10**6))
def test_a_plan_passes_the_checker_and_is_no_worse_than_the_first(calls, vehicles, seed):
    problem = day(calls, vehicles, seed)
    quick = first(problem)

    plan = routing.solve(problem, QUICK)

    assert violations(problem, plan) == []
    assert (must_left_out(problem, plan), plan.cost) <= (must_left_out(problem, quick), quick.cost)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(calls=some.integers(10, 40), vehicles=some.integers(1, 6), seed=some.integers(0, 10**6))
def test_larger_plans_pass_the_checker_too(calls, vehicles, seed):
    problem = day(calls, vehicles, seed)

    assert violations(problem, routing.solve(problem, Settings(seconds=1))) == []


@pytest.mark.parametrize(
    "problem",
    [
        line([], []),
        line([], [vehicle()]),
        line([call()], []),
        line([call(windows=())], [vehicle()]),
        line([call(collect=999, prize=None)], [vehicle()]),
        line([call(tags={"lane"})], [vehicle()]),
        line([call(place=5, service=20 * HOUR)], [vehicle()]),
        line([call(place=0)], [vehicle(cost_per_km=0)]),
    ],
)
def test_a_day_on_which_little_or_nothing_fits_gives_a_legal_plan(problem):
    assert violations(problem, routing.solve(problem, QUICK)) == []


def test_progress_tells_ever_better_plans_and_the_last_is_the_answer():
    told = []

    plan = routing.solve(day(15, 3, seed=4), Settings(seconds=1), told.append)

    assert told[0].phase == "first"
    assert [step.cost for step in told] == sorted((step.cost for step in told), reverse=True)
    assert told[-1].solution == plan


def test_told_to_stop_the_search_gives_what_it_has():
    problem = day(15, 3)

    plan = routing.solve(problem, Settings(seconds=60), stop=lambda: True)

    assert violations(problem, plan) == []


def test_no_time_gives_the_first_plan():
    problem = day(15, 3)

    assert routing.solve(problem, Settings(seconds=0)) == first(problem)


@pytest.mark.parametrize(
    ("settings", "stop"),
    [
        (Settings(seconds=0, processes=1), None),
        (Settings(seconds=0.05, processes=1), None),
        (Settings(seconds=60, processes=2), lambda: True),
        (Settings(seconds=0.5, processes=1, proposing=0), None),
    ],
    ids=["no time", "hardly any", "stopped at once", "no local search"],
)
def test_a_day_cut_into_regions_has_a_plan_though_no_region_was_searched(settings, stop, monkeypatch):
    monkeypatch.setattr("routing.search.mix.HURRIED", {True: (10, 10.0)})
    monkeypatch.setattr("routing.solver.WHOLE", 10)  # nor does the full model begin from nothing
    problem, told = day(15, 3), []

    plan = routing.solve(problem, settings, told.append, stop)

    assert (told[0].phase, told[0].solution) == ("first", first(problem))
    assert plan == told[-1].solution
    assert plan.routes


def test_a_day_with_time_for_both_is_searched_whole_and_then_in_regions(monkeypatch):
    monkeypatch.setattr("routing.search.mix.AMPLE", (10, 0.0))
    monkeypatch.setattr("routing.solver.WHOLE", 10)  # no full model
    searched = []
    monkeypatch.setattr(Search, "run_until", lambda search, until, stop: searched.append(("whole", until)))
    monkeypatch.setattr(Regions, "run", lambda regions, until, *_: searched.append((regions.mix.breeds, until)))

    routing.solve(day(20, 3), Settings(seconds=600, processes=1, proposing=0.5))

    (before, middle), (after, end) = searched
    assert (before, after) == ("whole", APART)
    # of 300 s for both, but for what the first plan took
    assert end - middle == pytest.approx(300 * (1 - BEFORE), abs=10)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_a_budget_of_iterations_gives_the_same_plan_every_time(processes):
    settings = Settings(iterations=300, processes=processes, seed=5)

    once, again = (routing.solve(day(20, 3, seed=2), settings) for _ in range(2))

    assert once == again


@pytest.mark.parametrize(("waiting", "processes"), [(2, 1), (1, 2)])
def test_search_processes_that_wait_do_not_change_the_plan(waiting, processes):
    problem, settings = day(20, 3, seed=2), Settings(iterations=300, processes=processes, seed=5)

    assert routing.solve(problem, settings, crew=Crew(waiting)) == routing.solve(problem, settings)


def test_a_small_day_needs_none_of_the_search_processes_that_wait():
    crew = Crew(1)

    assert _crew(day(8, 2), Settings(seconds=60), crew) is crew
    assert crew.processes == []


def test_a_budget_of_iterations_is_used_whatever_the_clock_says():
    problem = day(20, 3, seed=2)

    plan = routing.solve(problem, Settings(seconds=0, iterations=300, processes=1))

    assert plan.cost < first(problem).cost


def test_a_warm_plan_is_where_the_search_starts():
    problem, told = day(20, 3, seed=2), []
    good = routing.solve(problem, Settings(iterations=400, processes=1))

    routing.solve(problem, Settings(seconds=0, warm=good), told.append)

    assert told[0].solution == good


def test_a_warm_plan_that_is_not_legal_any_more_is_mended():
    problem = day(20, 3, seed=2)
    good = first(problem)
    smaller = replace(problem, calls=problem.calls[1:], vehicles=problem.vehicles[:2])

    for warm in (good, {"v0": ["c1", "nobody"], "gone": ["c2"]}):
        plan = routing.solve(smaller, Settings(seconds=0, warm=warm))
        assert violations(smaller, plan) == []


def test_searches_on_two_cores_end_with_the_clock():
    problem, began = day(25, 3), monotonic()

    plan = routing.solve(problem, Settings(seconds=1.5, processes=2))

    assert violations(problem, plan) == []
    assert monotonic() - began < 30  # 1.5 s and what a busy machine adds: to start two processes takes most of it


def test_less_is_shaken_where_the_search_knows_every_rule():
    known, roughly = line([call()], [vehicle()]), line([call()], [vehicle(rests=Rests.once(6 * HOUR, HOUR))])

    assert mix(known, 15).breed(0).shaken < mix(roughly, 15).breed(0).shaken


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="seconds is -1"):
        Settings(seconds=-1)
    with pytest.raises(ValueError, match="seconds is inf"):
        Settings(seconds=float("inf"))
    with pytest.raises(ValueError, match="proposing is 2"):
        Settings(proposing=2)
    with pytest.raises(ValueError, match="iterations is -1"):
        Settings(iterations=-1)
    with pytest.raises(ValueError, match="seed is -1, expected 0 to 4,000,000"):
        Settings(seed=-1)
    with pytest.raises(ValueError, match="seed is 4000001"):
        Settings(seed=4_000_001)
    with pytest.raises(ValueError, match="processes is 0"):
        Settings(processes=0)
