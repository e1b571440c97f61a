"""What is set about travel, what comes back, and the sentences that go with it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic, sleep, time
from typing import Self

import numpy as np
from numpy.typing import NDArray

SAYINGS = {
    "estimated": "All ways are estimated from the great circle.",
    "no_answer": "The road engine at %(url)s does not answer (%(why)s).",
    "busy": "The road engine at %(url)s answers with status %(status)s.",
    "refused": "The road engine at %(url)s refuses the question: %(why)s",
    "garbage": "The road engine at %(url)s answers with something that is no table (%(why)s).",
    "too_long": "The road engine at %(url)s was given %(seconds)s s for all ways and needs more.",
    "stopped": "Asking the road engine at %(url)s was stopped.",
    "unreachable": "%(ways)s ways cannot be driven, most of them to or from the place at %(place)s.",
    "off_road": "The place at %(place)s lies %(metres)s m from the nearest road the engine knows: its ways are estimated.",
    "no_road": "The engine knows no road near the place at %(place)s: its ways are estimated.",
    "old": "The road engine does not answer: these ways were asked for more than %(days)s days ago.",
    "cache": "The file of known ways at %(file)s cannot be used (%(why)s): every way is asked for anew.",
    "unreadable": "The table %(file)s cannot be read: %(why)s.",
    "shape": "The table %(file)s: %(name)s has the shape %(shape)s, expected %(expected)s, one row per place.",
    "cell": "The table %(file)s: %(where)s holds %(value)s, expected a number from 0 to %(longest)s.",
    "columns": "The table %(file)s: its first line is %(line)s, expected from,to,seconds,metres or a square with names on top.",
    "twice": "The table %(file)s: %(where)s gives the way from %(source)s to %(target)s a second time.",
    "missing": "The table %(file)s lacks %(ways)s ways, the first is from %(source)s to %(target)s.",
    "no_metres": "The table %(file)s has no metres: they are estimated from the great circle.",
}
"""Message ids by code, for the coordinator and the operator."""

SOURCES = ("circle", "table", "osrm", "valhalla")
ENGINES = ("osrm", "valhalla")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about the ways: a code of `SAYINGS`, and its values."""

    code: str
    values: dict[str, int | str] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, **values: int | str) -> Self:
        """Make a note from a code and its values."""
        return cls(code, values)

    @property
    def says(self) -> str:
        """The sentence, in English."""
        return SAYINGS[self.code] % self.values


