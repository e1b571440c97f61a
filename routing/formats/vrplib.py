"""Public instances: VRPLIB files as the collections of CVRP, VRPTW, VRPB and their kin write them, and Solomon's text.

The numbers are those of PyVRP's own reading: seconds and metres are both the distance after the collection's rounding, and
a cent is one unit of distance, so that what the checker adds up is the instance's objective. Call ids are the numbers that
solution files use (the depots come first, counted from 0).

References
----------
PyVRP 0.14, `pyvrp.read` and "The VRPLIB format" of its documentation (read November 2026).
"""

from collections.abc import Callable

import numpy as np
import vrplib.parse  # type: ignore[import-untyped] # has no types

from routing.formats import demand, demand_few
from routing.formats.figures import Figures, Numbers
from routing.formats.fleet import Fleet
from routing.formats.sections import Sections, scan
from routing.problem import Problem

ROUNDINGS: dict[str, tuple[int, Callable[[Numbers], Numbers]]] = {
    "round": (1, np.round),
    "trunc": (1, np.trunc),
    "dimacs": (10, lambda values: np.trunc(10 * values)),
    "exact": (1000, lambda values: np.round(1000 * values)),
}
"""How a file's numbers become whole: units of ours in one of the file's, and the rounding."""

ROUNDED = {
    "CVRP": "round",
    "VRPB": "round",
    "VRPTW": "dimacs",
    "PCVRPTW": "dimacs",
    "MTVRPTWR": "dimacs",
    "SDVRPTW": "exact",
    "MDVRPTW": "exact",
    "VRPSPD": "exact",
    "HFVRP": "exact",
    "PDPTW": "exact",
}
"""The rounding that best-known costs are given in, by TYPE; the files do not say it.

References
----------
READMEs of github.com/PyVRP/Instances and PyVRP's benchmarking page (read November 2026).
"""

UNDERSTOOD = {
    "node_coord", "edge_weight", "demand", "linehaul", "backhaul", "depot", "capacity", "service_time", "time_window",
    "release_time", "prize", "pickup_and_delivery", "vehicles_depot", "vehicles_reload_depot", "vehicles_max_reloads",
    "vehicles_max_distance", "vehicles_max_duration", "vehicles_allowed_clients", "vehicles_fixed_cost",
    "vehicles_unit_distance_cost", "display_data",
}  # fmt: skip
"""Sections that are read; any other would change the problem, and is refused."""


def problem_of(text: str, rounding: str | None = None) -> tuple[Problem, int]:
    """Read a VRPLIB file: the problem, and how many of its units are one of the file's.

    Raises
    ------
    ValueError
        With a sentence naming the line or section and what was expected.
    """
    lines = scan(text)
    for name in lines:
        demand(name in UNDERSTOOD, f"{name.upper()}_SECTION: is not understood")
    try:
        found = vrplib.parse.parse_vrplib(text, compute_edge_weights=False)
    except (RuntimeError, ValueError, TypeError, KeyError, IndexError) as error:
        raise ValueError(f"the file is no VRPLIB: {error}") from error
    return _problem(Sections(found, lines), rounding)


def solomon_problem_of(text: str, rounding: str | None = None) -> tuple[Problem, int]:
    """Read Solomon's text form, which Gehring and Homberger use too.

    Raises
    ------
    ValueError
        With a sentence naming the line and what was expected.
    """
    lines = _check_solomon(text)
    try:
        found = vrplib.parse.parse_solomon(text, compute_edge_weights=False)
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(f"the file is not of Solomon's form: {error}") from error
    places = len(found["node_coord"])
    found |= {"type": "VRPTW", "edge_weight_type": "EUC_2D", "dimension": places}
    return _problem(Sections(found, dict.fromkeys(("node_coord", "demand", "time_window", "service_time"), lines)), rounding)


def _check_solomon(text: str) -> list[int]:
    """Check that each row of customers is seven whole numbers, and give the rows' lines; the parser reads others as -1."""
    lines = []
    heads = False
    for number, line in enumerate(text.splitlines(), 1):
        heads = heads or "CUST NO" in line
        if heads and line.strip() and "CUST" not in line:
            words = line.split()
            right = len(words) == 7 and all(word.lstrip("-").isdigit() for word in words)
            demand(right, f"line {number}: expected 7 whole numbers of a customer, got {line.strip()[:40]!r}")
            lines.append(number)
    demand(len(lines) > 1, "the file is not of Solomon's form: expected a depot and customers under CUST NO.")
    return lines


def _problem(sections: Sections, rounding: str | None) -> tuple[Problem, int]:
    """Put the parts together."""
    places = sections.whole("dimension")
    demand_few(places)
    rounding = rounding or ROUNDED.get(sections.word("type").upper(), "exact")
    scale, rounded = ROUNDINGS[rounding]
    figures = Figures(sections, places, _depots(sections, places), scale, rounded)
    fleet, distances = Fleet(figures), figures.distances()
    problem = Problem(
        places=figures.positions(),
        calls=tuple(figures.calls(fleet.allowed())),
        vehicles=tuple(fleet.vehicles()),
        seconds=distances,
        metres=distances,
        dimensions=("load",),
        shipments=tuple(figures.shipments()),
    )
    return problem, scale


def _depots(sections: Sections, places: int) -> int:
    """Count the depots, which are the first places."""
    depots = np.atleast_1d(sections.found.get("depot", np.array([0]))).tolist()
    demand(0 < len(depots) <= places, "DEPOT_SECTION: expected at least one depot")
    demand(depots == list(range(len(depots))), f"DEPOT_SECTION: expected the first places, 1 to {len(depots)}, in order")
    return len(depots)
