"""Minutes later: what is done stays done, who is out goes on from there, and what changes is listed."""

from dataclasses import replace

import pytest

from routing.checker import violations
from routing.days import generate
from routing.problem import HEAVY, MINUTE, Centre, Rests, Route, Shipment
from routing.replan import Done, difference, remaining, replan, starts, underway
from routing.schedule import assemble, schedule
from routing.search import first, mend
from tests.routing.build import HOUR, call, day, line, vehicle


def plan(problem, **routes):
    timed = [schedule(problem, problem.vehicle[van], stops) for van, stops in routes.items()]
    assert all(isinstance(route, Route) for route in timed), timed
    return assemble(problem, timed)


def done_by(solution, now):
    """What is done when everything runs as planned; who is served just now is as good as done."""
    return {visit.call: Done(visit.end) for route in solution.routes for visit in route.visits if visit.start <= now}


def three():
    """Three calls on one road, an hour's service each: begun at 6:10, 8:00 and 9:10 by the van that has them."""
    calls = [call(name, place, collect=2, service=HOUR) for name, place in (("a", 1), ("b", 5), ("c", 4))]
    problem = line(calls, [vehicle(shift=(6 * HOUR, 12 * HOUR)), vehicle("other", cost_per_km=2000)])
    return problem, plan(problem, van=["a", "b", "c"])


def test_a_van_goes_on_from_the_halt_it_is_headed_for():
    problem, solution = three()
    first_end = solution.routes[0].visits[0].end

    rest = underway(problem, solution, first_end + 5 * MINUTE, {"a": Done(first_end)})

    van = rest.vehicle["van"]
    assert (van.start, van.shift[0]) == (5, solution.routes[0].visits[1].arrival)
    assert van.under_way.aboard == (2, 0)
    assert van.under_way.driven_today == 50 * MINUTE
    assert [each.id for each in rest.calls] == ["b", "c"]
    assert rest.vehicle["other"].under_way is None


def test_done_stops_stay_as_they_were():
    problem, solution = three()
    end = solution.routes[0].visits[0].end

    again = replan(problem, solution, end, {"a": Done(end)}, first)

    (route,) = [route for route in again.whole.routes if route.vehicle == "van"]
    assert route.visits[0] == solution.routes[0].visits[0]
    assert route.departure == solution.routes[0].departure
    assert violations(again.problem, again.solution) == []


def test_nobody_who_has_not_left_leaves_before_now():
    problem, solution = three()

    rest = underway(problem, solution, 7 * HOUR, {})

    assert rest.vehicle["other"].shift[0] == 7 * HOUR


def test_a_delay_gives_a_call_to_another_van_unless_moving_is_dear():
    problem, solution = three()
    late = solution.routes[0].visits[0].end + 3 * HOUR
    done = {"a": Done(late)}
    problem = replace(problem, calls=tuple(replace(each, windows=((0, 11 * HOUR + 30 * MINUTE),)) for each in problem.calls))

    cheap = replan(problem, solution, late, done, first, moving_cost=10)
    dear = replan(problem, solution, late, done, first, moving_cost=2_000_000)

    assert difference(starts(solution), starts(cheap.whole)).moved == {"c": ("van", "other")}
    assert difference(starts(solution), starts(dear.whole)).moved == {}
    assert set(difference(starts(solution), starts(dear.whole)).dropped) == {"b", "c"}


def test_a_new_call_is_added_and_a_cancelled_one_dropped():
    problem, solution = three()
    end = solution.routes[0].visits[0].end
    calls = (*(each for each in problem.calls if each.id != "c"), call("d", 3, collect=1))

    again = replan(replace(problem, calls=calls), solution, end, {"a": Done(end)}, first)

    change = difference(starts(solution), starts(again.whole))
    assert change.added == {"d": "van"}
    assert change.dropped == {"c": "van"}


def test_what_is_aboard_for_a_call_can_only_be_delivered_by_its_van():
    calls = [call("a", 1, deliver=1, service=HOUR), call("b", 3, deliver=1)]
    problem = line(calls, [vehicle()])
    solution = plan(problem, van=["a", "b"])
    end = solution.routes[0].visits[0].end
    problem = replace(problem, calls=(*calls, call("new", 2, deliver=1)))

    again = replan(problem, solution, end, {"a": Done(end)}, first)

    assert again.problem.vehicle["van"].under_way.carries == {"b"}
    assert again.solution.left_out == ("new",)


def test_goods_nobody_took_take_room_until_the_evening():
    calls = [call("a", 1, deliver=6, service=HOUR), call("b", 2, collect=6)]
    problem = line(calls, [vehicle(crates=10)])
    solution = plan(problem, van=["a", "b"])
    end = solution.routes[0].visits[0].end

    again = replan(problem, solution, end, {"a": Done(end, undelivered=(6, 0))}, first)

    assert again.solution.left_out == ("b",)


def test_a_shipment_whose_first_half_is_done_is_brought_by_the_same_van():
    calls = [call("from", 1), call("to", 3)]
    problem = line(calls, [vehicle(), vehicle("other")], shipments=(Shipment("from", "to", (3, 0)),))
    solution = plan(problem, van=["from", "to"])
    end = solution.routes[0].visits[0].end

    again = replan(problem, solution, end, {"from": Done(end)}, first)

    (route,) = again.solution.routes
    assert (route.vehicle, route.calls, route.peak) == ("van", ("to",), (3, 0))
    assert violations(again.problem, again.solution) == []


