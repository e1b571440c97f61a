"""What a problem asks is asked of the local search too: alone it finds the plan that only this rule makes the best."""

from dataclasses import replace

import pytest

from routing.problem import LIGHT, Centre, Rests, Shipment
from routing.schedule import assemble, schedule
from routing.search.able import answerable
from routing.search.arcs import PER_CENT
from routing.search.population import Breed, Population
from routing.search.searcher import Round, Task
from routing.search.words import Translation
from tests.routing.build import HOUR, call, day, line, under_way, vehicle

MINUTE = 60
ROUNDS = 1_000


def found(problem, must=True):
    """Give what the local search alone finds."""
    words = Translation(problem, must)
    population = Population(words.data, seed=1)
    population.run(lambda: population.iterations >= ROUNDS)
    return words.sequences(population.paths(population.best))


def test_a_call_is_answered_in_the_window_that_is_cheapest():
    calls = [
        call("split", 2, windows=((7 * HOUR, 8 * HOUR), (12 * HOUR, 13 * HOUR))),
        call("noon", 3, windows=((12 * HOUR, 13 * HOUR),)),
    ]

    assert found(line(calls, [vehicle(cost_per_hour=3_600)])) in ({"van": ["split", "noon"]}, {"van": ["noon", "split"]})


def test_a_call_that_costs_more_than_its_prize_is_left_out():
    assert found(line([call("near", 1, prize=3_000), call("far", 5, prize=3_000)], [vehicle()])) == {"van": ["near"]}


def test_a_vehicle_goes_only_where_its_tags_allow():
    problem = line([call("lane", 1, tags={"lane"})], [vehicle("cheap"), vehicle("dear", fixed_cost=500, tags={"lane"})])

    assert found(problem) == {"dear": ["lane"]}


def test_a_call_goes_to_the_vehicle_it_is_locked_to():
    problem = line([call("a", vehicles=frozenset({"dear"}))], [vehicle("cheap"), vehicle("dear", fixed_cost=500)])

    assert found(problem) == {"dear": ["a"]}


@pytest.mark.parametrize(("moving_cost", "goes_to"), [(100, "cheap"), (900, "dear")])
def test_a_call_changes_its_vehicle_when_that_saves_more_than_it_costs(moving_cost, goes_to):
    vans = [vehicle("cheap"), vehicle("dear", fixed_cost=500)]

    assert found(line([call("a", usual="dear", moving_cost=moving_cost)], vans)) == {goes_to: ["a"]}


def test_a_call_that_is_to_be_first_is_and_one_that_is_to_be_last_is():
    problem = line([call("first", 3, position=0), call("b", 1), call("c", 2), call("last", 1, position=-1)], [vehicle()])

    (route,) = found(problem).values()

    assert (route[0], route[-1]) == ("first", "last")


def test_clean_goods_go_before_dirty_ones_where_they_must_not_mix():
    calls = [call("dirty", 1, collect=5), call("clean", 3, deliver=5)]

    assert found(line(calls, [vehicle(mixed=False)])) == {"van": ["clean", "dirty"]}


def test_set_up_is_paid_once_for_two_calls_at_one_place():
    calls = [call("a", 2, setup=HOUR), call("b", 2, setup=HOUR)]
    van = vehicle(shift=(6 * HOUR, 7 * HOUR + 40 * MINUTE))

    assert sorted(found(line(calls, [van]))["van"]) == ["a", "b"]


def test_service_may_start_as_the_window_closes_with_the_set_up_after_it():
    calls = [call("a", 1, setup=HOUR, windows=((6 * HOUR, 6 * HOUR + 10 * MINUTE),))]

    assert found(line(calls, [vehicle(shift=(6 * HOUR, 8 * HOUR))])) == {"van": ["a"]}


def test_a_vehicle_waits_for_goods_that_are_ready_late():
    late = call("late", 1, deliver=1, release=9 * HOUR)
    early = call("early", 2, windows=((6 * HOUR, 8 * HOUR),))

    assert found(line([late, early], [vehicle("one"), vehicle("two")])) in (
        {"one": ["late"], "two": ["early"]},
        {"one": ["early"], "two": ["late"]},
    )


