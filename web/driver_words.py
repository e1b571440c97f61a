"""What the driver's pages call things: states of a stop, reasons, moves, and where a crate was believed to be."""

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

from bottles.crates import CrateState, Move
from bottles.points import Point

from .driver_stops import StopState

STATES = {
    StopState.TO_COME: (_("To come"), "quiet", ""),
    StopState.REACHED: (_("There now"), "info", "arrow"),
    StopState.DONE: (_("Done"), "done", ""),
    StopState.PARTLY: (_("Partly done"), "attention", "half"),
    StopState.MISSED: (_("Not done"), "problem", "cross"),
}
"""The badge of each state: word, tone, shape."""

OTHER = "other"
"""The reason that needs a note."""

REASONS = {
    "closed": _("Closed, nobody there"),
    "no-access": _("No way in"),
    "nothing-there": _("Nothing there, or not all of it"),
    "unsafe": _("Not safe"),
    "van-full": _("The van is full"),
    "refused": _("They did not want it"),
    OTHER: _("Something else"),
}
"""Why a stop is not done, or not wholly; events carry the key."""

SCANS = {
    Move.COLLECT: _("Scan the full crates"),
    Move.DROP: _("Scan the empty crates"),
    Move.DELIVER: _("Scan the delivered crates"),
    Move.LOAD: _("Scan what you load"),
}
"""The title of each scan page."""

BELIEVED = {
    CrateState.NEW: _("its label was never used before"),
    CrateState.CLEAN: _("it was thought clean, at the centre"),
    CrateState.FILLED: _("it was thought filled with washed bottles, at the centre"),
    CrateState.ABOARD: _("it was thought aboard a van"),
    CrateState.OUT: _("it was thought out at a point already"),
    CrateState.RECEIVED: _("it was thought at the centre, unwashed"),
    CrateState.EMPTIED: _("it was thought at the centre, unwashed"),
    CrateState.LENT: _("it was thought lent"),
    CrateState.LOST: _("it was thought lost"),
    CrateState.RETIRED: _("it was thought out of service"),
}
"""Why a scan surprises, by what the crate was believed to be."""


def ways(point: Point) -> list[tuple[str, str]]:
    """Return how to drive to a point: the phone's own choice, then three navigation apps, as plain links."""
    at = f"{point.lat:.5f},{point.lon:.5f}"
    return [
        (str(_("My navigation app")), f"geo:{at}?q={at}"),
        ("OsmAnd", f"https://osmand.net/map/navigate/?end={at}&profile=car"),
        ("Google Maps", f"https://www.google.com/maps/dir/?api=1&destination={at}&travelmode=driving"),
        ("Waze", f"https://waze.com/ul?ll={at}&navigate=yes"),
    ]
