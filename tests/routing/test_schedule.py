"""A sequence of calls becomes the shortest legal day, or says what stands in its way."""

import numpy as np
import pytest

from routing.checker import violations
from routing.insertion import Builder
from routing.problem import LIGHT, LONGEST, NO_RESTS, Centre, Rests, Route, Shipment, Ways
from routing.schedule import Misfit, assemble, dearest_day, longest_unbroken, schedule
from tests.routing import build
from tests.routing.build import HOUR, MINUTE, call, line, rich, under_way, vehicle


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
    problem = line([call()], [vehicle(rests=Rests.once(HOUR, 900))])

    route = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(route, Route)
    assert route.pauses == ()


def test_a_long_day_pauses_before_the_limit_and_the_pause_costs_time():
    calls = [call("a", 3, service=HOUR), call("b", 5, service=HOUR)]
    problem = line(calls, [vehicle(rests=Rests.once(2 * HOUR, 1800))])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    ((begins, ends),) = route.pauses
    assert begins <= route.departure + 2 * HOUR <= ends + 2 * HOUR
    assert ends - begins == 1800
    assert route.finish - route.departure == 100 * MINUTE + 2 * HOUR + 1800


def test_of_pauses_that_cost_the_same_the_one_that_cuts_the_day_most_evenly_is_taken():
    calls = [call(name, 1, service=HOUR) for name in "abcd"]
    problem = line(calls, [vehicle(rests=Rests.once(4 * HOUR, 1800))])

    route = schedule(problem, problem.vehicles[0], list("abcd"))

    assert isinstance(route, Route)
    assert route.pauses[0][0] == route.visits[1].end


def test_waiting_serves_as_the_pause():
    calls = [call("a", 1, windows=((8 * HOUR, 8 * HOUR),)), call("b", 1, windows=((10 * HOUR, 10 * HOUR),))]
    problem = line(calls, [vehicle(rests=Rests.once(HOUR, HOUR))])

    route = schedule(problem, problem.vehicles[0], ["a", "b"])

    assert isinstance(route, Route)
    assert route.finish - route.departure == 2 * HOUR + 20 * MINUTE
    assert sum(ends - begins for begins, ends in route.pauses) >= HOUR


def test_nobody_pauses_while_driving_so_a_first_way_longer_than_the_limit_cannot_be_driven():
    problem = line([call(place=5)], [vehicle(rests=Rests.once(30 * MINUTE, 600))])

    assert schedule(problem, problem.vehicles[0], ["a"]) == Misfit("break")


def test_a_heavy_vehicle_takes_its_driving_pause_in_two_where_waits_allow():
    seconds = (9 * HOUR, 9 * HOUR + 35 * MINUTE, 10 * HOUR + 5 * MINUTE)
    calls = [call(name, at, windows=((time, time),)) for name, at, time in zip("abc", (2, 4, 4), seconds, strict=True)]
    rests = Rests(driving=HOUR, driving_pause=45 * MINUTE, parts=(15 * MINUTE, 30 * MINUTE))
    problem = line(calls, [vehicle(rests=rests, cost_per_hour=1000)])

    route = schedule(problem, problem.vehicles[0], ["a", "b", "c"])

    assert isinstance(route, Route)
    assert [ends - begins for begins, ends in route.pauses] == [15 * MINUTE, 30 * MINUTE]
    assert not violations(problem, assemble(problem, [route]))


def test_a_driving_rule_that_no_pause_can_keep_is_named():
    problem = line([call(place=5)], [vehicle(rests=Rests(driving=40 * MINUTE))])

    refused = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(refused, Misfit)
    assert refused.code == "driving"


def test_more_driving_than_a_day_may_have_is_refused_with_what_is_too_much():
    problem = line([call(place=5)], [vehicle(rests=Rests(driving_day=90 * MINUTE))])

    assert schedule(problem, problem.vehicles[0], ["a"]) == Misfit("driving", excess=10 * MINUTE)


