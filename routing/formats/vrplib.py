"""Public instances: VRPLIB files as the collections of CVRP, VRPTW, VRPB and their kin write them, and Solomon's text.

The numbers are those of PyVRP's own reading: seconds and metres are both the distance after the collection's rounding, and
a cent is one unit of distance, so that what the checker adds up is the instance's objective. Call ids are the numbers that
solution files use (the depots come first, counted from 0).

References
----------
PyVRP 0.14, `pyvrp.read` and "The VRPLIB format" of its documentation (read November 2026).
"""

import re
from collections.abc import Callable

import numpy as np
import vrplib.parse  # type: ignore[import-untyped] # has no types

from routing.formats import demand, demand_few
from routing.formats.figures import Figures, Numbers
from routing.formats.fleet import Fleet
from routing.formats.layout import scan
from routing.formats.sections import MOST, Sections
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

TYPES = ROUNDED.keys() | {"ACVRP", "CVRPTW", "HFVRPTW", "MTVRPTW", "PCVRP", "VRPMPD", "VRPMPDTW", "VRPSPDTW"}
"""Types that are what their sections say, with routes that end where they begin; open routes and tours are not."""

LOADS = {"demand", "linehaul", "backhaul", "pickup_and_delivery"}
"""Sections of which a problem with a capacity has one or more."""


def problem_of(text: str, rounding: str | None = None) -> tuple[Problem, int]:
    """Read a VRPLIB file: the problem, and how many of its units are one of the file's.

    Raises
    ------
    ValueError
        With a sentence naming the line or section and what was expected.
    """
    layout = scan(text)
    layout.check()
    try:
        found = vrplib.parse.parse_vrplib(text, compute_edge_weights=False)
    except (RuntimeError, ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise ValueError(f"the file is no VRPLIB: {error}") from error
    return _problem(Sections(found, layout.lines), rounding)


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
    lines: list[int] = []
    heads = fleet = False
    for number, line in enumerate(text.splitlines(), 1):
        if fleet and line.strip():
            right = re.fullmatch(r"\s*\d+\s+\d+\s*", line) is not None
            demand(
                right,
                f"line {number}: expected how many vehicles and their capacity, 2 whole numbers, got {line.strip()[:40]!r}",
            )
        fleet = line.split() == ["NUMBER", "CAPACITY"] or (fleet and not line.strip())
        heads = heads or "CUST NO" in line
        if heads and line.strip() and "CUST" not in line:
            words = line.split()
            right = len(words) == 7 and all(re.fullmatch(r"-?\d+", word) for word in words)
            demand(right, f"line {number}: expected 7 whole numbers of a customer, got {line.strip()[:40]!r}")
            most = max(abs(float(word)) for word in words)
            demand(most <= MOST, f"line {number}: expected numbers of at most {MOST:,}, got {most:g}")
            due = len(lines)  # the parser drops the number, and takes the row's place for it
            demand(int(words[0]) == due, f"line {number}: expected customer {due}, got {words[0]}; write each once, in order")
            lines.append(number)
    demand(len(lines) > 1, "the file is not of Solomon's form: expected a depot and customers under CUST NO.")
    return lines


def _problem(sections: Sections, rounding: str | None) -> tuple[Problem, int]:
    """Put the parts together."""
    places = sections.whole("dimension")
    demand_few(places)
    _check_kind(sections)
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


def _check_kind(sections: Sections) -> None:
    """Check that the type is known, and that what every type has is there."""
    kind = sections.word("type").upper()
    demand(kind in TYPES or not kind, f"TYPE: {kind} is not understood; expected one of {', '.join(sorted(TYPES))}")
    demand(not kind or "capacity" in sections, "CAPACITY: is missing")
    needed = "capacity" in sections and not LOADS & set(sections.found)
    demand(not needed, "DEMAND_SECTION: is missing, and there is a CAPACITY")


def _depots(sections: Sections, places: int) -> int:
    """Count the depots, which are the first places."""
    depots = np.atleast_1d(sections.found.get("depot", np.array([0]))).tolist()
    demand(0 < len(depots) <= places, "DEPOT_SECTION: expected at least one depot")
    demand(depots == list(range(len(depots))), f"DEPOT_SECTION: expected the first places, 1 to {len(depots)}, in order")
    return len(depots)
