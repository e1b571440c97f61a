"""What stands at one point of the simulated season: crates with and without labels, full and empty."""

from dataclasses import dataclass, field
from random import Random

from bottles.points import PointKind

PATIENCE = {PointKind.WINERY: 14, PointKind.SHOP: 7, PointKind.DROPOFF: 9}
"""Full crates at which a point of each kind asks for the van."""

WANTS = {PointKind.WINERY: 20, PointKind.SHOP: 10, PointKind.DROPOFF: 12}
"""Crates a point of each kind likes to have."""


@dataclass
class Place:
    """A point and its crates; `rate` is how many fill in a day, `hurry` the share of its patience it has."""

    point: str
    partner: str
    kind: PointKind
    rate: float
    part: float = 0.0
    served: bool = False
    asked: bool = False
    hurry: float = 1.0
    empty_labels: list[str] = field(default_factory=list)
    full_labels: list[str] = field(default_factory=list)
    empty_loose: int = 0
    full_loose: int = 0

    @property
    def full(self) -> int:
        """How many full crates wait."""
        return len(self.full_labels) + self.full_loose

    @property
    def patience(self) -> int:
        """How many full crates it takes to ask."""
        return PATIENCE[self.kind]

    @property
    def wants(self) -> int:
        """How many crates should stand here."""
        return WANTS[self.kind]

    def fill(self, dice: Random) -> None:
        """Let people bring bottles for a day, into the empties that are there."""
        self.part += self.rate * dice.uniform(0.5, 1.5)
        while self.part >= 1 and (self.empty_labels or self.empty_loose):
            self.part -= 1
            # people take whichever crate stands in front
            if self.empty_labels and (not self.empty_loose or dice.random() < 0.5):
                self.full_labels.append(self.empty_labels.pop(0))
            else:
                self.empty_loose -= 1
                self.full_loose += 1
        self.part = min(self.part, 1.0)
