"""Proposes routes: a first plan at once, then PyVRP's local search.

PyVRP knows neither pauses nor the order of clean and dirty goods around a stop without goods: its routes are
proposals, taken over as far as they are legal.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from routing.insertion import Builder, Sequences
from routing.problem import Call, Problem, Solution, Vehicle
from routing.schedule import dearest_day, fits, longest_unbroken

if TYPE_CHECKING:
    import pyvrp

PER_CENT = 36
"""Parts of a cent in PyVRP's costs: coarse, because its penalties for being illegal are at most 100,000 a unit."""


def first(problem: Problem, until: float | None = None) -> Solution:
    """Build a legal plan by regret insertion: the same for the same problem, in milliseconds for a day of 15 calls.

    When the monotonic clock passes `until`, calls not yet looked at stay left out.
    """
    return mend(problem, {}, until)


def mend(problem: Problem, sequences: Sequences, until: float | None = None) -> Solution:
    """Keep what is legal of the sequences, insert what is left where it fits, take out what does not pay."""
    builder = Builder(problem, until)
    builder.take(sequences)
    builder.insert()
    builder.prune()
    return builder.solution()


def answerable(problem: Problem) -> dict[str, list[int]]:
    """Give for each call that some vehicle could answer alone the indices of those vehicles.

    A call missing here fits no route at all, as far as a detour over another call is never quicker.
    """
    able: dict[str, list[int]] = {}
    for call in problem.calls:
        vehicles = [index for index, vehicle in enumerate(problem.vehicles) if fits(problem, vehicle, [call])]
        if vehicles:
            able[call.id] = vehicles
    return able


