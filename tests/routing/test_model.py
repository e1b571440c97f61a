"""The full model knows every rule but where pauses, releases and the balance fall."""

from dataclasses import replace
from time import monotonic

import pytest

from routing.checker import violations
from routing.model import polish, refine
from routing.problem import NO_RESTS, Centre, Rests, Route, Shipment
from routing.schedule import assemble, schedule
from routing.search import first, mend
from tests.routing.build import HOUR, call, day, line, rich, under_way, vehicle


def polished(problem, start=None, seconds=0.4):
    """What the full model told last, from a plan that answers nothing unless one is given."""
    told = []
    polish(problem, start or assemble(problem, ()), monotonic() + seconds, told.append)
    assert told
    return told[-1]


@pytest.mark.parametrize("seed", range(3))
def test_its_plans_break_no_rule_but_the_pause(seed):
    problem = day(12, 3, seed)
    problem = replace(problem, vehicles=tuple(replace(van, rests=NO_RESTS) for van in problem.vehicles))
    told = []

    polish(problem, first(problem), monotonic() + 0.4, told.append)

    assert told
    for plan in told:
        assert all(isinstance(schedule(problem, problem.vehicle[van], calls), Route) for van, calls in plan.items())


@pytest.mark.parametrize("seed", [1, 11])
def test_on_days_with_every_kind_of_rule_it_finds_a_cheaper_plan_that_can_be_driven(seed):
    problem, told = rich(seed), []
    start = first(problem)

    refine(problem, start, 50, told.append)

    plans = [mend(problem, sequences) for sequences in told]
    assert [violations(problem, plan) for plan in plans] == [[]] * len(plans)
    assert min(plan.cost for plan in plans) < start.cost


def test_without_a_clock_it_gives_the_same_plan_every_time():
    problem = day(12, 3, 2)
    runs = []

    for _ in range(2):
        told = []
        refine(problem, assemble(problem, ()), 20, told.append)
        runs.append(told)

    assert runs[0]
    assert runs[0] == runs[1]


def test_clean_goods_go_out_before_dirty_ones_come_back():
    calls = [call("dirty", 1, collect=5, service=HOUR), call("clean", 3, deliver=5, service=HOUR)]

    plan = polished(line(calls, [vehicle(mixed=False, rests=Rests.once(2 * HOUR, 1800))]))

    assert plan == {"van": ["clean", "dirty"]}


def test_a_full_van_unloads_on_its_way():
    calls = [call(name, at, collect=8) for name, at in (("a", 1), ("b", 2))]
    centre = Centre(0, 600)

    plan = polished(line(calls, [vehicle(crates=10, centres=(centre,), unloads=1)]))

    stops = plan["van"]
    assert stops[1] == centre
    assert {stops[0], stops[2]} == {"a", "b"}


def test_a_shipment_is_taken_before_it_is_left():
    calls = [call("there", 1), call("here", 3)]
    problem = line(calls, [vehicle()], shipments=(Shipment("here", "there", (4, 40)),))

    plan = polished(problem)

    assert plan == {"van": ["here", "there"]}


def test_calls_that_must_not_meet_go_to_two_vans():
    calls = [call("a", 2), call("b", 2)]

    plan = polished(line(calls, [vehicle("one"), vehicle("two")], apart=(frozenset({"a", "b"}),)))

    assert sorted(map(list, plan.values())) == [["a"], ["b"]]


def test_a_call_that_only_a_detour_reaches_in_time_stays_where_the_plan_has_it():
    calls = [call("over", 1), call("late", 3), call("near", 2)]
    problem = line(calls, [vehicle()])
    seconds = problem.seconds.copy()
    seconds[0, 3] = 11 * HOUR  # a shift has ten, and over the first call it takes half an hour
    problem = replace(problem, seconds=seconds)
    start = assemble(problem, [schedule(problem, problem.vehicles[0], ["near", "over", "late"])])

    plan = polished(problem, start)

    assert plan == {"van": ["over", "near", "late"]} or plan == {"van": ["over", "late", "near"]}


@pytest.mark.parametrize(("position", "stops"), [(0, ["far", "near", "mid"]), (-1, ["near", "mid", "far"]), (1, None)])
def test_a_call_stands_where_it_is_locked_to(position, stops):
    calls = [call("near", 1, windows=((7 * HOUR, 16 * HOUR),)), call("mid", 2), call("far", 5, position=position)]

    plan = polished(line(calls, [vehicle()]))

    assert plan["van"].index("far") == position % 3
    assert stops is None or sorted(plan["van"]) == sorted(stops)


def test_a_call_stays_with_its_van_while_moving_it_costs_more_than_the_way():
    calls = [call("a", 3, usual="one", moving_cost=9_000), call("b", 3)]
    vans = [vehicle("one"), vehicle("two", fixed_cost=0, cost_per_km=1)]

    kept = polished(line(calls, vans))
    moved = polished(line([replace(calls[0], moving_cost=10), calls[1]], vans))

    assert "a" in kept["one"]
    assert sorted(moved["two"]) == ["a", "b"]


def test_a_van_under_way_brings_only_what_is_aboard():
    calls = [call("aboard", 5, deliver=2), call("not", 1, deliver=2)]
    out = vehicle("out", under_way=under_way(carries={"aboard"}))

    plan = polished(line(calls, [out, vehicle("home", cost_per_km=5_000)]))

    assert plan == {"out": ["aboard"], "home": ["not"]}


def test_overtime_is_paid_for_where_a_call_is_worth_it():
    late = call("late", 5, service=9 * HOUR, prize=50_000)
    van = vehicle(shift=(6 * HOUR, 16 * HOUR), overtime=2 * HOUR, cost_per_overtime_hour=3_000)

    plan = polished(line([late], [van]))
    too_dear = line([replace(late, prize=11_000)], [replace(van, cost_per_overtime_hour=90_000)])
    told = []
    polish(too_dear, assemble(too_dear, ()), monotonic() + 0.3, told.append)

    assert plan == {"van": ["late"]}
    assert all(not stops for stops in told)


def test_the_setup_is_paid_once_for_a_halt():
    calls = [call(name, 1, service=600, setup=3000) for name in ("a", "b", "c")]
    tight = vehicle(shift=(6 * HOUR, 6 * HOUR + 2 * 600 + 3000 + 3 * 600))

    plan = polished(line(calls, [tight]))

    assert sorted(plan["van"]) == ["a", "b", "c"]
