"""From a day's calls to a day's routes: give `solve` a `Problem`, get a legal `Solution`.

Everything is in plain whole numbers: seconds (times of day count from that day's midnight), metres,
cents, and load units of the dimensions the problem names. Positions are [lon, lat] in degrees.

    Problem ──> search.first ─────────────────────────────────┐
            ──> search.Search: a team of populations (PyVRP), ┼──> schedule ──> checker ──> Solution
                their routes merged (CP-SAT)                  │
            ──> model.polish (OR-Tools) ──────────────────────┘
            Solution ──> explain.reasons (why a call is left out)

`child.run` does the same in a process of its own under a hard time limit; servers use that.
Importing this package is light: the engines are loaded only when a search starts.
"""

from routing.problem import Call, Place, Problem, Route, Solution, Vehicle, Visit
from routing.settings import Progress, Settings

__all__ = ["Call", "Place", "Problem", "Progress", "Route", "Settings", "Solution", "Vehicle", "Visit", "run", "solve"]


def __getattr__(name: str) -> object:
    """Load the solver when it is first asked for: its parts take a second and 100 MB."""
    if name == "solve":
        from routing.solver import solve

        return solve
    if name == "run":
        from routing.child import run

        return run
    raise AttributeError(f"module 'routing' has no attribute {name!r}")
