"""Where ways come from, as the territory's settings say it."""

from dataclasses import asdict, replace
from pathlib import Path

from routing.travel import Fit, TravelSettings

from .config import Curve, Size, Travel

CAR, TRUCK = "car", "truck"
"""The words of `[[vehicles]] profile`."""


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
        vehicle=_size(travel.vehicle),
    )


def truck_settings(travel: Travel, cache: Path | None = None) -> TravelSettings:
    """Say the same for trucks: what `[travel.truck]` does not name is as for the others."""
    base, truck = travel_settings(travel, cache), travel.truck
    seconds = Fit(*(part * truck.slower for part in (base.seconds.a, base.seconds.b, base.seconds.c)))
    return replace(
        base,
        seconds=seconds,
        factor=base.factor * truck.slower,
        url=truck.url or base.url,
        profile=truck.profile or base.profile,
        file=Path(truck.file) if truck.file else base.file,
        vehicle=_size(truck.vehicle) or base.vehicle,
    )


def _size(size: Size) -> tuple[tuple[str, float], ...]:
    return tuple((name, metres) for name, metres in asdict(size).items() if metres)


def _fit(curve: Curve) -> Fit:
    return Fit(curve.a, curve.b, curve.c)
