"""What the app says of photos, signatures and the sharing of positions."""

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

WORDS: dict[str, object] = {
    "photo.of": _("What does it show?"),
    "photo.of_stop": _("What happened at this stop"),
    "photo.of_place": _("The loading place, for whoever comes next"),
    "photo.take": _("Take a photo"),
    "photo.hint": _("It is kept on this phone and sent when there is network. Where it was taken is not sent."),
    "photo.taken": {"one": _("%(n)s photo of this stop"), "other": _("%(n)s photos of this stop")},
    "photo.kept": _("The photo is kept."),
    "photo.failed": _("This photo cannot be read: take it once more."),
    "signature.who": _("Name of who signs"),
    "signature.who_first": _("Write the name of who signs; the drawing may be left out."),
    "signature.hint": _("Sign in the white field with a finger or a pen. Whoever cannot leaves it empty: the name is enough."),
    "signature.pad": _("Field to sign in"),
    "signature.clear": _("Clear the field"),
    "signature.keep": _("Keep the signature"),
    "signature.kept": _("The signature is kept."),
    "position.shared": _("The office sees where the van is, until the route is closed."),
    "position.see": _("See what the office sees of me today"),
    "position.seen": {
        "one": _("The office has %(n)s position of yours today."),
        "other": _("The office has %(n)s positions of yours today, the last first:"),
    },
    "position.remembered": {
        "one": _("No network. This phone remembers %(n)s position that the office has:"),
        "other": _("No network. This phone remembers %(n)s positions that the office has, the last first:"),
    },
    "position.doubt": _("± %(n)s m"),
    "position.refused": _("This phone does not give its position: allow it in the phone's settings."),
}
