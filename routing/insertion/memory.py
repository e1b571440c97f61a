"""What was asked of routes of one problem before: proposals of one search share most of their routes with the ones before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from routing.insertion.gaps import gaps, table
from routing.insertion.offers import Offers
from routing.problem import Centre, Problem, Route, Vehicle
from routing.schedule import Misfit, drive, fits, parts_along
from routing.schedule.goods import Stop

MOST = 1_000
"""Answers of a kind that are kept, the last asked for: a few MiB."""

Names = tuple[str | Centre, ...]


class Known:
    """Answers about one problem's routes; vehicles that differ by name only have theirs in common."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        named = any(call.vehicles is not None for call in problem.calls)
        first: dict[Vehicle, Vehicle] = {}
        self.alike = {
            vehicle.id: vehicle if named else first.setdefault(replace(vehicle, id=""), vehicle) for vehicle in problem.vehicles
        }
        self._route = self._keeping(drive)
        self._parts = self._keeping(parts_along)
        self._fits = self._keeping(fits)
        self._offers = self._keeping(_offers)

    def route(self, vehicle: Vehicle, stops: Sequence[Stop]) -> Route | Misfit:
        """Time a route."""
        route: Route | Misfit = self._route(self.alike[vehicle.id].id, _names(stops))
        return route if isinstance(route, Misfit) or route.vehicle == vehicle.id else replace(route, vehicle=vehicle.id)

    def parts(self, vehicle: Vehicle, stops: Sequence[Stop]) -> int | None:
        """Price a route by itself, in parts of a cent; None where it cannot be driven."""
        parts: int | None = self._parts(self.alike[vehicle.id].id, _names(stops))
        return parts

    def fits(self, vehicle: Vehicle, stops: Sequence[Stop]) -> bool:
        """Say whether a route can be driven."""
        answer: bool = self._fits(self.alike[vehicle.id].id, _names(stops))
        return answer

    def offers(self, vehicle: Vehicle, stops: Sequence[Stop]) -> Offers:
        """Give what prices calls in a route."""
        offers: Offers = self._offers(self.alike[vehicle.id].id, _names(stops))
        return offers

    def _keeping(self, ask: Callable[[Problem, Vehicle, list[Stop]], Any]) -> Callable[[str, Names], Any]:
        """Keep the answers; by names, as calls are long to compare."""

        @lru_cache(maxsize=MOST)
        def answer(vehicle: str, names: Names) -> Any:
            stops = [self.problem.call[name] if isinstance(name, str) else name for name in names]
            return ask(self.problem, self.problem.vehicle[vehicle], stops)

        return answer


@lru_cache(maxsize=4)
def known(problem: Problem) -> Known:
    """Give what is known of a problem's routes."""
    return Known(problem)


def _names(stops: Sequence[Stop]) -> Names:
    return tuple(stop if isinstance(stop, Centre) else stop.id for stop in stops)


def _offers(problem: Problem, vehicle: Vehicle, stops: list[Stop]) -> Offers:
    unloads = sum(isinstance(stop, Centre) for stop in stops)
    return Offers(problem, table(problem), vehicle, gaps(problem, vehicle, stops), unloads < vehicle.unloads)
