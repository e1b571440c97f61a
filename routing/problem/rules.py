"""What every part of a problem is measured in, and how it refuses what cannot be."""

from collections.abc import Iterable

Window = tuple[int, int]
"""Opening and closing second of the day; service starts within them, ends included."""

ALWAYS: tuple[Window, ...] = ((0, 10**7),)
"""Open without end: seconds that no day reaches."""

HOUR, MINUTE = 3600, 60


def demand(holds: bool, sentence: str) -> None:
    """Refuse with the sentence when what it denies is so."""
    if not holds:
        raise ValueError(sentence)


def demand_windows(owner: str, windows: tuple[Window, ...]) -> None:
    """Refuse windows that overlap or run backwards."""
    after = -1
    for opens, closes in windows:
        demand(after < opens <= closes, f"{owner}: windows overlap, run backwards or are out of order")
        after = closes


def demand_unique(kind: str, ids: Iterable[str]) -> None:
    """Refuse two of a kind with one id."""
    seen: set[str] = set()
    for name in ids:
        demand(name not in seen, f"{kind} {name} is there twice")
        seen.add(name)