def test_a_window_that_closes_before_the_goods_are_ready_is_none():
    goods = call(deliver=1, windows=((7 * HOUR, 8 * HOUR), (12 * HOUR, 13 * HOUR)), release=9 * HOUR)

    assert found(line([goods, call("b", 2)], [vehicle()])) in ({"van": ["a", "b"]}, {"van": ["b", "a"]})


def test_a_full_vehicle_unloads_on_its_way():
    centre = Centre(1, 600)
    calls = [call("a", 2, collect=6), call("b", 3, collect=6)]

    (route,) = found(line(calls, [vehicle(crates=10, centres=(centre,), unloads=1)])).values()

    assert route[1] == centre
    assert {route[0], route[2]} == {"a", "b"}


def test_unloading_takes_its_time():
    calls = [call("a", 2, collect=6), call("b", 2, collect=6, prize=1_000)]
    van = vehicle(crates=10, shift=(6 * HOUR, 8 * HOUR), centres=(Centre(1, HOUR),), unloads=1)

    assert found(line([replace(calls[0], prize=None), calls[1]], [van])) == {"van": ["a"]}


def test_a_vehicle_drives_by_its_own_ways():
    calls = [call("a", 5, windows=((6 * HOUR, 7 * HOUR),))]
    ways = line(calls, []).profiles[0]
    slow = replace(ways, seconds=ways.seconds * 2)
    problem = line(calls, [vehicle("slow", profile=1), vehicle("usual", fixed_cost=500)], others=(slow,))

    assert found(problem) == {"usual": ["a"]}


def test_overtime_is_taken_where_it_costs_less_than_another_vehicle():
    calls = [call("a", 3, service=HOUR), call("b", 3, service=HOUR)]
    van = vehicle(shift=(6 * HOUR, 8 * HOUR + 30 * MINUTE), overtime=HOUR, cost_per_overtime_hour=1_000)
    spare = replace(van, id="spare", fixed_cost=10_000)

    assert len(found(line(calls, [van, spare]))["van"]) == 2


def test_a_shipment_is_taken_before_it_is_left_in_one_vehicle():
    problem = line(
        [call("from", 4), call("to", 2)], [vehicle("one"), vehicle("two")], shipments=(Shipment("from", "to", (3, 0)),)
    )

    assert list(found(problem).values()) == [["from", "to"]]


def test_a_vehicle_under_way_has_what_it_collected_aboard():
    calls = [call("a", 1, collect=6), call("b", 1, collect=6)]
    out = vehicle("out", crates=10, under_way=under_way(aboard=4))

    assert len(found(line(calls, [out, vehicle("home", fixed_cost=500)]))["home"]) == 2


def test_a_vehicle_under_way_delivers_only_what_it_carries():
    calls = [call("aboard", 1, deliver=1), call("at the centre", 2, deliver=1)]
    out = vehicle("out", under_way=under_way(carries={"aboard"}))

    assert "at the centre" in found(line(calls, [out, vehicle("home", fixed_cost=10_000)]))["home"]


def test_a_day_is_as_much_shorter_as_its_pause_is_long():
    words = Translation(line([call()], [vehicle(rests=Rests.once(6 * HOUR, HOUR))]))

    (kind,) = words.data.vehicle_types()

    assert kind.shift_duration == 9 * HOUR


def test_a_pause_that_calls_share_makes_each_of_them_longer_and_the_day_not_shorter():
    half_a_day = vehicle("half", shift=(6 * HOUR, 11 * HOUR), rests=LIGHT)
    vans = [vehicle("pauses", rests=Rests.once(6 * HOUR, HOUR)), half_a_day]
    data = Translation(line([call("a", 1), call("b", 3)], vans), sharing=4).data

    pauses, half = data.vehicle_types()
    assert (pauses.shift_duration, half.shift_duration) == (10 * HOUR, 5 * HOUR)
    assert data.duration_matrix(pauses.profile).tolist() == [[0, 600, 1800], [1500, 0, 2100], [2700, 2100, 0]]
    assert data.duration_matrix(half.profile).tolist() == [[0, 600, 1800], [600, 0, 1200], [1800, 1200, 0]]


