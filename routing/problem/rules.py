"""What every part of a problem is measured in, and how it refuses what cannot be."""

from collections.abc import Iterable
from functools import cache

Window = tuple[int, int]
"""Opening and closing second of the day; service starts within them, ends included."""

ALWAYS: tuple[Window, ...] = ((0, 10**7),)
"""Open without end: seconds that no day reaches."""

HOUR, MINUTE = 3600, 60

LARGEST = 10**15
"""Figures of a problem at most, and those that are cents; the engines count in 18,000 parts of a cent, and 64 bits."""

MOST_CENTS = 10**12
MOST_CENTS_PER = 10**7


def demand(holds: bool, sentence: str) -> None:
    """Refuse with the sentence when what it denies is so."""
    if not holds:
        raise ValueError(sentence)


@cache
def most(name: str) -> int:
    """Give the largest number that a field of this name may hold."""
    if "per_" in name:
        return MOST_CENTS_PER
    return MOST_CENTS if name.endswith(("cost", "prize", "fixed")) else LARGEST


def demand_figures(owner: str, record: object, *names: str) -> None:
    """Refuse figures below 0, or so large that an engine would overflow; None is no figure."""
    for name in names:
        value = getattr(record, name)
        demand(value is None or 0 <= value <= most(name), f"{owner}: {name} is {value}, expected 0 to {most(name):,}")


def demand_loads(sentence: str, loads: Iterable[int]) -> None:
    """Refuse loads below 0, or so large that an engine would overflow."""
    demand(all(0 <= load <= LARGEST for load in loads), f"{sentence}, or above {LARGEST:,}")


def demand_windows(owner: str, windows: tuple[Window, ...]) -> None:
    """Refuse windows that overlap or run backwards."""
    after = -1
    for opens, closes in windows:
        demand(after < opens <= closes, f"{owner}: windows overlap, run backwards or are out of order")
        after = closes
    demand(after <= LARGEST, f"{owner}: a window closes after second {LARGEST:,}")


def demand_unique(kind: str, ids: Iterable[str]) -> None:
    """Refuse two of a kind with one id."""
    seen: set[str] = set()
    for name in ids:
        demand(name not in seen, f"{kind} {name} is there twice")
        seen.add(name)
