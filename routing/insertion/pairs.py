"""Prices a shipment's two calls at every pair of gaps of a route."""

import numpy as np

from routing.insertion.gaps import Numbers
from routing.insertion.offers import NO_WAY, Offers
from routing.problem import Call, Centre
from routing.schedule import PER_METRE, PER_SECOND


def pair_prices(offers: Offers, rows: Numbers, trip: Numbers) -> Numbers:
    """Give parts of a cent for taking in one gap (row) and leaving in another (column); `NO_WAY` where it cannot be.

    `rows` are the two calls; `trip` numbers each gap's trip.
    """
    single = offers.prices(rows)[:, : len(trip)]
    both = single[0][:, None] + single[1][None, :]
    np.fill_diagonal(both, _together(offers, rows, single))
    size = len(trip)
    allowed = (trip[:, None] == trip[None, :]) & (np.arange(size)[:, None] <= np.arange(size)[None, :])
    allowed &= (single[0] < NO_WAY)[:, None] & (single[1] < NO_WAY)[None, :]
    return np.where(allowed, both, NO_WAY)


def _together(offers: Offers, rows: Numbers, single: Numbers) -> Numbers:
    """Price both calls in one gap: what each costs there alone, put right by the ways between them."""
    gaps, vehicle = offers.gaps, offers.vehicle
    taken, left = (int(place) for place in offers.table.place[rows])
    parts: Numbers = single[0] + single[1]
    for matrix, ways, price in (
        (offers.seconds, gaps.way, vehicle.cost_per_hour * PER_SECOND),
        (offers.metres, gaps.metres, vehicle.cost_per_km * PER_METRE),
    ):
        spared = 0 * ways if offers.empty else ways
        extra = matrix[taken, left] + spared - matrix[taken, gaps.after] - matrix[gaps.before, left]
        parts = parts + extra * price
    return parts


def with_pair(stops: list[Call | Centre], item: tuple[Call, ...], taken: int, left: int) -> list[Call | Centre]:
    """Put the two calls of a shipment into their gaps."""
    return [*stops[:taken], item[0], *stops[taken:left], item[1], *stops[left:]]
