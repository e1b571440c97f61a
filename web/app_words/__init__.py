"""What the driver's app says, by the name its scripts call it: a sentence, or two where a number stands in it.

Each screen has its own list; `told` gives them all in the language that is spoken now.
"""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

from . import media, pages, queue, scan, views

Words = Mapping[str, object]

SHELL: Words = {
    "shell.ready": _("This app is kept on this phone: it opens without network."),
    "shell.not_kept": _("This app is not yet kept on this phone: stay where there is network for a moment."),
    "shell.refused": _(
        "This browser does not keep the app: without network it will not open again. Begin its address with https."
    ),
    "shell.evicts": _(
        "This browser erases apps outside of the home screen after seven days: tap Share, then “On the home screen”."
    ),
    "shell.new": _("A new version is ready."),
    "shell.use_new": _("Use the new version"),
    "shell.install": _("Put the app on the home screen"),
    "shell.not_driver": _("This app is for drivers. You are signed in as somebody else."),
    "shell.home": _("Go to your own page"),
}

SCREENS: tuple[Words, ...] = (
    SHELL,
    views.WORDS,
    pages.WORDS,
    queue.WORDS,
    media.WORDS,
    scan.WORDS,
)
"""Every list of the app; no name stands in two."""


def told() -> dict[str, object]:
    """Return all words in the language that is spoken now."""
    return {name: _said(words) for screen in SCREENS for name, words in screen.items()}


def _said(words: object) -> object:
    return {form: str(said) for form, said in words.items()} if isinstance(words, dict) else str(words)
