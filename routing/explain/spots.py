"""Where calls would go in the routes as they are: the question that reasons are made of.

Days are timed with one pause where one is enough, and the first such day found is taken: an answer in a thousandth of a
second, at most a few minutes longer than the best.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from routing.insertion import Sequences
from routing.insertion.gaps import Gaps, Numbers, gaps, table
from routing.insertion.offers import NO_WAY, Offers, moving_parts
from routing.insertion.pairs import pair_prices, with_pair
from routing.problem import NO_RESTS, Call, Centre, Problem, Route, Vehicle, Visit
from routing.schedule import PER_CENT, along, parts_of
from routing.schedule.goods import Misfit, Stop, goods_misfit
from routing.schedule.labels import rested
from routing.schedule.pauses import Plan, singles, unbroken, within
from routing.schedule.timing import Line, Run, fronts, line, price, reachable

TRIES = 16
"""Spots of one call that are timed before it is taken to fit nowhere."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a call would go: the vehicle, its route with it, its route now if any, and what it adds in parts of a cent."""

    vehicle: Vehicle
    route: Route
    now: Route | None
    parts: int
    stops: tuple[Stop, ...]

    @property
    def seconds(self) -> int:
        """How much longer the route is."""
        return max(0, _away(self.route) - _away(self.now))

    @property
    def metres(self) -> int:
        """How much further it drives."""
        return max(0, self.route.metres - (self.now.metres if self.now else 0))

    @property
    def cents(self) -> int:
        """What it costs, whole cents up."""
        return -(-self.parts // PER_CENT)

    def start(self, call: str) -> int:
        """Give the second at which the call is answered."""
        return next(visit.start for visit in self.route.visits if visit.call == call)


def _away(route: Route | None) -> int:
    return route.finish - route.departure if route else 0


class Spots:
    """The routes of a problem, asked where other calls of it would go.

    The routes must be legal in this problem, which may be an eased one: a longer shift, a wider window.
    """

    def __init__(self, problem: Problem, routes: Sequences) -> None:
        self.problem = problem
        self.stops: dict[str, list[Stop]] = {
            vehicle.id: [problem.call[stop] if isinstance(stop, str) else stop for stop in routes.get(vehicle.id, ())]
            for vehicle in problem.vehicles
        }
        self.table = table(problem)
        self.offers: dict[str, tuple[Offers, Gaps]] = {}
        self.driven: dict[str, Route | None] = {}

    def cheapest(self, item: Sequence[Call], vehicles: Sequence[str] | None = None) -> Spot | None:
        """Give the cheapest spot for a call, or for the two of a shipment."""
        return next(self.all(item, vehicles), None)

    def all(self, item: Sequence[Call], vehicles: Sequence[str] | None = None) -> Iterator[Spot]:
        """Give the spots for a call as it stands in the problem, one for each vehicle, what is reckoned cheapest first."""
        asked = [van for van in self.problem.vehicles if (vehicles is None or van.id in vehicles) and self.may(van, item)]
        found: set[str] = set()
        for van, stops in self._tries(asked, item):
            spot = None if van.id in found else self.timed(van, item, stops)
            if spot is not None:
                found.add(van.id)
                yield spot

    def _tries(self, vehicles: Sequence[Vehicle], item: Sequence[Call]) -> Iterator[tuple[Vehicle, list[Stop]]]:
        """Give the most promising routes with a call in them."""
        tries: list[tuple[int, int, int, int]] = []
        for number, van in enumerate(vehicles):
            prices = self.prices(van, item)
            flat = prices.ravel()
            few = np.argpartition(flat, TRIES)[:TRIES] if flat.size > TRIES else np.arange(flat.size)
            tries += [(int(flat[column]), number, int(column), prices.shape[-1]) for column in few if flat[column] < NO_WAY]
        for _, number, column, width in sorted(tries)[:TRIES]:
            yield vehicles[number], self.at(vehicles[number], item, column, width)

    def may(self, vehicle: Vehicle, item: Sequence[Call]) -> bool:
        """Say whether a vehicle may answer these calls besides those it has."""
        here = {stop.id for stop in self.stops[vehicle.id] if isinstance(stop, Call)} | {call.id for call in item}
        if any(len(group & here) > 1 for group in self.problem.apart if any(call.id in group for call in item)):
            return False
        return all(call.tags <= vehicle.tags and (call.vehicles is None or vehicle.id in call.vehicles) for call in item)

    def prices(self, vehicle: Vehicle, item: Sequence[Call]) -> Numbers:
        """Give what each spot would add at least, `NO_WAY` where a call cannot go; a matrix for a shipment."""
        offers, _ = self.offering(vehicle)
        rows = np.array([self.table.index[call.id] for call in item])
        if len(item) == 1:
            single: Numbers = offers.prices(rows)[0]
            return single
        trip = np.cumsum([0, *(isinstance(stop, Centre) for stop in self.stops[vehicle.id])])
        return pair_prices(offers, rows, trip)

    def offering(self, vehicle: Vehicle) -> tuple[Offers, Gaps]:
        """Give a vehicle's prices and gaps, read once."""
        if vehicle.id not in self.offers:
            stops = self.stops[vehicle.id]
            here = gaps(self.problem, vehicle, stops)
            reloads = sum(isinstance(stop, Centre) for stop in stops) < vehicle.unloads
            self.offers[vehicle.id] = Offers(self.problem, self.table, vehicle, here, reloads), here
        return self.offers[vehicle.id]

    def at(self, vehicle: Vehicle, item: Sequence[Call], column: int, width: int) -> list[Stop]:
        """Give the vehicle's stops with the calls at a spot; `width` is the number of columns of the prices."""
        stops = self.stops[vehicle.id]
        if len(item) == 2:
            return with_pair(stops, (item[0], item[1]), *divmod(column, width))
        spot = self.offering(vehicle)[0].spot(column)
        return [*stops[: spot.gap], *spot.stops(item[0]), *stops[spot.gap :]]

    def timed(self, vehicle: Vehicle, item: Sequence[Call], stops: Sequence[Stop]) -> Spot | None:
        """Time a vehicle's stops with the calls among them; None if they cannot be driven."""
        route = self._drive(vehicle, stops)
        if route is None:
            return None
        now = self.now(vehicle)
        parts = parts_of(vehicle, route) - (parts_of(vehicle, now) if now else 0) + moving_parts(vehicle, item)
        return Spot(vehicle, route, now, parts, tuple(stops))

    def now(self, vehicle: Vehicle) -> Route | None:
        """Time a vehicle's route as it is; None if it stays at home."""
        if vehicle.id not in self.driven:
            stops = self.stops[vehicle.id]
            self.driven[vehicle.id] = self._drive(vehicle, stops) if stops or vehicle.under_way is not None else None
        return self.driven[vehicle.id]

    def _drive(self, vehicle: Vehicle, stops: Sequence[Stop]) -> Route | None:
        if goods_misfit(self.problem, vehicle, stops) is not None:
            return None
        along_them = line(self.problem, vehicle, stops)
        run = quickly(along_them) if reachable(along_them) else None
        if run is None:
            return None
        metres = sum(along(vehicle, stops, self.problem.ways(vehicle).metres_rows))
        return Route(
            vehicle.id, _visits(stops, run), run.departure, run.finish, metres, sum(along_them.ways), (), (*run.pauses,)
        )


def quickly(line: Line) -> Run | None:
    """Time a line; where more than one pause is needed only for vehicles whose rules ask for several on most days."""
    ahead = fronts(line)
    if isinstance(ahead, Misfit):
        return None
    vehicle = line.vehicle
    if not within(sum(line.ways), vehicle.rests.driving_day):
        return None
    plans = (Plan(price(vehicle, length, length + begin), length, length, begin) for length, begin, _ in ahead[-1])
    one_is_enough = (
        vehicle.rests == NO_RESTS
        or any(unbroken(line, plan.duration) for plan in plans)
        or any(True for _ in singles(line, ahead))
    )
    if not one_is_enough and vehicle.rests.driving is None:
        return None
    run = rested(line, hurry=True)
    return run if isinstance(run, Run) else None


def _visits(stops: Iterable[Stop], run: Run) -> tuple[Visit, ...]:
    return tuple(
        Visit(stop.id, halt.arrival, halt.start, halt.end)
        for stop, halt in zip(stops, run.halts, strict=True)
        if isinstance(stop, Call)
    )
