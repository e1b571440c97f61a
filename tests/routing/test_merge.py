"""Routes of several plans are put together at the least cost, each call once."""

import random

import pytest

from routing.search.merge import Column, merge, together

PRIZES = {"a": 100, "b": 100, "c": 100, "d": 100}


def column(calls, cost, kind=0):
    return Column(kind, frozenset(calls), cost, calls)


def chosen(columns, vehicles=(9,)):
    return sorted(column.route for column in merge(columns, vehicles, PRIZES))


def test_the_best_half_of_each_plan_is_chosen():
    one = [column("ab", 10), column("cd", 30)]
    other = [column("ba", 20), column("dc", 15)]

    assert chosen([*one, *other]) == ["ab", "dc"]


def test_routes_that_share_a_call_are_not_chosen_together():
    assert chosen([column("ab", 10), column("bc", 10), column("c", 30)]) == ["ab", "c"]


def test_a_call_is_left_out_where_its_prize_is_less_than_its_route():
    assert chosen([column("a", 40), column("b", 140)]) == ["a"]


def test_no_more_routes_are_chosen_than_there_are_vehicles_of_their_kind():
    columns = [column("a", 10), column("b", 20), column("c", 50, kind=1), column("d", 30, kind=1)]

    assert chosen(columns, (1, 1)) == ["a", "d"]


def test_of_nothing_nothing_is_chosen():
    assert chosen([]) == []


def timed(calls, cost, *busy):
    return Column(0, frozenset(calls), cost, calls, busy)


def test_trips_are_chosen_that_one_vehicle_can_drive_one_after_the_other():
    first, after = timed("a", 10, 0, 50), timed("b", 10, 50, 90)

    assert chosen([first, after], (1,)) == ["a", "b"]


def test_no_more_trips_are_out_at_once_than_there_are_vehicles():
    first, second, third = timed("a", 10, 0, 50), timed("b", 20, 10, 30), timed("c", 30, 20, 60)

    assert chosen([first, second, third], (2,)) == ["a", "b"]


def test_a_vehicle_that_goes_out_for_its_trips_is_paid_once():
    columns = [timed("a", 90, 0, 50), timed("b", 90, 50, 90)]

    assert [column.route for column in merge(columns, (1,), PRIZES, (15,))] == ["a", "b"]
    assert merge(columns, (1,), PRIZES, (25,)) == []


@pytest.mark.parametrize("seed", range(30))
def test_those_out_together_are_those_out_when_somebody_leaves(seed):
    dice = random.Random(seed)
    columns = [timed(str(n), 1, (at := dice.randint(0, 20)), at + dice.randint(1, 8)) for n in range(20)]

    found = [set(numbers) for numbers in together(columns, 0)]

    leaving = [
        {n for n, column in enumerate(columns) if column.busy[0] <= at < column.busy[1]} for at in {c.busy[0] for c in columns}
    ]
    assert all(numbers in leaving for numbers in found)
    assert all(any(numbers <= larger for larger in found) for numbers in leaving)
