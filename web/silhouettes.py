"""Bottles as outlines: one path for each shape, to scale, so that side by side their sizes can be compared."""

from dataclasses import dataclass

from bottles.catalogue import BottleType

TALLEST = 345
"""Height of the drawing, millimetres: bottles stand on its lower edge."""
WIDEST = 104
"""Width of the drawing, millimetres."""
BOX = f"0 0 {WIDEST} {TALLEST}"
"""The drawing that every outline lies in, as SVG says it."""
LIP = 9
"""Height of the ring at the mouth, millimetres."""
FOOT = 6
"""Radius of the edge at the foot, millimetres."""


@dataclass(frozen=True)
class Profile:
    """How a shape goes from neck to body, in shares of the height; `hold` and `reach` bend the shoulder.

    A high `hold` keeps the neck straight for long, a high `reach` keeps the body straight up to the shoulder.
    """

    neck_ends: float
    body_begins: float
    hold: float
    reach: float
    neck: float = 14.0
    """Radius of the neck, millimetres."""
    ring: float = 2.0
    """How far the ring at the mouth stands out, millimetres."""


PROFILES = {
    "clavelin": Profile(0.24, 0.345, 0.72, 0.86, neck=15),
    "jura": Profile(0.2, 0.46, 0.62, 0.62),
    "macvin": Profile(0.22, 0.42, 0.66, 0.7),
    "paille": Profile(0.3, 0.43, 0.6, 0.68, neck=12),
    "champenoise": Profile(0.14, 0.56, 0.5, 0.5, neck=15, ring=3.5),
    "bourgogne": Profile(0.16, 0.54, 0.52, 0.5),
    "bordelaise": Profile(0.27, 0.37, 0.62, 0.78),
    "flute": Profile(0.06, 0.66, 0.34, 0.34, neck=13),
}
"""Profiles by the word a type's id begins with; drawn by eye from bottles on the shelf."""
ORDINARY = Profile(0.24, 0.44, 0.6, 0.62)


def outline(kind: BottleType) -> str:
    """Return the SVG path of a bottle in a drawing of WIDEST by TALLEST millimetres."""
    profile = next((shape for word, shape in PROFILES.items() if kind.id.startswith(word)), ORDINARY)
    height, radius = min(kind.height_mm, TALLEST - 2), min(kind.diameter_mm, WIDEST - 2) / 2
    middle, top = WIDEST / 2, TALLEST - 1 - height
    begins, ends = top + profile.neck_ends * height, top + profile.body_begins * height
    bends = (begins + profile.hold * (ends - begins), ends - profile.reach * (ends - begins))
    lip, foot = profile.neck + profile.ring, TALLEST - 1

    def at(side: int, out: float, y: float) -> str:
        return f"{middle + side * out:.1f} {y:.1f}"

    right = [
        f"M{at(-1, lip, top)}L{at(1, lip, top)}L{at(1, lip, top + LIP)}L{at(1, profile.neck, top + LIP)}",
        f"L{at(1, profile.neck, begins)}",
        f"C{at(1, profile.neck, bends[0])} {at(1, radius, bends[1])} {at(1, radius, ends)}",
        f"L{at(1, radius, foot - FOOT)}Q{at(1, radius, foot)} {at(1, radius - FOOT, foot)}",
    ]
    left = [
        f"L{at(-1, radius - FOOT, foot)}Q{at(-1, radius, foot)} {at(-1, radius, foot - FOOT)}L{at(-1, radius, ends)}",
        f"C{at(-1, radius, bends[1])} {at(-1, profile.neck, bends[0])} {at(-1, profile.neck, begins)}",
        f"L{at(-1, profile.neck, top + LIP)}L{at(-1, lip, top + LIP)}Z",
    ]
    return "".join((*right, *left))
