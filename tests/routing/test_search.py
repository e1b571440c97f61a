"""The first plan is legal, the same each time, and leaves out only what must or what does not pay."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as some

from routing.checker import violations
from routing.search import answerable, first, mend, propose
from tests.routing.build import HOUR, call, day, line, vehicle


@settings(max_examples=60, deadline=None)
@given(calls=some.integers(0, 18), vehicles=some.integers(0, 4), seed=some.integers(0, 10**6))
def test_a_first_plan_passes_the_checker(calls, vehicles, seed):
    problem = day(calls, vehicles, seed)

    assert violations(problem, first(problem)) == []


@settings(max_examples=30, deadline=None)
@given(seed=some.integers(0, 10**6), dice=some.randoms(use_true_random=False))
def test_any_routes_can_be_mended_into_a_legal_plan(seed, dice):
    problem = day(12, 3, seed)
    ids = [each.id for each in problem.calls]
    wild = {van.id: dice.sample(ids, 7) for van in problem.vehicles}

    assert violations(problem, mend(problem, wild)) == []


def test_the_same_problem_gives_the_same_first_plan():
    assert first(day(30, 3, seed=5)) == first(day(30, 3, seed=5))


def test_a_call_without_a_prize_goes_before_one_with():
    problem = line([call("a", 1, collect=6), call("b", 1, collect=6, prize=None)], [vehicle(crates=10)])

    assert first(problem).left_out == ("a",)


def test_what_costs_more_than_its_prize_stays_out():
    problem = line([call("a", 1, prize=3_000), call("b", 5, prize=3_000)], [vehicle()])

    assert first(problem).left_out == ("b",)


def test_a_van_whose_calls_do_not_pay_for_it_stays_home():
    problem = line([call("a", 1, prize=3_000)], [vehicle(fixed_cost=10_000)])

    assert first(problem).routes == ()


def test_out_of_time_the_plan_is_legal_though_empty():
    problem = day(20, 2)

    solution = first(problem, until=0)

    assert violations(problem, solution) == []
    assert solution.routes == ()


def test_nobody_is_asked_for_what_no_vehicle_can_do():
    calls = [call("a"), call("heavy", collect=999), call("closed", windows=()), call("lane", tags={"lane"})]
    problem = line(calls, [vehicle("one"), vehicle("two", crates=0, tags={"lane"})])

    assert answerable(problem) == {"a": [0, 1], "lane": [1]}


def test_proposals_beat_a_first_plan_and_end_by_themselves_on_a_small_day():
    problem = day(6, 2, seed=3)

    once, again = (propose(problem, seconds=60, seed=1) for _ in range(2))

    assert once == again
    assert mend(problem, once[-1]).cost <= first(problem).cost


def test_a_proposal_obeys_tags_windows_with_gaps_and_the_order_of_goods():
    calls = [
        call("lane", 1, deliver=2, tags={"lane"}),
        call("noon", 2, collect=3, windows=((8 * HOUR, 9 * HOUR), (14 * HOUR, 15 * HOUR))),
        call("clean", 3, deliver=2),
    ]
    problem = line(calls, [vehicle("one", mixed=False, tags={"lane"}), vehicle("two")])
    problem = replace(problem, vehicles=(problem.vehicles[0], replace(problem.vehicles[1], fixed_cost=10**6)))

    (proposal,) = propose(problem, seconds=60, seed=1)

    assert sorted(proposal["one"]) == ["clean", "lane", "noon"]
    assert proposal["one"][-1] == "noon"
