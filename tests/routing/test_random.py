"""Random days with every rule in them: what is built for them is legal, and one thing more asked of it is noticed."""

import random
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from routing.checker import cost, violations
from routing.insertion import Builder
from routing.problem import HEAVY, HOUR, LIGHT, NO_RESTS, Call, Centre, Place, Problem, Rests, Shipment, UnderWay, Vehicle, Ways
from tests.routing.tiny import tell

SEEDS = range(12)


def day(seed, calls=24, vehicles=4):
    """A random day to the second: two load dimensions, and every rule on some calls and vehicles."""
    dice = random.Random(seed)
    names = [f"c{number}" for number in range(calls)]
    vans = tuple(_vehicle(dice, number, calls) for number in range(vehicles))
    seconds, metres = _roads(dice, calls + 1)
    pairs = dice.sample(names, 4)
    return Problem(
        tuple(Place(5 + number / 1000, 46) for number in range(calls + 1)),
        tuple(_call(dice, number, vans) for number in range(calls)),
        _some_under_way(dice, vans, names),
        seconds,
        metres,
        ("crates", "kg"),
        shipments=(Shipment(*pairs[:2], (2, 30)), Shipment(*pairs[2:], (5, 10))),
        apart=(frozenset(dice.sample(names, 3)),),
        balance_per_hour=dice.choice([0, 400]),
        others=(Ways(seconds * 5 // 4, metres),),
    )


def _roads(dice, places):
    """Metres of a crow that meanders, and seconds at 14 m/s or so; the ways there and back differ."""
    at = [(dice.uniform(0, 40_000), dice.uniform(0, 25_000)) for _ in range(places)]
    metres = np.array([[abs(a - c) + abs(b - d) for c, d in at] for a, b in at])
    drift = np.array([[dice.uniform(1, 1.2) for _ in at] for _ in at])
    return (metres * drift / 14).astype(np.int64), (metres * drift).astype(np.int64)


def _call(dice, number, vans):
    hours = dice.choice([((7, 19),), ((8, 12),), ((8, 12), (14, 18)), ((13, 17),)])
    out, back = dice.choice([(0, 12), (4, 8), (0, 20), (10, 0), (6, 6), (0, 0)])
    return Call(
        f"c{number}",
        dice.choice([number + 1, number + 1, max(1, number)]),  # some are where another is
        (out, out * 14),
        (back, back * 20),
        tuple((opens * HOUR, closes * HOUR) for opens, closes in hours),
        dice.choice([0, 300, 617, 900]),
        dice.choice([None, None, 1_500, 8_000, 80_000]),
        frozenset({"lane"} if dice.random() < 0.15 else ()),
        setup=dice.choice([0, 0, 121]),
        release=dice.choice([0, 0, 0, 7 * HOUR + 7]),
        vehicles=frozenset({vans[0].id, vans[1].id}) if dice.random() < 0.1 else None,
        position=dice.choice([None] * 20 + [0, -1]),
        usual=dice.choice([None, *(van.id for van in vans)]),
        moving_cost=dice.choice([0, 250]),
    )


def _vehicle(dice, number, places):
    return Vehicle(
        f"v{number}",
        (dice.choice([30, 60]), dice.choice([900, 1800])),
        0,
        dice.choice([0, 0, dice.randrange(places)]),
        (6 * HOUR, dice.choice([12, 15, 17]) * HOUR),
        fixed_cost=6_000,
        cost_per_km=45,
        cost_per_hour=2_500,
        tags=frozenset({"lane"} if number % 2 == 0 else ()),
        mixed=number != 1,
        rests=dice.choice([NO_RESTS, LIGHT, HEAVY, Rests.once(4 * HOUR, 45 * 60)]),
        overtime=dice.choice([0, HOUR]),
        cost_per_overtime_hour=1_000,
        back_by=dice.choice([None, 17 * HOUR]),
        centres=(Centre(0, 900), Centre(dice.randrange(places), 300, ((8 * HOUR, 16 * HOUR),))),
        unloads=dice.choice([0, 1, 2]),
        profile=dice.choice([0, 1]),
    )


def _some_under_way(dice, vans, names):
    """On some days the third van is out already."""
    if dice.random() < 0.5:
        return vans
    worked = dice.randint(0, 2 * HOUR)
    out = UnderWay((3, 60), frozenset(dice.sample(names, 2)), worked, worked // 3, worked + HOUR, worked // 2, 1200)
    van = replace(vans[2], start=3, shift=(9 * HOUR, vans[2].shift[1]), under_way=out)
    return (*vans[:2], van, *vans[3:])


@cache
def built(seed):
    """A random day, and the plan that insertion makes of it."""
    tell(f"seed {seed}")
    problem = day(seed)
    builder = Builder(problem)
    builder.insert()
    builder.prune()
    return problem, builder.solution()


def codes(problem, solution):
    return {violation.code for violation in violations(problem, solution)}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_insertion_builds_is_legal(seed):
    problem, solution = built(seed)

    assert violations(problem, solution) == []
    assert len(solution.left_out) < len(problem.calls)


def test_the_random_days_use_every_rule():
    days = [built(seed) for seed in SEEDS]
    routes = [route for _, solution in days for route in solution.routes]
    answered = [(problem, call) for problem, solution in days for route in solution.routes for call in route.calls]

    assert any(route.pauses for route in routes)
    assert any(route.unloads for route in routes)
    assert any(call in problem.shipment for problem, call in answered)
    assert any(problem.call[call].position is not None for problem, call in answered)
    assert any(problem.vehicle[route.vehicle].under_way for problem, solution in days for route in solution.routes)


def of_vehicle(change):
    """Change the vehicle of a route; the change is told the route and the vehicle."""

    def plant(problem, solution, route):
        vans = tuple(replace(van, **change(route, van)) if van.id == route.vehicle else van for van in problem.vehicles)
        return replace(problem, vehicles=vans), solution

    return plant


def of_call(change):
    """Change the last call of a route; the change is told the visit and the call."""

    def plant(problem, solution, route):
        last = route.visits[-1]
        calls = tuple(replace(call, **change(last, call)) if call.id == last.call else call for call in problem.calls)
        return replace(problem, calls=calls), solution

    return plant


def of_route(change):
    """Change the route itself."""

    def plant(problem, solution, route):
        changed = tuple(replace(known, **change(known)) if known is route else known for known in solution.routes)
        return problem, replace(solution, routes=changed)

    return plant


def longest_work(route):
    marks = [route.departure, *(second for pause in route.pauses for second in pause), route.finish]
    return max(ends - begins for begins, ends in list(pairwise(marks))[::2])


def stricter(route, van, **limits):
    """The van's rests with one limit a second too low for the route."""
    return {"rests": replace(van.rests, **limits)}


PLANTS = {
    "capacity": of_vehicle(lambda route, van: {"capacity": (max(0, route.peak[0] - 1), van.capacity[1])}),
    "early": of_vehicle(lambda route, van: {"shift": (route.departure + 1, van.shift[1])}),
    "late": of_vehicle(lambda route, van: {"back_by": route.finish - 1}),
    "driving_day": of_vehicle(lambda route, van: stricter(route, van, driving_day=max(1, route.seconds_driving - 1))),
    "work": of_vehicle(lambda route, van: stricter(route, van, work=longest_work(route) - 1)),
    "due": of_vehicle(lambda route, van: stricter(route, van, due=((0, 24 * HOUR),))),
    "window": of_call(lambda visit, call: {"windows": ((visit.start + 1, visit.start + 1),)}),
    "service": of_call(lambda visit, call: {"service": visit.end - visit.start + 1}),
    "tag": of_call(lambda visit, call: {"tags": frozenset({"crane"})}),
    "vehicle": of_call(lambda visit, call: {"vehicles": frozenset({"v9"})}),
    "position": of_call(lambda visit, call: {"position": 99}),
    "travel": of_route(lambda route: {"finish": route.visits[-1].end - 1}),
    "figures": of_route(lambda route: {"metres": route.metres + 1}),
    "pause_place": of_route(lambda route: {"pauses": (*route.pauses, (route.finish, route.finish + HOUR))}),
    "pause_short": of_route(lambda route: {"pauses": ((route.departure, route.departure), *route.pauses)}),
    "unload_order": of_route(
        lambda route: {"unloads": (*route.unloads, replace(route.unloads[0], after=99)) if route.unloads else ()}
    ),
}


@pytest.mark.parametrize("code", PLANTS)
def test_one_thing_changed_in_a_built_plan_is_noticed_for_what_it_is(code):
    planted = 0
    for seed in SEEDS:
        problem, solution = built(seed)
        for route in solution.routes:
            if not route.visits or (code == "unload_order" and not route.unloads) or (code == "capacity" and not route.peak[0]):
                continue
            changed, plan = PLANTS[code](problem, solution, route)
            found = codes(changed, replace(plan, cost=cost(changed, plan)))
            assert code in found
            assert found <= {code} | ALONGSIDE.get(code, set())
            planted += 1

    assert planted > 0


ALONGSIDE = {
    "travel": {"pause_place"},  # a pause after the last visit has no room either
    "pause_place": {"work", "due"},  # a pause after the day makes the work before it no shorter
}
"""What else a plant may break by its nature."""
