"""What the checker takes for legal and what not, one small plan for each fine point."""

from dataclasses import replace

import pytest

from routing.checker import cost, violations
from routing.problem import Centre, Rests, Route, Solution, Unload, Visit, Ways
from tests.routing.build import HOUR, call, line, under_way, vehicle

MIN = 60


def stand(name, arrival, start, end):
    """A visit, in minutes of the day."""
    return Visit(name, arrival * MIN, start * MIN, end * MIN)


def codes_of_one(problem, *visits, departure, finish, metres, driven, peak=(0, 0), **more):
    """The codes of a plan of one route, its cost left aside."""
    route = Route(problem.vehicles[0].id, visits, departure * MIN, finish * MIN, metres, driven * MIN, peak, **more)
    left_out = tuple(call.id for call in problem.calls if call.id not in route.calls)
    solution = Solution((route,), left_out, 0)
    return {violation.code for violation in violations(problem, replace(solution, cost=cost(problem, solution)))}


def test_setup_is_paid_again_when_an_unloading_lies_between_two_visits_at_one_place():
    van = vehicle(centres=(Centre(1),), unloads=1)
    problem = line([call("a", 1, setup=5 * MIN), call("b", 1, setup=5 * MIN)], [van])
    halt = (Unload(1, 1, 495 * MIN, 495 * MIN, 495 * MIN),)

    def found(end, unloads=()):
        visits = stand("a", 490, 490, 495), stand("b", 495, 495, end)
        return codes_of_one(problem, *visits, departure=480, finish=end + 10, metres=2000, driven=20, unloads=unloads)

    assert found(495) == set()
    assert found(495, halt) == {"service"}
    assert found(500, halt) == set()


def test_one_place_may_be_two_centres_and_one_of_them_must_fit():
    morning, evening = Centre(0, 30 * MIN, ((0, 600 * MIN),)), Centre(0, 10 * MIN, ((600 * MIN, 900 * MIN),))
    problem = line([call("a", 1)], [vehicle(centres=(morning, evening), unloads=1)])

    def found(start, end):
        halt = (Unload(1, 0, 500 * MIN, start * MIN, end * MIN),)
        visit = stand("a", 490, 490, 490)
        return codes_of_one(problem, visit, departure=480, finish=end, metres=2000, driven=20, unloads=halt)

    assert found(599, 629) == set()
    assert found(599, 609) == {"centre_service"}
    assert found(600, 610) == set()
    assert found(901, 940) == {"centre_window"}


def under_way_day(**changes):
    """A van under way at place 2 with 4 crates aboard and the goods of a; b and c are others."""
    van = vehicle(start=2, centres=(Centre(1, 5 * MIN),), unloads=1, under_way=under_way(4, {"a"}), **changes)
    return line([call("a", 3, deliver=2, release=HOUR * 20), call("b", 1, deliver=3), call("c", 2, collect=1)], [van])


def test_a_van_under_way_may_just_drive_home_with_what_it_has_aboard():
    drive = {"departure": 480, "finish": 500, "metres": 2000, "driven": 20, "peak": (6, 0)}

    assert codes_of_one(under_way_day(), **drive) == set()
    assert codes_of_one(under_way_day(crates=5), **drive) == {"capacity"}


def test_a_van_under_way_delivers_what_it_carries_and_loads_the_rest_at_a_centre():
    day = under_way_day()
    halt = Unload(1, 1, 510 * MIN, 510 * MIN, 515 * MIN)
    visits = stand("a", 490, 490, 490), stand("b", 515, 515, 515)
    drive = {"departure": 480, "finish": 525, "metres": 4000, "driven": 40, "peak": (6, 0)}

    assert codes_of_one(day, *visits, **drive, unloads=(halt,)) == set()
    assert codes_of_one(day, *visits, **drive) == {"carries"}


def test_a_van_under_way_may_unload_before_its_first_visit():
    halt = Unload(0, 1, 490 * MIN, 490 * MIN, 495 * MIN)
    visit = stand("b", 495, 495, 495)

    assert codes_of_one(
        under_way_day(mixed=False), visit, departure=480, finish=505, metres=2000, driven=20, peak=(6, 0), unloads=(halt,)
    ) == set()  # fmt: skip


def test_a_van_under_way_without_collected_goods_may_deliver_what_it_carries_unmixed():
    van = vehicle(start=2, mixed=False, under_way=under_way(0, {"a"}))
    problem = line([call("a", 1, deliver=2)], [van])
    visit = stand("a", 490, 490, 490)

    assert codes_of_one(problem, visit, departure=480, finish=500, metres=2000, driven=20, peak=(2, 0)) == set()


def test_one_visit_of_an_unmixed_van_may_deliver_and_then_collect():
    problem = line([call("a", 1, deliver=2, collect=5), call("b", 2, deliver=1)], [vehicle(mixed=False)])
    a, b = stand("a", 490, 490, 490), stand("b", 500, 500, 500)
    back = {"departure": 480, "finish": 520, "metres": 4000, "driven": 40}

    assert codes_of_one(problem, a, b, **back, peak=(6, 0)) == {"order"}
    first_b = stand("b", 500, 500, 500), stand("a", 510, 510, 510)
    assert codes_of_one(problem, *first_b, **back, peak=(5, 0)) == set()


def test_a_pause_lies_within_one_standing_even_where_service_takes_no_time():
    problem = line([call("a", 1)], [vehicle(rests=Rests(shortest=15 * MIN))])
    visit = stand("a", 490, 500, 500)
    back = {"departure": 480, "finish": 530, "metres": 2000, "driven": 20}

    assert codes_of_one(problem, visit, **back, pauses=((500 * MIN, 520 * MIN),)) == set()
    assert codes_of_one(problem, visit, **back, pauses=((495 * MIN, 515 * MIN),)) == {"pause_place"}
    assert codes_of_one(problem, visit, **back, pauses=((515 * MIN, 530 * MIN),)) == {"pause_place"}