def test_a_driver_who_has_worked_long_already_pauses_at_once():
    van = vehicle(rests=Rests.once(4 * HOUR, 1800), under_way=under_way(worked=4 * HOUR, worked_today=4 * HOUR))
    problem = line([call()], [van])

    route = schedule(problem, van, ["a"])

    assert isinstance(route, Route)
    assert route.pauses == ((route.departure, route.departure + 1800),)
    assert not violations(problem, assemble(problem, [route]))


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
        ([call(place=5, service=9 * HOUR)], vehicle(overtime=HOUR, back_by=16 * HOUR), Misfit("shift", None, None, 40 * 60)),
        ([call(vehicles=frozenset({"lorry"}))], vehicle(), Misfit("vehicle", "a")),
        ([call("a"), call("b", position=0)], vehicle(), Misfit("position", "b")),
        ([call("a", position=-1), call("b")], vehicle(), Misfit("position", "a")),
        ([call(deliver=1)], vehicle(under_way=under_way()), Misfit("carries", "a")),
        ([call(collect=3)], vehicle(crates=10, under_way=under_way(8)), Misfit("capacity", "a", 0, 1)),
        ([call(deliver=1)], vehicle(mixed=False, under_way=under_way(1, "a")), Misfit("order", "a")),
        ([call(service=HOUR, release=15 * HOUR)], vehicle(), Misfit("release", "a", None, 20 * 60)),
        ([call(service=5 * HOUR)], vehicle(rests=Rests.once(4 * HOUR, HOUR)), Misfit("break")),
        (
            [call("a", service=5 * HOUR), call("b", service=3 * HOUR)],
            vehicle(rests=Rests.once(6 * HOUR, 2 * HOUR)),
            Misfit("break", excess=20 * 60),
        ),
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


def test_unloading_on_the_way_makes_room_for_a_second_load():
    calls = [call("a", 1, collect=8), call("b", 2, deliver=6, collect=7)]
    depot = Centre(0, seconds=600)
    problem = line(calls, [vehicle(crates=10, centres=(depot,), unloads=1)])

    alone = schedule(problem, problem.vehicles[0], ["a", "b"])
    route = schedule(problem, problem.vehicles[0], ["a", depot, "b"])

    assert isinstance(alone, Misfit)
    assert isinstance(route, Route)
    assert [(unload.after, unload.end - unload.start) for unload in route.unloads] == [(1, 600)]
    assert route.peak[0] == 8
    assert route.metres == 6000


@pytest.mark.parametrize("stops", [[Centre(0), "a"], ["a", Centre(0), Centre(0)], ["a", Centre(3)]])
def test_unloading_first_or_too_often_or_elsewhere_is_refused(stops):
    van = vehicle(centres=(Centre(0),), unloads=1)

    refused = schedule(line([call()], [van]), van, stops)

    assert isinstance(refused, Misfit)
    assert refused.code == "unload"


def test_goods_that_are_ready_late_hold_only_their_own_trip():
    depot = Centre(0)
    calls = [call("a", 1), call("b", 2, release=12 * HOUR)]
    problem = line(calls, [vehicle(centres=(depot,), unloads=1)])

    route = schedule(problem, problem.vehicles[0], ["a", depot, "b"])

    assert isinstance(route, Route)
    assert route.visits[1].start == 12 * HOUR + 20 * MINUTE
    assert route.visits[0].end <= 12 * HOUR - 10 * MINUTE
    assert route.finish - route.departure == HOUR


def test_set_up_is_paid_once_for_calls_at_one_place_but_again_after_unloading_there():
    depot = Centre(1)
    calls = [call("a", 1, setup=300), call("b", 1, setup=300), call("c", 1, setup=300)]
    problem = line(calls, [vehicle(centres=(depot,), unloads=1)])

    route = schedule(problem, problem.vehicles[0], ["a", "b", depot, "c"])

    assert isinstance(route, Route)
    assert [visit.end - visit.start for visit in route.visits] == [300, 0, 300]


@pytest.mark.parametrize(
    ("stops", "code"),
    [(["b", "a"], "shipment"), (["a"], "shipment"), (["a", Centre(0), "b"], "shipment"), (["a", "b"], None)],
)
def test_a_shipment_is_taken_before_it_is_left_on_the_same_trip(stops, code):
    van = vehicle(centres=(Centre(0),), unloads=1)
    problem = line([call("a", 1), call("b", 2)], [van], shipments=(Shipment("a", "b", (5, 0)),))

    found = schedule(problem, van, stops)

    assert (found.code if isinstance(found, Misfit) else None) == code