class TravelError(ValueError):
    """Ways cannot be had from where they were asked for; `note` says why."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.says)
        self.note = note


@dataclass(frozen=True, slots=True)
class Fit:
    """a + b d + c sqrt(d) over the great-circle distance d in metres; 0 between a place and itself.

    With a, b and c not negative the curve is concave, so a detour over a third place is never shorter.
    """

    a: float
    b: float
    c: float

    def __post_init__(self) -> None:
        if min(self.a, self.b, self.c) < 0:
            raise ValueError(f"travel: coefficients are {(self.a, self.b, self.c)}, expected none below 0")

    def over(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Apply the fit to each distance."""
        return np.where(distances > 0, self.a + self.b * distances + self.c * np.sqrt(distances), 0.0)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an engine may take, in seconds: for one request, and for all of them; and how often each is tried."""

    request: float = 10
    total: float = 120
    tries: int = 3

    def __post_init__(self) -> None:
        if min(self.request, self.total) <= 0 or self.tries < 1:
            raise ValueError(
                f"travel: patience is {self.request} s, {self.total} s, {self.tries} tries, expected more than none"
            )


@dataclass(frozen=True, slots=True)
class TravelSettings:
    """Where ways come from, and how roads are guessed when they cannot come from there.

    Parameters
    ----------
    metres
        Default 0 + 1.2 d + 20 sqrt(d): a detour of 1.83 at 1 km, 1.40 at 10 km and 1.30 at 40 km.
    seconds
        Default 60 + 0.055 d + 3 sqrt(d): a minute to leave and park, then 31 km/h over 1 km, 55 over 10 km,
        65 over 40 km of such roads: a loaded van on vineyard lanes, then on the main road.
    margin
        Share added to the seconds of estimates alone. Great-circle estimates err almost only downwards, and a late
        plan is worse than a slack one.
    source
        One of `SOURCES`.
    url
        Where the engine listens, as http://127.0.0.1:5000.
    profile
        OSRM: the name in its addresses, "driving" by default. Valhalla: the costing, "auto" by default, as "truck".
    file
        The table, as CSV, .npz or .npy.
    cache
        A folder in which an engine's answers are kept for `cache_days`; None for none.
    factor
        What an engine's or a table's seconds are multiplied by: they know no load, no tractor and no market day.
    limit
        What the engine takes at once. OSRM: places (its max-table-size); Valhalla: pairs (its
        max_matrix_location_pairs). None for what both come with, 100 and 2,500.
    snap
        Metres; a place further than this from the nearest road the engine knows is estimated.
    vehicle
        Valhalla's costing options, as (("height", 3.2), ("weight", 7.5)) for a truck: metres and tonnes.

    References
    ----------
    Measured against road engines on small rural and town networks, November 2026: the median detour is 1.40 to 1.86 by
    network, and great circle x 1.3 is 14 to 30 % too short in the median. The defaults hold that range from 1 to 10 km
    and leave less detour to longer ways, which find a main road. They are a choice, no measurement of the Jura.
    """

    metres: Fit = Fit(0, 1.2, 20)
    seconds: Fit = Fit(60, 0.055, 3)
    margin: float = 0.15
    source: str = "circle"
    url: str = ""
    profile: str = ""
    file: Path | None = None
    cache: Path | None = None
    cache_days: int = 90
    factor: float = 1.0
    limit: int | None = None
    snap: int = 300
    vehicle: tuple[tuple[str, float], ...] = ()
    patience: Patience = Patience()

    def __post_init__(self) -> None:
        _demand(self.margin >= 0, f"margin is {self.margin}, expected 0 or more")
        _demand(self.factor > 0, f"factor is {self.factor}, expected more than 0")
        _demand(self.source in SOURCES, f"source is {self.source!r}, expected one of {', '.join(SOURCES)}")
        is_engine = self.source in ENGINES
        _demand(not is_engine or self.url.startswith(("http://", "https://")), f"url is {self.url!r}, expected http://...")
        _demand(self.source != "table" or self.file is not None, "source is 'table', and no file is named")
        _demand(self.limit is None or self.limit >= 1, f"limit is {self.limit}, expected 1 or more")
        _demand(min(self.cache_days, self.snap) >= 0, "cache_days or snap is below 0")


def stretched(settings: TravelSettings, factor: float, margin: float = 0.0) -> TravelSettings:
    """Give settings by which ways take a factor and a margin of what they did without: what drivers' days have taught.

    Estimates keep the margin beside their coefficients; roads have one factor, which holds the margin too.
    """
    if settings.source != "circle":
        return replace(settings, factor=factor * (1 + margin))
    seconds = Fit(*(part * factor for part in (settings.seconds.a, settings.seconds.b, settings.seconds.c)))
    return replace(settings, seconds=seconds, margin=margin)


@dataclass(frozen=True, eq=False)
class Travel:
    """Square matrices over places, row to column.

    `estimated` says that no way is from a road engine or a table. `doubtful` are the places, by number, whose ways alone
    are estimated. A way that cannot be driven is `routing.problem.LONGEST` long, in both.
    """

    seconds: NDArray[np.int64]
    metres: NDArray[np.int64]
    estimated: bool
    notes: tuple[Note, ...] = ()
    doubtful: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Watch:
    """Who looks on while an engine is asked: told of pairs answered and pairs in all, and free to stop it.

    The clocks are here for tests.
    """

    progress: Callable[[int, int], None] = lambda done, total: None
    stop: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = monotonic
    wait: Callable[[float], None] = sleep
    now: Callable[[], float] = time


def _demand(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(f"travel: {sentence}")
