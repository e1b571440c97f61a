"""Simulates weeks of movables that become known day by day: planned over days ahead, against each day by itself."""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from routing.days import generate
from routing.problem import Problem, Solution
from routing.week import Movable, Solver, assign, day_of

WEEK = 5
AHEAD = 5
"""Days that are looked at together."""

Policy = Callable[[Problem, Sequence[Movable], int], Problem]
"""Gives a day's problem from what is known and still to be done."""


@dataclass(frozen=True, slots=True)
class Score:
    """What weeks cost: cents of routes, calls answered, those after their last day, vans that went out."""

    cents: int
    calls: int
    late: int
    vans: int

    @property
    def per_call(self) -> float:
        """Cents a call."""
        return self.cents / max(1, self.calls)


def movables(weeks: int, per_day: int, vehicles: int, seed: int) -> tuple[Problem, list[Movable]]:
    """Invent weeks: so many calls become known each day, each with two to seven days in which it may be answered."""
    problem = generate(weeks * WEEK * per_day, vehicles, seed)
    dice = random.Random(seed)
    made = []
    for number, call in enumerate(problem.calls):
        known = number // per_day
        made.append(Movable(call, tuple(range(known, known + dice.randrange(2, 8)))))
    return problem, made


def ahead(problem: Problem, known: Sequence[Movable], day: int) -> Problem:
    """Plan the days ahead, and drive the first."""
    days = range(day, day + AHEAD)
    return day_of(problem, known, assign(problem, known, days), day)


def by_itself(problem: Problem, known: Sequence[Movable], day: int, *, price: int, waiting: int) -> Problem:
    """Offer all that is known, each at a price that rises with the days it waited."""
    calls = (
        replace(movable.call, prize=None if movable.days[-1] <= day else price + waiting * (day - movable.days[0]))
        for movable in known
    )
    return replace(problem, calls=tuple(calls))


def simulate(problem: Problem, asked: Sequence[Movable], policy: Policy, solve: Solver) -> Score:
    """Drive day after day until everything is answered, or the last day is a week past."""
    left = {movable.call.id: movable for movable in asked}
    cents = late = vans = 0
    for day in range(max(movable.days[-1] for movable in asked) + WEEK):
        known = [_still(movable, day) for movable in left.values() if movable.days[0] <= day]
        today = policy(problem, known, day)
        solution = solve(today)
        cents += _routes(today, solution)
        vans += len(solution.routes)
        for name in (call for route in solution.routes for call in route.calls):
            late += left.pop(name).days[-1] < day
    return Score(cents, len(asked) - len(left), late, vans)


def _still(movable: Movable, day: int) -> Movable:
    """Give a movable whose last day is over today besides."""
    return movable if movable.days[-1] >= day else Movable(movable.call, (*movable.days, day))


def _routes(problem: Problem, solution: Solution) -> int:
    return solution.cost - sum(problem.call[call].prize or 0 for call in solution.left_out)


def compare(options: argparse.Namespace) -> int:
    """Print what planning over days wins on invented weeks."""
    problem, asked = movables(options.weeks, options.calls, options.vehicles, options.seed)
    solve = _solver(options.seconds, options.seed)
    scores = {"over days": simulate(problem, asked, ahead, solve)}
    for price in PRICES:
        policy = partial(by_itself, price=price, waiting=price * 2 // 5)
        scores[f"day by day, from {price / 100:.0f}"] = simulate(problem, asked, policy, solve)
    for line in table(scores):
        sys.stdout.write(f"{line}\n")
    return 0


PRICES = (60_000, 20_000, 10_000, 5_000, 2_500)
"""Cents that leaving a call out costs on its first day, planned day by day: from as good as a duty to as good as nothing."""


def table(scores: dict[str, Score]) -> list[str]:
    """Write the scores in lines, and how much the first wins against each other."""
    best = next(iter(scores.values())).per_call
    lines = [f"{'':26}{'a call':>10}{'calls':>8}{'late':>6}{'vans':>6}{'we win':>9}"]
    for name, score in scores.items():
        wins = f"{100 * (score.per_call - best) / score.per_call:.1f} %"
        lines.append(f"{name:26}{score.per_call / 100:>10.2f}{score.calls:>8}{score.late:>6}{score.vans:>6}{wins:>9}")
    return lines


def _solver(seconds: float, seed: int) -> Solver:
    if not seconds:
        from routing.search import first

        return first
    from routing.settings import Settings
    from routing.solver import solve

    return lambda problem: solve(problem, Settings(seconds=seconds, seed=seed))
