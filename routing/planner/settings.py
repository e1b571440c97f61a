"""What the territory decides about planning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..problem import Problem, Solution
from ..travel import TravelSettings

DIMENSIONS = ("crates", "grams")
"""What a vehicle runs out of: floor in crates of twelve, and mass."""

CAR = "car"
"""How a vehicle drives that says nothing else."""

Solver = Callable[[Problem], Solution]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the territory decides about planning; costs in cents.

    Parameters
    ----------
    travel, profiles
        Where ways come from; for vehicles whose profile is among `profiles`, from there.
    pickup, delivery
        What leaving a call of that kind out costs.
    waiting_day
        What each day a call has waited adds.
    bottle_grams
        Mass of a bottle nobody has sorted yet.
    moving
        What it costs to give a call to another vehicle, once the day is under way and nobody says otherwise.
    patience
        Days within which a call is answered that names no last day.
    """

    zone: str
    travel: TravelSettings = field(default_factory=TravelSettings)
    profiles: Mapping[str, TravelSettings] = field(default_factory=dict)
    pickup: int = 20_000
    delivery: int = 40_000
    waiting_day: int = 5_000
    bottle_grams: int = 560
    moving: int = 500
    patience: int = 5
