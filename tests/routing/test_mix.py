"""How a day is searched follows from its rules."""

import pytest

from routing.problem import LIGHT, Centre, Rests
from routing.schedule import longest_unbroken
from routing.search.mix import APART, BEFORE, BREEDS, RELEASED, WALKED, mix, open_all_day, rough
from tests.routing.build import HOUR, call, day, line, under_way, vehicle

AGAIN = vehicle(unloads=2, centres=(Centre(0, 0),))


def test_a_day_of_several_trips_with_goods_that_come_later_is_searched_its_own_way():
    found = mix(line([call("a"), call("b", release=9 * HOUR)], [vehicle("one"), AGAIN]), 15)

    assert found.breeds == found.of_regions().breeds == RELEASED


@pytest.mark.parametrize(
    ("van", "release"), [(AGAIN, 0), (vehicle(), 9 * HOUR)], ids=["all there in the morning", "one trip each"]
)
def test_any_other_day_is_searched_as_most_are(van, release):
    assert mix(line([call("a", release=release)], [van]), 15).breeds == BREEDS[False]


@pytest.mark.parametrize(
    ("calls", "seconds", "whole"),
    [
        (300, 29, 0),
        (300, 30, BEFORE),
        (200, 15, 0),
        (150, 1, 1),
        (150, 60, 1),
        (151, 60, BEFORE),
        (300, None, 1),
        (501, None, 0),
    ],
)
def test_a_day_is_cut_into_regions_where_it_is_large_or_large_for_its_time_and_later_where_it_is_neither(calls, seconds, whole):
    found = mix(day(calls, 3), seconds)

    assert found.whole == whole
    assert (found.breeds, found.of_regions().breeds) == (BREEDS[True], APART)


@pytest.mark.parametrize(
    ("calls", "seconds", "whole"),
    [(200, 15, 1), (200, 20, BEFORE), (501, 15, 1), (700, 30, 0), (700, 60, 1), (700, None, 1), (1_001, None, 0)],
)
def test_where_the_local_search_knows_every_rule_a_day_stays_whole_longer(calls, seconds, whole):
    plain = line([call(f"c{number}") for number in range(calls)], [vehicle()])

    assert mix(plain, seconds).whole == whole


@pytest.mark.parametrize(("seconds", "breeds"), [(20, WALKED), (19, BREEDS[False]), (None, BREEDS[False])])
def test_where_only_loads_are_in_the_way_and_there_is_time_plans_are_walked_for_first(seconds, breeds):
    plain = line([call(f"c{number}") for number in range(200)], [vehicle()])

    assert mix(plain, seconds).breeds == breeds


def test_a_day_with_pauses_or_hours_has_no_walks():
    hours = [call(f"c{number}", windows=((9 * HOUR, 12 * HOUR),)) for number in range(200)]
    always = [call(f"c{number}") for number in range(200)]

    assert mix(line(always, [vehicle(rests=LIGHT)]), 60).breeds == BREEDS[True]
    assert mix(line(hours, [vehicle()]), 60).breeds == BREEDS[False]


BEGINS, ENDS = vehicle().shift


@pytest.mark.parametrize(
    ("asked", "always"),
    [
        ({}, True),
        ({"windows": ((BEGINS, ENDS),), "release": BEGINS}, True),
        ({"windows": ((BEGINS - 10, BEGINS - 5), (BEGINS, ENDS))}, True),
        ({"windows": ((BEGINS + 1, ENDS),)}, False),
        ({"windows": ((BEGINS, ENDS - 1),)}, False),
        ({"windows": ((BEGINS, BEGINS + HOUR), (BEGINS + HOUR + 1, ENDS))}, False),
        ({"windows": ()}, False),
        ({"release": BEGINS + 1}, False),
    ],
)
def test_a_call_is_open_all_day_if_it_can_be_answered_whenever_a_vehicle_is_out(asked, always):
    assert open_all_day(line([call("always"), call("asked", **asked)], [vehicle()])) is always


LONGEST_DAY = Rests(work=7 * HOUR, shortest=24 * HOUR)


@pytest.mark.parametrize(
    ("van", "roughly"),
    [
        (vehicle(), False),
        (vehicle(rests=LONGEST_DAY), False),
        (vehicle(rests=LONGEST_DAY, under_way=under_way(worked=HOUR)), True),
        (vehicle(rests=Rests(work=7 * HOUR)), True),
        (vehicle(rests=Rests(driving_day=7 * HOUR)), True),
        (vehicle(rests=LIGHT), True),
        (vehicle(overtime=HOUR), True),
    ],
    ids=["no rule", "longest day", "part of it over", "cut by pauses", "driving", "pauses due", "overtime"],
)
def test_a_longest_day_is_no_rule_that_the_search_knows_but_roughly(van, roughly):
    assert rough(line([call()], [van])) is roughly


def test_a_longest_day_is_told_to_the_second():
    assert longest_unbroken(vehicle(rests=LONGEST_DAY)) == 7 * HOUR


def test_the_full_model_has_time_left_on_every_day_it_can_hold():
    assert mix(day(500, 3), 10).proposing < mix(day(501, 3), 10).proposing