def test_a_pause_may_be_taken_at_the_start_before_driving():
    problem = line([call("a", 1)], [vehicle(rests=Rests(shortest=15 * MIN))])
    visit = stand("a", 505, 505, 505)

    assert codes_of_one(
        problem, visit, departure=480, finish=515, metres=2000, driven=20, pauses=((480 * MIN, 495 * MIN),)
    ) == set()  # fmt: skip


@pytest.mark.parametrize(
    ("lengths", "allowed"),
    [
        ((45,), True),  # in one
        ((44,), False),
        ((15, 30), True),  # in two, in this order
        ((30, 15), False),
        ((30, 30), True),
        ((15, 15, 15), False),  # three are no two
        ((15, 15, 30), True),  # another between the parts
    ],
)
def test_a_driving_pause_is_one_long_pause_or_its_two_parts_in_order(lengths, allowed):
    rests = Rests(driving=30 * MIN, parts=(15 * MIN, 30 * MIN))
    problem = line([call("a", 1), call("b", 3)], [vehicle(rests=rests)])
    pauses, clock = [], 490
    for length in lengths:
        pauses.append((clock * MIN, (clock + length) * MIN))
        clock += length
    visits = stand("a", 490, clock, clock), stand("b", clock + 20, clock + 20, clock + 20)
    back = {"departure": 480, "finish": clock + 50, "metres": 6000, "driven": 60}

    found = codes_of_one(problem, *visits, **back, pauses=tuple(pauses))

    assert found == {"driving"}  # 10 before the pauses, 50 after
    looser = replace(problem, vehicles=(replace(problem.vehicles[0], rests=replace(rests, driving=50 * MIN)),))
    assert (codes_of_one(looser, *visits, **back, pauses=tuple(pauses)) == set()) is allowed


def test_the_pause_that_completes_a_driving_pause_is_no_part_of_the_next():
    rests = Rests(driving=20 * MIN, parts=(15 * MIN, 30 * MIN))
    problem = line([call("a", 1), call("b", 2)], [vehicle(rests=rests)])
    visits = stand("a", 490, 540, 540), stand("b", 550, 580, 580)
    pauses = ((490 * MIN, 505 * MIN), (505 * MIN, 535 * MIN), (550 * MIN, 580 * MIN))
    back = {"departure": 480, "finish": 600, "metres": 4000, "driven": 40}

    assert codes_of_one(problem, *visits, **back, pauses=pauses) == {"driving"}
    longer = (*pauses[:2], (550 * MIN, 565 * MIN), (565 * MIN, 595 * MIN))
    visits = visits[0], stand("b", 550, 595, 595)
    assert codes_of_one(problem, *visits, **{**back, "finish": 615}, pauses=longer) == set()


@pytest.mark.parametrize(
    ("counters", "code"),
    [
        ({"worked": 11}, "work"),
        ({"driven": 11}, "driving"),
        ({"driven_today": 51}, "driving_day"),
        ({"worked_today": 51}, "due"),
        ({"worked_today": 51, "paused_today": 14}, "due"),
    ],
)
def test_what_a_van_under_way_has_worked_and_driven_counts(counters, code):
    rests = Rests(work=30 * MIN, due=((70 * MIN, 15 * MIN),), driving=30 * MIN, driving_day=70 * MIN)
    enough = {"worked": 10, "driven": 10, "driven_today": 50, "worked_today": 50, "paused_today": 0}

    def found(**counters):
        done = {name: count * MIN for name, count in {**enough, **counters}.items()}
        problem = line([], [vehicle(start=2, rests=rests, under_way=under_way(**done))])
        return codes_of_one(problem, departure=480, finish=500, metres=2000, driven=20)

    assert found() == set()
    assert found(**counters) == {code}
    assert found(worked_today=51, paused_today=15) == set()


def test_ways_are_those_of_the_vehicle_s_own_profile():
    problem = line([call("a", 1)], [])
    slow = Ways(problem.seconds * 2, problem.metres * 3)
    problem = replace(problem, others=(slow,), vehicles=(vehicle(profile=1),))
    visit = stand("a", 500, 500, 500)

    assert codes_of_one(problem, visit, departure=480, finish=520, metres=6000, driven=40) == set()
    assert codes_of_one(problem, visit, departure=481, finish=520, metres=6000, driven=40) == {"travel"}


def test_a_position_counts_visits_not_unloadings_and_minus_one_is_the_last():
    van = vehicle(centres=(Centre(0),), unloads=1)
    problem = line([call("a", 1, position=0), call("b", 1, position=1)], [van])
    halt = (Unload(1, 0, 500 * MIN, 500 * MIN, 500 * MIN),)
    visits = stand("a", 490, 490, 490), stand("b", 510, 510, 510)
    back = {"departure": 480, "finish": 520, "metres": 4000, "driven": 40, "unloads": halt}

    assert codes_of_one(problem, *visits, **back) == set()
    last = replace(problem, calls=(replace(problem.calls[0], position=-1), problem.calls[1]))
    assert codes_of_one(last, *visits, **back) == {"position"}


def test_a_call_that_any_van_could_answer_may_be_left_out_even_without_a_prize():
    problem = line([call("a", 1, prize=None)], [vehicle()])

    assert violations(problem, Solution((), ("a",), 0)) == []
