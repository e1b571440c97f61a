"""Instances like the public ones, drawn by their authors' rules, so that nobody can have tuned on them.

Best costs are unknown: they compare planners with each other only. The same numbers give the same instance everywhere.

References
----------
Uchoa, E. et al. (2017), New benchmark instances for the capacitated vehicle routing problem. European Journal of
Operational Research 257(3), 845-858: section 4, the rules of set X.
Solomon, M. M. (1987), Algorithms for the vehicle routing and scheduling problems with time window constraints.
Operations Research 35(2), 254-265: sets R, C and RC.
"""

from collections.abc import Sequence
from math import ceil, exp
from random import Random

import numpy as np
from numpy.typing import NDArray

from routing.formats import demand, demand_few
from routing.problem import Call, Place, Problem, Vehicle

Spot = tuple[int, int]

SIDE = 1000
"""Side of set X's square."""

DEMANDS = ((1, 1), (1, 10), (5, 10), (1, 100), (50, 100))
"""Ranges of customers' demands in set X; its two further types, by quadrant and mostly small, are left away."""

FLEET = 2
"""Vehicles there are for each one the loads need."""

SMALLEST = 12
"""Vehicles of an instance at least, one for each customer at most: narrow windows need some however small the loads."""

TENTHS = 10
"""Units of a windowed instance in one of Solomon's: distances are truncated to a tenth."""

PLENTY = 10**8


def capacitated(customers: int, seed: int) -> Problem:
    """Draw an instance as set X has them: depot and customers anywhere or in clusters, one load, no times."""
    _check(customers)
    dice = Random(seed)
    depot = dice.choice([(SIDE // 2, SIDE // 2), (0, 0), _anywhere(dice, SIDE)])
    clustered = dice.choice((0, customers // 2, customers))
    spots = [depot, *_clusters(dice, clustered), *(_anywhere(dice, SIDE) for _ in range(customers - clustered))]
    least, most = dice.choice(DEMANDS)
    loads = [dice.randint(least, most) for _ in range(customers)]
    stops = dice.triangular(3, 25, 6)
    capacity = max(max(loads), ceil(stops * sum(loads) / customers))
    calls = [Call(str(n), n, (load,), (0,), ((0, PLENTY),)) for n, load in enumerate(loads, 1)]
    return _problem(spots, calls, capacity, PLENTY, np.rint(_straight(spots)).astype(np.int64))


def windowed(customers: int, seed: int) -> Problem:
    """Draw an instance as Solomon and Homberger have them: narrow or wide windows on some or all customers."""
    _check(customers)
    dice = Random(seed)
    wide, side = dice.random() < 0.5, round(100 * (customers / 100) ** 0.5)
    clustered = dice.choice((0, customers // 2, customers))
    villages = [_anywhere(dice, side) for _ in range(max(2, customers // 10))]
    spots = [(side // 2, side // 2)]
    spots += [_near(dice, dice.choice(villages), side) for _ in range(clustered)]
    spots += [_anywhere(dice, side) for _ in range(customers - clustered)]
    ways = (TENTHS * _straight(spots)).astype(np.int64)
    ends = (10 if wide else 2.3) * side * TENTHS
    share = dice.choice((0.25, 0.5, 0.75, 1.0))
    half = dice.choice((60, 120) if wide else (5, 15, 30)) * TENTHS
    calls = [
        _customer(dice, n, int(ways[0, n]), int(ends), half if dice.random() < share else None) for n in range(1, len(spots))
    ]
    return _problem(spots, calls, 1000 if wide else 200, int(ends), ways)


def _check(customers: int) -> None:
    demand(customers >= 10, f"customers: expected 10 or more, got {customers}")
    demand_few(customers + 1)


def _customer(dice: Random, number: int, way: int, ends: int, half: int | None) -> Call:
    """Draw a customer: its window lies around a time at which it can be reached and left."""
    service = 10 * TENTHS
    first, last = way, ends - way - service
    middle = dice.randint(first, last)
    window = (0, last) if half is None else (max(first, middle - half), min(last, middle + half))
    return Call(str(number), number, (dice.randint(1, 41),), (0,), (window,), service)


def _anywhere(dice: Random, side: int) -> Spot:
    return dice.randint(0, side), dice.randint(0, side)


def _near(dice: Random, village: Spot, side: int) -> Spot:
    """Give a spot near a village."""
    x, y = (min(side, max(0, middle + dice.randint(-5, 5))) for middle in village)
    return x, y


def _clusters(dice: Random, count: int) -> list[Spot]:
    """Place customers around three to eight seeds, the nearer the likelier: exp(-d / 40), as set X."""
    seeds = [_anywhere(dice, SIDE) for _ in range(dice.randint(3, 8))]
    spots = seeds[:count]
    while len(spots) < count:
        x, y = _anywhere(dice, SIDE)
        if dice.random() < sum(exp(-(((x - a) ** 2 + (y - b) ** 2) ** 0.5) / 40) for a, b in seeds):
            spots.append((x, y))
    return spots


def _straight(spots: Sequence[Spot]) -> NDArray[np.float64]:
    at = np.array(spots, dtype=np.float64)
    lengths: NDArray[np.float64] = np.sqrt(((at[:, None] - at) ** 2).sum(axis=2))
    return lengths


def _problem(spots: Sequence[Spot], calls: Sequence[Call], capacity: int, ends: int, ways: NDArray[np.int64]) -> Problem:
    """Make the instance; a unit of distance is a metre, a second and a cent."""
    loads = sum(call.deliver[0] for call in calls)
    vehicles = min(len(calls), max(FLEET * ceil(loads / capacity), len(calls) // 4, SMALLEST))
    shrunk = max(max(spot) for spot in spots) or 1
    return Problem(
        places=tuple(Place(x / shrunk, y / shrunk) for x, y in spots),
        calls=tuple(calls),
        vehicles=tuple(Vehicle(str(n + 1), (capacity,), 0, 0, (0, ends), cost_per_km=1000) for n in range(vehicles)),
        seconds=ways,
        metres=ways,
        dimensions=("load",),
    )
