"""Trips of several plans are put together, where vehicles load anew at the place they start from."""

import pytest

from routing.problem import Centre, Rests
from routing.search.columns import Merging
from routing.search.population import Breed
from routing.search.searcher import Plan, Round, Searcher, Task
from routing.search.trips import Trip, days, loops
from routing.search.words import Translation
from tests.routing.build import HOUR, MINUTE, call, line, under_way, vehicle

HERE = Centre(0, 5 * MINUTE)


def words(*vans, calls="abcd"):
    return Translation(line([call(name, number) for number, name in enumerate(calls, 1)], vans))


def van(name="van", unloads=9, centres=(HERE,), **changes):
    return vehicle(name, unloads=unloads, centres=centres, **changes)


def trip(client, begin, end):
    return Trip(0, (("CLIENT", client),), 1, begin, end - begin)


def driven(asked, trips):
    return sorted(asked.sequences(days(asked, loops(asked), trips)).values(), key=str)


def test_a_vehicle_that_loads_where_it_starts_and_ends_drives_trips():
    assert loops(words(van())) == {0: ("DEPOT", 1)}


@pytest.mark.parametrize(
    "other",
    [
        van(unloads=0),
        van(centres=(Centre(1, 0),)),
        van(centres=(HERE, Centre(1, 0))),
        van(end=2),
        van(under_way=under_way()),
        van(rests=Rests.once(6 * HOUR, HOUR)),
    ],
    ids=["never", "elsewhere", "anywhere", "ends elsewhere", "under way", "with pauses"],
)
def test_other_vehicles_drive_whole_days(other):
    assert loops(words(other)) == {}


def test_trips_follow_each_other_on_one_vehicle():
    assert driven(words(van("1"), van("2")), [trip(0, 0, 50), trip(1, 50, 90)]) == [["a", HERE, "b"]]


def test_trips_at_the_same_time_need_two_vehicles():
    assert driven(words(van("1"), van("2")), [trip(0, 0, 50), trip(1, 49, 90)]) == [["a"], ["b"]]


def test_the_vehicle_that_has_just_come_back_goes_out_again():
    trips = [trip(0, 0, 20), trip(1, 0, 30), trip(2, 40, 50)]

    assert driven(words(van("1"), van("2")), trips) == [["a"], ["b", HERE, "c"]]


def test_a_vehicle_drives_no_more_trips_than_it_may_load():
    trips = [trip(0, 0, 10), trip(1, 10, 20), trip(2, 20, 30)]

    assert driven(words(van("1", unloads=1), van("2", unloads=1)), trips) == [["a", HERE, "b"], ["c"]]


def test_the_best_trips_of_two_plans_make_a_third():
    asked = words(van(fixed_cost=1))
    load = ("DEPOT", 1)

    def plan(one, other):
        steps = (*one.steps, load, *other.steps)
        return Plan(((0, steps),), one.cost + other.cost, (one.cost + other.cost,), (one, other))

    def pair(first, second, begin, cost):
        return Trip(0, (("CLIENT", first), ("CLIENT", second)), cost, begin, 100)

    plans = [plan(pair(0, 1, 0, 10), pair(2, 3, 200, 30)), plan(pair(1, 0, 0, 20), pair(3, 2, 100, 15))]

    merged = Merging(asked)(plans)

    assert [asked.sequences(paths) for paths in merged] == [{"van": ["a", "b", HERE, "d", "c"]}]


def test_a_search_tells_of_the_trips_of_its_plans():
    # two calls fill the van, so it goes out twice; each trip is 20 and 40 minutes of driving and 5 of loading
    calls = [call("a", 1, collect=10, windows=[(8 * HOUR, 9 * HOUR)]), call("b", 2, collect=10)]
    problem = line(calls, [van(crates=10)])

    plan = ((0, (("CLIENT", 0), ("DEPOT", 1), ("CLIENT", 1))),)
    report = Searcher(Task(problem, {"a": [0], "b": [0]}, True, 1, Breed())).run(Round(None, 1, (plan,)))

    one, other = report.plans[0].trips
    assert (one.steps, one.begin, one.length) == ((("CLIENT", 0),), 8 * HOUR - 10 * MINUTE, 25 * MINUTE)
    assert (other.steps, other.length, other.cost) == ((("CLIENT", 1),), 45 * MINUTE, 2 * one.cost)
