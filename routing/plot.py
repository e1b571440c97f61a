"""Draws a plan as a plain SVG: routes by colour, the depots, the calls, and those left out."""

from collections.abc import Sequence
from math import cos, radians
from xml.etree import ElementTree as Xml

from routing.problem import Place, Problem, Route, Solution

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7a3db8", "#a0522d", "#4d4d4d", "#e6194b")
"""Colours that most eyes tell apart; the first seven are those of Okabe and Ito (2008), darkened where they are pale."""

DASHES = ("", "9 4", "2 4")
"""Lines of the second and third ten vehicles."""

SIDE, MARGIN, LEGEND, LINE = 900, 24, 250, 18
"""Pixels: the longer side of the map, the room around it, the width of the legend, and a line of text."""

Spot = tuple[float, float]


def drawn(problem: Problem, solution: Solution, title: str = "") -> str:
    """Draw a solution."""
    spots, width, height = _projected(problem.places)
    tall = max(height + 2 * MARGIN + LINE, (len(solution.routes) + 6) * LINE + 2 * MARGIN)
    wide = width + 2 * MARGIN + LEGEND
    view = f"0 0 {wide:.0f} {tall:.0f}"
    root = Xml.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=view, width=f"{wide:.0f}", height=f"{tall:.0f}")
    root.set("font-family", "sans-serif")
    root.set("font-size", "12")
    Xml.SubElement(root, "rect", width="100%", height="100%", fill="#ffffff")
    _words(root, (MARGIN, MARGIN), title, weight="bold")
    for number, route in enumerate(solution.routes):
        _route(root, problem, route, spots, number)
    _left_out(root, problem, solution, spots)
    for place in sorted({end for vehicle in problem.vehicles for end in (vehicle.start, vehicle.end)}):
        x, y = spots[place]
        box = Xml.SubElement(root, "rect", x=f"{x - 6:.1f}", y=f"{y - 6:.1f}", width="12", height="12", fill="#111111")
        Xml.SubElement(box, "title").text = "depot"
    _legend(root, solution, width + 2 * MARGIN)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode") + "\n"


def _projected(places: Sequence[Place]) -> tuple[list[Spot], float, float]:
    """Put the places on the page, north up, as long ways east as north; and give the map's width and height."""
    if not places:
        return [], SIDE, SIDE
    squeeze = cos(radians(sum(place.lat for place in places) / len(places)))
    flat = [(place.lon * squeeze, place.lat) for place in places]
    west, east = min(x for x, _ in flat), max(x for x, _ in flat)
    south, north = min(y for _, y in flat), max(y for _, y in flat)
    scale = SIDE / max(east - west, north - south, 1e-9)
    top = MARGIN + LINE
    spots = [(MARGIN + (x - west) * scale, top + (north - y) * scale) for x, y in flat]
    return spots, (east - west) * scale, (north - south) * scale


def _route(root: Xml.Element, problem: Problem, route: Route, spots: Sequence[Spot], number: int) -> None:
    """Draw one route: its line, and a numbered dot for each visit."""
    vehicle = problem.vehicle[route.vehicle]
    stops = [problem.call[call].place for call in route.calls]
    for unload in reversed(route.unloads):
        stops.insert(unload.after, unload.place)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (spots[place] for place in (vehicle.start, *stops, vehicle.end)))
    group = Xml.SubElement(root, "g", {"stroke": _colour(number), "fill": _colour(number)})
    line = {"points": points, "fill": "none", "stroke-width": "2", "stroke-linejoin": "round", "stroke-opacity": "0.8"}
    Xml.SubElement(group, "polyline", line | _dash(number))
    for position, visit in enumerate(route.visits, 1):
        x, y = spots[problem.call[visit.call].place]
        dot = Xml.SubElement(group, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4", "stroke": "#ffffff"})
        Xml.SubElement(dot, "title").text = f"{route.vehicle}, stop {position}: {visit.call}, {_clock(visit.start)}"


def _left_out(root: Xml.Element, problem: Problem, solution: Solution, spots: Sequence[Spot]) -> None:
    """Mark each call left out with a red cross."""
    for call in solution.left_out:
        x, y = spots[problem.call[call].place]
        cross = f"M {x - 5:.1f} {y - 5:.1f} l 10 10 m 0 -10 l -10 10"
        mark = Xml.SubElement(root, "path", {"d": cross, "stroke": "#c00000", "stroke-width": "3", "fill": "none"})
        Xml.SubElement(mark, "title").text = f"left out: {call}"


def _legend(root: Xml.Element, solution: Solution, left: float) -> None:
    """Write what each colour and sign is."""
    row = MARGIN + LINE
    for number, route in enumerate(solution.routes):
        ends = {"x1": f"{left:.0f}", "x2": f"{left + 28:.0f}", "y1": f"{row - 4:.0f}", "y2": f"{row - 4:.0f}"}
        Xml.SubElement(root, "line", ends | {"stroke": _colour(number), "stroke-width": "4"} | _dash(number))
        said = f"{route.vehicle}, calls: {len(route.visits)}, {route.metres / 1000:.1f} km"
        _words(root, (left + 36, row), said)
        row += LINE
    Xml.SubElement(root, "rect", x=f"{left + 8:.0f}", y=f"{row - 10:.0f}", width="12", height="12", fill="#111111")
    _words(root, (left + 36, row), "depot")
    if solution.left_out:
        row += LINE
        cross = f"M {left + 9:.0f} {row - 9:.0f} l 10 10 m 0 -10 l -10 10"
        Xml.SubElement(root, "path", {"d": cross, "stroke": "#c00000", "stroke-width": "3", "fill": "none"})
        _words(root, (left + 36, row), f"left out: {len(solution.left_out)}")


def _words(root: Xml.Element, at: Spot, text: str, weight: str = "normal") -> None:
    place = {"x": f"{at[0]:.0f}", "y": f"{at[1]:.0f}", "font-weight": weight, "fill": "#111111"}
    Xml.SubElement(root, "text", place).text = text


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _dash(number: int) -> dict[str, str]:
    dash = DASHES[number // len(COLOURS) % len(DASHES)]
    return {"stroke-dasharray": dash} if dash else {}


def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}"
