"""The keys of a VROOM request: which its API has, and which of them cannot be had here.

References
----------
VROOM's API, github.com/VROOM-Project/vroom, docs/API.md, as of 1.15.
"""

from collections.abc import Iterator
from typing import Any

from routing.formats import demand, shown
from routing.formats.vroom_fields import Entry, entries

PER_TYPE = ("setup_per_type", "service_per_type")
PLACED = ("id", "description", "location", "location_index", "setup", "service", "time_windows", *PER_TYPE)
STEPS = ("pickup", "delivery")

KNOWN = {
    "": ("jobs", "shipments", "vehicles", "matrices", "matrix", "options"),
    "jobs": (*PLACED, "delivery", "pickup", "amount", "skills", "priority"),
    "shipments": (*STEPS, "amount", "skills", "priority"),
    "shipments.pickup": PLACED,
    "shipments.delivery": PLACED,
    "vehicles": (
        *("id", "description", "profile", "start", "start_index", "end", "end_index", "capacity", "costs", "skills", "type"),
        *("time_window", "breaks", "speed_factor", "max_tasks", "max_travel_time", "max_distance", "steps"),
    ),
    "vehicles.costs": ("fixed", "per_hour", "per_task_hour", "per_km"),
    "vehicles.breaks": ("id", "description", "time_windows", "service", "max_load"),
    "vehicles.steps": ("type", "id", "service_at", "service_after", "service_before"),
    "matrices": ("durations", "distances", "costs"),
}
"""Keys by where they stand; any other is no fault, as programs keep notes of their own beside ours, but is said."""

NEVER_UNDERSTOOD = (*PER_TYPE, "max_distance")
"""Keys that would change the plan and cannot be had, unless they are null or name no type."""


def demand_understood(document: Entry) -> None:
    """Refuse keys that would change the plan and cannot be had."""
    for at, kind, entry in _objects(document):
        for key in NEVER_UNDERSTOOD:
            asked = key in KNOWN[kind] and entry.get(key) not in (None, {} if key in PER_TYPE else None)
            demand(not asked, f"{at}: {key} cannot be had, leave it out")


def unknown(document: Entry) -> Iterator[str]:
    """Say which keys nobody looks at: each once, where it stands first."""
    found: dict[tuple[str, str], list[str]] = {}
    for at, kind, entry in _objects(document):
        for key in entry:
            if key not in KNOWN[kind]:
                found.setdefault((kind, key), []).append(f"{at}.{key}" if at else key)
    for (kind, _), places in found.items():
        more = f" and {len(places) - 1:,} more" if len(places) > 1 else ""
        yield f"{places[0]}{more}: unknown, and not looked at; expected one of {', '.join(KNOWN[kind])}."


def _objects(document: Entry) -> Iterator[tuple[str, str, Entry]]:
    """Give every object of a request with where it stands, and what kind it is."""
    yield "", "", document
    for name in ("jobs", "shipments", "vehicles"):
        for number, entry in enumerate(entries(document, name)):
            yield f"{name}[{number}]", name, entry
            yield from _inner(entry, f"{name}[{number}]", name)
    for profile, tables in _dict(document.get("matrices")).items():
        yield f"matrices.{shown(profile)[1:-1]}", "matrices", _dict(tables)


def _inner(entry: Entry, at: str, name: str) -> Iterator[tuple[str, str, Entry]]:
    """Give the objects within a shipment or a vehicle; what else they are is refused where it is read."""
    if name == "shipments":
        yield from ((f"{at}.{step}", f"{name}.{step}", _dict(entry.get(step))) for step in STEPS)
    if name == "vehicles":
        yield f"{at}.costs", f"{name}.costs", _dict(entry.get("costs"))
        for key in ("breaks", "steps"):
            yield from ((f"{at}.{key}[{n}]", f"{name}.{key}", found) for n, found in enumerate(entries(entry, key, at)))


def _dict(value: Any) -> Entry:
    return value if isinstance(value, dict) else {}
