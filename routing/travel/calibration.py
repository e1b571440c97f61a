"""Learns from drivers' days how long ways really take: one factor for each profile, by the hour where the legs bear it.

What is compared is what a plan would have said without factor and margin (`expected`) and what the driver's log says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from routing.problem import LONGEST, Place

from .circle import great_circle
from .fitting import fit_curve
from .settings import Fit, TravelSettings, Watch, stretched
from .sources import between

Vector = NDArray[np.float64]

FEWEST = 30
"""Usable legs below which nothing is said: the median of 30 ratios that scatter by 40 % is sure to some 9 %."""

TRUST = 10
"""Legs that the prior counts for: a factor from 10 legs goes half of the way (on the scale of logarithms)."""

SHORTEST = 60
"""Seconds; a shorter leg is mostly parking, and says nothing of roads."""

WILD = 4
"""A leg that took so many times longer or shorter than the median leg had a reason that is no road: lunch, a wrong scan."""

HOUR_LEGS = 20
"""Legs an hour of the day needs to be looked at by itself."""

CHANCE = 0.01
"""Hours are told apart only when hours drawn by lot would differ as much less often than this."""

SHUFFLES = 999


@dataclass(frozen=True, slots=True)
class Leg:
    """A way that a driver really drove: seconds from leaving one place to reaching the next, and the hour of leaving."""

    source: Place
    target: Place
    seconds: int
    hour: int
    profile: str = ""

    def __post_init__(self) -> None:
        if self.seconds < 0 or not 0 <= self.hour <= 23:
            raise ValueError(f"leg: {self.seconds} s at {self.hour} o'clock, expected 0 or more, and 0 to 23")


class TooFewLegs(ValueError):
    """There are not enough legs to learn from; says how many there are and how many it takes."""

    def __init__(self, usable: int, legs: int) -> None:
        super().__init__(f"calibration: {usable} of {legs} legs can be used, expected {FEWEST} or more: drive on.")
        self.usable = usable
        self.legs = legs


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the legs say, and what that is based on.

    Parameters
    ----------
    factors
        By profile: what expected seconds are to be multiplied by.
    hours
        By profile, then by hour: the same for ways begun in that hour. Empty where the legs do not bear it.
    margin
        Share by which all legs together still took longer than factor times expected; never below 0.
    fit
        Coefficients for estimates that beat the factor on legs they had not seen, or None.
    legs, used
        How many there were, and how many were neither too short nor wild.
    before, after
        Median error of a leg, as a share of what it took: as expected, and with the factors.
    """

    factors: Mapping[str, float]
    hours: Mapping[str, Mapping[int, float]]
    margin: float
    fit: Fit | None
    legs: int
    used: int
    before: float
    after: float
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """What it is based on, in a sentence."""
        return (
            f"From {self.used} of {self.legs} legs: a way was off by {self.before:.0%} in the median, "
            f"and by {self.after:.0%} with the new factors."
        )

    def settings(self, base: TravelSettings, profile: str = "", hours: tuple[int, int] | None = None) -> TravelSettings:
        """Give settings that expect what drivers took, for a profile and, where hours differ, for a span of them.

        Estimates take the fit, or their coefficients times the factor, and the margin; roads take the factor, which
        holds the margin too.
        """
        if self.fit and base.source == "circle":
            return replace(base, seconds=self.fit, margin=self.margin)
        return stretched(base, self.factor(profile, hours), self.margin)

    def factor(self, profile: str = "", hours: tuple[int, int] | None = None) -> float:
        """Give a profile's factor, or its mean from one hour to before another."""
        whole = self.factors.get(profile, 1.0)
        if hours is None or not self.hours.get(profile):
            return whole
        return float(np.mean([self.hours[profile].get(hour, whole) for hour in range(*hours)]))


def expected(legs: Sequence[Leg], settings: TravelSettings, *, watch: Watch | None = None) -> Vector:
    """Give the seconds that a plan would have said for each leg, before factor and margin.

    Raises
    ------
    ValueError
        A road engine or table was asked and did not answer: legs must not be compared with a stopgap.
    """
    plain = replace(settings, factor=1.0, margin=0.0)
    places = list(dict.fromkeys(end for leg in legs for end in (leg.source, leg.target)))
    number = {place: index for index, place in enumerate(places)}
    ways = between(places, plain, watch=watch)
    if ways.estimated and settings.source != "circle":
        raise ValueError(f"calibration: {ways.notes[0].says}")
    return np.array([ways.seconds[number[leg.source], number[leg.target]] for leg in legs], dtype=np.float64)


