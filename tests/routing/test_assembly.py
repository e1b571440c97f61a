"""Children by edge assembly: one parent, with ways of the other in one place."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from routing.search.able import answerable
from routing.search.assembly import DOOR, Assembly
from routing.search.crossover import Crossover
from routing.search.mix import ASSEMBLER
from routing.search.population import Population
from routing.search.words import Translation
from tests.routing.build import day

STOPS = 8


def assembly(key=None, seed=1):
    """Stops 0 to 7 stand in a line, a metre apart, the doors of two kinds of vehicle before the first."""
    keys = {("CLIENT", number): ("CLIENT", number) for number in range(STOPS)} | (key or {})
    row = {node: node[1] + 1 for node in keys.values()} | {(DOOR, 0): 0, (DOOR, 1): 0}
    metres = np.arange(STOPS + 1)
    return Assembly(keys, row, abs(metres - metres[:, None]), Random(seed))


def plan(*routes, kind=0):
    return [(kind, tuple(("CLIENT", number) for number in route)) for route in routes]


def numbers(paths):
    """Write a plan as its routes' stops, each the way round that begins with the smaller end."""
    return sorted(min(route, route[::-1]) for route in ([number for _, number in steps] for _, steps in paths))


def ways(paths):
    return Counter(way for kind, steps in paths for way in pairwise([kind, *steps, kind]))


@some.composite
def plans(draw):
    """Some of the stops, in some order, on routes of two kinds of vehicle."""
    stops = draw(some.permutations(range(STOPS)))[: draw(some.integers(1, STOPS))]
    cuts = sorted({0, len(stops), *draw(some.lists(some.integers(0, len(stops)), max_size=3))})
    routes = [stops[begin:end] for begin, end in pairwise(cuts)]
    return [path for route in routes for path in plan(route, kind=draw(some.integers(0, 1)))]


@settings(max_examples=300, deadline=None)
@given(one=plans(), other=plans(), seed=some.integers(0, 10**6))
def test_a_child_serves_a_stop_once_at_most_and_only_what_a_parent_serves(one, other, seed):
    for child in assembly(seed=seed)(one, other, 10):
        served = [step for _, steps in child for step in steps]

        assert len(served) == len(set(served))
        assert set(served) <= {step for paths in (one, other) for _, steps in paths for step in steps}
        assert all(steps for _, steps in child)


@settings(max_examples=300, deadline=None)
@given(one=plans(), other=plans(), seed=some.integers(0, 10**6))
def test_what_both_parents_serve_each_child_serves(one, other, seed):
    both = {step for _, steps in one for step in steps} & {step for _, steps in other for step in steps}

    for child in assembly(seed=seed)(one, other, 10):
        # where no route is left that a circle could join, its stops are for the local search
        assert not child or both <= {step for _, steps in child for step in steps}


def test_a_child_has_ways_of_its_parents_alone_and_each_difference_from_the_first_is_of_the_second():
    one, other = plan([0, 1, 2, 3], [4, 5, 6, 7]), plan([0, 1, 2, 7], [4, 5, 6, 3])

    children = assembly()(one, other, 10)

    assert children
    for child in children:
        assert ways(child) != ways(one)
        assert not ways(child) - ways(one) - ways(other)


def test_parents_alike_have_no_child_either_way_round():
    assert assembly()(plan([0, 1, 2], [3, 4]), plan([4, 3], [2, 1, 0]), 5) == []


def test_there_are_no_more_children_than_asked_for():
    one, other = plan([0, 1, 2], [3, 4, 5]), plan([1, 0, 2], [3, 5, 4])

    assert [len(assembly()(one, other, most)) for most in (1, 5)] == [1, 2]


def test_a_stop_that_only_the_other_serves_comes_in():
    (child,) = assembly()(plan([0, 1, 2]), plan([0, 1, 5, 2]), 5)

    assert numbers(child) == [[0, 1, 5, 2]]


def test_a_stop_that_the_other_leaves_out_goes():
    (child,) = assembly()(plan([0, 1, 5, 2]), plan([0, 1, 2]), 5)

    assert numbers(child) == [[0, 1, 2]]


def test_a_vehicle_more_goes_out_as_in_the_other():
    (child,) = assembly()(plan([0, 1, 2, 3]), plan([0, 1], [2, 3]), 5)

    assert numbers(child) == [[0, 1], [2, 3]]


def test_a_circle_is_opened_into_the_route_where_it_costs_least():
    # 1 to 4 and 3 to 2, as in the other, leave 2 and 3 to each other
    one, other = plan([0, 1, 2, 3, 4, 5], [6, 7]), plan([0, 1, 4, 5], [6, 7, 3, 2])

    children = [numbers(child) for child in assembly()(one, other, 5)]

    assert [[0, 1, 2, 3, 4, 5], [6, 7]] in children


def test_a_call_in_another_of_its_windows_is_the_same_stop():
    again = {("CLIENT", 6): ("GROUP", 0), ("CLIENT", 7): ("GROUP", 0)}

    (child,) = assembly(again)(plan([6, 0, 1]), plan([0, 1, 7]), 5)[:1]

    assert [step for _, steps in child for step in steps if step[1] >= 6] == [("CLIENT", 6)]


@pytest.mark.parametrize("step", [("DEPOT", 2), ("PICKUP", 0)])
def test_routes_that_are_more_than_their_ways_have_no_child(step):
    assert assembly()([(0, (("CLIENT", 0), step, ("CLIENT", 1)))], plan([1, 0, 2]), 5) == []


@pytest.mark.parametrize("alike", [False, True])
def test_children_of_assemblers_are_by_exchange_where_their_parents_are_alike(alike, monkeypatch):
    problem, litters, exchanged = day(20, 3), [], []
    assemble, exchange = Assembly.__call__, Crossover.__call__
    monkeypatch.setattr(Assembly, "__call__", lambda *asked: litters.append([] if alike else assemble(*asked)) or litters[-1])
    monkeypatch.setattr(Crossover, "__call__", lambda *asked: exchanged.append(asked) or exchange(*asked))
    population = Population(Translation(problem, True, answerable(problem)).data, 1, replace(ASSEMBLER, patience=5))

    population.run(lambda: population.born >= 2 * ASSEMBLER.size)

    assert litters
    assert len(exchanged) == sum(not litter for litter in litters)
    assert any(litters) is not alike
    assert population.best.is_feasible()
