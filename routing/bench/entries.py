"""What is measured: files, and problems drawn by a rule.

A name like `day:120x7` is an invented day of 120 calls and 7 vehicles, `cvrp:150` and `vrptw:150` are public-like instances
of 150 customers. They are drawn anew for each seed of the bench, from dice that nobody tuned on: 1,000 and the seed.
`day:120x7:11` is always the day that `python -m routing day --calls 120 --vehicles 7 --seed 11` writes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from routing.bench.drawn import capacitated, windowed
from routing.bench.public import known
from routing.days import generate
from routing.instances import Instance, read

UNTUNED = 1_000
"""Added to a seed of the bench to give the dice of what is drawn."""

DRAWN = re.compile(r"(day|cvrp|vrptw):(\d+)(?:x(\d+))?(?::(\d+))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the bench.

    Parameters
    ----------
    anew
        Whether each seed has a problem of its own.
    draw
        Gives the problem for a seed.
    """

    name: str
    anew: bool
    draw: Callable[[int], Instance]


def entry(name: str) -> Entry:
    """Read a file, or find the rule to draw by.

    Raises
    ------
    ValueError
        With a sentence, where neither can be had.
    """
    drawn = DRAWN.fullmatch(name)
    if drawn is None or Path(name).exists():
        instance = read(name)
        if instance.known is None:
            instance = replace(instance, known=known(instance.name, instance.scale))
        return Entry(instance.name, anew=False, draw=lambda _: instance)
    kind, calls, vehicles, dice = drawn.groups()
    if (kind == "day") != (vehicles is not None):
        raise ValueError(f"{name}: expected a file, day:CALLSxVEHICLES, cvrp:CUSTOMERS or vrptw:CUSTOMERS")
    rules = {
        "day": lambda seed: generate(int(calls), int(vehicles or 0), seed),
        "cvrp": lambda seed: capacitated(int(calls), seed),
        "vrptw": lambda seed: windowed(int(calls), seed),
    }

    def draw(seed: int) -> Instance:
        return Instance(name, "drawn", rules[kind](UNTUNED + seed if dice is None else int(dice)))

    return Entry(name, anew=dice is None, draw=draw)
