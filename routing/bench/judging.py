"""Turns what an engine proposes into a judged result: timed by the schedule, mended where agreed, judged by the checker."""

from dataclasses import dataclass
from time import monotonic

from routing.checker import cost, violations
from routing.insertion import Sequences
from routing.problem import Problem, Route, Solution
from routing.schedule import assemble, schedule
from routing.search import mend
from routing.search.mix import rough

MENDING = 10.0
"""Seconds that mending a peer's plan may take; they are not counted as the peer's time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker says of a plan.

    Parameters
    ----------
    cost
        Cents; None where there is no legal plan.
    must
        Calls without a prize that are left out.
    note
        What is wrong, in words; empty for a legal plan.
    """

    cost: int | None
    must: int = 0
    left_out: int = 0
    routes: int = 0
    note: str = ""

    @property
    def rank(self) -> tuple[float, float]:
        """The less, the better."""
        return (float("inf"), 0) if self.cost is None else (self.must, self.cost)


def judge(problem: Problem, solution: Solution) -> Verdict:
    """Judge a plan, its cost counted by the checker."""
    broken = violations(problem, solution)
    if broken:
        return Verdict(None, note=f"illegal: {broken[0].says}" + (f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""))
    must = sum(problem.call[call].prize is None for call in solution.left_out)
    if problem.calls and not solution.routes:
        return Verdict(None, note="a plan without routes")
    return Verdict(cost(problem, solution), must, len(solution.left_out), len(solution.routes))


def judge_sequences(problem: Problem, sequences: Sequences | None, refill: bool = False) -> Verdict:
    """Judge what a peer proposes; where the problem has rules no peer knows, an illegal plan is mended by our insertion.

    With `refill` a legal one too: what was left out goes in where it fits.
    """
    sequences = {vehicle: stops for vehicle, stops in (sequences or {}).items() if any(isinstance(stop, str) for stop in stops)}
    if problem.calls and not sequences:
        return Verdict(None, note="no plan")
    verdict = _as_it_is(problem, sequences)
    if needs_mending(problem) and (refill or verdict.cost is None):
        return judge(problem, mend(problem, sequences, monotonic() + MENDING))
    return verdict


def _as_it_is(problem: Problem, sequences: Sequences) -> Verdict:
    """Time and judge a proposal without a change."""
    routes: list[Route] = []
    for vehicle, stops in sequences.items():
        timed = schedule(problem, problem.vehicle[vehicle], stops)
        if not isinstance(timed, Route):
            return Verdict(None, note=f"illegal: vehicle {vehicle}: {timed.code}")
        routes.append(timed)
    return judge(problem, assemble(problem, routes))


def needs_mending(problem: Problem) -> bool:
    """Say whether the problem has rules that PyVRP's or OR-Tools' model is told only roughly."""
    return rough(problem)
