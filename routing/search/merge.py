"""Puts the best routes of several searches together: each call in one route or left out, at the least cost.

A set partitioning model, solved by CP-SAT with one worker and a deterministic limit. It pays over routes of local optima
only: 50 to 300 of them are solved to the optimum in a tenth of a second, thousands of any routes give nothing new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS = 400
"""Routes looked at, at most: those of the cheapest plans."""


@dataclass(frozen=True, slots=True)
class Column:
    """A route that may be chosen.

    Parameters
    ----------
    kind
        Which vehicles can drive it: an index.
    calls
        Whom it answers.
    cost
        In whatever parts all costs here are counted.
    route
        What the one who asks knows it by.
    """

    kind: int
    calls: frozenset[str]
    cost: int
    route: object


def merge(columns: Sequence[Column], vehicles: Sequence[int], prizes: Mapping[str, int], effort: float = 1.0) -> list[Column]:
    """Choose routes that share no call: cheapest in all, what is left out at its prize.

    Parameters
    ----------
    columns
        To choose from.
    vehicles
        How many there are of each kind.
    prizes
        What leaving a call out costs; calls that are in no column are of no concern.
    effort
        Deterministic seconds at most.
    """
    from ortools.linear_solver import pywraplp  # type: ignore[import-untyped]  # it ships no types; lighter than cp_model, which loads pandas

    solver = pywraplp.Solver.CreateSolver("SAT")
    solver.SetSolverSpecificParametersAsString(f"num_workers:1 random_seed:1 max_deterministic_time:{effort}")
    chosen = [solver.BoolVar("") for _ in columns]
    least = solver.Objective()
    for variable, column in zip(chosen, columns, strict=True):
        least.SetCoefficient(variable, column.cost)
    for calls, numbers in _rows(columns):
        left_out = solver.BoolVar("")
        solver.Add(solver.Sum([*(chosen[number] for number in numbers), left_out]) == 1)
        least.SetCoefficient(left_out, sum(prizes[call] for call in calls))
    for kind, most in enumerate(vehicles):
        solver.Add(
            solver.Sum([variable for variable, column in zip(chosen, columns, strict=True) if column.kind == kind]) <= most
        )
    least.SetMinimization()
    if solver.Solve() not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return []
    return [column for column, variable in zip(columns, chosen, strict=True) if variable.solution_value() > 0.5]


def _rows(columns: Sequence[Column]) -> list[tuple[list[str], list[int]]]:
    """Give the columns of each call; calls that are always together make one row."""
    by_call: dict[str, list[int]] = {}
    for number, column in enumerate(columns):
        for call in sorted(column.calls):
            by_call.setdefault(call, []).append(number)
    together: dict[tuple[int, ...], list[str]] = {}
    for call, numbers in by_call.items():
        together.setdefault(tuple(numbers), []).append(call)
    return [(calls, list(numbers)) for numbers, calls in together.items()]