def test_a_shipment_takes_room_only_between_its_calls():
    calls = [call("a", 1), call("b", 2), call("c", 3, collect=8)]
    problem = line(calls, [vehicle(crates=10)], shipments=(Shipment("a", "b", (5, 0)),))

    assert isinstance(schedule(problem, problem.vehicles[0], ["a", "b", "c"]), Route)
    assert schedule(problem, problem.vehicles[0], ["a", "c", "b"]) == Misfit("capacity", "c", 0, 3)


def test_overtime_is_taken_and_paid_where_it_is_allowed():
    van = vehicle(cost_per_km=0, cost_per_hour=1000, overtime=HOUR, cost_per_overtime_hour=600)
    problem = line([call(place=5, service=9 * HOUR)], [van])

    route = schedule(problem, van, ["a"])

    assert isinstance(route, Route)
    assert route.finish == 16 * HOUR + 40 * MINUTE
    assert assemble(problem, [route]).cost == round(1000 * 32 / 3 + 400)


def test_waiting_is_dearer_than_leaving_late_but_cheaper_than_overtime():
    calls = [
        call("a", 1, windows=((8 * HOUR, 9 * HOUR), (12 * HOUR, 13 * HOUR)), service=3 * HOUR),
        call("b", 1, windows=((13 * HOUR, 16 * HOUR),)),
    ]
    van = vehicle(cost_per_hour=100, overtime=HOUR, cost_per_overtime_hour=1000, shift=(6 * HOUR, 14 * HOUR))
    problem = line(calls, [van])

    route = schedule(problem, van, ["a", "b"])

    assert isinstance(route, Route)
    assert route.finish <= 14 * HOUR


def test_a_vehicle_drives_by_its_own_ways():
    slow = Ways(np.full((6, 6), 1800), np.full((6, 6), 7000))
    problem = line([call()], [vehicle(profile=1)], others=(slow,))

    route = schedule(problem, problem.vehicles[0], ["a"])

    assert isinstance(route, Route)
    assert (route.seconds_driving, route.metres) == (3600, 14_000)


@pytest.mark.parametrize(("seconds", "metres"), [(LONGEST, 7000), (60, LONGEST)])
def test_a_place_without_a_way_there_is_unreachable(seconds, metres):
    nowhere = Ways(np.full((6, 6), seconds), np.full((6, 6), metres))
    problem = line([call()], [vehicle(profile=1)], others=(nowhere,))

    assert schedule(problem, problem.vehicles[0], ["a"]) == Misfit("unreachable", "a")


def test_a_vehicle_under_way_comes_home_though_nothing_is_left_to_do():
    van = vehicle(start=3, shift=(9 * HOUR, 16 * HOUR), under_way=under_way(aboard=4))
    problem = line([], [van])

    solution = assemble(problem, [])

    (route,) = solution.routes
    assert (route.visits, route.metres, route.peak[0]) == ((), 3000, 4)
    assert not violations(problem, solution)


def test_moving_calls_and_unlike_days_are_priced():
    calls = [call("a", 1, usual="b-van", moving_cost=70), call("b", 3, usual="b-van", moving_cost=50)]
    vans = [vehicle("a-van", cost_per_km=0), vehicle("b-van", cost_per_km=0)]
    problem = line(calls, vans, balance_per_hour=300)

    routes = [schedule(problem, vans[0], ["a"]), schedule(problem, vans[1], ["b"])]

    assert assemble(problem, routes).cost == 70 + 200


def test_nothing_costs_more_than_the_dearest_day():
    for seed in range(6):
        problem = rich(seed)
        builder = Builder(problem)
        builder.insert()

        assert builder.solution().cost <= dearest_day(problem), seed


@pytest.mark.parametrize(
    ("rests", "hours"),
    [(NO_RESTS, 10), (LIGHT, 9.25), (Rests.once(int(4.5 * HOUR), 45 * MINUTE), 9), (Rests.once(9 * HOUR, 2 * HOUR), 9)],
)
def test_the_longest_day_without_its_pauses(rests, hours):
    assert longest_unbroken(vehicle(rests=rests)) == hours * HOUR


def test_a_route_without_calls_is_refused():
    problem = line([], [vehicle()])

    with pytest.raises(ValueError, match="needs at least one call"):
        schedule(problem, build.vehicle(), [])
