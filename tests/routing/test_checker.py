"""The checker rejects every planted violation and nothing else."""

from dataclasses import replace

import pytest

from routing.checker import cost, violations
from routing.problem import Route, Solution, Vehicle
from routing.schedule import assemble, schedule
from tests.routing.build import HOUR, call, line, vehicle

CALLS = (
    call("a", 1, deliver=4, windows=((8 * HOUR, 9 * HOUR),), service=600),
    call("b", 2, collect=6, windows=((8 * HOUR, 12 * HOUR),), service=600),
    call("c", 3, prize=500),
)


def codes(problem, solution):
    return {violation.code for violation in violations(problem, solution)}


def honest(**changes):
    """A legal solution: a, then b; c is left out."""
    van = vehicle(**{"cost_per_hour": 2000, **changes})
    problem = line(CALLS, [van])
    route = schedule(problem, van, ["a", "b"])
    assert isinstance(route, Route)
    return problem, assemble(problem, [route])


def changed(solution, **changes):
    """The same solution with its only route changed, its cost said anew by the checker."""
    return replace(solution, routes=(replace(solution.routes[0], **changes),))


def moved(solution, index, **changes):
    """The same solution with one visit changed."""
    visits = list(solution.routes[0].visits)
    visits[index] = replace(visits[index], **changes)
    return changed(solution, visits=tuple(visits))


def with_vehicle(problem, van: Vehicle):
    return replace(problem, vehicles=(van,))


def test_a_legal_solution_has_no_violations():
    problem, solution = honest()

    assert violations(problem, solution) == []
    assert cost(problem, solution) == solution.cost


def test_an_empty_day_is_legal():
    assert violations(line([], []), Solution((), (), 0)) == []


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("capacity", {"capacity": (5, 100)}),
        ("shift", {"shift": (9 * HOUR, 16 * HOUR)}),
        ("shift", {"shift": (6 * HOUR, 8 * HOUR)}),
        ("break", {"break_after": 1200, "break_seconds": 600}),
    ],
)
def test_what_the_vehicle_cannot_do_is_caught(code, change):
    problem, solution = honest()

    assert code in codes(with_vehicle(problem, replace(problem.vehicles[0], **change)), solution)


def test_a_missing_tag_is_caught():
    problem, solution = honest()
    problem = replace(problem, calls=(replace(CALLS[0], tags=frozenset({"lane"})), *CALLS[1:]))

    assert "tag" in codes(problem, solution)


def test_dirty_before_clean_is_caught_only_where_they_must_not_mix():
    van = vehicle()
    problem = line([call("a", 1, collect=1), call("b", 2, deliver=1)], [van])
    route = schedule(problem, van, ["a", "b"])
    assert isinstance(route, Route)
    solution = assemble(problem, [route])

    assert codes(problem, solution) == set()
    assert codes(with_vehicle(problem, replace(van, mixed=False)), solution) == {"order"}


def test_a_call_forgotten_is_caught():
    problem, solution = honest()

    assert codes(problem, replace(solution, left_out=())) == {"missing_call"}


def test_a_call_answered_and_left_out_is_caught():
    problem, solution = honest()

    assert codes(problem, replace(solution, left_out=("a", "c"))) == {"double_call"}


def test_a_call_from_elsewhere_is_caught():
    problem, solution = honest()

    assert codes(problem, replace(solution, left_out=("c", "x"))) == {"unknown_call"}


def test_a_vehicle_used_twice_or_from_elsewhere_is_caught():
    problem, solution = honest()
    empty = replace(solution.routes[0], visits=())

    assert codes(problem, replace(solution, routes=(*solution.routes, empty))) == {"double_vehicle"}
    assert codes(problem, changed(solution, vehicle="x")) == {"unknown_vehicle"}


def test_an_empty_route_is_caught():
    problem, solution = honest()

    assert "empty_route" in codes(problem, Solution((replace(solution.routes[0], visits=()),), ("a", "b", "c"), 0))


def test_arriving_sooner_than_the_way_allows_is_caught():
    problem, solution = honest()

    assert "travel" in codes(problem, moved(solution, 1, arrival=solution.routes[0].visits[0].end + 599))
    assert "travel" in codes(problem, changed(solution, finish=solution.routes[0].visits[1].end + 1199))


def test_service_outside_the_opening_hours_is_caught():
    problem, solution = honest()
    problem = replace(problem, calls=(replace(CALLS[0], windows=((7 * HOUR, 8 * HOUR - 1),)), *CALLS[1:]))

    assert codes(problem, solution) == {"window"}


def test_service_cut_short_or_begun_before_arrival_is_caught():
    problem, solution = honest()
    visit = solution.routes[0].visits[1]

    assert "service" in codes(problem, moved(solution, 1, end=visit.end - 1))
    assert "service" in codes(problem, moved(solution, 1, arrival=visit.start + 1))


@pytest.mark.parametrize("figure", [{"metres": 1}, {"seconds_driving": 1}, {"peak": (1, 0)}])
def test_a_wrong_figure_is_caught(figure):
    problem, solution = honest()

    assert codes(problem, changed(solution, **figure)) == {"figures"}


def test_a_wrong_cost_is_caught():
    problem, solution = honest()

    assert codes(problem, replace(solution, cost=solution.cost - 1)) == {"cost"}


@pytest.mark.parametrize("away", [-1, 599, 601, 60 * 70])
def test_a_pause_too_early_too_late_or_during_work_is_caught(away):
    problem, solution = honest(break_after=1800, break_seconds=600)
    route = solution.routes[0]
    assert route.break_at is not None

    assert codes(problem, solution) == set()
    assert codes(problem, changed(solution, break_at=route.departure + away)) == {"break"}
