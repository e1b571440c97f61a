"""A drawing tells what is left out, where vehicles go by, and one vehicle from another."""

from xml.etree import ElementTree as Xml

from routing.days import generate
from routing.instances import parse
from routing.plot import drawn
from routing.problem import Route
from routing.schedule import assemble, schedule
from tests.routing.files import COLLECTIONS

SVG = "{http://www.w3.org/2000/svg}"


def test_a_plot_marks_what_is_left_out_and_goes_by_the_centre():
    problem = parse(COLLECTIONS["MTVRPTWR"][0]).problem
    van = problem.vehicles[0]
    route = schedule(problem, van, ["1", "2", van.centres[0], "5"])

    drawing = Xml.fromstring(drawn(problem, assemble(problem, [route])))  # noqa: S314 - written by us

    assert len(drawing.find(f".//{SVG}polyline").get("points").split()) == 6
    crosses = [mark.findtext(f"{SVG}title") for mark in drawing.iter(f"{SVG}path") if len(mark)]
    assert crosses == ["left out: 3", "left out: 4"]


def test_a_plot_tells_thirty_vehicles_apart():
    problem = generate(calls=30, vehicles=30, seed=2)
    vans = [van for van in problem.vehicles if van.tags]
    pairs = zip(vans, problem.calls, strict=False)
    routes = [route for van, call in pairs if isinstance(route := schedule(problem, van, [call.id]), Route)]

    drawing = Xml.fromstring(drawn(problem, assemble(problem, routes)))  # noqa: S314 - written by us

    styles = [(line.get("stroke"), line.get("stroke-dasharray")) for line in drawing.iter(f"{SVG}line")]
    assert len(set(styles)) == len(routes) > 10