def test_a_longest_day_without_a_pause_is_as_long_where_calls_share_pauses():
    longest_day = Rests(work=7 * HOUR, shortest=24 * HOUR)
    data = Translation(line([call("a", 1)], [vehicle(rests=longest_day)]), sharing=4).data

    assert (data.vehicle_type(0).shift_duration, data.duration_matrix(0)[1, 0]) == (7 * HOUR, 600)


def test_overtime_is_as_long_where_calls_share_the_pause():
    problem = line([call()], [vehicle(overtime=2 * HOUR, rests=Rests.once(6 * HOUR, HOUR))])

    told = [Translation(problem, sharing=sharing).data.vehicle_type(0) for sharing in (0, 3)]

    assert [(kind.shift_duration, kind.max_overtime) for kind in told] == [(9 * HOUR, 2 * HOUR), (10 * HOUR, 2 * HOUR)]


@pytest.mark.parametrize(("shared", "back"), [(True, 600 + 900), (False, 600)])
def test_a_breed_says_whether_the_calls_of_a_route_share_the_pause(shared, back):
    problem = line([call("a", 1)], [vehicle(rests=Rests.once(6 * HOUR, HOUR))])

    words = Task(problem, answerable(problem), True, 1, Breed(shared=shared), crowd=4).searcher().words

    assert words.data.duration_matrix(0).tolist() == [[0, 600], [back, 0]]


@pytest.mark.parametrize("shared", [True, False])
def test_a_plan_costs_the_same_whether_or_not_calls_share_the_pause(shared):
    van = vehicle(cost_per_hour=3_600, fixed_cost=50, rests=Rests.once(2 * HOUR, HOUR))
    problem = line([call("a", 1, service=HOUR), call("b", 2, service=HOUR)], [van])
    searcher = Task(problem, answerable(problem), True, 1, Breed(shared=shared), crowd=2).searcher()

    plan = searcher.run(Round(None, 10)).plans[0]

    km, seconds = 4, 2 * HOUR + 40 * MINUTE
    assert (plan.cost, plan.costs) == ((50 + km * 1_000 + seconds) * PER_CENT, ((50 + km * 1_000 + seconds) * PER_CENT,))


def test_vehicles_that_differ_by_name_only_are_one_kind():
    words = Translation(line([call()], [vehicle("one"), vehicle("two"), vehicle("big", crates=200)]))

    assert [kind.num_available for kind in words.data.vehicle_types()] == [2, 1]
    assert len(words.data.distance_matrices()) == 1


def test_a_plan_put_into_words_and_back_is_the_same():
    calls = [call("a", 2, collect=6, windows=((6 * HOUR, 7 * HOUR), (9 * HOUR, 12 * HOUR))), call("b", 3, collect=6)]
    centre = Centre(1, 600)
    problem = line(calls, [vehicle(crates=10, centres=(centre,), unloads=1)])
    words = Translation(problem)
    plan = assemble(problem, [schedule(problem, problem.vehicles[0], ["a", centre, "b"])])

    assert words.sequences(words.paths(plan)) == {"van": ["a", centre, "b"]}


def test_nobody_is_asked_for_what_no_vehicle_can_do():
    calls = [call("a"), call("heavy", collect=999), call("closed", windows=()), call("lane", tags={"lane"})]
    problem = line(calls, [vehicle("one"), vehicle("two", crates=0, tags={"lane"})])

    assert answerable(problem) == {"a": [0, 1], "lane": [1]}
    assert len(Translation(problem)) == 2


def test_a_day_without_calls_or_vehicles_has_nothing_to_search():
    assert len(Translation(line([], [vehicle()]))) == len(Translation(line([call()], []))) == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_the_same_seed_breeds_the_same_plans(seed):
    once, again = (found(day(25, 3, seed), must=False) for _ in range(2))

    assert once == again


def test_a_population_that_shakes_more_goes_another_way():
    data = Translation(day(20, 3)).data

    plans = []
    for shaken in (1, 25):
        population = Population(data, seed=1, breed=Breed(shaken=shaken))
        population.run(lambda population=population: population.iterations >= 20)
        plans.append([cost for cost, _ in population.harvest()])

    assert plans[0] != plans[1]
