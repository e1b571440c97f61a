"""Cuts what has to be asked into blocks of sources x targets that an engine takes at once."""

from collections.abc import Callable, Iterator, Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

Block = tuple[list[int], list[int]]
"""Sources and targets, by number."""


def cut(missing: NDArray[np.bool_], pairs: int, places: int) -> list[Block]:
    """Cover the missing pairs with blocks, none of more pairs or places than said; others may be covered with them.

    One new place needs its row and its column. When what is missing is ragged, it costs less to ask for all of it.
    """
    rows = [int(row) for row in np.flatnonzero(missing.any(axis=1))]
    ragged = list(_bounded(_alike(missing, rows), pairs, places))
    whole = list(_bounded([(rows, [int(target) for target in np.flatnonzero(missing.any(axis=0))])], pairs, places))
    return min(ragged, whole, key=_price)


REQUEST = 100
"""Pairs that take as long as a request by itself: between Valhalla's 5 and OSRM's 400, as measured on one machine."""


def _price(blocks: list[Block]) -> int:
    return sum(REQUEST + len(sources) * len(targets) for sources, targets in blocks)


def _alike(missing: NDArray[np.bool_], rows: list[int]) -> list[Block]:
    """Put sources together that lack the same targets. A place needs no way to itself, so that one is as with most others."""
    often = missing.sum(axis=0) * 2 > len(missing) - 1
    groups: dict[bytes, list[int]] = {}
    for row in rows:
        lacks = missing[row].copy()
        lacks[row] = often[row]
        groups.setdefault(lacks.tobytes(), []).append(row)
    return [(group, [int(target) for target in np.flatnonzero(missing[group].any(axis=0))]) for group in groups.values()]


def _bounded(blocks: list[Block], pairs: int, places: int) -> Iterator[Block]:
    for sources, targets in blocks:
        if sources and targets:
            high, wide = _sides(len(sources), len(targets), pairs, places)
            for top in range(0, len(sources), high):
                for left in range(0, len(targets), wide):
                    yield sources[top : top + high], targets[left : left + wide]


def _sides(sources: int, targets: int, pairs: int, places: int) -> tuple[int, int]:
    """Choose a block as near to a square as the limits and what is asked allow."""
    side = max(1, min(isqrt(pairs), places // 2))
    high = min(sources, side)
    wide = min(targets, max(1, pairs // high), max(1, places - high))
    high = min(sources, max(1, pairs // wide), max(1, places - wide))
    return high, wide


def halves(block: Block) -> list[Block]:
    """Cut a block in two along its longer side; nothing is left of one pair."""
    sources, targets = block
    if len(sources) >= len(targets):
        middle = len(sources) // 2
        return [(sources[:middle], targets), (sources[middle:], targets)] if middle else []
    middle = len(targets) // 2
    return [(sources, targets[:middle]), (sources, targets[middle:])]


HUBS = 5
"""Places tried as the one that the others should be joined to, each against so many others."""


def apart(places: Sequence[int], joined: Callable[[int, Sequence[int]], bool]) -> list[int]:
    """Find the places that are not joined to most others, by halving; none when no place is joined to any.

    Parameters
    ----------
    places
        By number.
    joined
        Whether a place is joined to all of some others.
    """
    hub = next((place for place in places[:HUBS] if any(joined(place, [other]) for other in _some(places, place))), None)
    if hub is None:
        return []
    alone, waiting = [], [[place for place in places if place != hub]]
    while waiting:
        group = waiting.pop()
        if not group or joined(hub, group):
            continue
        if len(group) == 1:
            alone += group
        else:
            waiting += [group[: len(group) // 2], group[len(group) // 2 :]]
    return sorted(alone)


def _some(places: Sequence[int], but: int) -> Sequence[int]:
    others = [place for place in places if place != but]
    return others[:: max(1, len(others) // HUBS)][:HUBS]
