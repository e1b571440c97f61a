"""One day's question in plain numbers, and its answer; both check their own shape.

Seconds from the day's midnight, metres, cents, load units. Nothing here knows of an engine.
"""

from routing.problem.answer import Route, Solution, Unload, Visit
from routing.problem.calls import Call, Centre, Place, Shipment
from routing.problem.fleet import UnderWay, Vehicle
from routing.problem.question import Problem
from routing.problem.rests import HEAVY, LIGHT, NO_RESTS, Rests
from routing.problem.rules import ALWAYS, HOUR, MINUTE, Window
from routing.problem.ways import LONGEST, Ways

__all__ = [
    "ALWAYS",
    "HEAVY",
    "HOUR",
    "LIGHT",
    "LONGEST",
    "MINUTE",
    "NO_RESTS",
    "Call",
    "Centre",
    "Place",
    "Problem",
    "Rests",
    "Route",
    "Shipment",
    "Solution",
    "UnderWay",
    "Unload",
    "Vehicle",
    "Visit",
    "Ways",
    "Window",
]
