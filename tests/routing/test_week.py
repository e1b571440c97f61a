"""Calls that may wait go on the day that passes by, none after its last, and the weeks cost less than day by day."""

from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from routing.__main__ import main as command
from routing.checker import violations
from routing.planner.asking import Asked
from routing.planner.weekly import Week
from routing.problem import Call
from routing.search import first
from routing.week import KEPT, Movable, assign, day_of, plan
from routing.weeks import PRICES, Score, ahead, by_itself, movables, simulate, table
from tests.routing.build import HOUR, call, line, vehicle

VAN = vehicle(fixed_cost=5_000)


def week(*asked):
    """Movables on one road: (name, place, days)."""
    made = [Movable(call(name, place, service=600, collect=1), tuple(days)) for name, place, days in asked]
    return line([movable.call for movable in made], [VAN]), made


def test_neighbours_go_on_one_day():
    problem, asked = week(("far", 5, [0, 1, 2]), ("farther", 5, [1, 2, 3]), ("near", 1, [0]))

    chosen = assign(problem, asked, range(4))

    assert chosen["far"] == chosen["farther"]
    assert chosen["near"] == 0


def test_a_van_that_goes_out_anyway_takes_along_what_may_wait():
    problem, asked = week(("due", 5, [0]), ("may wait", 3, [0, 1, 2, 3]))

    assert assign(problem, asked, range(4)) == {"due": 0, "may wait": 0}


def test_a_call_is_joined_to_the_depot_by_every_link_on_its_way():
    problem, asked = week(("far", 5, [0]), ("on the way", 4, [0, 1]), ("nearer", 3, [1]))
    dear = replace(problem, vehicles=(replace(VAN, fixed_cost=0),))

    chosen = assign(dear, asked, [0, 1])

    # with the last link alone counted, going out to the fourth place on the second day would cost no more
    assert chosen["on the way"] == 0


def test_a_day_is_not_filled_beyond_its_room():
    asked = [Movable(call(name, 5, collect=40), (0, 1)) for name in "abcd"]
    problem = line([movable.call for movable in asked], [VAN])

    chosen = assign(problem, asked, [0, 1])

    assert sorted(chosen.values()) == [0, 0, 1, 1]


def test_a_day_is_not_filled_beyond_its_hours():
    asked = [Movable(call(name, 1, service=4 * HOUR), (0, 1)) for name in "abcd"]
    problem = line([movable.call for movable in asked], [VAN])

    chosen = assign(problem, asked, [0, 1])

    assert sorted(chosen.values()) == [0, 0, 1, 1]


def test_on_its_last_day_a_call_has_no_price_and_before_it_has_one():
    problem, asked = week(("due", 5, [0]), ("waits", 3, [0, 1]))

    prizes = {each.id: each.prize for each in day_of(problem, asked, {"due": 0, "waits": 1}, 0).calls}

    assert prizes["due"] is None
    assert prizes["waits"] > 0


def test_each_call_of_a_week_is_answered_once_on_one_of_its_days():
    problem, asked = week(("a", 5, [0, 1]), ("b", 2, [1]), ("c", 3, [2]), ("d", 5, [1, 2]))

    plans = plan(problem, asked, [0, 1, 2], lambda question, _day: first(question))

    answered = {name: day for day, found in plans.items() for route in found.routes for name in route.calls}
    assert sorted(answered) == ["a", "b", "c", "d"]
    assert all(answered[movable.call.id] in movable.days for movable in asked)


def test_what_a_day_leaves_out_is_offered_on_the_next_of_its_days():
    problem, asked = week(("a", 5, [0, 1]))
    told = []

    def tired_today(question, day):
        assert day == len(told)
        told.append([each.id for each in question.calls])
        return first(replace(question, vehicles=()) if len(told) == 1 else question)

    plans = plan(problem, asked, [0, 1], tired_today)

    assert told == [["a"], ["a"]]
    assert plans[1].left_out == ()


