"""Puts waiting calls into a builder's routes by regret: what would lose most by waiting goes in first.

References
----------
Potvin, J.-Y. and Rousseau, J.-M. (1993), A parallel route building algorithm for the vehicle routing and scheduling
problem with time windows. European Journal of Operational Research 66(3), 331-340.
"""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from routing.insertion.gaps import Flags, Numbers, table
from routing.insertion.offers import NO_WAY, Offers, moving_parts, worth
from routing.insertion.pairs import pair_prices, with_pair
from routing.problem import Call, Centre, Vehicle
from routing.schedule import fits
from routing.schedule.goods import Stop

if TYPE_CHECKING:
    from routing.insertion import Builder

TRIES = 6
"""Spots of one call in one route that are timed in full before it is taken to fit nowhere there."""

MANY = 300
"""Waiting items above which a route is asked only for those near one of its stops."""


class Regret:
    """One group of waiting calls put in by regret; after each step only the changed vehicle is priced again."""

    def __init__(self, builder: "Builder", items: list[tuple[Call, ...]]) -> None:
        self.builder, self.problem, self.items = builder, builder.problem, items
        self.vehicles = self.problem.vehicles
        self.table = table(self.problem)
        self.rows = np.array([self.table.index[item[0].id] for item in items])
        self.single = np.array([len(item) == 1 for item in items])
        self.worth = np.array([min(worth(item), NO_WAY) for item in items])
        self.open = np.ones(len(items), bool)
        self.able = _able(items, self.vehicles)
        self.locked = np.array([max(map(_lock, item)) for item in items])
        self.moving = _moving(items, self.vehicles)
        self.many = len(items) > MANY
        self.near = builder.neighbours[:, self.rows] if self.many else None
        self.parts = np.full((len(items), len(self.vehicles)), NO_WAY)
        self.refused = np.zeros(self.able.shape, bool)
        self.found: dict[tuple[int, int], list[Stop]] = {}
        self.offers: dict[int, Offers] = {}
        self.best = np.zeros(len(items), np.int64)
        self.urgency = np.full((2, len(items)), -NO_WAY)

    def run(self) -> None:
        """Insert until nothing fits or the time is over."""
        self._fill()
        if self.near is not None:
            self.near = None  # what is far from every route is asked for everywhere at last
            self._fill()

    def _fill(self) -> None:
        for number in range(len(self.vehicles)):
            if monotonic() > self.builder.until:
                return
            self._refresh(number)
        self._rank(np.arange(len(self.items)))
        while monotonic() < self.builder.until:
            chosen = self._chosen()
            if chosen is None:
                return
            number = int(self.best[chosen])
            stops = self._verified(chosen, number)
            if stops is None:
                self._rank(np.array([chosen]))
            else:
                self.builder.routes[self.vehicles[number].id] = stops
                self._close(chosen, number)

    def _chosen(self) -> int | None:
        """Give the most urgent of those that fit somewhere, the cheapest of equals."""
        most = int(self.urgency[0].max())
        if most == -NO_WAY:
            return None
        equals = np.flatnonzero(self.urgency[0] == most)
        return int(equals[np.argmax(self.urgency[1][equals])])

    def _close(self, chosen: int, number: int) -> None:
        """Note that an item is in, and price the others in the vehicle again."""
        self.open[chosen] = False
        old = self.parts[:, number].copy()
        self._refresh(number)
        self._rank(np.flatnonzero(self.parts[:, number] != old))
        self.urgency[:, chosen] = -NO_WAY

    def _rank(self, items: Numbers) -> None:
        """Rank items by what is lost when their best vehicle is taken, and by what they earn there.

        Earnings matter on days that are too full: without them a first plan cost 8 to 15 % more on random days.
        """
        items = items[self.open[items]]
        if not items.size:
            return
        parts = self.parts[items]
        best = parts.argmin(axis=1)
        least = parts[np.arange(len(items)), best]
        self.best[items] = best
        worths = self.worth[items]
        if len(self.vehicles) > 1:
            second = np.minimum(np.partition(parts, 1, axis=1)[:, 1], NO_WAY)
            second = np.where(second == NO_WAY, worths, second)
        else:
            second = worths
        urgency = second - least + worths - least
        urgency = urgency + self.locked[items]
        self.urgency[0][items] = np.where(least == NO_WAY, -NO_WAY, np.maximum(urgency, 1 - NO_WAY))
        self.urgency[1][items] = -least

    def _refresh(self, number: int) -> None:
        """Price the waiting items in a vehicle's route as it stands."""
        vehicle = self.vehicles[number]
        stops = self.builder.routes[vehicle.id]
        self.offers[number] = self.builder.offers(vehicle)
        self.found = {key: found for key, found in self.found.items() if key[1] != number}
        self.parts[:, number] = NO_WAY
        asked = np.flatnonzero(self._asked(number, stops) & self.single)
        if asked.size:
            prices = self.offers[number].cheapest(self.rows[asked])
            self.parts[asked, number] = np.minimum(prices + self.moving[asked, number], NO_WAY)
        for item in np.flatnonzero(self._asked(number, stops) & ~self.single).tolist():
            self.parts[item, number] = int(self._pair_prices(item, number).min())
        if self.builder.foes:
            for item in np.flatnonzero(self.parts[:, number] < NO_WAY).tolist():
                if not all(self.builder.apart(call, stops) for call in self.items[item]):
                    self.parts[item, number] = NO_WAY

    def _asked(self, number: int, stops: Sequence[Stop]) -> Flags:
        """Say which items a vehicle is asked for: those it may answer, of very many only those near one of its stops."""
        asked: Flags = self.open & self.able[:, number] & ~self.refused[:, number]
        visited = [self.table.index[call.id] for call in [stop for stop in stops if isinstance(stop, Call)]]
        if self.near is not None and visited:
            asked &= self.near[visited].any(axis=0)
        return asked

    def _verified(self, item: int, number: int) -> list[Stop] | None:
        """Give the route with the item where it costs least, if that is no more than was said; else say what it costs."""
        key = (item, number)
        if key in self.found:
            return self.found[key]
        vehicle = self.vehicles[number]
        for parts, stops in self._routes_with(item, number):
            if fits(self.problem, vehicle, stops, brief=self.many):
                self.found[key] = stops
                if parts <= self.parts[key]:
                    return stops
                self.parts[key] = parts
                return None
        self.parts[key] = NO_WAY
        self.refused[key] = True  # routes only grow from here: what the driver's rules refuse they will refuse again
        return None

    def _routes_with(self, item: int, number: int) -> Iterator[tuple[int, list[Stop]]]:
        """Give the routes with an item at its spots, the cheapest first."""
        vehicle, calls = self.vehicles[number], self.items[item]
        stops = self.builder.routes[vehicle.id]
        moving = moving_parts(vehicle, calls)
        pair = len(calls) == 2
        prices = self._pair_prices(item, number) if pair else self.offers[number].prices(self.rows[item : item + 1])[0]
        flat = prices.ravel()
        for column in np.argsort(flat, kind="stable")[: TRIES * (1 + 4 * pair)].tolist():
            if flat[column] >= NO_WAY:
                return
            if pair:
                yield int(flat[column]), with_pair(stops, calls, *divmod(column, prices.shape[1]))
            else:
                spot = self.offers[number].spot(column)
                yield int(flat[column]) + moving, [*stops[: spot.gap], *spot.stops(calls[0]), *stops[spot.gap :]]

    def _pair_prices(self, item: int, number: int) -> Numbers:
        """Price a shipment's calls at each pair of gaps."""
        vehicle, calls = self.vehicles[number], self.items[item]
        trip = np.cumsum([0, *(isinstance(stop, Centre) for stop in self.builder.routes[vehicle.id])])
        prices = pair_prices(self.offers[number], np.array([self.table.index[call.id] for call in calls]), trip)
        return np.minimum(prices + moving_parts(vehicle, calls), NO_WAY)


