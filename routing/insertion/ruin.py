"""Improves a plan under every rule: takes strings of neighbouring stops out of some routes and puts them in again.

Slower a step than the engines, but it sees what they cannot: pauses, trips, shipments and locks together. So it is for
small days and rich rules. Each step is timed by `schedule`; the plan is legal after every one.

References
----------
Christiaens, J. and Vanden Berghe, G. (2020), Slack induction by string removals for vehicle routing problems.
Transportation Science 54(2), 417-433.
"""

import math
import random
from collections.abc import Callable
from time import monotonic

import numpy as np

from routing.insertion import Builder, Sequences
from routing.insertion.offers import NO_WAY, moving_parts, worth
from routing.problem import Call, Problem, Route, Solution, Vehicle
from routing.schedule import PER_SECOND, parts_of
from routing.schedule.goods import Stop

REMOVED = 10
"""Calls taken out in a step, in the mean."""

STRING = 10
"""Calls taken out of one route at most."""

SPLIT = 0.5
"""How often a string leaves some of its calls where they are."""

MORE = 0.01
"""How likely one more call inside a split string stays."""

WARM, COLD = 0.01, 0.0001
"""How much worse than the present plan the next may be, as parts of the first plan's cost: in the beginning, at the end."""

Rank = tuple[int, int]
"""Calls without a prize left out, then cost in parts of a cent."""


def improve(
    problem: Problem,
    start: Sequences,
    iterations: int,
    seed: int = 1,
    until: float | None = None,
    progress: Callable[[Sequences], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Solution:
    """Take apart and put together so many times, and give the best plan seen: the same for the same numbers.

    With `until`, a reading of the monotonic clock, it may end sooner; then the machine's speed counts. `progress` is
    told each better plan.
    """
    search = _Search(problem, start, random.Random(seed))
    for step in range(iterations):
        if (until is not None and monotonic() > until) or (stop is not None and stop()):
            break
        if search.step(step / iterations) and progress is not None:
            progress(search.sequences())
    return search.solution()


class _Search:
    """The present plan, the best one, and the dice."""

    def __init__(self, problem: Problem, start: Sequences, dice: random.Random) -> None:
        self.problem, self.dice = problem, dice
        self.builder = Builder(problem)
        self.builder.take(start)
        self.builder.insert()
        self.builder.prune()
        self.known: dict[str, tuple[list[Stop], int, int | None]] = {}
        self.rank = self.best_rank = self._rank()
        self.routes = self.best = dict(self.builder.routes)
        self.warmth = max(1, self.rank[1])
        self.near = _nearest(problem)

    def step(self, done: float) -> bool:
        """Change the plan once, and keep the change if it is good enough; say whether it is the best so far."""
        self.builder.routes = dict(self.routes)
        changed = self._ruin()
        self.builder.insert()
        changed |= {name for name, stops in self.builder.routes.items() if stops is not self.routes[name]}
        self.builder.prune(sorted(changed))
        rank = self._rank()
        warmth = self.warmth * WARM * (COLD / WARM) ** done
        worse = self.rank[1] - warmth * math.log(1 - self.dice.random())
        if rank[0] < self.rank[0] or (rank[0] == self.rank[0] and rank[1] < worse):
            self.rank, self.routes = rank, dict(self.builder.routes)
        if rank < self.best_rank:
            self.best_rank, self.best = rank, dict(self.builder.routes)
            return True
        return False

    def sequences(self) -> Sequences:
        """Give the best plan's calls and unloadings."""
        return {
            name: [stop.id if isinstance(stop, Call) else stop for stop in stops] for name, stops in self.best.items() if stops
        }

    def solution(self) -> Solution:
        """Time the best plan."""
        self.builder.routes = dict(self.best)
        return self.builder.solution()

    def _ruin(self) -> set[str]:
        """Take out strings around a call drawn by lot; give the vehicles they were of."""
        at = {stop.id: name for name, stops in self.routes.items() for stop in stops if isinstance(stop, Call)}
        routes = sum(1 for stops in self.routes.values() if stops)
        if not at:
            return set()
        longest = min(STRING, max(1, len(at) // routes))
        strings = self.dice.uniform(1, max(1, 4 * REMOVED / (1 + longest) - 1) + 1)
        ruined: set[str] = set()
        for call in self.near[self.dice.randrange(len(self.problem.calls))]:
            name = self.problem.calls[call].id
            if len(ruined) >= int(strings):
                break
            if name in at and at[name] not in ruined:
                ruined.add(at[name])
                self._cut(at[name], name, longest)
        return ruined

    def _cut(self, vehicle: str, name: str, longest: int) -> None:
        """Take a string of calls around one out of its route."""
        stops = self.builder.routes[vehicle]
        calls = [stop for stop in stops if isinstance(stop, Call)]
        at = next((number for number, call in enumerate(calls) if call.id == name), None)
        if at is None:
            return  # it went with its partner of a shipment
        length = int(self.dice.uniform(1, min(len(calls), longest) + 1))
        kept = self._spared(length, len(calls))
        first = self.dice.randint(max(0, at - length - kept + 1), min(at, len(calls) - length - kept))
        string = calls[first : first + length + kept]
        hole = self.dice.randint(0, length)
        gone = string[:hole] + string[hole + kept :]
        out = [partner for call in gone for partner in self.builder.with_partner(call)]
        van = self.problem.vehicle[vehicle]
        self.builder.routes[vehicle] = self.builder.settled(van, self.builder.without(van, stops, out))

    def _spared(self, length: int, calls: int) -> int:
        """Draw how many calls inside a string stay."""
        if length == calls or self.dice.random() >= SPLIT:
            return 0
        kept = 1
        while length + kept < calls and self.dice.random() < MORE:
            kept += 1
        return kept

    def _rank(self) -> Rank:
        """Price the plan as it stands; only routes that changed are timed."""
        parts, durations, visited = 0, [], set()
        for vehicle in self.problem.vehicles:
            cost, duration = self._priced(vehicle)
            parts += cost
            if duration is not None:
                durations.append(duration)
            visited |= {stop.id for stop in self.builder.routes[vehicle.id] if isinstance(stop, Call)}
        left = [call for call in self.problem.calls if call.id not in visited]
        parts += sum(worth([call]) for call in left if call.prize is not None)
        if durations:
            parts += (max(durations) - min(durations)) * self.problem.balance_per_hour * PER_SECOND
        return sum(call.prize is None for call in left), parts

    def _priced(self, vehicle: Vehicle) -> tuple[int, int | None]:
        """Give what a route costs, and its duration if there is one."""
        stops = self.builder.routes[vehicle.id]
        known = self.known.get(vehicle.id)
        if known is None or known[0] is not stops:
            route = self.builder.timed(vehicle, stops)
            if isinstance(route, Route):
                calls = [stop for stop in stops if isinstance(stop, Call)]
                known = stops, parts_of(vehicle, route) + moving_parts(vehicle, calls), route.finish - route.departure
            else:
                known = stops, 0 if route is None else NO_WAY, None
            self.known[vehicle.id] = known
        return known[1], known[2]


def _nearest(problem: Problem) -> list[list[int]]:
    """Order for each call all calls by how near they are, itself first."""
    places = np.array([call.place for call in problem.calls], np.int64)
    metres = problem.metres[np.ix_(places, places)]
    both = metres + metres.T
    np.fill_diagonal(both, -1)
    order: list[list[int]] = np.argsort(both, axis=1, kind="stable").tolist()
    return order
