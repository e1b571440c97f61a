"""A route as arrays over its gaps: what another stop there would do to its time, its loads and its rules.

The times know one window for each stop, from the first opening to the last closing, and no pauses: they never refuse
what is legal, save a second or two of set-up. What they let through `schedule.fits` has the last word on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from routing.problem import Call, Problem, Vehicle
from routing.schedule.goods import Stop, loads, trips
from routing.schedule.spans import NEVER, Span, join
from routing.schedule.timing import line

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Spans = tuple[Numbers, Numbers, Numbers]


@dataclass(frozen=True, slots=True)
class Table:
    """The calls of a problem as arrays, in their order; one row per call, loads one column per dimension."""

    index: dict[str, int]
    place: Numbers
    deliver: Numbers
    collect: Numbers
    opens: Numbers
    closes: Numbers
    service: Numbers
    setup: Numbers
    position: Numbers
    delivers: Flags
    collects: Flags


ANYWHERE = -2
"""Stands for no locked position."""


@lru_cache(maxsize=4)
def table(problem: Problem) -> Table:
    """Write the calls of a problem as arrays."""
    calls, size = problem.calls, (len(problem.calls), len(problem.dimensions))
    return Table(
        index={call.id: number for number, call in enumerate(calls)},
        place=_column(call.place for call in calls),
        deliver=np.array([call.deliver for call in calls], np.int64).reshape(size),
        collect=np.array([call.collect for call in calls], np.int64).reshape(size),
        opens=_column(call.windows[0][0] if call.windows else 1 for call in calls),
        closes=_column(call.windows[-1][1] if call.windows else -NEVER for call in calls),
        service=_column(call.service for call in calls),
        setup=_column(call.setup for call in calls),
        position=_column(ANYWHERE if call.position is None else call.position for call in calls),
        delivers=np.array([call.delivers for call in calls], bool),
        collects=np.array([call.collects for call in calls], bool),
    )


def _column(numbers: Iterable[int]) -> Numbers:
    return np.fromiter(numbers, np.int64)


@dataclass(frozen=True, slots=True)
class Gaps:
    """One route's arrays, one number per gap; a gap is where another stop can go.

    Parameters
    ----------
    before, after
        Places at the gap's ends.
    way, metres
        Between them.
    ahead, behind
        Spans from leaving to the end of the stop before, and from the start of the stop after to coming back.
    heaviest, heavier
        Heaviest load of the trip up to the gap, and from it on; one column per dimension.
    brought, taken
        What is delivered after the gap on its trip, and collected before it.
    dirty, clean
        Whether something is collected before the gap on its trip; whether something is delivered after it.
    visits
        Number of visits before.
    opening
        Whether the gap is on the first trip of a vehicle under way.
    shut
        Whether a shipment is aboard there.
    locked
        Whether another visit there would move one that has its place in the order.
    near, spare
        Whether the stop before is a visit, so that a call at its place needs no set-up; the set-up of the stop after.
    """

    before: Numbers
    after: Numbers
    way: Numbers
    metres: Numbers
    ahead: Spans
    behind: Spans
    heaviest: Numbers
    heavier: Numbers
    brought: Numbers
    taken: Numbers
    dirty: Flags
    clean: Flags
    visits: Numbers
    opening: Flags
    shut: Flags
    locked: Flags
    near: Flags
    spare: Numbers
    toil: int


def gaps(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> Gaps:
    """Write a legal route as arrays over its gaps."""
    ways = problem.ways(vehicle)
    places = np.array([vehicle.start, *(stop.place for stop in stops), vehicle.end])
    before, after = places[:-1], places[1:]
    ahead, behind, toil = _spans(problem, vehicle, stops)
    goods = _goods(problem, vehicle, stops)
    cut = trips(stops)
    visits = [0, *np.cumsum([isinstance(stop, Call) for stop in stops]).tolist()]
    return Gaps(
        before,
        after,
        ways.seconds[before, after],
        ways.metres[before, after],
        ahead,
        behind,
        *goods,
        dirty=_by_trip(cut, lambda trip, at: any(call.collects for call in trip[:at])),
        clean=_by_trip(cut, lambda trip, at: any(call.delivers for call in trip[at:])),
        visits=np.array(visits),
        opening=np.array(
            [vehicle.under_way is not None and number == 0 for number, trip in enumerate(cut) for _ in (0, *trip)]
        ),
        shut=_by_trip(cut, lambda trip, at: _aboard(problem, trip[:at])),
        locked=_locked(stops, visits),
        near=np.array([False, *(isinstance(stop, Call) for stop in stops)]),
        spare=np.array([*(stop.setup if isinstance(stop, Call) else 0 for stop in stops), 0]),
        toil=toil,
    )


def _spans(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> tuple[Spans, Spans, int]:
    """Give the spans up to each gap and from it on."""
    numbers = line(problem, vehicle, stops)
    hulls = [(span, windows[0][0], windows[-1][1]) for span, windows in zip(numbers.spans, numbers.windows, strict=True)]
    ahead: list[Span] = [(0, vehicle.shift[0], NEVER)]
    for hull, way, ready in zip(hulls, numbers.ways, numbers.ready, strict=False):
        ahead.append(_legal(join(_legal(join(ahead[-1], 0, (0, ready, NEVER))), way, hull)))
    behind: list[Span] = [(0, 0, numbers.late)]
    for hull, way, ready in zip(hulls[::-1], numbers.ways[:0:-1], numbers.ready[:0:-1], strict=True):
        behind.append(_legal(join(hull, 0, _legal(join((0, ready, NEVER), way, behind[-1])))))
    toil = sum(numbers.ways) + sum(numbers.spans)
    return _spans_of(ahead), _spans_of(behind[::-1]), toil


def _legal(span: Span | None) -> Span:
    if span is None:
        raise ValueError("the route whose gaps are asked for is not legal")
    return span


def _spans_of(spans: Sequence[Span]) -> Spans:
    array = np.array(spans, np.int64)
    return array[:, 0], array[:, 1], array[:, 2]


def _goods(problem: Problem, vehicle: Vehicle, stops: Sequence[Stop]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Give loads around each gap: heaviest before and from it on, brought after, taken before; within its trip."""
    shape = (len(stops) + 1, len(problem.dimensions))
    sums = np.zeros((4, *shape), np.int64)
    for dimension in range(shape[1]):
        legs = [load for _, load in loads(problem, vehicle, stops, dimension)]
        first = 0
        for trip in trips(stops):
            here = slice(first, first + len(trip) + 1)
            load = np.array(legs[here])
            sums[0, here, dimension] = np.maximum.accumulate(load)
            sums[1, here, dimension] = np.maximum.accumulate(load[::-1])[::-1]
            sums[2, here, dimension] = np.cumsum([0, *(call.deliver[dimension] for call in trip[::-1])])[::-1]
            sums[3, here, dimension] = np.cumsum([0, *(call.collect[dimension] for call in trip)])
            first += len(trip) + 1
    return sums[0], sums[1], sums[2], sums[3]


def _by_trip(cut: Sequence[Sequence[Call]], asks: Callable[[Sequence[Call], int], bool]) -> Flags:
    """Ask something of each gap: its trip, and the number of the trip's calls before it."""
    return np.array([asks(trip, at) for trip in cut for at in range(len(trip) + 1)], bool)


def _aboard(problem: Problem, calls: Sequence[Call]) -> bool:
    """Say whether something taken on the trip so far is still to be left."""
    if not problem.shipments:
        return False
    done = {call.id for call in calls}
    return any(call in problem.shipment and problem.shipment[call].left not in done for call in done)


def _locked(stops: Sequence[Stop], visits: Sequence[int]) -> Flags:
    """Find the gaps before a visit with a place in the order, and those after the last if it must stay so."""
    calls = [stop for stop in stops if isinstance(stop, Call)]
    fixed = max((at for at, call in enumerate(calls) if call.position is not None and call.position >= 0), default=-1)
    end = len(calls) - 1 if calls and calls[-1].position == -1 else len(calls)
    return np.array([number <= fixed or number > end for number in visits])
