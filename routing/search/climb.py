"""Late acceptance hill climbing: a plan is gone on with that is no dearer than the last, or cheaper than one some time ago.

References
----------
Burke, E. K. and Bykov, Y. (2017), The late acceptance hill-climbing heuristic. European Journal of Operational Research
258(1), 70-78.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyvrp


class Climb:
    """Where a climb is, and where it was.

    Parameters
    ----------
    memory
        Steps it looks back.
    """

    def __init__(self, plan: "pyvrp.Solution", memory: int) -> None:
        self.current = plan
        self.memory = [plan] * memory
        self.number = 0

    def offer(self, candidate: "pyvrp.Solution", evaluator: "pyvrp.CostEvaluator") -> None:
        """Take a step there, or stay; prices change, so that all are compared at today's."""
        self.number = (self.number + 1) % len(self.memory)
        price, now, late = (evaluator.penalised_cost(plan) for plan in (candidate, self.current, self.memory[self.number]))
        if price < late or price <= now:
            self.current, now = candidate, price
        if now < late:
            self.memory[self.number] = self.current
