"""Fields of VROOM's JSON, each checked as it is read."""

from collections.abc import Mapping
from typing import Any

from routing.formats import demand, shown
from routing.formats.own import decode
from routing.problem import Place

Entry = Mapping[str, Any]


def entries(document: Entry, name: str, at: str = "") -> list[Entry]:
    """Give a list of objects, empty where there is none or null."""
    found = [] if document.get(name) is None else document[name]
    name = f"{at}.{name}" if at else name
    demand(isinstance(found, list), f"{name}: expected a list, got {shown(found)}")
    for number, entry in enumerate(found):
        demand(isinstance(entry, dict), f"{name}[{number}]: expected an object, got {shown(entry)}")
    return list(found)


def number_of(entry: Entry, at: str) -> int:
    """Read an entry's id."""
    demand("id" in entry, f"{at}.id: is missing")
    number = entry["id"]
    demand(type(number) is int, f"{at}.id: expected a whole number, got {shown(number)}")
    return int(number)


def count(entry: Any, name: str, at: str, default: int = 0) -> int:
    """Read a whole number of 0 or more."""
    demand(isinstance(entry, dict), f"{at}: expected an object, got {shown(entry)}")
    number: int = decode(int, entry.get(name, default), f"{at}.{name}")
    demand(number >= 0, f"{at}.{name}: expected 0 or more, got {number}")
    return number


def skills(entry: Entry, at: str) -> frozenset[str]:
    """Read skills as tags."""
    return frozenset(str(skill) for skill in decode(tuple[int, ...], entry.get("skills", []), f"{at}.skills"))


def position(value: Any, at: str) -> tuple[float, float]:
    """Read [lon, lat]."""
    lon, lat = decode(tuple[float, float], value, at)
    try:
        Place(lon, lat)
    except ValueError as refused:
        raise ValueError(f"{at}: {refused}") from None
    return float(lon), float(lat)


def travel_costs(costs: Any, at: str) -> tuple[int, int]:
    """Give what an hour and a kilometre of travel cost."""
    demand(isinstance(costs, dict), f"{at}: expected an object, got {shown(costs)}")
    demand(count(costs, "per_task_hour", at) == 0, f"{at}.per_task_hour: cannot be had, leave it out")
    return count(costs, "per_hour", at, 3600), count(costs, "per_km", at)
