"""What the plans of several searches are cut into to be merged: whole routes, and trips where any can follow any."""

from collections.abc import Sequence
from typing import cast

from routing.schedule import dearest_day, fits
from routing.search.arcs import PER_CENT
from routing.search.merge import COLUMNS, Column, merge
from routing.search.mix import rough
from routing.search.searcher import Plan
from routing.search.trips import Trip, days, loops
from routing.search.words import Path, Translation

Paths = tuple[Path, ...]


class Merging:
    """Merges plans of one problem."""

    def __init__(self, words: Translation) -> None:
        self.words = words
        self.rough = rough(words.problem)
        self.legal: dict[Path, bool] = {}
        self.loading = loops(words)
        self.vehicles = [len(ids) for ids in words.kinds.values()]
        self.going = [
            kind.vehicle.fixed_cost * PER_CENT if number in self.loading else 0 for number, kind in enumerate(words.kinds)
        ]
        top = dearest_day(words.problem)
        self.prizes = {call.id: (top if call.prize is None else call.prize) * PER_CENT for call in words.problem.calls}

    def __call__(self, plans: Sequence[Plan]) -> list[Paths]:
        """Give the best plans of the routes and of the trips of all plans, those that are new."""
        known = {tuple(sorted(plan.paths)) for plan in plans}
        found = [self._routes(plans), self._trips(plans) if self.loading else ()]
        return [paths for paths in found if paths and paths not in known]

    def _routes(self, plans: Sequence[Plan]) -> Paths:
        columns: dict[tuple[int, frozenset[str]], Column] = {}
        for plan in plans:
            for path, cost in zip(plan.paths, plan.costs, strict=True):
                if self._legal(path):
                    # a plan of routes that must be mended loses more by it than the choice won
                    self._add(columns, path, cost, path)
            if len(columns) >= COLUMNS:
                break
        chosen = merge(list(columns.values()), self.vehicles, self.prizes)
        return tuple(sorted(cast(Path, column.route) for column in chosen))

    def _trips(self, plans: Sequence[Plan]) -> Paths:
        """Merge trips, and whole routes of the vehicles that have none."""
        columns: dict[tuple[int, frozenset[str]], Column] = {}
        for plan in plans:
            for path, cost in zip(plan.paths, plan.costs, strict=True):
                if path[0] not in self.loading:
                    self._add(columns, path, cost, path)
            for trip in plan.trips:
                self._add(columns, (trip.kind, trip.steps), trip.cost, trip)
            if len(columns) >= COLUMNS:
                break
        chosen = [column.route for column in merge(list(columns.values()), self.vehicles, self.prizes, self.going)]
        trips = [route for route in chosen if isinstance(route, Trip)]
        routes = [cast(Path, route) for route in chosen if not isinstance(route, Trip)]
        return tuple(sorted([*routes, *days(self.words, self.loading, trips)]))

    def _legal(self, path: Path) -> bool:
        """Say whether a route can be driven as it is, where the search knew the rules but roughly."""
        if self.rough and path not in self.legal:
            problem = self.words.problem
            vehicle = problem.vehicle[list(self.words.kinds.values())[path[0]][0]]
            stops = [problem.call[stop] if isinstance(stop, str) else stop for stop in self.words.stops(path[1])]
            self.legal[path] = fits(problem, vehicle, stops)
        return self.legal.get(path, True)

    def _add(self, columns: dict[tuple[int, frozenset[str]], Column], path: Path, cost: int, route: Path | Trip) -> None:
        """Note what answers some calls, if nothing known does so at less cost."""
        calls = frozenset(stop for stop in self.words.stops(path[1]) if isinstance(stop, str))
        known = columns.get((path[0], calls))
        if known is None or cost < known.cost:
            busy = (route.begin, route.end) if isinstance(route, Trip) else (0, 1)
            columns[path[0], calls] = Column(path[0], calls, cost, route, busy)
