"""Ways by road: what the cache knows, the rest from an engine in blocks, and what the engine does not know estimated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.problem import LONGEST, Place

from .blocks import Block, apart, cut, halves
from .cache import Cache, Matrix, key
from .circle import estimate
from .engines import Engine, TooMuch, engine
from .settings import Note, Travel, TravelError, TravelSettings, Watch
from .talk import Talk

DAY = 86_400
NAMED = 5
"""Places named one by one; more of them would hide the sentence that matters."""


def ask(places: Sequence[Place], settings: TravelSettings, watch: Watch) -> Travel:
    """Give the ways between places by road; each place is asked once, however often it is there.

    Raises
    ------
    TravelError
        The engine does not give all ways, and no older answer is left. What it gave is in the cache.
    """
    keys, first, which = np.unique([key(place) for place in places], return_index=True, return_inverse=True)
    distinct = [places[number] for number in first]
    said = f"{settings.source} {settings.url.rstrip('/')} {settings.profile} {sorted(settings.vehicle)}"
    cache = Cache(settings.cache, said, int(watch.now() // DAY), settings.cache_days)
    gathering = _Gathering(distinct, [int(number) for number in keys], settings, cache, watch)
    notes: tuple[Note, ...] = ()
    try:
        gathering.gather()
    except TravelError as error:
        if not gathering.stale():
            raise
        notes = (error.note, Note.of("old", days=settings.cache_days))
    travel = _whole(gathering, places, which, settings)
    trouble = (cache.trouble,) if cache.trouble else ()
    return Travel(travel.seconds, travel.metres, False, (*notes, *trouble, *travel.notes), travel.doubtful)


@dataclass
class _Gathering:
    """Distinct places, and what is known between them so far: NaN is not known yet, infinite is none."""

    places: Sequence[Place]
    keys: Sequence[int]
    settings: TravelSettings
    cache: Cache
    watch: Watch

    def __post_init__(self) -> None:
        self.roads, self.seconds, self.metres = self.cache.known(self.keys)
        self.islands: frozenset[int] = frozenset()
        self._looked = False

    def gather(self) -> None:
        """Ask for what is not known."""
        settings = self.settings
        asked = engine(settings, Talk(settings.url, settings.patience, self.watch))
        if self.complete():
            return
        self._ask_roads(asked)
        missing = self._missing()
        blocks = cut(missing, asked.pairs, asked.places)
        total = sum(len(sources) * len(targets) for sources, targets in blocks)
        done = 0
        for block in blocks:
            self._ask_ways(asked, block)
            done += len(block[0]) * len(block[1])
            self.watch.progress(done, total)
        self.cache.prune()

    def stale(self) -> bool:
        """Fill up with answers that are too old to be trusted otherwise, and say whether that is everything."""
        for mine, old in zip((self.roads, self.seconds, self.metres), self.cache.known(self.keys, stale=True), strict=True):
            np.copyto(mine, old, where=np.isnan(mine))
        return self.complete()

    def complete(self) -> bool:
        return not np.isnan(self.roads).any() and not self._missing().any()

    def on_road(self) -> NDArray[np.bool_]:
        """Say which places the engine knows a road to."""
        return self.roads <= self.settings.snap

    def _missing(self) -> NDArray[np.bool_]:
        good = self.on_road()
        missing: NDArray[np.bool_] = np.isnan(self.seconds) & good[:, None] & good
        np.fill_diagonal(missing, False)
        return missing

    def _find_islands(self, asked: Engine) -> bool:
        """Look once for places that no road joins to the others, and note that no way leads there; say whether there are."""
        if self._looked:
            return False
        self._looked = True
        good = [int(number) for number in np.flatnonzero(self.on_road())]
        alone = apart(good, lambda hub, others: _joined(asked, self._named([hub]), self._named(others)))
        self.islands = frozenset(alone)
        for sources, targets in ((alone, good), (good, alone)):
            self.seconds[np.ix_(sources, targets)] = self.metres[np.ix_(sources, targets)] = np.inf
            none = np.full((len(sources), len(targets)), np.inf)
            self.cache.keep_ways([self.keys[i] for i in sources], [self.keys[i] for i in targets], none, none)
        return bool(alone)

    def _named(self, numbers: Sequence[int]) -> list[Place]:
        return [self.places[number] for number in numbers]

    def _ask_roads(self, asked: Engine) -> None:
        unknown = [int(number) for number in np.flatnonzero(np.isnan(self.roads))]
        size = max(1, min(asked.pairs, asked.places - 1))
        waiting = [unknown[start : start + size] for start in range(0, len(unknown), size)]
        while waiting:
            part = waiting.pop()
            try:
                self.roads[part] = asked.nearest(self._named(part))
            except TooMuch:
                middle = len(part) // 2
                if middle:
                    waiting += [part[:middle], part[middle:]]
                    continue
                self.roads[part] = np.inf
            self.cache.keep_roads([self.keys[number] for number in part], self.roads[part])

    def _ask_ways(self, asked: Engine, block: Block) -> None:
        """Ask for a block, by halves when the engine cannot do it at once; a pair it cannot do has no way."""
        waiting = [block]
        while waiting:
            sources, targets = ([number for number in side if number not in self.islands] for side in waiting.pop())
            if not (sources and targets):
                continue
            at = np.ix_(sources, targets)
            try:
                self.seconds[at], self.metres[at] = asked.ways(self._named(sources), self._named(targets))
            except TooMuch as much:
                if much.apart and self._find_islands(asked):
                    waiting.append((sources, targets))
                    continue
                smaller = halves((sources, targets))
                waiting += smaller
                if smaller:
                    continue
                self.seconds[at], self.metres[at] = np.inf, np.inf
            first, second = ([self.keys[i] for i in side] for side in (sources, targets))
            self.cache.keep_ways(first, second, self.seconds[at], self.metres[at])


def _joined(asked: Engine, hub: Sequence[Place], others: Sequence[Place]) -> bool:
    """Say whether a road joins a place to all of the others."""
    for start in range(0, len(others), max(1, min(asked.pairs, asked.places - 1))):
        try:
            asked.ways(hub, others[start : start + max(1, min(asked.pairs, asked.places - 1))])
        except TooMuch as much:
            if much.apart:
                return False
    return True


def _whole(known: _Gathering, places: Sequence[Place], which: NDArray[np.intp], settings: TravelSettings) -> Travel:
    """Put the matrices together in whole numbers over all places, estimates in the rows of those off the road."""
    off = ~known.on_road()
    seconds, metres = _numbers(known.seconds * settings.factor), _numbers(known.metres)
    if off.any():
        guess = estimate(known.places, settings)
        alone = off[:, None] | off
        seconds, metres = np.where(alone, guess.seconds, seconds), np.where(alone, guess.metres, metres)
    for matrix in (seconds, metres):
        np.fill_diagonal(matrix, 0)
    at = np.ix_(which, which)
    doubtful = tuple(int(number) for number in np.flatnonzero(off[which]))
    notes = (*_off_road(known, off), *_unreachable(known.places, seconds))
    return Travel(seconds[at], metres[at], False, notes, doubtful)


def _numbers(matrix: Matrix) -> NDArray[np.int64]:
    """Round up; the eighth digit is no reason to."""
    known = np.nan_to_num(matrix, nan=0.0, posinf=LONGEST)
    rounded: NDArray[np.int64] = np.ceil(np.minimum(known, LONGEST).round(3)).astype(np.int64)
    return rounded


def _off_road(known: _Gathering, off: NDArray[np.bool_]) -> list[Note]:
    notes = []
    for number in np.flatnonzero(off)[:NAMED]:
        far, place = known.roads[number], _at(known.places[number])
        notes.append(
            Note.of("no_road", place=place) if np.isinf(far) else Note.of("off_road", place=place, metres=f"{far:.0f}")
        )
    return notes


def _unreachable(places: Sequence[Place], seconds: NDArray[np.int64]) -> list[Note]:
    """Count the ways that cannot be driven, and name the place that most of them share."""
    none = seconds >= LONGEST
    if not none.any():
        return []
    worst = int(np.argmax(none.sum(axis=0) + none.sum(axis=1)))
    return [Note.of("unreachable", ways=int(none.sum()), place=_at(places[worst]))]


def _at(place: Place) -> str:
    return f"[{place.lon:.5f}, {place.lat:.5f}]"
