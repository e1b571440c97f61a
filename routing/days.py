"""Invented days of the shape that a territory of vineyards has, to measure planners on.

Villages on a map of 60 x 40 km, the depot near its middle. Crates and kilograms go out and come back; half the calls are open
for four hours only, two in five may be left out at a price, one in seven lies in a narrow lane. Drivers have ten hours, a
pause of 45 minutes in them, and may unload once on the way. A cent is a metre driven; a vehicle and a call left out have
their price in the same.

The same numbers give the same day on every machine: the dice are Python's own, and nothing is computed but sums, products
and square roots.
"""

import random
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from routing.formats import MOST_PLACES, demand, demand_few
from routing.problem import HOUR, MINUTE, Call, Centre, Place, Problem, Rests, Vehicle

WIDTH, HEIGHT = 60_000, 40_000
"""Metres of the map."""

METRES = (1.2, 20.0)
SECONDS = (60.0, 0.055, 3.0)
"""Metres are 1.2 d + 20 sqrt(d) over the straight line, seconds 60 + 0.055 d + 3 sqrt(d): see `routing.travel`."""

SHIFT = (7 * HOUR, 17 * HOUR)
PAUSE = Rests.once(5 * HOUR, 45 * MINUTE)
UNLOADING = 20 * MINUTE
FIXED_COST = 20_000
WEST, SOUTH = 5.35, 46.55
LON, LAT = 76_500, 111_200
"""Corner of the map in degrees, and metres of a degree there."""

Spot = tuple[int, int]


def generate(calls: int = 120, vehicles: int = 7, seed: int = 11) -> Problem:
    """Invent a day.

    Raises
    ------
    ValueError
        With a sentence, where there are too few or too many calls or vehicles.
    """
    demand(calls >= 1, f"calls: expected 1 or more, got {calls}")
    demand(vehicles >= 1, f"vehicles: expected 1 or more, got {vehicles}")
    demand_few(calls + 1)
    demand(vehicles <= MOST_PLACES, f"vehicles: expected at most {MOST_PLACES:,}, got {vehicles:,}")
    dice = random.Random(seed)
    spots = _spots(dice, calls)
    seconds, metres = _ways(spots)
    return Problem(
        places=tuple(Place(round(WEST + x / LON, 5), round(SOUTH + y / LAT, 5)) for x, y in spots),
        calls=tuple(_call(dice, number) for number in range(1, calls + 1)),
        vehicles=tuple(_vehicle(number) for number in range(1, vehicles + 1)),
        seconds=seconds,
        metres=metres,
        dimensions=("crates", "kg"),
    )


def _spots(dice: random.Random, calls: int) -> list[Spot]:
    """Place the depot, then three calls in four in a village and the others anywhere."""
    villages = [_anywhere(dice) for _ in range(max(3, round(sqrt(calls))))]
    spots = [(WIDTH // 2 + dice.randrange(-5000, 5001), HEIGHT // 2 + dice.randrange(-5000, 5001))]
    for _ in range(calls):
        near = dice.choice(villages) if dice.random() < 0.75 else None
        spots.append(_anywhere(dice) if near is None else _around(dice, near))
    return spots


def _anywhere(dice: random.Random) -> Spot:
    return dice.randrange(WIDTH + 1), dice.randrange(HEIGHT + 1)


def _around(dice: random.Random, village: Spot) -> Spot:
    """Give a spot within 2.4 km of a village each way, most of them near its middle."""
    x, y = (middle + sum(dice.randrange(-800, 801) for _ in range(3)) for middle in village)
    return min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT)


def _ways(spots: list[Spot]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give seconds and metres of road between the spots."""
    at = np.array(spots, dtype=np.float64)
    straight = np.sqrt((at[:, None, 0] - at[:, 0]) ** 2 + (at[:, None, 1] - at[:, 1]) ** 2)
    root = np.sqrt(straight)
    metres = METRES[0] * straight + METRES[1] * root
    seconds = np.where(straight > 0, SECONDS[0] + SECONDS[1] * straight + SECONDS[2] * root, 0)
    return np.ceil(seconds).astype(np.int64), np.ceil(metres).astype(np.int64)


def _call(dice: random.Random, number: int) -> Call:
    """Invent a call: one in five is only brought to, two in five only collected from, the others both."""
    kind = dice.randrange(5)
    out = dice.randrange(2, 11) if kind in (0, 1, 2) else 0
    back = dice.randrange(4, 19) if kind > 0 else 0
    opens = 7 * HOUR + 30 * MINUTE * dice.randrange(13)
    windows = ((opens, opens + 4 * HOUR),) if dice.random() < 0.5 else (SHIFT,)
    return Call(
        id=f"c{number}",
        place=number,
        deliver=(out, sum(dice.randrange(7, 10) for _ in range(out))),
        collect=(back, sum(dice.randrange(7, 10) for _ in range(back))),
        windows=windows,
        service=(4 * MINUTE) + 20 * (out + back),
        prize=dice.randrange(10, 41) * 1000 if dice.random() < 0.4 else None,
        tags=frozenset({"narrow"} if dice.random() < 0.15 else ()),
    )


def _vehicle(number: int) -> Vehicle:
    """Give a van; every other is small enough for narrow lanes."""
    small = number % 2 == 0
    return Vehicle(
        id=f"v{number}",
        capacity=(80, 700) if small else (120, 1_100),
        start=0,
        end=0,
        shift=SHIFT,
        fixed_cost=FIXED_COST,
        cost_per_km=1000,
        tags=frozenset({"narrow"} if small else ()),
        rests=PAUSE,
        centres=(Centre(0, UNLOADING),),
        unloads=1,
    )
