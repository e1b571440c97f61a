"""Vehicles: what they hold, what they cost, when their driver works and pauses."""

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Vehicle(SQLModel, table=True):
    """A vehicle and its working day; `starts` and `ends` are minutes of the local day, `crates` counts crates of twelve."""

    id: str = Field(primary_key=True, max_length=60)
    name: str
    centre: str = Field(foreign_key="point.id")
    crates: int
    kg: int
    starts: int
    ends: int
    fixed_cents: int = 0
    cents_per_km: int = 0
    cents_per_hour: int = 0
    tags: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    mixed: bool = True
    """Whether clean goods and dirty ones may share it (wrapped, own zone)."""
    break_after_minutes: int | None = None
    break_minutes: int = 0
    rests: str = Field(default="once", max_length=8, sa_column_kwargs={"server_default": "once"})
    """Whose rules its driver pauses by: "light" up to 3.5 t, "heavy" over it, "once" as the two fields above say, or "none"."""
    unloads: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often a day it may unload at its centre and go out again."""
    unload_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    overtime_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    overtime_cents_per_hour: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """What an hour after the end of the shift costs more than one before it."""
    profile: str = Field(default="car", max_length=8, sa_column_kwargs={"server_default": "car"})
    """Which roads it may take, and how fast: "car" or "truck"."""
    driver: int | None = Field(default=None, foreign_key="person.id")
    """Who usually drives it."""
    active: bool = True