def _lock(call: Call) -> int:
    """Give what makes a call with a place in the order go in before those without, the first place before the second."""
    return 0 if call.position is None or call.position < 0 else max(1, 4 - call.position) * NO_WAY


def _moving(items: Sequence[tuple[Call, ...]], vehicles: Sequence[Vehicle]) -> Numbers:
    """Price moving each item to each vehicle."""
    moving = np.zeros((len(items), len(vehicles)), np.int64)
    for row, item in enumerate(items):
        if any(call.usual is not None for call in item):
            moving[row] = [moving_parts(vehicle, item) for vehicle in vehicles]
    return moving


def _able(items: Sequence[tuple[Call, ...]], vehicles: Sequence[Vehicle]) -> Flags:
    """Say which vehicle may answer which item at all."""
    known: dict[tuple[object, ...], list[bool]] = {}
    rows = []
    for item in items:
        key = tuple((call.tags, call.vehicles) for call in item)
        if key not in known:
            known[key] = [all(_may(call, vehicle) for call in item) for vehicle in vehicles]
        rows.append(known[key])
    return np.array(rows, bool).reshape(len(items), len(vehicles))


def _may(call: Call, vehicle: Vehicle) -> bool:
    return call.tags <= vehicle.tags and (call.vehicles is None or vehicle.id in call.vehicles)
