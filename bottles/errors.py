"""Refusals: what was asked cannot be done, said as a sentence for the person at the dock.

    Refusal
    ├── Invalid         an input has a bad form; `field` names it
    ├── NotFound        it does not exist, or it is not yours: both read alike
    ├── NotAllowed      this role may not do that
    └── Conflict        the world does not permit it now
        └── OutOfStock  fewer are there than asked for

Each carries a message id (English, with %(name)s places) and named values; web/ translates and fills it.
"""

from typing import Any, Self


def say(text: str) -> str:
    """Mark a message id for the translators; the text itself is not changed."""
    return text


class Fault(str):
    """What an audit found wrong: an English sentence that keeps its message id and values, for whoever translates it."""

    message: str
    values: dict[str, Any]

    def __new__(cls, message: str, /, **values: Any) -> Self:
        """Fill the sentence."""
        made = super().__new__(cls, message % values)
        made.message, made.values = message, values
        return made


class Refusal(Exception):
    """What was asked cannot be; the message says what is, and what to do."""

    def __init__(self, message: str, /, field: str | None = None, **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.values = values

    def __str__(self) -> str:
        return self.message % self.values


class Invalid(Refusal):
    """An input has a bad form."""


class NotFound(Refusal):
    """It does not exist, or not for you."""


class NotAllowed(Refusal):
    """The role may not do that."""


class Conflict(Refusal):
    """The world does not permit it now."""


class OutOfStock(Conflict):
    """Fewer are there than asked for; nothing was taken."""
