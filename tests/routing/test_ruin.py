"""Ruin and recreate: never worse, legal under every rule, the same for the same dice."""

import time

import pytest

from routing.checker import violations
from routing.insertion import Builder
from routing.insertion.ruin import improve
from tests.routing import build
from tests.routing.build import call, line, rich, vehicle


def rank(problem, plan):
    return sum(problem.call[name].prize is None for name in plan.left_out), plan.cost


@pytest.mark.parametrize("seed", [1, 5, 7])
def test_it_makes_legal_plans_that_are_no_worse_under_every_rule(seed):
    problem = rich(seed)
    builder = Builder(problem)
    builder.insert()
    builder.prune()
    first = builder.solution()

    better = improve(problem, {}, iterations=15, seed=seed)

    assert not violations(problem, better)
    assert rank(problem, better) <= rank(problem, first)


def test_it_mends_a_detour():
    calls = [call(name, place) for name, place in zip("abcd", (1, 2, 3, 4), strict=True)]
    problem = line(calls, [vehicle("one"), vehicle("two")])

    better = improve(problem, {"one": ["a", "c"], "two": ["d", "b"]}, iterations=30)

    assert better.cost == 8_000


def test_the_same_dice_give_the_same_plan():
    problem = build.day(15, 2)

    assert improve(problem, {}, 10, seed=3) == improve(problem, {}, 10, seed=3)


def test_it_ends_when_it_is_told_to_or_the_time_is_over():
    problem = build.day(15, 2)
    first = improve(problem, {}, 0)

    assert improve(problem, {}, 10**6, stop=lambda: True) == first
    assert improve(problem, {}, 10**6, until=time.monotonic()) == first


def test_each_better_plan_is_told():
    told = []
    calls = [call(name, place) for name, place in zip("abcd", (1, 2, 3, 4), strict=True)]
    problem = line(calls, [vehicle("one"), vehicle("two")])

    better = improve(problem, {"one": ["a", "c"], "two": ["d", "b"]}, 30, progress=told.append)

    assert told
    assert told[-1] == {route.vehicle: list(route.calls) for route in better.routes}


def test_a_day_without_calls_stays_empty():
    assert improve(line([], [vehicle()]), {}, 5).routes == ()
