"""The checker rejects every planted fault, by its own code and no other, and nothing else.

The rich day below is tight on purpose: each limit is just kept, so that one second, crate or cent more breaks it.
"""

from dataclasses import replace

import pytest

from routing.checker import RULES, cost, violations
from routing.problem import LONGEST, NO_RESTS, Centre, Rests, Route, Shipment, Solution, Unload, Visit
from tests.routing.build import HOUR, call, line, under_way, vehicle

MIN = 60

RESTS = Rests(
    work=60 * MIN,
    due=((135 * MIN - 1, 45 * MIN), (135 * MIN, 10 * HOUR)),  # the day has 135 min of work: only the first is asked
    driving=60 * MIN,
    driving_pause=45 * MIN,
    parts=(15 * MIN, 30 * MIN),
    driving_day=80 * MIN,
    shortest=15 * MIN,
)


def stand(name, arrival, start, end):
    """A visit, in minutes of the day."""
    return Visit(name, arrival * MIN, start * MIN, end * MIN)


def rich():
    """Two vans: one pauses, unloads, carries a shipment and is late; one is under way; a third stays at home."""
    van = vehicle(
        "v", 9, mixed=False, tags={"lane"}, shift=(480 * MIN, 640 * MIN), overtime=20 * MIN, back_by=660 * MIN, rests=RESTS,
        fixed_cost=500, cost_per_hour=2000, cost_per_overtime_hour=3000, unloads=1,
        centres=(Centre(0, 10 * MIN, ((0, 620 * MIN),)),),
    )  # fmt: skip
    out = vehicle("w", 8, start=5, shift=(480 * MIN, 540 * MIN), under_way=under_way(2, {"e"}))
    calls = (
        call("a", 1, deliver=4, windows=((0, 495 * MIN),), service=10 * MIN, setup=5 * MIN, release=485 * MIN, position=0),
        call("b", 1, collect=3, service=5 * MIN, setup=5 * MIN, usual="v", moving_cost=90),
        call("p", 2, service=5 * MIN),
        call("q", 3, service=5 * MIN, vehicles=frozenset({"v"})),
        call("r", 1, deliver=9, service=10 * MIN, tags={"lane"}, release=630 * MIN, position=-1),
        call("e", 4, deliver=3, service=5 * MIN, usual="v", moving_cost=70, release=HOUR * 9),
        call("f", 3, collect=6, service=5 * MIN),
        call("c", 5, prize=500),
    )
    problem = line(
        calls, [van, out, vehicle("idle")],
        shipments=(Shipment("p", "q", (2, 0)),), apart=(frozenset({"a", "e"}),), balance_per_hour=600,
    )  # fmt: skip
    first = Route(
        "v",
        (
            stand("a", 495, 495, 510),
            stand("b", 510, 510, 515),
            stand("p", 540, 540, 545),
            stand("q", 555, 555, 560),
            stand("r", 640, 640, 650),
        ),
        departure=480 * MIN,
        finish=660 * MIN,
        metres=8000,
        seconds_driving=80 * MIN,
        peak=(9, 0),
        pauses=((515 * MIN, 530 * MIN), (590 * MIN, 620 * MIN)),
        unloads=(Unload(4, 0, 590 * MIN, 620 * MIN, 630 * MIN),),
    )
    second = Route(
        "w", (stand("e", 490, 490, 495), stand("f", 505, 505, 510)), 480 * MIN, 540 * MIN, 5000, 50 * MIN, (8, 0)
    )  # fmt: skip
    return problem, Solution((first, second), ("c",), 22_270)


def codes(problem, solution):
    return {violation.code for violation in violations(problem, solution)}


def priced(problem, solution):
    """The same solution, its cost said anew."""
    return problem, replace(solution, cost=cost(problem, solution))


def calling(name, **changes):
    """The rich day with one call changed."""
    problem, solution = rich()
    calls = tuple(replace(known, **changes) if known.id == name else known for known in problem.calls)
    return priced(replace(problem, calls=calls), solution)


def driving(name, **changes):
    """The rich day with one vehicle changed."""
    problem, solution = rich()
    vans = tuple(replace(known, **changes) if known.id == name else known for known in problem.vehicles)
    return priced(replace(problem, vehicles=vans), solution)


def resting(**changes):
    """The rich day with the first vehicle's rests changed."""
    return driving("v", rests=replace(RESTS, **changes))


