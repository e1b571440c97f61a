"""What was asked of a route before is answered the same again, for any vehicle of its kind."""

import random
from dataclasses import replace

import pytest

from routing.insertion import memory
from routing.insertion.memory import Known
from routing.problem import Centre, Route
from routing.schedule import Misfit, drive, fits, parts_along, parts_of
from tests.routing.build import HOUR, call, line, rich, vehicle


def drawn(dice, problem, van):
    """Some stops in any order, an unloading in between now and then."""
    stops = dice.sample(problem.calls, dice.randint(1, min(4, len(problem.calls))))
    return [*stops[:1], *van.centres[: dice.randint(0, 1)], *stops[1:]]


@pytest.mark.parametrize("seed", range(60))
def test_answers_are_those_of_asking_the_rules_themselves(seed):
    dice, problem = random.Random(seed), rich(seed)
    known = Known(problem)

    for van in problem.vehicles:
        stops = drawn(dice, problem, van)
        for _ in range(2):
            assert known.route(van, stops) == drive(problem, van, stops), seed
            assert known.fits(van, stops) is fits(problem, van, stops), seed
            assert known.parts(van, stops) == parts_along(problem, van, stops), seed


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("free", [True, False], ids=["hours cost nothing", "hours cost"])
def test_a_price_is_that_of_the_timed_route(seed, free):
    dice, problem = random.Random(seed), rich(seed)

    for van in problem.vehicles:
        van = replace(van, cost_per_hour=0, cost_per_overtime_hour=0) if free else van
        stops = drawn(dice, problem, van)
        route = drive(problem, van, stops)
        priced = None if isinstance(route, Misfit) else parts_of(van, route)

        assert parts_along(problem, van, stops) == priced, seed


def test_vehicles_alike_are_asked_once(monkeypatch):
    asked = []
    monkeypatch.setattr(memory, "drive", lambda *question: asked.append(question) or drive(*question))
    problem = line([call("a", 1), call("b", 2)], [vehicle("one"), vehicle("two"), vehicle("small", crates=5)])
    known = Known(problem)

    routes = [known.route(van, [problem.call["b"], problem.call["a"]]) for van in problem.vehicles]

    assert [route.vehicle for route in routes] == ["one", "two", "small"]
    assert [question[1].id for question in asked] == ["one", "small"]


def test_vehicles_alike_are_told_apart_where_a_call_names_one():
    problem = line([call("a", 1, vehicles=frozenset({"two"}))], [vehicle("one"), vehicle("two")])
    known = Known(problem)

    assert [type(known.route(van, [problem.call["a"]])) for van in problem.vehicles] == [Misfit, Route]


def test_a_route_that_unloads_is_not_the_one_that_does_not():
    depot = Centre(0, 600)
    problem = line([call("a", 1), call("b", 2)], [vehicle(unloads=1, centres=(depot,))])
    known, van = Known(problem), problem.vehicles[0]
    a, b = problem.calls

    straight, unloading = known.route(van, [a, b]), known.route(van, [a, depot, b])

    assert (straight.metres, unloading.metres) == (4_000, 6_000)
    assert known.offers(van, [a, b]) is known.offers(van, [a, b])
    assert known.offers(van, [a, b]) is not known.offers(van, [a, depot, b])


def test_a_day_too_long_has_no_price():
    problem = line([call("a", 5, service=9 * HOUR)], [vehicle()])

    assert parts_along(problem, problem.vehicles[0], problem.calls) is None
