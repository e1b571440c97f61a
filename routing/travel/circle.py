"""Ways guessed from the great circle, for where no road engine is set or none answers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.problem import Place

from .settings import Travel, TravelSettings

EARTH_RADIUS = 6_371_008.8
"""Metres; the mean radius of the WGS 84 ellipsoid (IUGG, 1980)."""


def estimate(places: Sequence[Place], settings: TravelSettings | None = None) -> Travel:
    """Guess travel between all places, rounded up to whole seconds and metres."""
    settings = settings or TravelSettings()
    distances = great_circle(places)
    seconds = settings.seconds.over(distances) * (1 + settings.margin)
    return Travel(np.ceil(seconds).astype(np.int64), np.ceil(settings.metres.over(distances)).astype(np.int64), estimated=True)


def great_circle(places: Sequence[Place]) -> NDArray[np.float64]:
    """Measure metres over the sphere between all places, by the haversine formula."""
    lon, lat = np.radians(np.array([(place.lon, place.lat) for place in places], dtype=np.float64).reshape(-1, 2)).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2 + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return metres
