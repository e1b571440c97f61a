"""What somebody reaches of a driver's days: all of them by password, one vehicle's day by a code."""

from collections.abc import Iterable
from datetime import date

from flask import g

from bottles.passes import DriverPass
from bottles.routes import Route


def day(today: date) -> date:
    """Return the day to show: that of the code, also after midnight, else today."""
    held: DriverPass | None = g.driver_pass
    return held.day if held else today


def routes(found: Iterable[Route]) -> list[Route]:
    """Keep the routes that are within reach, out of a driver's routes of that day."""
    held: DriverPass | None = g.driver_pass
    return [route for route in found if held is None or route.vehicle == held.vehicle]
