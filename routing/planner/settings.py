"""What the territory decides about planning."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..problem import Problem, Solution
from ..travel import TravelSettings

DIMENSIONS = ("crates", "grams")
"""What a vehicle runs out of: floor in crates of twelve, and mass."""

Solver = Callable[[Problem], Solution]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the territory decides about planning; costs in cents.

    Parameters
    ----------
    pickup, delivery
        What leaving a call of that kind out costs.
    waiting_day
        What each day a call has waited adds.
    bottle_grams
        Mass of a bottle nobody has sorted yet.
    moving
        What it costs to give a call to another vehicle, once the day is under way.
    """

    zone: str
    travel: TravelSettings = field(default_factory=TravelSettings)
    pickup: int = 20_000
    delivery: int = 40_000
    waiting_day: int = 5_000
    bottle_grams: int = 560
    moving: int = 500
