"""What drivers say and see, wherever it is read: why a stop was not done, moves, and where a crate was believed to be."""

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

from bottles.crates import CrateState, Move

REASONS = {
    "closed": _("Closed, nobody there"),
    "no-access": _("No way in"),
    "nothing-there": _("Nothing there, or not all of it"),
    "unsafe": _("Not safe"),
    "van-full": _("The van is full"),
    "refused": _("They did not want it"),
    "other": _("Something else"),
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
