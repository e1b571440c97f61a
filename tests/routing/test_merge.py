"""Routes of several plans are put together at the least cost, each call once."""

from routing.search.merge import Column, merge

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
