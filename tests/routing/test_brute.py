"""The checker agrees with a second, independent reading of the rules that tries every plan of a tiny problem."""

import random
from functools import cache

import pytest

from routing import checker
from routing.insertion import Builder
from tests.routing import brute, ticks, tiny

SEEDS = pytest.mark.parametrize(
    "seeds",
    [pytest.param(range(60), id="60"), pytest.param(range(1_000), id="1000", marks=pytest.mark.slow)],
)


@cache
def solved(seed):
    """A random tiny problem, and what trying every plan of it finds."""
    problem = tiny.problem(random.Random(seed))
    return problem, brute.best(problem)


def codes(problem, solution):
    return {violation.code for violation in checker.violations(problem, solution)}


def rank(problem, solution):
    """Calls left out that have no prize, then cost."""
    return sum(problem.call[call].prize is None for call in solution.left_out), solution.cost


@SEEDS
def test_the_best_plan_of_all_is_legal_and_costs_what_it_says(seeds):
    for seed in seeds:
        tiny.tell(f"seed {seed}")
        problem, best = solved(seed)

        if best is not None:
            assert ticks.legal(problem, best)
            assert checker.violations(problem, best) == []


@SEEDS
def test_both_readings_judge_every_plan_alike(seeds):
    judged = {True: 0, False: 0}
    for seed in seeds:
        tiny.tell(f"seed {seed}")
        problem, best = solved(seed)
        dice = random.Random(seed)
        plans = [tiny.plan(dice, problem) for _ in range(6)]
        plans += [tiny.bent(dice, problem, plan) for plan in [*plans[:2], *[best] * 8] if plan is not None]

        for plan in plans:
            legal = ticks.legal(problem, plan)
            found = codes(problem, plan)
            assert checker.cost(problem, plan) == plan.cost
            assert legal == (found <= {"figures"}), found  # figures of a plan that cannot be carried are not known
            assert not (legal and found)
            judged[legal] += 1

    tiny.tell(f"{judged[True]} legal and {judged[False]} illegal plans")
    assert min(judged.values()) > len(seeds)


@SEEDS
def test_insertion_is_never_better_than_the_best_of_all_and_mostly_meets_it(seeds):
    met = dearer = judged = 0
    for seed in seeds:
        tiny.tell(f"seed {seed}")
        problem, best = solved(seed)
        builder = Builder(problem)
        builder.insert()
        builder.prune()
        plan = builder.solution()

        if best is None:
            assert codes(problem, plan) == {"missing_route"}
            continue
        assert checker.violations(problem, plan) == []
        assert rank(problem, plan) >= rank(problem, best)
        judged += 1
        met += rank(problem, plan) == rank(problem, best)
        dearer += plan.cost - best.cost

    tiny.tell(f"met in {met} of {judged}; {dearer / judged:.1f} cents dearer in the mean")
    assert met >= 0.7 * judged
