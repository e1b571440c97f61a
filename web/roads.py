"""Where ways come from, as the territory's settings say it."""

from dataclasses import asdict
from pathlib import Path

from routing.travel import Fit, TravelSettings

from .config import Curve, Travel


def travel_settings(travel: Travel, cache: Path | None = None) -> TravelSettings:
    """Say where ways come from, in the words of `routing.travel`; answers of an engine are kept in the folder `cache`."""
    return TravelSettings(
        metres=_fit(travel.metres),
        seconds=_fit(travel.seconds),
        margin=travel.margin,
        source=travel.source,
        url=travel.url,
        profile=travel.profile,
        file=Path(travel.file) if travel.file else None,
        cache=cache if travel.cache_days else None,
        cache_days=travel.cache_days,
        factor=travel.factor,
        limit=travel.limit or None,
        snap=travel.snap,
        vehicle=tuple((name, size) for name, size in asdict(travel.vehicle).items() if size),
    )


def _fit(curve: Curve) -> Fit:
    return Fit(curve.a, curve.b, curve.c)
