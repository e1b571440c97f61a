"""Measure how far estimates from the great circle are off real roads: `python -m tools.roads_errors`.

Places are drawn within each map, those near a road kept. Fits of the map's own are made on the ways between one half of
the places and judged on the ways between the other half.
"""

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.problem import LONGEST, Place
from routing.travel import Fit, Patience, TravelSettings, between, great_circle
from routing.travel.fitting import fit_curve

from .install import stop
from .roads import ENGINES, extracts, missing, running

Vector = NDArray[np.float64]
Box = tuple[float, float, float, float]

BOXES = {"heidelberg": (8.55, 49.35, 8.80, 49.46), "north-bayreuth": (11.45, 49.95, 11.75, 50.08)}
"""West, south, east and north of where places are drawn, in degrees; larger than the roads in the maps."""

PLACES = 60
SHORTEST = 300
"""Metres over the great circle; nobody plans a shorter way."""


def main() -> None:
    """Print a table: map, engine, what is estimated and how, median and 95th percentile of the error."""
    maps = [extract for extract in extracts() if extract.name.split(".")[0] in BOXES]
    if not maps:
        stop("BOUTEILLES_ROADS names no folder with the maps: " + ", ".join(f"{name}.osm.pbf" for name in BOXES))
    print("| map, engine | estimate | median error | 95th percentile | too short |\n|---|---|---|---|---|")
    for extract in maps:
        for engine in ENGINES:
            if lacking := missing(engine):
                stop(lacking)
            measure(engine, extract)


def measure(engine: str, extract: Path, seed: int = 1) -> None:
    """Print the rows of one map and engine."""
    name = extract.name.split(".")[0]
    with running(engine, extract) as (url, _):
        asked = TravelSettings(source=engine, url=url, snap=100, patience=Patience(60, 600))
        drawn = _draw(BOXES[name], 8 * PLACES, seed)
        places = [drawn[number] for number in _near(drawn, asked)[:PLACES]]
        found = between(places, asked)
    if found.estimated:
        stop(found.notes[0].says)
    _tell(f"{name}, {engine}", places, found.seconds, found.metres)


def _near(drawn: list[Place], asked: TravelSettings) -> list[int]:
    """Choose places near a road without asking for the ways between all of them."""
    near: list[int] = []
    for start in range(0, len(drawn), 8):
        some = between(drawn[start : start + 8], asked)
        near += [start + number for number in range(len(drawn[start : start + 8])) if number not in some.doubtful]
        if len(near) >= PLACES:
            break
    return near


def _draw(box: Box, count: int, seed: int) -> list[Place]:
    dice = random.Random(seed)
    return [Place(round(dice.uniform(box[0], box[2]), 5), round(dice.uniform(box[1], box[3]), 5)) for _ in range(count)]


def _tell(title: str, places: list[Place], seconds: NDArray[np.int64], metres: NDArray[np.int64]) -> None:
    direct, half = great_circle(places), np.arange(len(places)) % 2 == 0
    good = (direct >= SHORTEST) & (seconds < LONGEST)
    seen, unseen = good & half[:, None] & half, good & ~half[:, None] & ~half
    standard = TravelSettings()
    for quantity, real, fit in (("seconds", seconds, standard.seconds), ("metres", metres, standard.metres)):
        took = real.astype(np.float64)
        own = fit_curve(direct[seen], took[seen])
        forms = {"the settings' fit": fit, f"its own fit, {_terms(own)}": own}
        for name, form in forms.items():
            _row(title, f"{quantity}: {name}", form.over(direct[unseen]), took[unseen])
        if quantity == "seconds":
            _row(title, "seconds: the settings' fit + 15 %", fit.over(direct[unseen]) * 1.15, took[unseen])
        else:
            _row(title, "metres: great circle x 1.3", direct[unseen] * 1.3, took[unseen])


def _terms(fit: Fit) -> str:
    return f"{fit.a:.0f} + {fit.b:.3f} d + {fit.c:.1f} sqrt(d)"


def _row(title: str, name: str, guess: Vector, real: Vector) -> None:
    off = (guess - real) / real
    middle, far = np.percentile(np.abs(off), [50, 95])
    print(f"| {title} | {name} | {middle:.0%} | {far:.0%} | {(off < 0).mean():.0%} |", flush=True)


if __name__ == "__main__":
    main()
