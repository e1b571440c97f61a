"""What each way costs and takes in the local search's words, by kind of vehicle.

Rules it does not know become ways too dear to drive: places a vehicle may not go to, clean goods after dirty ones where
it must not mix them, whatever stands before a call that is to be first or after one that is to be last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from routing.problem import LONGEST, Call, Problem, Vehicle
from routing.schedule import dearest_day

PER_CENT = 36
"""Parts of a cent in PyVRP's costs: coarse, because its penalties for being illegal are at most 100,000 a unit."""

FAR = 10**7
"""Seconds written for a way that cannot be driven: longer than any day, small enough to be added up."""

Matrix = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Nodes:
    """The rows of the matrices: first depots, then calls; one call may have several rows.

    Parameters
    ----------
    depots
        Places of the starts, ends and centres.
    calls
        The calls, in the order of their rows.
    """

    depots: Sequence[int]
    calls: Sequence[Call]

    @property
    def places(self) -> Matrix:
        """The place of each row."""
        places: Matrix = np.array([*self.depots, *(call.place for call in self.calls)], dtype=np.int64)
        return places

    def flags(self, name: str) -> Matrix:
        """Give for each row whether its call says so."""
        flags: Matrix = np.array([False] * len(self.depots) + [bool(getattr(call, name)) for call in self.calls], dtype=bool)
        return flags


def durations(problem: Problem, nodes: Nodes, profile: int, share: int = 0) -> Matrix:
    """Give the seconds of each way, set-up at its end included unless it begins at a call of the same place.

    `share` is what each call lasts longer, seen after it: unlike its service, that may differ by kind of vehicle.
    """
    places = nodes.places
    seconds = np.minimum(problem.profiles[profile].seconds[np.ix_(places, places)], FAR)
    setup = np.array([0] * len(nodes.depots) + [call.setup for call in nodes.calls], dtype=np.int64)
    if setup.any():
        halts_anew = places[:, None] != places[None, :]
        halts_anew[: len(nodes.depots), :] = True
        seconds = seconds + halts_anew * setup[None, :]
    if share:
        seconds = seconds + share * (np.arange(len(places)) >= len(nodes.depots))[:, None]
    seconds = np.ascontiguousarray(seconds, dtype=np.int64)
    np.fill_diagonal(seconds, 0)
    return seconds


def costs(problem: Problem, nodes: Nodes, vehicle: Vehicle, banned: frozenset[str], moved: Sequence[int]) -> Matrix:
    """Price each way for one kind of vehicle; `moved` is what each call costs more because another was to answer it."""
    places, first = nodes.places, len(nodes.depots)
    metres = problem.ways(vehicle).metres[np.ix_(places, places)]
    priced: Matrix = np.rint(metres * (vehicle.cost_per_km * PER_CENT / 1000)).astype(np.int64)
    priced[:, first:] += np.array(moved, dtype=np.int64) * PER_CENT
    barrier = 2 * dearest_day(problem) * PER_CENT
    priced[metres >= LONGEST] = barrier
    priced[:, np.array([False] * first + [call.id in banned for call in nodes.calls])] = barrier
    if not vehicle.mixed:
        priced[np.ix_(nodes.flags("collects"), nodes.flags("delivers"))] = barrier
    _lock(priced, nodes, vehicle, barrier)
    np.fill_diagonal(priced, 0)
    return priced


def _lock(priced: Matrix, nodes: Nodes, vehicle: Vehicle, barrier: int) -> None:
    """Shut the ways that would put something before the first call or after the last."""
    first = len(nodes.depots)
    begins = np.array([place == vehicle.start for place in nodes.depots] + [False] * len(nodes.calls))
    ends = np.array([place == vehicle.end for place in nodes.depots] + [False] * len(nodes.calls))
    for row, call in enumerate(nodes.calls, first):
        if call.position == 0:
            priced[~begins, row] = barrier
        elif call.position == -1:
            priced[row, ~ends] = barrier