def asking(**changes):
    """The rich day with something else of the problem changed."""
    problem, solution = rich()
    return priced(replace(problem, **changes), solution)


def going(**changes):
    """The rich day with its first route changed."""
    problem, solution = rich()
    return priced(problem, replace(solution, routes=(replace(solution.routes[0], **changes), solution.routes[1])))


def visiting(index, **changes):
    """The rich day with one visit of its first route changed."""
    visits = list(rich()[1].routes[0].visits)
    visits[index] = replace(visits[index], **changes)
    return going(visits=tuple(visits))


def unloading(**changes):
    """The rich day with its unloading changed."""
    return going(unloads=(replace(rich()[1].routes[0].unloads[0], **changes),))


def answering(**changes):
    """The rich day with its answer changed, and its cost left as it was said."""
    problem, solution = rich()
    return problem, replace(solution, **changes)


def walled():
    """The rich day with no way from the depot to place 1, and its cost and length said accordingly."""
    problem, solution = rich()
    metres = problem.metres.copy()
    metres[0, 1] = LONGEST
    first = replace(solution.routes[0], metres=2 * LONGEST + 6000)
    return priced(replace(problem, metres=metres), replace(solution, routes=(first, solution.routes[1])))


def unready():
    """The rich day without pauses or their rules, where unloading starts a second before the van is there."""
    unload = replace(ROUTES[0].unloads[0], arrival=620 * MIN + 1)
    return priced(driving("v", rests=NO_RESTS)[0], going(pauses=(), unloads=(unload,))[1])


ROUTES = rich()[1].routes
HOME = Route("idle", (), 480 * MIN, 480 * MIN, 0, 0, (0, 0))

FAULTS = [
    ("unknown_call", lambda: answering(left_out=("c", "x"))),
    ("missing_call", lambda: answering(left_out=())),
    ("double_call", lambda: answering(left_out=("c", "a"))),
    ("double_call", lambda: answering(left_out=("c", "c"))),
    ("unknown_vehicle", lambda: answering(routes=(replace(ROUTES[0], vehicle="x"), ROUTES[1]))),
    ("double_vehicle", lambda: answering(routes=(*ROUTES, replace(ROUTES[0], visits=())))),
    ("missing_route", lambda: priced(*answering(routes=ROUTES[:1], left_out=("c", "e", "f")))),
    ("empty_route", lambda: priced(*answering(routes=(*ROUTES, HOME)))),
    ("tag", lambda: driving("v", tags=frozenset({"tail lift"}))),
    ("vehicle", lambda: calling("q", vehicles=frozenset({"w"}))),
    ("vehicle", lambda: calling("q", vehicles=frozenset())),
    ("position", lambda: calling("a", position=1)),
    ("position", lambda: calling("q", position=-1)),
    ("apart", lambda: asking(apart=(frozenset({"a", "r", "e"}),))),
    ("early", lambda: driving("v", shift=(480 * MIN + 1, 640 * MIN))),
    ("late", lambda: driving("v", overtime=20 * MIN - 1)),
    ("late", lambda: driving("v", back_by=660 * MIN - 1)),
    ("travel", lambda: visiting(3, arrival=555 * MIN - 1)),
    ("travel", lambda: unloading(arrival=590 * MIN - 1)),
    ("travel", lambda: going(finish=660 * MIN - 1)),
    ("unreachable", walled),
    ("window", lambda: calling("a", windows=((0, 495 * MIN - 1),))),
    ("window", lambda: calling("a", windows=((495 * MIN + 1, 600 * MIN),))),
    ("window", lambda: calling("a", windows=())),
    ("service", lambda: calling("a", service=10 * MIN + 1)),
    ("service", lambda: calling("a", setup=5 * MIN + 1)),
    ("service", lambda: visiting(2, end=545 * MIN - 1)),
    ("service", lambda: visiting(4, arrival=640 * MIN + 1)),
    ("unload_order", lambda: unloading(after=0)),
    ("unload_order", lambda: unloading(after=6)),
    ("unload_order", lambda: going(unloads=(replace(ROUTES[0].unloads[0], after=5), ROUTES[0].unloads[0]))),
    ("unloads", lambda: driving("v", unloads=0)),
    ("centre", lambda: driving("v", centres=(Centre(1),))),
    ("centre", lambda: driving("v", centres=())),
    ("centre_window", lambda: driving("v", centres=(Centre(0, 0, ((0, 620 * MIN - 1),)),))),
    ("centre_service", lambda: driving("v", centres=(Centre(0, 10 * MIN + 1),))),
    ("centre_service", lambda: unloading(end=630 * MIN - 1)),
    ("centre_service", unready),
    ("capacity", lambda: driving("v", capacity=(8, 100))),
    ("capacity", lambda: driving("w", capacity=(7, 100))),
    ("order", lambda: driving("w", mixed=False)),
    ("order", lambda: calling("p", deliver=(1, 0))),
    ("carries", lambda: driving("w", under_way=under_way(2))),
    ("release", lambda: calling("a", release=485 * MIN + 1)),
    ("release", lambda: calling("r", release=630 * MIN + 1)),
    ("shipment", lambda: asking(shipments=(Shipment("q", "p", (2, 0)),))),
    ("shipment", lambda: asking(shipments=(Shipment("p", "r", (2, 0)),))),
    ("shipment", lambda: asking(shipments=(Shipment("p", "f", (2, 0)),))),
    ("shipment", lambda: asking(shipments=(Shipment("p", "c", (2, 0)),))),
    ("shipment", lambda: asking(shipments=(Shipment("c", "q", (2, 0)),))),
    ("pause_place", lambda: going(pauses=((515 * MIN - 1, 530 * MIN), ROUTES[0].pauses[1]))),
    ("pause_place", lambda: going(pauses=(ROUTES[0].pauses[0], (590 * MIN, 620 * MIN + 1)))),
    ("pause_short", lambda: resting(shortest=15 * MIN + 1)),
    ("pause_order", lambda: going(pauses=(*ROUTES[0].pauses, (605 * MIN, 620 * MIN)))),
    ("work", lambda: resting(work=60 * MIN - 1)),
    ("due", lambda: resting(due=((135 * MIN - 1, 45 * MIN + 1),))),
    ("driving", lambda: resting(driving=60 * MIN - 1)),
    ("driving", lambda: resting(parts=(15 * MIN + 1, 30 * MIN))),
    ("driving", lambda: resting(parts=(15 * MIN, 30 * MIN + 1))),
    ("driving", lambda: resting(parts=None)),
    ("driving_day", lambda: resting(driving_day=80 * MIN - 1)),
    ("figures", lambda: going(metres=7999)),
    ("figures", lambda: going(seconds_driving=80 * MIN + 1)),
    ("figures", lambda: going(peak=(8, 0))),
    ("figures", lambda: going(peak=(9,))),
    ("cost", lambda: answering(cost=22_269)),
]


