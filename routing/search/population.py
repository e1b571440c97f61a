"""A population over PyVRP's local search: children of two plans, each brought up by iterated local search.

Upbringing is late acceptance hill climbing over a few hundred small perturbations, about a millisecond each; plans that
break a rule are kept at a price that follows how many of them there are. Deterministic by iterations for a seed.

References
----------
Vidal, T. et al. (2012), see `tribe`.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.search.assembly import DOOR, Assembly, Node
from routing.search.climb import Climb
from routing.search.crossover import Crossover
from routing.search.tribe import Member, Tribe, links
from routing.search.words import Path, Step

if TYPE_CHECKING:
    import pyvrp


@dataclass(frozen=True, slots=True)
class Breed:
    """How a population lives.

    Parameters
    ----------
    size, children
        Members that survive, and that are born between two choices.
    patience, memory
        Iterations without a better plan that end a child's upbringing, and plans that late acceptance looks back.
    neighbours
        Stops near each that the local search tries to join it with.
    shaken
        Stops moved at random before a local search, at most.
    waiting
        What a second of waiting between two stops counts, in seconds of driving, when the near ones are looked for.
    updates, target
        Local optima between two changes of the penalties, and the share of them that should break no rule.
    assembled
        Whether children are made by edge assembly, where parents are fit for it; else by exchange of routes.
    dear, fall
        What a unit too much costs at first, in what it usually costs, and what is left of that at a change downwards.
    walks
        Long walks that each find a plan before there are children (`WALK`).
    shared
        Whether calls share the pauses (`words.Translation`).
    """

    size: int = 10
    children: int = 10
    patience: int = 200
    memory: int = 50
    neighbours: int = 20
    shaken: int = 25
    waiting: float = 0.2
    updates: int = 50
    target: float = 0.43
    assembled: bool = False
    dear: float = 1
    fall: float = 0.7
    walks: int = 0
    shared: bool = False


DEAREST = 100
"""What a unit too much may cost at most, in what it usually costs: PyVRP's own limit is no matter of the costs' unit."""

WALK = Breed(patience=5_000, memory=100, updates=500, target=0.65, dear=DEAREST, fall=0.9)
"""How a plan is found by one long walk: hardly a rule may be broken at first, and slowly more of them."""

LITTER = 5
"""Children made at once by edge assembly of two plans; the cheapest is brought up."""

GLANCE = 10
"""Stops near each that are tried to choose it by: more took longer and chose no better (docs/routes-mix.md)."""


class Population:
    """One search. `run` goes on where the last one ended."""

    def __init__(self, data: "pyvrp.ProblemData", seed: int, breed: Breed | None = None) -> None:
        import pyvrp

        self.data, self.breed = data, breed or Breed()
        self.dice = Random(seed)
        self.rng = pyvrp.RandomNumberGenerator(seed)
        self.usual = _penalties(data)
        self.search, self.penalties = self._search(self.breed), self._prices_of(self.breed)
        self.crossover = Crossover(data, self.dice)
        self.tribe = Tribe(self.breed.size, self.breed.children, self.dice)
        self.best: pyvrp.Solution | None = None
        self.least = float("inf")
        self.iterations = 0
        self.born = 0
        self._life = self._live()
        self._start: pyvrp.Solution | None = None
        self._optima: list[tuple[int, pyvrp.Solution]] = []

    def _search(self, breed: Breed) -> "pyvrp.search.LocalSearch":
        """Make a local search that looks as far and is shaken as much as a breed says."""
        import pyvrp.search

        # a second of waiting counts beside a way's cost, whatever unit that is in: unscaled, windows went unseen
        waiting = self.breed.waiting * self.usual[1]
        near = pyvrp.search.NeighbourhoodParams(weight_wait_time=waiting, num_neighbours=breed.neighbours)
        shaking = pyvrp.search.PerturbationManager(pyvrp.search.PerturbationParams(max_perturbations=breed.shaken))
        search = pyvrp.search.LocalSearch(self.data, self.rng, pyvrp.search.compute_neighbours(self.data, near), shaking)
        for operator in pyvrp.search.OPERATORS:
            if operator.supports(self.data):
                search.add_operator(operator(self.data))
        return search

    def _prices_of(self, breed: Breed) -> "pyvrp.PenaltyManager":
        """Make prices for broken rules that begin and change as a breed says."""
        import pyvrp

        loads, time, distance = self.usual
        params = pyvrp.PenaltyParams(
            solutions_between_updates=breed.updates,
            penalty_increase=1.34,
            penalty_decrease=breed.fall,
            target_feasible=breed.target,
            max_penalty=DEAREST * max([*loads, time, distance]),
        )
        return pyvrp.PenaltyManager(([load * breed.dear for load in loads], time * breed.dear, distance * breed.dear), params)

    @cached_property
    def _glance(self) -> "pyvrp.search.LocalSearch":
        return self._search(replace(self.breed, neighbours=GLANCE))

    @cached_property
    def _assembly(self) -> Assembly:
        stops, kinds = self.crossover, self.data.vehicle_types()
        row: dict[Node, int] = {key: stops.rows[step] for step, key in stops.key.items()}
        row |= {(DOOR, number): self.data.depot(kind.start_depot).location for number, kind in enumerate(kinds)}
        return Assembly(stops.key, row, stops.ways, self.dice)

    def run(self, ended: Callable[[], bool]) -> None:
        """Search until told that it is enough, asked after each iteration."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice on penalties is for who tunes them; the checker judges the result
            while not ended():
                next(self._life)

    def harvest(self) -> "list[tuple[int, pyvrp.Solution]]":
        """Give the local optima within the rules found since the last harvest, with their costs."""
        found, self._optima = self._optima, []
        return found

    def admit(self, paths: Sequence[Path]) -> None:
        """Take in a plan from elsewhere; the first one is brought up like a child of our own."""
        plan = self._solution(paths)
        if self.born == 0 and self._start is None:
            self._start = plan
        self._keep(plan)

    def paths(self, solution: "pyvrp.Solution") -> tuple[Path, ...]:
        """Write a plan small."""
        return tuple((route.vehicle_type(), tuple(_steps(route))) for route in solution.routes())

    def _child(self) -> "pyvrp.Solution":
        """Make a new plan: at first anyhow, later of two parents."""
        import pyvrp

        self.born += 1
        if self._start is not None:
            start, self._start = self._start, None
            return start
        if self.born <= self.breed.size // 2 or len(self.tribe.members) < 2:
            return pyvrp.Solution.make_random(self.data, self.rng)
        one, other = (parent.paths for parent in self.tribe.parents(self._prices()))
        litter = self._assembly(one, other, LITTER) if self.breed.assembled else []
        if not litter:
            return self._solution(self.crossover(one, other))
        optima = [self._optimum(self._glance, self.penalties, self._solution(child), thorough=True) for child in litter]
        return min(optima, key=self.penalties.cost_evaluator().penalised_cost)

    def _live(self) -> Iterator[None]:
        """Bring up one child after the other; each iteration is one step, so that a round may end within an upbringing."""
        for _ in range(self.breed.walks):
            yield from self._walk()
        while True:
            yield from self._grow_up(self._child())

    def _walk(self) -> Iterator[None]:
        """Find one plan within the rules, from none."""
        import pyvrp

        search, penalties = self._search(WALK), self._prices_of(WALK)
        climb = Climb(self._optimum(search, penalties, pyvrp.Solution(self.data, []), thorough=True), WALK.memory)
        legal: pyvrp.Solution | None = None
        since = 0
        while since < WALK.patience:
            yield
            since += 1
            candidate = self._optimum(search, penalties, climb.current)
            evaluator = penalties.cost_evaluator()
            if candidate.is_feasible() and (legal is None or evaluator.cost(candidate) < evaluator.cost(legal)):
                thorough = self._optimum(search, penalties, candidate, thorough=True)
                legal, since = thorough if thorough.is_feasible() else candidate, 0
                candidate = thorough
                self.note(legal)
            climb.offer(candidate, evaluator)
        if legal is not None:
            self._keep(legal)

    def _grow_up(self, child: "pyvrp.Solution") -> Iterator[None]:
        """Bring a child up, and keep the best plan it was, and the best it was within the rules."""
        top = self.step(child, thorough=True)
        climb = Climb(top, self.breed.memory)
        legal = top if top.is_feasible() else None
        if legal is not None:
            self.note(legal)
        since = 0
        while since < self.breed.patience:
            yield
            since += 1
            candidate = self.step(climb.current)
            evaluator = self.penalties.cost_evaluator()
            climb.offer(candidate, evaluator)
            if evaluator.penalised_cost(candidate) < evaluator.penalised_cost(top):
                top, since = candidate, 0
            if candidate.is_feasible() and (legal is None or evaluator.cost(candidate) < evaluator.cost(legal)):
                legal, since = candidate, 0
                self.note(candidate)
        for plan in {id(plan): plan for plan in (top, legal) if plan is not None}.values():
            self._keep(plan)

    def step(self, plan: "pyvrp.Solution", thorough: bool = False) -> "pyvrp.Solution":
        """Go to a local optimum near a plan."""
        return self._optimum(self.search, self.penalties, plan, thorough)

    def _optimum(
        self,
        search: "pyvrp.search.LocalSearch",
        penalties: "pyvrp.PenaltyManager",
        plan: "pyvrp.Solution",
        thorough: bool = False,
    ) -> "pyvrp.Solution":
        self.iterations += 1
        found = search(plan, penalties.cost_evaluator(), exhaustive=thorough)
        penalties.register(found)
        return found

    def _keep(self, plan: "pyvrp.Solution") -> None:
        """Take a plan into the tribe, and note it if it is the best so far."""
        evaluator = self.penalties.cost_evaluator()
        complete = plan.is_complete()
        if not complete:
            return
        paths = self.paths(plan)
        excess = (*plan.excess_load(), plan.time_warp(), plan.excess_distance())
        feasible = plan.is_feasible()
        cost = evaluator.cost(plan) if feasible else evaluator.penalised_cost(plan) - self._penalty(excess)
        self.tribe.add(Member(paths, round(cost), excess, *links(self.crossover.rows, paths)), self._prices())
        if feasible:
            self._optima.append((round(cost), plan))
            self.note(plan)

    def note(self, plan: "pyvrp.Solution") -> None:
        """Remember the best plan at once: an upbringing may last longer than a round."""
        cost = self.penalties.cost_evaluator().cost(plan)
        if cost < self.least and plan.is_complete():
            self.best, self.least = plan, cost
            self._optima.append((round(cost), plan))

    def _prices(self) -> list[float]:
        loads, time, distance = self.penalties.penalties()
        return [*loads, time, distance]

    def _penalty(self, excess: Sequence[int]) -> float:
        return sum(amount * price for amount, price in zip(excess, self._prices(), strict=True))

    def _solution(self, paths: Sequence[Path]) -> "pyvrp.Solution":
        """Read a plan."""
        import pyvrp

        routes = [
            pyvrp.Route(self.data, [pyvrp.Activity(getattr(pyvrp.ActivityType, kind), index) for kind, index in steps], vehicle)
            for vehicle, steps in paths
        ]
        return pyvrp.Solution(self.data, routes)