def test_a_vehicle_that_brings_before_it_takes_has_room_for_one_exchange_a_trip():
    lorry = replace(VAN, id="lorry", capacity=(500, 10_000), mixed=False)
    asked = [Movable(call(name, 5, deliver=40, collect=40), (0, 1)) for name in "abcdef"]
    problem = line([movable.call for movable in asked], [VAN, lorry])

    chosen = assign(problem, asked, [0, 1])

    assert sorted(chosen.values()) == [0, 0, 0, 1, 1, 1]


def test_a_vehicle_that_brings_before_it_takes_is_filled_with_what_is_only_taken():
    lorry = replace(VAN, capacity=(500, 10_000), mixed=False)
    asked = [Movable(call(name, 5, collect=40), (0, 1)) for name in "abcdef"]
    problem = line([movable.call for movable in asked], [lorry])

    assert len(set(assign(problem, asked, [0, 1]).values())) == 1


def test_what_its_last_day_has_no_room_for_goes_on_a_day_before_that_saved_its_van():
    problem, asked = week(("due", 5, [0, 1]), ("too much", 5, [0, 1]))
    small = replace(problem, vehicles=(replace(VAN, capacity=(1, 10_000)),))

    plans = plan(small, asked, [0, 1], late)

    assert {day: len(found.routes) for day, found in plans.items()} == {0: 1, 1: 1}
    assert plans[0].routes[0].calls != plans[1].routes[0].calls


def test_a_day_planned_once_more_keeps_all_that_it_answered():
    problem, asked = week(("stays", 1, [0]), ("waits", 5, [0, 1]))
    asked_of_first = []

    def forgetful(question, day):
        if day == 0:
            asked_of_first.append({each.id: each.prize for each in question.calls})
        # the first day, asked again, would answer the one for the other
        take = "stays" if len(asked_of_first) == 1 else "waits"
        return first(replace(question, calls=tuple(each for each in question.calls if day == 0 and each.id == take)))

    plans = plan(problem, asked, [0, 1], forgetful)

    assert asked_of_first[1:] == [{"stays": KEPT, "waits": 1_000_000}]
    assert plans[0].routes[0].calls == ("stays",)


def test_a_call_that_waits_is_priced_as_on_its_last_day():
    days = [
        Asked(date(2026, 10, 6 + n), {}, (call("7", prize=price),), (), {}, {}, {}, {}) for n, price in enumerate((10, 14, 18))
    ]

    (movable,) = Week(days, {7: (0, 1)}).movables()

    assert movable.call.prize == 14


def late(question, day):
    """Send no van on the first day for what may wait, and one whenever it is a call's last chance."""
    may_wait = day == 0 and all(each.prize != 1_000_000 for each in question.calls)
    return first(replace(question, vehicles=()) if may_wait else question)


@pytest.mark.parametrize("days", [(), (2, 1), (1, 1)])
def test_days_out_of_order_are_refused(days):
    with pytest.raises(ValueError, match="expected one or more, in order"):
        Movable(Call("a", 0, (0,), (0,), ()), days)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_weeks_planned_ahead_cost_less_than_day_by_day(seed):
    problem, asked = movables(1, 10, 2, seed)
    legal = []

    def solve(question):
        solution = first(question)
        legal.append(not violations(question, solution))
        return solution

    ours = simulate(problem, asked, ahead, solve)
    theirs = simulate(problem, asked, partial(by_itself, price=PRICES[0], waiting=PRICES[0] * 2 // 5), solve)

    assert all(legal)
    assert (ours.calls, ours.late) == (theirs.calls, theirs.late) == (50, 0)
    assert ours.per_call < theirs.per_call


def test_the_table_says_by_how_much_the_first_wins():
    lines = table({"ours": Score(90_00, 10, 0, 3), "theirs": Score(100_00, 10, 0, 4)})

    assert lines[2].split() == ["theirs", "10.00", "10", "0", "4", "10.0", "%"]


def test_the_command_prints_every_way_of_planning(capsys):
    assert command(["week", "--weeks", "1", "--calls", "2", "--vehicles", "1"]) == 0

    assert len(capsys.readouterr().out.splitlines()) == 2 + len(PRICES)
