"""A large day is cut into parts that hold everything once, searched, and put together into a legal plan."""

from collections import Counter
from dataclasses import replace
from math import cos, sin, tau
from time import monotonic

import pytest

from routing.checker import violations
from routing.problem import Place, Shipment
from routing.schedule import assemble, schedule
from routing.search import first, rank
from routing.search.large import Part, Regions
from routing.search.mix import Mix
from routing.search.regions import parts, restored, within
from routing.search.searcher import Round
from routing.search.team import Team
from tests.routing.build import call, day, line, vehicle


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


def around(calls, vehicles):
    """Places in a ring around the depot, counted from the east northwards."""
    size = len(calls) + 1
    angles = [place * tau / size for place in range(size)]
    ring = tuple(Place(5.5 + cos(angle) / 10, 46.7 + sin(angle) / 10) for angle in angles[1:])
    return replace(line(calls, vehicles, places=size), places=(Place(5.5, 46.7), *ring))


def test_without_a_plan_the_parts_hold_calls_of_one_side_and_vehicles_of_each_kind():
    vans = [vehicle(f"{size}{number}", crates=len(size)) for size in ("large", "small van") for number in range(3)]
    problem = around([call(f"c{place}", place) for place in range(1, 13)], vans)

    cut = parts(problem, assemble(problem, ()), 0.0, size=4)

    assert [sorted(part.call) for part in cut] == [
        ["c1", "c2", "c3", "c4"],
        ["c5", "c6", "c7", "c8"],
        ["c10", "c11", "c12", "c9"],
    ]
    assert [sorted(vehicle.id[:5] for vehicle in part.vehicles) for part in cut] == [["large", "small"]] * 3


def test_calls_that_a_shipment_joins_are_in_one_part_though_they_lie_apart():
    calls = [call(f"c{number}", number % 6) for number in range(12)]
    joined = Shipment("c1", "c11", (1, 0))
    problem = line(calls, [vehicle("one"), vehicle("two")], shipments=(joined,))

    cut = parts(problem, assemble(problem, ()), 0.0, size=6)

    assert [part.shipments for part in cut if {"c1", "c11"} & set(part.call)] == [(joined,)]


def test_idle_vehicles_go_where_most_calls_wait():
    problem = around([call(f"c{place}", place) for place in range(1, 7)], [vehicle("out"), vehicle("idle")])
    route = schedule(problem, problem.vehicle["out"], ["c1", "c2", "c3"])

    cut = parts(problem, assemble(problem, [route]), 0.0, size=3)

    assert {tuple(part.vehicle): {*part.call} for part in cut} == {("out",): {"c1", "c2", "c3"}, ("idle",): {"c4", "c5", "c6"}}


@pytest.mark.slow
def test_from_nothing_a_day_is_planned_part_by_part(monkeypatch):
    monkeypatch.setattr("routing.search.regions.CALLS", 20)
    problem, told = day(60, 6), []

    Regions(problem, assemble(problem, ()), Team(None), Mix(1.0), 1, lambda plan, phase: told.append(plan)).run(None, 600, None)

    assert len(told[0].routes) < len(told[-1].routes)
    assert rank(problem, told[-1]) < rank(problem, first(problem))
    assert all(violations(problem, plan) == [] for plan in told)


def test_by_the_clock_too_a_part_is_searched_from_nothing():
    problem = day(12, 2)
    nothing = assemble(problem, ())
    search = Part(problem, nothing, 1, Mix(1.0)).searcher()

    report = search.run(Round(monotonic() + 0.3, None))

    assert rank(problem, report.mended) < rank(problem, nothing)
    assert violations(problem, report.mended) == []


@pytest.mark.slow
def test_searched_part_by_part_a_plan_gets_better_and_stays_legal(monkeypatch):
    monkeypatch.setattr("routing.search.regions.CALLS", 20)
    problem, told = day(60, 6), []

    Regions(problem, first(problem), Team(None), Mix(1.0), 1, lambda plan, phase: told.append(plan)).run(None, 1_200, None)

    assert told[-1].cost < first(problem).cost
    assert all(violations(problem, plan) == [] for plan in told)


def test_what_is_better_for_a_part_and_worse_for_the_day_is_not_kept(monkeypatch):
    monkeypatch.setattr("routing.search.regions.CALLS", 1)
    calls = [call("near", 1), call("far", 5, prize=50_000)]
    # alone, far is worth its way; beside a short route, a long one costs more than the prize
    problem = line(calls, [vehicle("one"), vehicle("two")], balance_per_hour=100_000)
    start, told = assemble(problem, [schedule(problem, problem.vehicle["two"], [problem.call["near"]])]), []

    Regions(problem, start, Team(None), Mix(1.0), 1, lambda plan, phase: told.append(plan)).run(None, 120, None)

    assert told == []
