"""Puts the best routes of several searches together: each call in one route or left out, at the least cost.

A set partitioning model, solved by CP-SAT with one worker and a deterministic limit. It pays over routes of local optima
only: 50 to 300 of them are solved to the optimum in a tenth of a second, thousands of any routes give nothing new. Where the
optimum takes longer, the cores are the searches' (docs/routes-mix.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

COLUMNS = 400
"""Routes looked at, at most: those of the cheapest plans."""

EFFORT = 0.3
"""Deterministic seconds of one merge at most."""


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
    busy
        When a vehicle is out for it, up to the second before the last; routes are out at the same time.
    """

    kind: int
    calls: frozenset[str]
    cost: int
    route: object
    busy: tuple[int, int] = (0, 1)


def merge(
    columns: Sequence[Column],
    vehicles: Sequence[int],
    prizes: Mapping[str, int],
    going: Sequence[int] = (),
) -> list[Column]:
    """Choose routes that share no call: cheapest in all, what is left out at its prize.

    Parameters
    ----------
    columns
        To choose from.
    vehicles
        How many there are of each kind.
    prizes
        What leaving a call out costs; calls that are in no column are of no concern.
    going
        What each vehicle costs, by kind, that is out at all, where the columns do not say so.
    """
    from ortools.linear_solver import pywraplp  # type: ignore[import-untyped]  # it ships no types; lighter than cp_model, which loads pandas

    solver = pywraplp.Solver.CreateSolver("SAT")
    solver.SetSolverSpecificParametersAsString(f"num_workers:1 random_seed:1 max_deterministic_time:{EFFORT}")
    chosen = [solver.BoolVar("") for _ in columns]
    least = solver.Objective()
    for variable, column in zip(chosen, columns, strict=True):
        least.SetCoefficient(variable, column.cost)
    for calls, numbers in _rows(columns):
        left_out = solver.BoolVar("")
        solver.Add(solver.Sum([*(chosen[number] for number in numbers), left_out]) == 1)
        least.SetCoefficient(left_out, sum(prizes[call] for call in calls))
    for kind, most in enumerate(vehicles):
        out = solver.IntVar(0, most, "")
        least.SetCoefficient(out, going[kind] if going else 0)
        for numbers in together(columns, kind):
            solver.Add(solver.Sum([chosen[number] for number in numbers]) <= out)
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


def together(columns: Sequence[Column], kind: int) -> list[list[int]]:
    """Give the columns of a kind that are out at one time, for the times just before one of them is back."""
    found: dict[frozenset[int], None] = {}
    out: set[int] = set()
    grown = False
    # who is back makes room for who leaves in the same second
    events = [
        (at, leaves, number)
        for number, column in enumerate(columns)
        if column.kind == kind
        for leaves, at in enumerate(reversed(column.busy))
    ]
    for _, leaves, number in sorted(events):
        if leaves:
            out.add(number)
        else:
            if grown:
                found[frozenset(out)] = None
            out.discard(number)
        grown = bool(leaves)
    return [sorted(numbers) for numbers in found]
