"""Small named problems: each builder supplies what the rule under test does not mention."""

import random
from dataclasses import replace

import numpy as np

from routing.problem import Call, Place, Problem, Vehicle
from routing.travel import estimate

DEPOT = 0
HOUR = 3600
DAY = (0, 24 * HOUR)


def call(name="a", place=1, deliver=0, collect=0, windows=(DAY,), service=0, prize=1_000_000, tags=(), kg=0):
    """A call of `deliver` and `collect` crates, that weighs `kg` to collect."""
    return Call(name, place, (deliver, 0), (collect, kg), tuple(windows), service, prize, frozenset(tags))


def vehicle(name="van", crates=100, kg=10_000, **changes):
    """A van that starts and ends at the depot and costs one cent per metre."""
    van = Vehicle(name, (crates, kg), DEPOT, DEPOT, (6 * HOUR, 16 * HOUR), fixed_cost=0, cost_per_km=1000)
    return replace(van, **{key: frozenset(value) if key == "tags" else value for key, value in changes.items()})


def line(calls, vehicles, places=6, minutes=10):
    """Places on a straight road, one km and so many minutes apart; the depot is at its start."""
    at = np.arange(places)
    steps = np.abs(at[:, None] - at)
    spots = tuple(Place(5.5 + step / 100, 46.7) for step in range(places))
    return Problem(spots, tuple(calls), tuple(vehicles), steps * minutes * 60, steps * 1000, ("crates", "kg"))


def day(calls=60, vehicles=4, seed=1):
    """A random day of the shape a Jura territory has: both directions, opening hours, lanes, pauses, a centre."""
    dice = random.Random(seed)
    places = [Place(5.6, 46.8)] + [Place(dice.uniform(5.3, 6.0), dice.uniform(46.5, 47.1)) for _ in range(calls)]
    travel = estimate(places)
    vans = [
        Vehicle(
            f"v{n}", (dice.choice([60, 90]), 1800), 0, 0, (6 * HOUR, 16 * HOUR), 6_000, 45, 2_500,
            frozenset({"lane"} if n % 2 == 0 else ()), n != 1, int(4.5 * HOUR) if n != 3 else None, 45 * 60,
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
