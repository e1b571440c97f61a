"""The public instances we measure on, by name: the files themselves are their authors' and lie elsewhere.

References
----------
Best known: CVRPLIB (X) and the 12th DIMACS Implementation Challenge (windows; truncated to a tenth), as of November 2026.
A .sol file beside an instance goes before what stands here.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

BEST: Mapping[str, float | None] = {
    "X-n101-k25": 27_591,
    "X-n153-k22": 21_220,
    "X-n200-k36": 58_578,
    "RC208": 776.1,
    "RC1_2_5": 3_325.6,
    "CMT5X": None,
    "CMT12X": None,
    "C201R0.5": None,
    "PR01": None,
    "X-n209-k16": 30_656,
    "X-n256-k16": 18_839,
    "PR05": None,
    "R1_4_5": 9_184.6,
    "X-n502-k39": 69_226,
}
"""Cost of the best plan known in the file's units, None where only a .sol file tells it; the smaller instances first."""

SMALL = ("X-n101-k25", "X-n153-k22", "X-n200-k36", "RC208", "RC1_2_5", "CMT5X", "CMT12X", "C201R0.5", "PR01")
"""Those of up to 200 customers."""

LARGE = ("X-n209-k16", "X-n256-k16", "PR05", "R1_4_5", "X-n502-k39")
"""Those of up to 501."""

ENDINGS = (".vrp", ".txt")


def known(name: str, scale: int) -> int | None:
    """Give the cost of the best plan known, in units of the problem."""
    best = BEST.get(name)
    return None if best is None else round(best * scale)


def files(folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Path | None]]:
    """Find the instances in a folder; None for one that is not there."""
    for name in names:
        yield name, next((path for ending in ENDINGS if (path := folder / f"{name}{ending}").is_file()), None)
