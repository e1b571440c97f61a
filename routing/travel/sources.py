"""Ways from where the settings say; from the great circle, with the reason, when they cannot be had there."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from routing.problem import Place

from . import roads, table
from .circle import estimate
from .settings import Note, Travel, TravelError, TravelSettings, Watch

_log = logging.getLogger(__name__)

_Source = Callable[[Sequence[Place], TravelSettings, Sequence[str], Watch], Travel]

_ASK: dict[str, _Source] = {
    "circle": lambda places, settings, names, watch: estimate(places, settings),
    "table": lambda places, settings, names, watch: table.ways(places, settings, names),
    "osrm": lambda places, settings, names, watch: roads.ask(places, settings, watch),
    "valhalla": lambda places, settings, names, watch: roads.ask(places, settings, watch),
}


def between(
    places: Sequence[Place],
    settings: TravelSettings | None = None,
    *,
    names: Sequence[str] | None = None,
    watch: Watch | None = None,
) -> Travel:
    """Give seconds and metres between all places; never fail because an engine does.

    Parameters
    ----------
    places
        In any order; the matrices keep it. The same place may be there twice.
    settings
        Where to ask; the great circle by default.
    names
        What a table file calls the places; "0", "1", ... by default. No two alike.
    watch
        Who is told how far it is, and may stop it.

    Returns
    -------
    Travel
        Marked as estimated, with the reason among its notes, when the source did not give all ways.
    """
    settings = settings or TravelSettings()
    called = names if names is not None else [str(number) for number in range(len(places))]
    try:
        return _ASK[settings.source](places, settings, called, watch or Watch())
    except TravelError as error:
        _log.warning("%s", error)
        return replace(estimate(places, settings), notes=(error.note, Note.of("estimated")))


def by_profile(
    places: Sequence[Place],
    profiles: Mapping[str, TravelSettings],
    *,
    names: Sequence[str] | None = None,
    watch: Watch | None = None,
) -> dict[str, Travel]:
    """Give the ways of each kind of vehicle, by the profile's name; equal settings are asked once."""
    asked: dict[TravelSettings, Travel] = {}
    for settings in profiles.values():
        if settings not in asked:
            asked[settings] = between(places, settings, names=names, watch=watch)
    return {name: asked[settings] for name, settings in profiles.items()}
