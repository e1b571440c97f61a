"""Small named problems: each builder supplies what the rule under test does not mention."""

import random
from dataclasses import replace

import numpy as np

from routing.problem import HEAVY, LIGHT, NO_RESTS, Call, Centre, Place, Problem, Rests, Shipment, UnderWay, Vehicle, Ways
from routing.travel import estimate

DEPOT = 0
HOUR = 3600
MINUTE = 60
DAY = (0, 24 * HOUR)


def call(name="a", place=1, deliver=0, collect=0, windows=(DAY,), service=0, prize=1_000_000, tags=(), kg=0, **changes):
    """A call of `deliver` and `collect` crates, that weighs `kg` to collect."""
    plain = Call(name, place, (deliver, 0), (collect, kg), tuple(windows), service, prize, frozenset(tags))
    return replace(plain, **changes)


def vehicle(name="van", crates=100, kg=10_000, **changes):
    """A van that starts and ends at the depot and costs one cent per metre."""
    van = Vehicle(name, (crates, kg), DEPOT, DEPOT, (6 * HOUR, 16 * HOUR), fixed_cost=0, cost_per_km=1000)
    return replace(van, **{key: frozenset(value) if key == "tags" else value for key, value in changes.items()})


def under_way(aboard=0, carries=(), **counters):
    """What a van has done that is out with `aboard` crates collected."""
    return UnderWay((aboard, 0), frozenset(carries), **counters)


def line(calls, vehicles, places=6, minutes=10, **more):
    """Places on a straight road, one km and so many minutes apart; the depot is at its start."""
    at = np.arange(places)
    steps = np.abs(at[:, None] - at)
    spots = tuple(Place(5.5 + step / 100, 46.7) for step in range(places))
    return Problem(spots, tuple(calls), tuple(vehicles), steps * minutes * 60, steps * 1000, ("crates", "kg"), **more)


def day(calls=60, vehicles=4, seed=1):
    """A random day of the shape a Jura territory has: both directions, opening hours, lanes, pauses, a centre."""
    dice = random.Random(seed)
    places = [Place(5.6, 46.8)] + [Place(dice.uniform(5.3, 6.0), dice.uniform(46.5, 47.1)) for _ in range(calls)]
    travel = estimate(places)
    vans = [
        Vehicle(
            f"v{n}", (dice.choice([60, 90]), 1800), 0, 0, (6 * HOUR, 16 * HOUR), 6_000, 45, 2_500,
            frozenset({"lane"} if n % 2 == 0 else ()), n != 1, NO_RESTS if n == 3 else Rests.once(int(4.5 * HOUR), 45 * 60),
        )
        for n in range(vehicles)
    ]  # fmt: skip
    return Problem(
        tuple(places),
        tuple(_random_call(dice, number) for number in range(calls)),
        tuple(vans),
        travel.seconds,
        travel.metres,
        ("crates", "kg"),
    )


def _random_call(dice, number):
    hours = dice.choice([((8, 18),), ((8, 12),), ((8, 12), (14, 18)), ((13, 17),)])
    out, back = dice.choice([(0, 12), (4, 8), (0, 20), (10, 0), (6, 6)])
    return Call(
        f"c{number}",
        number + 1,
        (out, out * 14),
        (back, back * 20),
        tuple((opens * HOUR, closes * HOUR) for opens, closes in hours),
        dice.choice([300, 600, 900]),
        dice.choice([None, 1_500, 4_000, 8_000]),
        frozenset({"lane"} if dice.random() < 0.15 else ()),
    )


def rich(seed, calls=9, vehicles=3):
    """A small random problem with every kind of rule in it, some of which nothing can keep."""
    dice = random.Random(f"rich {seed}")
    places = 7
    spots = [(dice.randint(0, 30), dice.randint(0, 30)) for _ in range(places)]
    minutes = np.array([[abs(a - c) + abs(b - d) for c, d in spots] for a, b in spots])
    names = [f"c{number}" for number in range(calls)]
    vans = tuple(_rich_van(dice, f"v{number}", places, names) for number in range(vehicles))
    asked = [_rich_call(dice, name, places, [van.id for van in vans]) for name in names]
    pairs = [names[-2:], names[-4:-2]][: dice.randint(0, 2)]
    return Problem(
        tuple(Place(5 + x / 100, 46 + y / 100) for x, y in spots),
        tuple(asked),
        vans,
        minutes * MINUTE,
        minutes * 800,
        ("crates", "kg"),
        shipments=tuple(Shipment(taken, left, (dice.randint(0, 6), 10)) for taken, left in pairs),
        apart=(frozenset(dice.sample(names, 3)),) if dice.random() < 0.4 else (),
        balance_per_hour=dice.choice([0, 0, 500]),
        others=(Ways(minutes * 50, minutes * 900),),
    )


def _rich_van(dice, name, places, calls):
    rests = dice.choice([NO_RESTS, Rests.once(2 * HOUR, 20 * MINUTE), LIGHT, HEAVY])
    if rests in (LIGHT, HEAVY):
        rests = Rests(
            2 * HOUR, ((2 * HOUR, 30 * MINUTE), (4 * HOUR, 45 * MINUTE)), HOUR if rests == HEAVY else None, 45 * MINUTE
        )
        rests = replace(rests, parts=(15 * MINUTE, 30 * MINUTE) if rests.driving else None)
    out = dice.random() < 0.25
    begins = dice.randint(6, 9) * HOUR
    centres = tuple(Centre(place, dice.choice([0, 600]), ((7 * HOUR, 17 * HOUR),)) for place in (0, dice.randrange(places)))
    return Vehicle(
        name, (dice.randint(8, 20), 400), 0 if not out else dice.randrange(places), dice.choice([0, 0, 1]),
        (begins, begins + dice.randint(3, 9) * HOUR), dice.choice([0, 2000]), 50, dice.choice([0, 2400]),
        frozenset({"lane"} if dice.random() < 0.5 else ()), dice.random() < 0.7, rests,
        overtime=dice.choice([0, HOUR]), cost_per_overtime_hour=1000, back_by=dice.choice([None, 16 * HOUR]),
        centres=centres, unloads=dice.choice([0, 1, 2]), profile=dice.choice([0, 0, 1]),
        under_way=under_way(dice.choice([0, 3]), dice.sample(calls, 2), worked=dice.choice([0, HOUR])) if out else None,
    )  # fmt: skip


def _rich_call(dice, name, places, vehicles):
    opens = dice.randint(6, 12)
    hours = dice.choice([((6, 20),), ((opens, opens + 3),), ((opens, opens + 1), (opens + 3, opens + 5))])
    out, back = dice.choice([(0, 5), (3, 4), (6, 0), (0, 0), (4, 4)])
    return call(
        name, dice.randrange(1, places), out, back, [(a * HOUR, b * HOUR) for a, b in hours], dice.choice([0, 600, 1200]),
        dice.choice([None, 1_000, 4_000]), ["lane"] if dice.random() < 0.15 else [], back * 10,
        setup=dice.choice([0, 300]), release=dice.choice([0, 0, 8 * HOUR]),
        vehicles=frozenset(vehicles[:1]) if dice.random() < 0.1 else None,
        position=dice.choice([0, -1, 1]) if dice.random() < 0.12 else None,
        usual=dice.choice([None, vehicles[0]]), moving_cost=dice.choice([0, 300]),
    )  # fmt: skip
