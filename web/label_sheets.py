"""The sheets labels are printed on, as one table. Lengths are millimetres, font sizes points.

Every preset fits a sheet that is sold everywhere; `tag` is for weatherproof sheets without any cut, to be trimmed along the
line and tied to metal cages with wire through the hole.

References
----------
Sheets of 24 (70 x 37 mm), 40 (52.5 x 29.7 mm) and 65 (38.1 x 21.2 mm, 2.5 mm between the columns) as office suppliers sell
them, the last one under the name L7651.
"""

from dataclasses import dataclass

PAGE = (210.0, 297.0)
"""A4."""

MOST_SHEETS = 20
"""As many are made at once; a longer run is a slip of the finger."""


@dataclass(frozen=True)
class Preset:
    """How labels lie on a page, and what room a label leaves at its edges, because sheets are never fed exactly."""

    columns: int
    rows: int
    width: float
    height: float
    gap: float = 0.0
    """Between two columns."""
    margin: float = 3.0
    """Kept free of ink at a label's edges, by the words and by the dark modules of the QR."""
    words: float = 0.0
    """Size of the words; 0 where there is room for the QR and its serial only."""
    side: float = 0.0
    """Side of the QR with its quiet zone; 0 is the label's whole height."""
    hole: float = 0.0
    """Width of a strip at the left for a punched hole; such labels are cut along a line."""

    @property
    def per_sheet(self) -> int:
        """Return how many labels a sheet has."""
        return self.columns * self.rows

    @property
    def most(self) -> int:
        """Return how many labels are made at once, at most."""
        return MOST_SHEETS * self.per_sheet

    def corner(self, place: int) -> tuple[float, float]:
        """Return where the n-th label of a sheet begins, counted from 0 by rows: left, top. Sheets are symmetrical."""
        row, column = divmod(place, self.columns)
        left = (PAGE[0] - self.columns * self.width - (self.columns - 1) * self.gap) / 2
        return left + column * (self.width + self.gap), (PAGE[1] - self.rows * self.height) / 2 + row * self.height


PRESETS = {
    "24": Preset(3, 8, 70.0, 37.0, words=7.5),
    "40": Preset(4, 10, 52.5, 29.7),
    "65": Preset(5, 13, 38.1, 21.2, gap=2.5, margin=2.0),
    "tag": Preset(2, 4, 100.0, 60.0, words=10.5, margin=4.0, side=48.0, hole=13.0),
}
"""Sheets by the name they are asked for: how many labels they have, or that they are tags."""