def test_who_was_visited_by_one_of_two_that_stay_apart_keeps_the_other_away():
    calls = [call("a", 1), call("b", 2)]
    problem = line(calls, [vehicle(), vehicle("other")], apart=(frozenset("ab"),))
    solution = plan(problem, van=["a"], other=["b"])
    end = solution.routes[0].visits[0].end

    rest = underway(problem, solution, end, {"a": Done(end)})

    assert rest.call["b"].vehicles == {"other"}


def test_an_unloading_that_is_over_is_not_asked_for_again():
    centre = Centre(0, 600)
    calls = [call("a", 1, collect=8), call("b", 2, collect=8)]
    problem = line(calls, [vehicle(crates=10, centres=(centre,), unloads=1)])
    solution = plan(problem, van=["a", centre, "b"])
    (unload,) = solution.routes[0].unloads

    rest = underway(problem, solution, unload.end, {"a": Done(unload.arrival - 600)})

    assert rest.vehicle["van"].unloads == 0
    assert rest.vehicle["van"].under_way.aboard == (0, 0)
    again = replan(problem, solution, unload.end, {"a": Done(unload.arrival - 600)}, first)
    assert [unload.after for unload in again.whole.routes[0].unloads] == [1]


def test_a_van_too_late_for_its_shift_still_comes_home():
    problem, solution = three()

    again = replan(problem, solution, 15 * HOUR, {"a": Done(15 * HOUR)}, first)

    assert violations(again.problem, again.solution) == []
    assert set(again.solution.left_out) <= {"b", "c"}


def test_a_place_in_the_order_counts_from_now():
    calls = [call("a", 1, service=HOUR), call("b", 5, position=1), call("c", 4, position=-1)]
    problem = line(calls, [vehicle()])
    solution = plan(problem, van=["a", "b", "c"])
    end = solution.routes[0].visits[0].end

    rest = underway(problem, solution, end, {"a": Done(end)})

    assert (rest.call["b"].position, rest.call["c"].position) == (0, -1)


def test_a_place_in_the_order_counts_in_the_route_of_the_vehicle_that_a_call_is_held_to():
    calls = [call("a", 1, service=HOUR), call("b", 5), call("c", 4)]
    problem = line(calls, [vehicle("van"), vehicle("other")])
    solution = plan(problem, van=["a", "b"], other=["c"])
    fixed = replace(problem, calls=(*calls[:2], replace(calls[2], position=2, vehicles=frozenset({"van"}))))
    end = solution.routes[0].visits[0].end

    rest = underway(fixed, solution, end, {"a": Done(end)})

    assert rest.call["c"].position == 1


@pytest.mark.parametrize("new", [False, True])
def test_a_place_in_the_order_that_has_gone_by_is_the_next(new):
    calls = [call("a", 1, service=HOUR), call("b", 5), call("c", 4)]
    problem = line(calls, [vehicle()])
    solution = plan(problem, van=["a", "b"] if new else ["a", "b", "c"])
    fixed = replace(problem, calls=(*calls[:2], replace(calls[2], position=0, vehicles=frozenset({"van"}))))
    end = solution.routes[0].visits[0].end

    again = replan(fixed, solution, end, {"a": Done(end)}, first)

    assert again.solution.routes[0].calls == ("c", "b")


def test_work_since_the_last_pause_counts():
    calls = [call("a", 1, service=2 * HOUR), call("b", 2, service=HOUR)]
    problem = line(calls, [vehicle(rests=Rests.once(10 * HOUR, HOUR))])
    solution = plan(problem, van=["a", "b"])
    (route,) = solution.routes
    route = replace(route, pauses=((route.visits[0].end - HOUR, route.visits[0].end),))

    rest = underway(problem, replace(solution, routes=(route,)), route.visits[0].end, {"a": Done(route.visits[0].end)})

    out = rest.vehicle["van"].under_way
    assert (out.worked, out.paused_today, out.worked_today) == (600, HOUR, HOUR + 1200)


def with_rests(problem, rests):
    return replace(problem, vehicles=tuple(replace(van, rests=rests) for van in problem.vehicles))


@pytest.mark.parametrize("hour", [8, 10, 12, 14, 17])
@pytest.mark.parametrize(
    "problem",
    [day(25, 3, seed=5), generate(30, 2, 3), with_rests(generate(25, 2, 4), HEAVY)],
    ids=["pauses", "unloading", "heavy"],
)
def test_a_day_that_runs_as_planned_goes_on_as_planned(problem, hour):
    solution = first(problem)
    done = done_by(solution, hour * HOUR)

    rest = underway(problem, solution, hour * HOUR, done, moving_cost=10_000_000)
    kept = mend(rest, remaining(rest, problem, solution))

    assert violations(rest, kept) == []
    assert [van.rests for van in rest.vehicles] == [van.rests for van in problem.vehicles]
    planned = {name: place for name, place in starts(solution).items() if name not in done}
    going = {name: vehicle for name, (vehicle, _) in starts(kept).items() if name in planned}
    assert going == {name: vehicle for name, (vehicle, _) in planned.items()}


def test_a_shift_of_a_start_is_listed_from_five_minutes_on():
    before = {"a": ("van", 3600), "b": ("van", 7200)}

    change = difference(before, {"a": ("van", 3600 + 299), "b": ("van", 7200 - 300)})

    assert change.shifted == {"b": -300}
    assert not difference(before, before)
