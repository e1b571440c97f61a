"""Column types as migrations write them; they never change, whatever becomes of the code."""

import sqlalchemy as sa


def choice(name: str, values: str) -> sa.Enum:
    """Keep one of some words as text with a CHECK."""
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=24)


def utc() -> sa.DateTime:
    """Keep a moment."""
    return sa.DateTime(timezone=True)
