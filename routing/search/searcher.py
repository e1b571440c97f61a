"""One search, in this process or in one of its own (`worker`).

It works in rounds: told what to search, then again and again how long, and the best plans of the others; it answers with
its own. Between rounds it waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from routing.problem import Problem, Solution
from routing.search.population import Breed, Population
from routing.search.trips import Trip, loops, trips_of
from routing.search.words import Path, Translation

if TYPE_CHECKING:
    import pyvrp

ELITE = 8
"""Plans told of after a round, at most."""


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """What to search; see `Translation` and `Population`.

    Parameters
    ----------
    crowd
        Calls that a route has, about.
    """

    problem: Problem
    able: dict[str, list[int]]
    must: bool
    seed: int
    breed: Breed
    crowd: float = 1.0

    def searcher(self) -> "Searcher":
        """Begin."""
        return Searcher(self)


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
    """A plan in PyVRP's words, legal as far as those say, with its trips.

    Parameters
    ----------
    cost, costs
        In its parts, of the plan and of each route; where hours are paid, without the pauses.
    """

    paths: tuple[Path, ...]
    cost: int
    costs: tuple[int, ...]
    trips: tuple[Trip, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a round found: new plans, the cheapest first, and the iterations so far; or the best legal plan, if mended there."""

    plans: tuple[Plan, ...]
    iterations: int
    mended: Solution | None = None


class InRounds(Protocol):
    """A search that works in rounds."""

    def run(self, order: Round) -> Report:
        """Search for one round."""


class Errand(Protocol):
    """What a search is told to do."""

    def searcher(self) -> InRounds:
        """Begin, in the process that is to search."""


class Searcher:
    """A population on its task."""

    def __init__(self, task: Task) -> None:
        sharing = task.crowd if task.breed.shared else 0
        self.words = Translation(task.problem, task.must, task.able, sharing)
        self.loading = loops(self.words)
        self.population = Population(self.words.data, task.seed, task.breed)

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
        found = {self.population.paths(solution): (cost, solution) for cost, solution in self.population.harvest()}
        cheapest = sorted(found.items(), key=lambda each: each[1][0])[:ELITE]
        return tuple(self._plan(paths, cost, solution) for paths, (cost, solution) in cheapest)

    def _plan(self, paths: tuple[Path, ...], cost: int, solution: "pyvrp.Solution") -> Plan:
        # a search that counts pauses proposes beside one that does not
        rests = [self.words.rest(path) for path in paths]
        costs = tuple(
            route.fixed_vehicle_cost() + route.distance_cost() + route.duration_cost() - rest
            for route, rest in zip(solution.routes(), rests, strict=True)
        )
        return Plan(paths, cost - sum(rests), costs, tuple(trips_of(self.words, self.loading, solution)))


def best(reports: Sequence[Report]) -> list[Plan]:
    """Give the plans of all reports, each once, the cheapest first."""
    found = {plan.paths: plan for report in reports for plan in report.plans}
    return sorted(found.values(), key=lambda plan: (plan.cost, plan.paths))
