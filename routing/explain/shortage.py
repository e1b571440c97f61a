"""Says what a day lacks as a whole: how much more work, in how many half-days of which vehicle."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from routing.insertion import Builder
from routing.insertion.offers import worth
from routing.problem import HOUR, MINUTE, Problem, Solution, Vehicle
from routing.search.able import kinds

SENTENCES = {
    "half_day": "%(work)s of work are missing for %(calls)s calls: one more half-day of %(vehicle)s.",
    "half_days": "%(work)s of work are missing for %(calls)s calls: %(half_days)s more half-days of %(vehicle)s.",
}
"""Message ids by code, for the coordinator."""

MOST = 12
"""Vehicles more than this would not help a coordinator to hear of."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """What more vehicles would have to do: seconds of work, as half-days of vehicles like one, for so many calls left out."""

    seconds: int
    half_days: int
    vehicle: str
    calls: tuple[str, ...]

    @property
    def sentence(self) -> tuple[str, Mapping[str, str]]:
        """Give the message id and its values as people read them."""
        minutes = -(-self.seconds // MINUTE)
        values = {
            "work": f"{minutes // 60} h {minutes % 60:02}",
            "calls": str(len(self.calls)),
            "half_days": str(self.half_days),
            "vehicle": self.vehicle,
        }
        return SENTENCES["half_day" if self.half_days == 1 else "half_days"], values


def shortage(problem: Problem, solution: Solution) -> Shortage | None:
    """Find which more vehicles would answer most of the calls left out, with the least work; None if none would."""
    left = frozenset(solution.left_out)
    if not left or not problem.vehicles:
        return None
    fresh = [replace(vehicle, under_way=None) for vehicle in problem.vehicles]
    alike = kinds(replace(problem, vehicles=tuple(fresh)))
    found = [_more(problem, fresh[numbers[0]], left) for numbers in alike.values()]
    ranked = [lack for lack in found if lack.calls]
    return max(ranked, key=lambda lack: (_worth(problem, lack), -lack.half_days, -lack.seconds), default=None)


def _worth(problem: Problem, lack: Shortage) -> int:
    return worth(problem.call[call] for call in lack.calls)


def _more(problem: Problem, vehicle: Vehicle, left: frozenset[str]) -> Shortage:
    """Send out one vehicle more of a kind after the other, as long as each answers something."""
    answered: list[str] = []
    seconds, half_days = 0, 0
    for _ in range(MOST):
        builder = Builder(_rest(problem, vehicle, left - set(answered)))
        builder.insert()
        builder.prune()
        routes = builder.solution().routes
        if not routes:
            break
        away = routes[0].finish - routes[0].departure
        seconds += away
        half_days += 1 if away <= _half(vehicle) else 2
        answered += routes[0].calls
    return Shortage(seconds, half_days, vehicle.id, tuple(sorted(answered)))


def _half(vehicle: Vehicle) -> int:
    """Give the seconds of half a shift, a quarter of an hour for the hand-over besides."""
    return (vehicle.shift[1] - vehicle.shift[0]) // 2 + HOUR // 4


def _rest(problem: Problem, vehicle: Vehicle, left: frozenset[str]) -> Problem:
    """Give the problem of one vehicle and the calls left out; a lock to another vehicle is not asked for."""
    shipments = tuple(ship for ship in problem.shipments if {ship.taken, ship.left} <= left)
    return replace(
        problem,
        calls=tuple(replace(call, vehicles=None) for call in problem.calls if call.id in left),
        vehicles=(vehicle,),
        shipments=shipments,
        apart=tuple(group & left for group in problem.apart if len(group & left) > 1),
    )
