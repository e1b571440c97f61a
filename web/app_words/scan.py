"""What the scan page of the driver's app says, by the name that its script calls it; web/driver_words.py says it of a state."""

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types
from flask_babel import lazy_ngettext

from ..driver_words import BELIEVED, SCANS

WORDS: dict[str, object] = {
    "scan.nothing": _("Nothing scanned yet."),
    "scan.known": _("%(crate)s: counted."),
    "scan.unexpected": _("%(crate)s; %(why)s. Counted, and reported."),
    "scan.void": _("%(crate)s; this label was replaced: take it off. Counted, and reported."),
    "scan.unknown": _("Not in our list: counted, and reported."),
    "scan.repeated": _("Scanned already at %(clock)s: not counted twice."),
    "scan.noted": _("Not the label of a crate: kept as a note, not counted."),
    "scan.noted_already": _("Noted already: this is not the label of a crate."),
    "scan.taken_back": _("Taken back"),
    "scan.misread": _("This code was misread or mistyped: read it again."),
    "scan.no_code": _("This is not the code of a crate: scan the QR, or type the letters and digits under it."),
    "scan.not_kept": _("This phone could not keep this scan: scan it again, or write it down."),
    "scan.keep": _("Count it all the same"),
    "scan.known_short": _("Counted"),
    "scan.unexpected_short": _("Not expected here: counted, and reported"),
    "scan.unknown_short": _("Not in our list: counted, and reported"),
    "scan.of": _("of %(n)s"),
    "scan.crates": {"one": lazy_ngettext("crate", "crates", 1), "other": lazy_ngettext("crate", "crates", 2)},
    "scan.field": _("Code of the crate"),
    "scan.hint": _("Scan the label, or type the letters and digits under it."),
    "scan.add": _("Add"),
    "scan.last_scans": _("Last scans"),
    "scan.undo": _("Undo"),
    "scan.undo_code": _("Undo %(code)s"),
    "scan.finish": _("Finish scanning"),
    "scan.problem": _("Problem"),
    "scan.torch": _("Light"),
    "scan.camera_refused": _("The camera is not allowed: allow it in the settings of the browser, or type the codes below."),
    "scan.camera_none": _("No camera can be used just now: type the codes below, or use a scanner."),
    "scan.camera_insecure": _("The camera works only where the address begins with https: type the codes below."),
    "scan.camera_again": _("Try the camera again"),
    **{f"scan.title_{move}": words for move, words in SCANS.items()},
    **{f"scan.was_{state}": words for state, words in BELIEVED.items()},
}
"""A sentence, or two where a number stands in it."""