def _steps(route: "pyvrp.Route") -> Iterator[Step]:
    """Give what a route does between its ends."""
    for step in list(route)[1:-1]:
        # the name of a kind takes longer to ask for than all else
        yield "CLIENT" if step.is_client() else step.type.name, step.idx


def _penalties(data: "pyvrp.ProblemData") -> tuple[list[float], float, float]:
    """Start with what a unit too much would cost if a usual stop too many cost a usual way.

    A median, as some ways are barriers. PyVRP's own start, 50,000 a unit, finds no fleet as small as the smallest.
    """
    kind = data.vehicle_type(0)
    way = _usual(data.distance_matrix(0)) * kind.unit_distance_cost
    seconds = _usual(data.duration_matrix(0))
    way += seconds * kind.unit_duration_cost
    loads = []
    for dimension in range(data.num_load_dimensions):
        amounts = [max(client.delivery[dimension], client.pickup[dimension]) for client in data.clients()]
        loads.append(max(0.1, way / max(1.0, float(np.mean(amounts or [1])))))
    return loads, max(1.0, way / max(1.0, seconds)), 1.0


def _usual(matrix: "np.ndarray[Any, Any]") -> float:
    """Give the median of the ways that are not to the same place."""
    ways = matrix[matrix > 0]
    return float(np.median(ways)) if ways.size else 0.0