def propose(
    problem: Problem,
    seconds: float,
    seed: int,
    progress: Callable[[Sequences], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Sequences]:
    """Search with PyVRP and give the best routes found, the best last; they may break rules it does not know.

    Deterministic for a seed only where the search ends by itself (no better plan for 2,000 + 500 per call rounds)
    before `seconds` are over: PyVRP is deterministic by rounds, not by time. `progress` is told each better
    proposal at once.
    """
    able = answerable(problem)
    if not able or seconds <= 0:
        return []
    import pyvrp

    task = _Translation(problem, able)
    proposals: list[Sequences] = []

    class Improvements(pyvrp.IteratedLocalSearchCallbacks):
        def on_best(self, best: pyvrp.Solution) -> None:
            if progress is not None:
                progress(task.sequences(best))

    params = pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=Improvements()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its advice on penalties is for who tunes it; the checker judges the result
        end = _End(seconds, patience=2_000 + 500 * len(able), stop=stop)
        found = pyvrp.solve(task.data(), end, seed, collect_stats=False, display=False, params=params)
    if found.best.is_feasible():
        proposals.append(task.sequences(found.best))
    return proposals


class _End:
    """When PyVRP stops: out of time, told to, or no better plan for too many rounds."""

    def __init__(self, seconds: float, patience: int, stop: Callable[[], bool] | None) -> None:
        self.until, self.patience, self.stop = monotonic() + seconds, patience, stop
        self.best, self.rounds = -1.0, 0

    def __call__(self, best_cost: float) -> bool:
        self.rounds = 0 if best_cost != self.best else self.rounds + 1
        self.best = best_cost
        return monotonic() > self.until or self.rounds > self.patience or (self.stop is not None and self.stop())


class _Translation:
    """The problem in PyVRP's words and its answer in ours.

    A call is one client per opening window, at most one of them visited. Vehicles that differ only by name are
    one type. Places a vehicle may not go to, and clean after dirty where it must not mix, are ways too dear to drive.
    """

    def __init__(self, problem: Problem, able: dict[str, list[int]]) -> None:
        self.problem = problem
        self.able = able
        self.clients = [(call, window) for call in problem.calls if call.id in able for window in call.windows]
        self.depots = sorted({place for vehicle in problem.vehicles for place in (vehicle.start, vehicle.end)})
        self.types: dict[tuple[Vehicle, frozenset[str]], list[str]] = {}
        for index, vehicle in enumerate(problem.vehicles):
            banned = frozenset(call for call, vehicles in able.items() if index not in vehicles)
            self.types.setdefault((replace(vehicle, id=""), banned), []).append(vehicle.id)

    def data(self) -> "pyvrp.ProblemData":
        """Write the problem down for PyVRP."""
        import pyvrp

        places = np.array(self.depots + [call.place for call, _ in self.clients])
        grid = np.ix_(places, places)
        kinds = list(self.types)
        # its stubs say int where it takes int64
        seconds: np.ndarray[Any, Any] = self.problem.seconds[grid]
        distances: list[Any] = [self._distances(self.problem.metres[grid], *kind) for kind in kinds]
        return pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in places],
            clients=self._clients(),
            depots=[pyvrp.Depot(location) for location in range(len(self.depots))],
            vehicle_types=[self._type(profile, *kind) for profile, kind in enumerate(kinds)],
            distance_matrices=distances,
            duration_matrices=[seconds] * len(kinds),
            groups=[pyvrp.ClientGroup(members, required=False) for members in self._groups().values()],
        )

    def sequences(self, solution: "pyvrp.Solution") -> Sequences:
        """Read PyVRP's routes as call ids by vehicle."""
        free = {profile: list(ids) for profile, ids in enumerate(self.types.values())}
        found: dict[str, list[str]] = {}
        for route in solution.routes():
            visited = [self.clients[step.idx][0].id for step in route if step.is_client()]
            found[free[route.vehicle_type()].pop(0)] = visited
        return found

    def _clients(self) -> "list[pyvrp.Client]":
        import pyvrp

        top = dearest_day(self.problem)
        group = {client: number for number, members in enumerate(self._groups().values()) for client in members}
        return [
            pyvrp.Client(
                location=len(self.depots) + client,
                delivery=list(call.deliver),
                pickup=list(call.collect),
                service_duration=call.service,
                tw_early=opens,
                tw_late=closes,
                prize=(top if call.prize is None else call.prize) * PER_CENT,
                required=False,
                group=group.get(client),
            )
            for client, (call, (opens, closes)) in enumerate(self.clients)
        ]

    def _groups(self) -> dict[str, list[int]]:
        """Give the clients of each call that has several windows."""
        members: dict[str, list[int]] = {}
        for client, (call, _) in enumerate(self.clients):
            members.setdefault(call.id, []).append(client)
        return {call: clients for call, clients in members.items() if len(clients) > 1}

    def _type(self, profile: int, vehicle: Vehicle, banned: frozenset[str]) -> "pyvrp.VehicleType":
        import pyvrp

        return pyvrp.VehicleType(
            num_available=len(self.types[vehicle, banned]),
            capacity=list(vehicle.capacity),
            start_depot=self.depots.index(vehicle.start),
            end_depot=self.depots.index(vehicle.end),
            fixed_cost=vehicle.fixed_cost * PER_CENT,
            tw_early=vehicle.shift[0],
            tw_late=vehicle.shift[1],
            shift_duration=longest_unbroken(vehicle),
            unit_distance_cost=1,
            unit_duration_cost=round(vehicle.cost_per_hour * PER_CENT / 3600),
            profile=profile,
        )

    def _distances(self, metres: np.ndarray, vehicle: Vehicle, banned: frozenset[str]) -> np.ndarray:
        """Price each way for this kind of vehicle."""
        priced = np.rint(metres * vehicle.cost_per_km * (PER_CENT / 1000)).astype(np.int64)
        barrier = 2 * dearest_day(self.problem) * PER_CENT
        calls: Sequence[Call] = [call for call, _ in self.clients]
        shut = np.array([False] * len(self.depots) + [call.id in banned for call in calls])
        priced[:, shut] = barrier
        if not vehicle.mixed:
            dirty = np.array([False] * len(self.depots) + [call.collects for call in calls])
            clean = np.array([False] * len(self.depots) + [call.delivers for call in calls])
            priced[np.ix_(dirty, clean)] = barrier
        np.fill_diagonal(priced, 0)
        return priced