def test_a_legal_day_with_every_rule_in_it_has_no_violations():
    problem, solution = rich()

    assert violations(problem, solution) == []


@pytest.mark.parametrize(("code", "plant"), FAULTS, ids=[f"{code}{number}" for number, (code, _) in enumerate(FAULTS)])
def test_a_planted_fault_is_caught_by_its_own_code_alone(code, plant):
    problem, solution = plant()

    found = violations(problem, solution)

    assert {violation.code for violation in found} == {code}
    assert all("%(" not in violation.says for violation in found)


def test_every_rule_has_its_planted_fault():
    assert {code for code, _ in FAULTS} == set(RULES)


def test_an_empty_day_is_legal():
    assert violations(line([], []), Solution((), (), 0)) == []


def test_the_cost_adds_up_everything_and_rounds_once():
    problem, solution = rich()
    van = 500 + 8000 + 3 * 2000 + 1000  # going out, 8 km, 3 h, 20 min of overtime
    out = 5000 + 70  # 5 km, one call that v usually answers
    uneven = 2 * 600  # one route is 2 h longer

    assert cost(problem, solution) == 500 + van + out + uneven


@pytest.mark.parametrize(("seconds", "cents"), [(4, 22_270), (5, 22_271)])
def test_half_a_cent_is_rounded_up(seconds, cents):
    problem, solution = rich()
    problem = replace(problem, balance_per_hour=0)
    hourly = replace(problem.vehicles[1], cost_per_hour=360)
    problem = replace(problem, vehicles=(problem.vehicles[0], hourly, problem.vehicles[2]))
    later = replace(solution.routes[1], finish=540 * MIN + seconds)

    found = cost(problem, replace(solution, routes=(solution.routes[0], later)))

    assert found == cents - 1200 + 360
