"""A sequence of calls becomes the shortest legal day, or says what stands in its way."""

import pytest

from routing.problem import Route
from routing.schedule import Misfit, assemble, schedule
from tests.routing import build
from tests.routing.build import HOUR, call, line, vehicle

MINUTE = 60


def test_the_van_leaves_as_late_as_its_first_window_allows():
    problem = line([call(windows=((8 * HOUR, 9 * HOUR),), service=600)], [vehicle()])

    route = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(route, Route)
    assert route.departure == 8 * HOUR - 10 * MINUTE
    assert (route.visits[0].arrival, route.visits[0].start, route.visits[0].end) == (8 * HOUR, 8 * HOUR, 8 * HOUR + 600)
    assert route.finish == 8 * HOUR + 20 * MINUTE
    assert (route.metres, route.seconds_driving) == (2000, 20 * MINUTE)


def test_an_afternoon_that_saves_waiting_is_preferred_to_an_early_start():
    morning_too = call("a", 1, windows=((8 * HOUR, 9 * HOUR), (14 * HOUR, 15 * HOUR)))
    afternoon = call("b", 2, windows=((14 * HOUR, 15 * HOUR),))
    problem = line([morning_too, afternoon], [vehicle()])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    assert route.finish - route.departure == 40 * MINUTE


def test_the_peak_counts_what_goes_out_and_what_comes_back():
    problem = line([call("a", 1, deliver=5, collect=3), call("b", 2, deliver=4, collect=9)], [vehicle()])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    assert route.peak[0] == 12  # 9 out, 7 after a, 12 after b


def test_a_short_day_has_no_pause():
    problem = line([call()], [vehicle(break_after=HOUR, break_seconds=900)])

    route = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(route, Route)
    assert route.break_at is None


def test_a_long_day_pauses_before_the_limit_and_the_pause_costs_time():
    calls = [call("a", 3, service=HOUR), call("b", 5, service=HOUR)]
    problem = line(calls, [vehicle(break_after=2 * HOUR, break_seconds=1800)])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    assert route.break_at is not None
    assert route.break_at <= route.departure + 2 * HOUR
    assert route.finish - route.departure == 100 * MINUTE + 2 * HOUR + 1800


def test_waiting_serves_as_the_pause():
    calls = [call("a", 1, windows=((8 * HOUR, 8 * HOUR),)), call("b", 1, windows=((10 * HOUR, 10 * HOUR),))]
    problem = line(calls, [vehicle(break_after=HOUR, break_seconds=HOUR)])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    assert route.finish - route.departure == 2 * HOUR + 20 * MINUTE


def test_on_a_first_leg_longer_than_the_limit_the_pause_is_on_the_way():
    problem = line([call(place=5)], [vehicle(break_after=30 * MINUTE, break_seconds=600)])

    route = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(route, Route)
    assert route.break_at == route.departure + 30 * MINUTE
    assert route.visits[0].arrival == route.departure + 60 * MINUTE


@pytest.mark.parametrize(
    ("calls", "van", "misfit"),
    [
        ([call(tags={"lane"})], vehicle(), Misfit("tag", "a")),
        ([call(deliver=11)], vehicle(crates=10), Misfit("capacity", None, 0, 1)),
        ([call("a", 1, deliver=6), call("b", 2, deliver=6)], vehicle(crates=10), Misfit("capacity", None, 0, 2)),
        ([call("a", 1, collect=8), call("b", 2, deliver=8)], vehicle(crates=10), Misfit("capacity", "a", 0, 6)),
        ([call(kg=11)], vehicle(kg=10), Misfit("capacity", "a", 1, 1)),
        ([call("a", 1, collect=1), call("b", 2, deliver=1)], vehicle(mixed=False), Misfit("order", "b")),
        ([call(windows=((0, 6 * HOUR),))], vehicle(), Misfit("window", "a", None, 600)),
        ([call(windows=())], vehicle(), Misfit("window", "a")),
        ([call(place=5, service=9 * HOUR)], vehicle(), Misfit("shift", None, None, 40 * 60)),
    ],
)
def test_a_sequence_that_does_not_fit_says_why_and_by_how_much(calls, van, misfit):
    problem = line(calls, [van])

    assert schedule(problem, van, [each.id for each in calls]) == misfit


def test_a_stop_that_takes_both_may_end_the_deliveries_of_a_van_that_must_not_mix():
    calls = [call("a", 1, deliver=1), call("b", 2, deliver=1, collect=1), call("c", 3, collect=1)]
    problem = line(calls, [vehicle(mixed=False)])

    assert isinstance(schedule(problem, problem.vehicles[0], ["a", "b", "c"]), Route)


def test_a_call_without_goods_may_come_anywhere():
    calls = [call("a", 1, collect=1), call("b", 2), call("c", 3, collect=1)]
    problem = line(calls, [vehicle(mixed=False)])

    assert isinstance(schedule(problem, problem.vehicles[0], ["a", "b", "c"]), Route)


def test_the_cost_is_vehicle_kilometres_hours_and_lost_prizes():
    problem = line([call("a", 1), call("b", prize=700)], [vehicle(fixed_cost=5000, cost_per_km=50, cost_per_hour=3000)])
    route = schedule(problem, problem.vehicles[0], ["a"])
    assert isinstance(route, Route)

    solution = assemble(problem, [route])

    assert solution.left_out == ("b",)
    assert solution.cost == 5000 + 2 * 50 + 1000 + 700


def test_a_route_without_calls_is_refused():
    problem = line([], [vehicle()])

    with pytest.raises(ValueError, match="needs at least one call"):
        schedule(problem, build.vehicle(), [])
