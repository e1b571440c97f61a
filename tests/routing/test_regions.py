"""A large day is cut into parts that hold everything once, searched, and put together into a legal plan."""

from collections import Counter

import pytest

from routing.checker import violations
from routing.schedule import assemble
from routing.search import first
from routing.search.large import Regions
from routing.search.mix import Mix
from routing.search.regions import parts, restored, within
from routing.search.team import Team
from tests.routing.build import day


@pytest.mark.parametrize("turn", [0.0, 0.3, 0.9])
def test_the_parts_hold_every_call_and_every_vehicle_once(turn):
    problem = day(60, 6)

    cut = parts(problem, first(problem), turn, size=20)

    assert Counter(call.id for part in cut for call in part.calls) == Counter(list(problem.call))
    assert Counter(vehicle.id for part in cut for vehicle in part.vehicles) == Counter(list(problem.vehicle))
    assert len(cut) > 1


def test_the_routes_of_a_part_are_legal_there_and_back_in_the_whole():
    problem = day(60, 6)
    plan = first(problem)

    cut = parts(problem, plan, 0.2, size=20)
    routes = [within(part, plan, problem) for part in cut]

    assert all(violations(part, assemble(part, own)) == [] for part, own in zip(cut, routes, strict=True))
    back = [route for part, own in zip(cut, routes, strict=True) for route in restored(problem, part, own)]
    assert sorted(back, key=lambda route: route.vehicle) == sorted(plan.routes, key=lambda route: route.vehicle)


@pytest.mark.slow
def test_searched_part_by_part_a_plan_gets_better_and_stays_legal(monkeypatch):
    monkeypatch.setattr("routing.search.regions.CALLS", 20)
    problem, told = day(60, 6), []

    Regions(problem, first(problem), Team(None), Mix(1.0), 1, lambda plan, phase: told.append(plan)).run(None, 1_200, None)

    assert told[-1].cost < first(problem).cost
    assert all(violations(problem, plan) == [] for plan in told)
