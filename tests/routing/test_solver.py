"""The solver's plan is legal, never worse than the first one, and never a traceback."""

from dataclasses import replace
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

import routing
from routing import Settings
from routing.checker import violations
from routing.model import polish
from routing.problem import Route
from routing.schedule import assemble, schedule
from routing.search import first
from tests.routing.build import HOUR, call, day, line, vehicle

QUICK = Settings(seconds=0.4)


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


@pytest.mark.parametrize("seed", range(3))
def test_the_full_model_starts_from_a_legal_plan_and_its_plans_break_no_rule_but_the_pause(seed):
    problem = day(12, 3, seed)
    problem = replace(problem, vehicles=tuple(replace(van, break_after=None) for van in problem.vehicles))
    told = []

    polish(problem, first(problem), monotonic() + 0.4, told.append)

    assert told
    for plan in told:
        assert all(isinstance(schedule(problem, problem.vehicle[van], calls), Route) for van, calls in plan.items())


def test_the_full_model_alone_brings_clean_goods_out_before_it_collects():
    calls = [call("dirty", 1, collect=5, service=HOUR), call("clean", 3, deliver=5, service=HOUR)]
    problem = line(calls, [vehicle(mixed=False, break_after=2 * HOUR, break_seconds=1800)])
    told = []

    polish(problem, assemble(problem, ()), monotonic() + 0.4, told.append)

    assert told[-1] == {"van": ["clean", "dirty"]}


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="seconds is -1"):
        Settings(seconds=-1)
    with pytest.raises(ValueError, match="proposing is 2"):
        Settings(proposing=2)
