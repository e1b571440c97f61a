"""Finds how much longer a call would have to be open to fit into a route."""

from collections.abc import Sequence

from routing.explain.spots import Spots
from routing.insertion.offers import NO_WAY
from routing.problem import MINUTE, Call, Vehicle, Window

STEP = 5 * MINUTE
"""Opening hours are asked to be longer by so many seconds, or by a multiple."""

Wish = tuple[int, int, Window, Vehicle, int]
"""Seconds of opening more, what the spot adds, the window wished for, whose route, and the column of its spot."""


def wishes(world: Spots, vehicle: Vehicle, call: Call) -> list[Wish]:
    """Give for each spot that a call fits but for its opening hours the smallest extension of them."""
    always = world.problem.call[call.id]
    if not world.may(vehicle, [always]):
        return []
    prices, (offers, gaps) = world.prices(vehicle, [always]), world.offering(vehicle)
    ways = offers.seconds
    soonest = gaps.ahead[0] + gaps.ahead[1] + ways[gaps.before, always.place]
    service = always.service + always.setup
    latest = gaps.behind[2] - ways[always.place, gaps.after] - service
    found: list[Wish] = []
    for column, price in enumerate(prices[: len(soonest)].tolist()):
        if price < NO_WAY:
            more, window = min(_extension(window, int(soonest[column]), int(latest[column])) for window in call.windows)
            found.append((more, price, window, vehicle, column))
    return found


def _extension(window: Window, soonest: int, latest: int) -> tuple[int, Window]:
    """Give the smallest extension of a window, in whole steps, by which a start between two seconds falls into it."""
    opens, closes = window
    if soonest > closes:
        more = -(-(soonest - closes) // STEP) * STEP
        return more, (opens, closes + more)
    more = max(1, -(-(opens - latest) // STEP)) * STEP
    return more, (max(0, opens - more), closes)


def widened(windows: Sequence[Window], window: Window) -> tuple[Window, ...]:
    """Give the windows with one more, those that touch made one."""
    merged: list[Window] = []
    for opens, closes in sorted({*windows, window}):
        if merged and opens <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], closes)
        else:
            merged.append((opens, closes))
    return tuple(merged)
