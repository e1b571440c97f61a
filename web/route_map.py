"""Draws where a route goes, for paper: numbered dots, the names of towns, and straight lines between. Millimetres."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, hypot, radians

from fpdf import FPDF
from fpdf.enums import RenderStyle

from bottles.points import Point

from .labels import POINT, Box, printable

DOT = 2.1
"""Radius of a dot."""
NUMBER, NAME = 7.0, 7.0
"""Sizes of numbers and names, in points."""
EDGES = (16.0, 6.0)
"""Kept free left and right, above and below, for names."""
SMALLEST_SPAN = 2_000.0
"""Metres that the sketch shows at least: two neighbours do not need the whole width."""
DEGREE = 111_320.0
"""Metres of a degree of latitude."""
STEPS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
"""Metres that the scale may show."""


@dataclass
class Spot:
    """What lies in one place of the sketch: stops too near each other to be drawn apart are one dot."""

    x: float
    y: float
    town: str
    numbers: list[int] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Return its numbers, short."""
        return ",".join(map(str, self.numbers[:3])) + ("…" if len(self.numbers) > 3 else "")


class Scale:
    """Turns degrees into millimetres of a box, the middle into the middle."""

    def __init__(self, box: Box, points: Sequence[Point]) -> None:
        south, north = min(p.lat for p in points), max(p.lat for p in points)
        west, east = min(p.lon for p in points), max(p.lon for p in points)
        self.lat, self.lon = (south + north) / 2, (west + east) / 2
        self.narrow = cos(radians(self.lat))
        wide = max((east - west) * DEGREE * self.narrow, SMALLEST_SPAN)
        high = max((north - south) * DEGREE, SMALLEST_SPAN)
        self.millimetres = min((box.width - 2 * EDGES[0]) / wide, (box.height - 2 * EDGES[1]) / high)
        """For each metre."""
        self.middle = box.left + box.width / 2, box.top + box.height / 2

    def place(self, point: Point) -> tuple[float, float]:
        """Return where a point lies on the paper."""
        x = (point.lon - self.lon) * DEGREE * self.narrow * self.millimetres
        y = (point.lat - self.lat) * DEGREE * self.millimetres
        return self.middle[0] + x, self.middle[1] - y


def sketch(pdf: FPDF, box: Box, centre: Point, way: Sequence[Point], stops: Iterable[tuple[int, Point]]) -> None:
    """Draw a route's map: `way` lists its places in order, `stops` what is numbered."""
    scale = Scale(box, [centre, *way])
    pdf.set_draw_color(0)
    pdf.set_line_width(0.2)
    pdf.rect(*box)
    pdf.set_line_width(0.3)
    pdf.polyline([scale.place(point) for point in way])
    home = Spot(*scale.place(centre), centre.town)
    spots = gathered(scale, stops)
    taken = [_ruler(pdf, box, scale), *(_around(pdf, spot) for spot in (home, *spots))]
    named: set[str] = set()
    for spot in (home, *spots):
        if spot.town not in named and (free := _name(pdf, box, spot, taken, bold=spot is home)):
            named.add(spot.town)
            taken.append(free)
    _square(pdf, home)
    for spot in spots:
        _dot(pdf, spot)


def gathered(scale: Scale, stops: Iterable[tuple[int, Point]]) -> list[Spot]:
    """Put stops together whose dots would cover each other."""
    found: list[Spot] = []
    for number, point in stops:
        x, y = scale.place(point)
        near = next((spot for spot in found if hypot(spot.x - x, spot.y - y) < 2 * DOT), None)
        if near is None:
            found.append(near := Spot(x, y, point.town))
        near.numbers.append(number)
    return found


def _around(pdf: FPDF, spot: Spot) -> Box:
    """Return the room that a dot takes."""
    pdf.set_font("helvetica", "B", NUMBER)
    wide = max(2 * DOT, pdf.get_string_width(printable(spot.said)) + 1.6)
    return Box(spot.x - wide / 2, spot.y - DOT, wide, 2 * DOT)


def _dot(pdf: FPDF, spot: Spot) -> None:
    around = _around(pdf, spot)
    pdf.set_fill_color(255)
    pdf.set_line_width(0.35)
    pdf.rect(*around, style=RenderStyle.DF, round_corners=True, corner_radius=DOT)
    said = printable(spot.said)
    pdf.text(spot.x - pdf.get_string_width(said) / 2, spot.y + 0.36 * NUMBER * POINT, said)


def _square(pdf: FPDF, spot: Spot) -> None:
    pdf.set_fill_color(0)
    pdf.rect(spot.x - 1.6, spot.y - 1.6, 3.2, 3.2, style=RenderStyle.F)


def _name(pdf: FPDF, box: Box, spot: Spot, taken: Sequence[Box], *, bold: bool) -> Box | None:
    """Write a town's name beside its dot where nothing else is; nowhere when there is no such place."""
    around, text = _around(pdf, spot), printable(spot.town)
    pdf.set_font("helvetica", "B" if bold else "", NAME)
    wide, high = pdf.get_string_width(text) + 1, NAME * POINT + 0.4
    right, left = around.left + around.width + 0.3, around.left - wide - 0.3
    middle, above, below = spot.x - wide / 2, around.top - high - 0.2, around.top + around.height + 0.2
    tops = (spot.y - high / 2, above, below)
    tried = [(right, tops[0]), (left, tops[0]), (middle, above), (middle, below)]
    tried += [(right, above), (right, below), (left, above), (left, below)]
    places = [Box(x, y, wide, high) for x, y in tried]
    free = next((b for b in places if _inside(b, box) and not any(_overlap(b, other) for other in taken)), None)
    if free:
        pdf.set_fill_color(255)
        pdf.rect(*free, style=RenderStyle.F)
        pdf.text(free.left + 0.5, free.top + 0.8 * free.height, text)
    return free


def _ruler(pdf: FPDF, box: Box, scale: Scale) -> Box:
    """Draw the scale at the lower left; return the room it takes."""
    metres = next((step for step in reversed(STEPS) if step * scale.millimetres <= box.width / 5), STEPS[0])
    wide, base = metres * scale.millimetres, box.top + box.height - 2.5
    said = f"{metres / 1000:g} km"
    pdf.set_line_width(0.4)
    pdf.line(box.left + 3, base, box.left + 3 + wide, base)
    pdf.set_font("helvetica", "", NAME)
    pdf.text(box.left + 4.5 + wide, base + 0.8, said)
    return Box(box.left, base - 3, wide + 8 + pdf.get_string_width(said), 5.5)


def _inside(one: Box, other: Box) -> bool:
    across = other.left <= one.left and one.left + one.width <= other.left + other.width
    return across and other.top <= one.top and one.top + one.height <= other.top + other.height


def _overlap(one: Box, other: Box) -> bool:
    across = one.left < other.left + other.width and other.left < one.left + one.width
    return across and one.top < other.top + other.height and other.top < one.top + one.height
