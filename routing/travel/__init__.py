"""Seconds and metres between places: from a road engine, from a table, or guessed from the great circle and marked so.

`between` is the one way in. Whatever goes wrong on the road to an engine, it answers: with the great circle, marked as
estimated, and with the reason among its notes. What drivers' days really took comes back through `calibrate`.

    places ──> between ──> table.read       a file that somebody made
                      ──> roads.ask        cache on disk ──> blocks ──> osrm | valhalla, over HTTP
                      ──> circle.estimate  when none is set, or the one that is set does not answer
"""

from .calibration import Calibration, Leg, TooFewLegs, calibrate, expected
from .circle import EARTH_RADIUS, estimate, great_circle
from .settings import SAYINGS, Fit, Note, Patience, Travel, TravelError, TravelSettings, Watch, stretched
from .sources import between, by_profile

__all__ = [
    "EARTH_RADIUS",
    "SAYINGS",
    "Calibration",
    "Fit",
    "Leg",
    "Note",
    "Patience",
    "TooFewLegs",
    "Travel",
    "TravelError",
    "TravelSettings",
    "Watch",
    "between",
    "by_profile",
    "calibrate",
    "estimate",
    "expected",
    "great_circle",
    "stretched",
]
