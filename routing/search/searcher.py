"""One search, in this process or in one of its own (`worker`).

It works in rounds: told what to search, then again and again how long, and the best plans of the others; it answers with
its own. Between rounds it waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from routing.problem import Problem
from routing.search.population import Breed, Population
from routing.search.words import Path, Translation

ELITE = 8
"""Plans told of after a round, at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """What to search; see `Translation` and `Population`."""

    problem: Problem
    able: dict[str, list[int]]
    must: bool
    seed: int
    breed: Breed


@dataclass(frozen=True, slots=True)
class Round:
    """How long to go on, and plans from elsewhere to go on with.

    Parameters
    ----------
    until
        Reading of the monotonic clock, which is one for all processes; None for no limit.
    iterations
        Iterations of local search; None for no limit.
    """

    until: float | None
    iterations: int | None
    plans: tuple[tuple[Path, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in PyVRP's words, legal as far as those say; cost in its parts, whole and by route."""

    paths: tuple[Path, ...]
    cost: int
    costs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a round found: new plans, the cheapest first, and the iterations so far."""

    plans: tuple[Plan, ...]
    iterations: int


class Searcher:
    """A population on its task."""

    def __init__(self, task: Task) -> None:
        translation = Translation(task.problem, task.must, task.able)
        self.population = Population(translation.data, task.seed, task.breed)

    def run(self, order: Round) -> Report:
        """Search for one round."""
        population = self.population
        for paths in order.plans:
            population.admit(paths)
        most = None if order.iterations is None else population.iterations + order.iterations

        def ended() -> bool:
            if order.until is not None and monotonic() >= order.until:
                return True
            return most is not None and population.iterations >= most

        population.run(ended)
        return Report(self._plans(), population.iterations)

    def _plans(self) -> tuple[Plan, ...]:
        """Give the best plans since the last report."""
        found: dict[tuple[Path, ...], Plan] = {}
        for cost, solution in self.population.harvest():
            paths = self.population.paths(solution)
            costs = tuple(
                route.fixed_vehicle_cost() + route.distance_cost() + route.duration_cost() for route in solution.routes()
            )
            found.setdefault(paths, Plan(paths, cost, costs))
        return tuple(sorted(found.values(), key=lambda plan: plan.cost)[:ELITE])


def best(reports: Sequence[Report]) -> list[Plan]:
    """Give the plans of all reports, each once, the cheapest first."""
    found = {plan.paths: plan for report in reports for plan in report.plans}
    return sorted(found.values(), key=lambda plan: (plan.cost, plan.paths))
