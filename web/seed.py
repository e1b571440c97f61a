"""Writes what config.toml describes into the database: types, reasons, recipes, centres, vehicles.

It may run again at any time: it adds and updates, keeps what only the database knows (who drives a vehicle), and removes
nothing, because old events may name it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import time
from typing import Any

from sqlmodel import Session, SQLModel

from bottles.batches import Recipe
from bottles.catalogue import BottleType, CrateType, RefusalReason
from bottles.partners import Partner, PartnerKind
from bottles.points import Point, PointKind
from bottles.vehicles import Vehicle

from . import config as shapes
from .config import Config
from .config_rules import DAYS


def seed(session: Session, config: Config) -> int:
    """Write the territory, and return how many rows were added or changed."""
    # parents first: the database checks what a row names
    tables: tuple[tuple[type[SQLModel], Iterable[Mapping[str, Any]]], ...] = (
        (Partner, [cooperative(config.cooperative)]),
        (Point, [centre(place, config.cooperative.id) for place in config.centres]),
        (BottleType, in_order(config.bottle_types)),
        (CrateType, in_order(config.crate_types)),
        (RefusalReason, in_order(config.refusal_reasons)),
        (Recipe, [recipe(one, position) for position, one in enumerate(config.recipes)]),
        (Vehicle, [vehicle(one) for one in config.vehicles]),
    )
    return sum(_put(session, kind, row) for kind, rows in tables for row in rows)


def in_order(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Return rows as the catalogue keeps them, in the order of the file."""
    return [asdict(row) | {"position": position} for position, row in enumerate(rows)]


def cooperative(own: shapes.Cooperative) -> dict[str, Any]:
    """Return the organisation behind the loop as a partner."""
    return asdict(own) | {"kind": PartnerKind.COOPERATIVE}


def centre(place: shapes.Centre, partner: str) -> dict[str, Any]:
    """Return a centre as a point."""
    hours = {str(n): [list(window) for window in place.hours[day]] for n, day in enumerate(DAYS) if place.hours.get(day)}
    kept = {key: getattr(place, key) for key in ("id", "name", "street", "town", "postcode", "lat", "lon")}
    rest = {"partner": partner, "kind": PointKind.CENTRE, "hours": hours, "crate_seconds": 0}
    return kept | rest


def recipe(one: shapes.Recipe, position: int) -> dict[str, Any]:
    """Return a wash recipe with the limits it sets."""
    limits = {measure: list(limit) for measure, limit in asdict(one.limits).items() if limit}
    return {"id": one.id, "name": one.name, "limits": limits, "position": position}


KEPT = ("profile", "rests", "unloads", "unload_minutes", "overtime_minutes")
"""What a vehicle of the config and one of the database call alike."""


def vehicle(one: shapes.Vehicle) -> dict[str, Any]:
    """Return a vehicle in minutes and cents."""
    kept = {key: getattr(one, key) for key in ("id", "name", "centre", "crates", "kg", "mixed", "break_minutes", *KEPT)}
    return kept | {
        "starts": _minutes(one.shift_starts),
        "ends": _minutes(one.shift_ends),
        "fixed_cents": round(one.cost_per_day * 100),
        "cents_per_km": round(one.cost_per_km * 100),
        "cents_per_hour": round(one.cost_per_hour * 100),
        "break_after_minutes": round(one.break_after_hours * 60),
        "overtime_cents_per_hour": round(one.overtime_per_hour * 100),
        "tags": list(one.tags),
    }


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _put(session: Session, kind: type[SQLModel], values: Mapping[str, Any]) -> bool:
    """Add a row, or bring the one with its id up to date; say whether anything changed."""
    known = session.get(kind, values["id"])
    if known is None:
        session.add(kind(**values))
    else:
        changed = {key: value for key, value in values.items() if getattr(known, key) != value}
        if not changed:
            return False
        session.add(known.sqlmodel_update(changed))
    session.flush()
    return True
