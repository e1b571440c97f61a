"""The first plan is legal, the same each time, and leaves out only what must or what does not pay."""

from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from routing.checker import violations
from routing.days import generate
from routing.problem import Centre, Rests
from routing.schedule import assemble, schedule
from routing.search import Search, _crowd, first, mend, sequences_of
from routing.search.columns import Merging
from routing.search.mix import Mix
from routing.search.searcher import Plan, Report, Round
from routing.search.team import Crew, Team
from routing.search.words import Translation
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


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_written_as_sequences_is_mended_into_itself(seed):
    problem = day(20, 3, seed)
    plan = first(problem)

    assert mend(problem, sequences_of(problem, plan)) == plan


def test_a_legal_plan_is_not_mended_into_a_dearer_one():
    calls = [call("a", 1, collect=6), call("b", 5, collect=4), call("draws an unloading", 5, collect=6, prize=500)]
    problem = line(calls, [vehicle(crates=10, centres=(Centre(0, 600),), unloads=1)])

    plan = mend(problem, {"van": ["a", "b"]})

    assert (plan.cost, plan.left_out) == (10_500, ("draws an unloading",))


def test_where_mending_decides_the_cheapest_of_each_search_are_mended():
    problem = day(20, 3, seed=3)
    search = Search(problem, first(problem), Team(None), Mix(1.0), 1, lambda sequences, phase: first(problem))
    cheap, dear = (Report((Plan(((0, (("CLIENT", number),)),), cost, (cost,)),), 1) for number, cost in ((0, 10), (1, 90)))
    search.plans = [*cheap.plans]

    assert search.rough
    assert search._proposals([dear, cheap]) == [cheap.plans[0].paths, dear.plans[0].paths]
    search.rough = False
    assert search._proposals([dear, cheap]) == [cheap.plans[0].paths]


def test_routes_that_cannot_be_driven_as_they_are_are_not_merged():
    long = call("long", 1, windows=((6 * HOUR, 6 * HOUR + 600),), service=110 * 60)
    calls = [long, call("before the pause ends", 2, windows=((8 * HOUR, 8 * HOUR + 1_800),))]
    problem = line(calls, [vehicle(rests=Rests.once(2 * HOUR, HOUR))])
    merging = Merging(Translation(problem))

    assert merging._legal((0, (("CLIENT", 0),)))
    assert not merging._legal((0, (("CLIENT", 0), ("CLIENT", 1))))


@pytest.mark.parametrize(
    ("calls", "vehicles", "routes", "crowd"),
    [(8, 2, [3, 2], 4), (8, 4, [3, 2], 2.5), (1, 3, [], 1), (0, 0, [], 1)],
    ids=["all out", "more vehicles than the day needs", "no plan", "nothing"],
)
def test_a_pause_is_shared_by_as_many_calls_as_a_route_has(calls, vehicles, routes, crowd):
    problem = line([call(f"c{number}") for number in range(calls)], [vehicle(f"v{number}") for number in range(vehicles)])
    names = iter(problem.calls)
    vans = zip(problem.vehicles, routes, strict=False)
    plan = assemble(problem, [schedule(problem, van, [next(names) for _ in range(count)]) for van, count in vans])

    assert _crowd(problem, plan) == crowd


def test_what_a_search_found_is_told_before_it_is_merged():
    problem, events = day(20, 3, seed=2), []

    def tell(sequences, phase):
        events.append(phase)
        return mend(problem, sequences)

    search = Search(problem, first(problem), Team(None), Mix(1.0), 1, tell)
    search.merging = lambda plans: events.append("merging") or []
    search.run_for(24, None)

    assert events.count("merging") > 1
    assert events[0] == "search"


class Scripted(Team):
    """Two searches that find what they are told to."""

    def __init__(self, *rounds):
        super().__init__(None)
        self.rounds, self.asked = list(rounds), []

    def __len__(self):
        return 2

    def begin(self, tasks):
        pass

    def ask(self, orders):
        self.asked.append([set(order.plans) for order in orders])

    def answers(self, stop=None):
        return {number: Report(plans, 1) for number, plans in enumerate(self.rounds.pop(0))}


def test_what_one_search_found_is_told_to_the_others_every_other_round_only():
    problem = line([call("a", 1), call("b", 2), call("c", 3)], [vehicle("one"), vehicle("two")])
    start, paths = first(problem), [((0, (("CLIENT", number),)),) for number in range(3)]
    one, other, third = ((Plan(each, 10_000, (10_000,)),) for each in paths)
    team = Scripted((third, ()), (one, other), ((), ()), ((), ()))

    def tell(sequences, phase):
        return assemble(problem, [schedule(problem, problem.vehicle[van], stops) for van, stops in sequences.items()])

    search = Search(problem, start, team, Mix(1.0), 1, tell)
    search.merging = lambda plans: []
    for _ in range(4):
        search._round(Round(None, 1), None)

    assert not search.rough
    # what a round found is seen to while the next one runs
    assert team.asked == [[{tuple(search.words.paths(start))}] * 2, [set()] * 2, [{paths[2]}] * 2, [{paths[0]}, {paths[1]}]]


def test_an_unloading_is_kept_in_the_sequences():
    centre = Centre(1, 600)
    problem = line([call("a", 2, collect=6), call("b", 3, collect=6)], [vehicle(crates=10, centres=(centre,), unloads=1)])
    plan = assemble(problem, [schedule(problem, problem.vehicles[0], ["a", centre, "b"])])

    assert sequences_of(problem, plan) == {"van": ["a", centre, "b"]}


def test_what_one_search_finds_is_mended_and_beats_the_first_plan():
    problem, told = day(20, 3, seed=3), []

    def tell(sequences, phase):
        told.append(mend(problem, sequences))
        return told[-1]

    Search(problem, first(problem), Team(None), Mix(1.0), 1, tell).run_for(400, None)

    assert min(plan.cost for plan in told) < first(problem).cost
    assert all(violations(problem, plan) == [] for plan in told)


def test_what_had_to_be_shown_unfinished_is_inserted_after_all():
    problem = generate(40, 4, seed=3)

    half = first(problem, until=0)
    whole = mend(problem, sequences_of(problem, half))

    assert half.routes == ()
    assert whole == first(problem)


def test_who_was_given_up_is_not_asked_for_a_second_time():
    crew = Crew(2)
    try:
        dead, living = crew.processes
        team = Team(crew, end=monotonic())
        team.ask([Round(monotonic(), None)])
        dead.process.kill()

        assert team.answers() == {}
        assert team.answers() == {}
        assert crew.processes == [living]
    finally:
        crew.close()


def test_a_crew_is_made_smaller_and_larger_and_whoever_may_stay_stays():
    crew = Crew(2)
    try:
        one, other = crew.processes

        crew.resize(1)
        assert crew.processes == [one]
        assert other.process.poll() is not None

        crew.resize(2)
        assert crew.processes[0] is one
        assert len(crew.processes) == 2
    finally:
        crew.close()