def calibrate(legs: Sequence[Leg], base: Vector | Sequence[float], *, curve: bool = False, seed: int = 1) -> Calibration:
    """Compare what legs took with what was expected of them.

    A profile's factor is the median ratio, drawn towards that of all other legs as if those were `TRUST` legs more, and
    theirs likewise towards 1. Hours with `HOUR_LEGS` legs or more are told apart when a permutation test over the ranks
    of their ratios (Kruskal and Wallis, 1952) says so at `CHANCE`; each is drawn towards its profile's factor.

    Parameters
    ----------
    legs
        In any order.
    base
        Expected seconds of each leg, from `expected`.
    curve
        Whether to look for new coefficients of the estimate besides.
    seed
        Of the permutation test's dice.

    Raises
    ------
    TooFewLegs
        Fewer than `FEWEST` can be used.
    """
    wanted = np.asarray(base, dtype=np.float64)
    if wanted.shape != (len(legs),):
        raise ValueError(f"calibration: {len(legs)} legs have {wanted.shape} expected seconds, expected one for each")
    took = np.array([leg.seconds for leg in legs], dtype=np.float64)
    usable = _usable(wanted, took)
    if len(usable) < FEWEST:
        raise TooFewLegs(len(usable), len(legs))
    kept, wanted, took = [legs[number] for number in usable], wanted[usable], took[usable]
    ratios = np.log(took / wanted)
    factors, hours = _factors(kept, ratios, seed)
    foreseen = wanted * np.array([hours[leg.profile].get(leg.hour, factors[leg.profile]) for leg in kept])
    return Calibration(
        factors=factors,
        hours={profile: found for profile, found in hours.items() if found},
        margin=max(0.0, float(took.sum() / foreseen.sum()) - 1),
        fit=_curve(kept, took, foreseen) if curve else None,
        legs=len(legs),
        used=len(kept),
        before=_off(wanted, took),
        after=_off(foreseen, took),
        counts={profile: sum(leg.profile == profile for leg in kept) for profile in factors},
    )


def _usable(wanted: Vector, took: Vector) -> NDArray[np.intp]:
    """Choose legs that are long enough, can be driven, and took no wild time."""
    long: NDArray[np.intp] = np.flatnonzero((wanted >= SHORTEST) & (wanted < LONGEST) & (took >= SHORTEST))
    if not len(long):
        return long
    ratios = np.log(took[long] / wanted[long])
    tame: NDArray[np.intp] = long[np.abs(ratios - np.median(ratios)) <= np.log(WILD)]
    return tame


def _off(foreseen: Vector, took: Vector) -> float:
    return float(np.median(np.abs(foreseen - took) / took))


def _drawn(ratios: Vector, prior: float) -> float:
    """Draw the median of logarithms towards a prior, which is all there is without any."""
    if not len(ratios):
        return prior
    return float((len(ratios) * np.median(ratios) + TRUST * prior) / (len(ratios) + TRUST))


def _factors(legs: Sequence[Leg], ratios: Vector, seed: int) -> tuple[dict[str, float], dict[str, dict[int, float]]]:
    factors: dict[str, float] = {}
    hours: dict[str, dict[int, float]] = {}
    for profile in sorted({leg.profile for leg in legs}):
        mine = np.array([leg.profile == profile for leg in legs])
        when = np.array([leg.hour for leg in legs])[mine]
        centre = _drawn(ratios[mine], _drawn(ratios[~mine], 0.0))
        factors[profile] = float(np.exp(centre))
        hours[profile] = _hours(when, ratios[mine], centre, seed)
    return factors, hours


def _hours(when: NDArray[np.int64], ratios: Vector, centre: float, seed: int) -> dict[int, float]:
    """Give the factors of hours with enough legs, when they differ by more than chance."""
    full = [int(hour) for hour, legs in zip(*np.unique(when, return_counts=True), strict=True) if legs >= HOUR_LEGS]
    inside = np.isin(when, full)
    if len(full) < 2 or _chance(when[inside], ratios[inside], seed) > CHANCE:
        return {}
    return {hour: float(np.exp(_drawn(ratios[when == hour], centre))) for hour in full}


def _chance(when: NDArray[np.int64], ratios: Vector, seed: int) -> float:
    """Say how often hours drawn by lot would differ as much: the share of shuffles with as large a spread of mean ranks."""
    _, group = np.unique(when, return_inverse=True)
    ranks = np.argsort(np.argsort(ratios)).astype(np.float64)
    sizes = np.bincount(group)
    spread = float((np.bincount(group, ranks) ** 2 / sizes).sum())
    dice = np.random.default_rng(seed)
    as_large = sum(
        float((np.bincount(group, dice.permutation(ranks)) ** 2 / sizes).sum()) >= spread * (1 - 1e-12) for _ in range(SHUFFLES)
    )
    return (as_large + 1) / (SHUFFLES + 1)


BETTER = 0.95
"""A fit must bring the median error on legs it had not seen below this share of the factor's."""

FOLDS = 5


def _curve(legs: Sequence[Leg], took: Vector, foreseen: Vector) -> Fit | None:
    """Fit a + b d + c sqrt(d) when that foresees unseen legs better than factors do; each fold is left out once."""
    distances = np.array([great_circle([leg.source, leg.target])[0, 1] for leg in legs])
    fold = np.arange(len(legs)) % FOLDS
    unseen = np.zeros(len(legs))
    for number in range(FOLDS):
        out = fold == number
        unseen[out] = fit_curve(distances[~out], took[~out]).over(distances[out])
    return fit_curve(distances, took) if _off(unseen, took) < BETTER * _off(foreseen, took) else None
