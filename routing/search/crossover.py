"""Makes a child of two plans: neighbouring routes of one are exchanged for those of the other that serve the same calls.

References
----------
Nagata, Y. and Bräysy, O. (2009), Edge assembly-based memetic algorithm for the capacitated vehicle routing problem, and
Nagata, Y., Bräysy, O. and Dullaert, W. (2010), A penalty-based edge assembly memetic algorithm for the vehicle routing
problem with time windows. Computers & Operations Research 37(4), 724-737: selective route exchange.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from routing.search.words import Path, Step

if TYPE_CHECKING:
    import pyvrp

LARGEST = 0.6
"""Share of the first parent's routes exchanged at most."""


class Crossover:
    """Selective route exchange over one problem."""

    def __init__(self, data: "pyvrp.ProblemData", dice: Random) -> None:
        self.dice = dice
        self.available = [kind.num_available for kind in data.vehicle_types()]
        self.rows = _rows(data)
        self.key = {step: ("GROUP", data.client(step[1]).group) if step[0] == "CLIENT" else step for step in self.rows}
        self.key |= {step: step for step, key in self.key.items() if key[1] is None}
        seconds = data.duration_matrix(0)
        self.ways = seconds if seconds.any() else data.distance_matrix(0)
        self.nearest: dict[Step, list[Step]] = {}

    def __call__(self, one: Sequence[Path], other: Sequence[Path]) -> list[Path]:
        """Give the child: stops that no route has are for the local search to insert."""
        gone = self._neighbours(one)
        removed = {self.key[step] for number in gone for step in one[number][1] if step in self.key}
        kept = [path for number, path in enumerate(one) if number not in gone]
        fresh = self._alike(other, removed, len(gone))
        if self.dice.random() < 0.5:
            fresh = self._without(fresh, kept)
        else:
            kept = self._without(kept, fresh)
        return self._manned([*kept, *fresh])

    def _neighbours(self, paths: Sequence[Path]) -> set[int]:
        """Choose routes that lie side by side: that of one stop, and those of the stops nearest to it."""
        route = {step: number for number, (_, steps) in enumerate(paths) for step in steps if step in self.key}
        if not route:
            return set()
        most = self.dice.randint(1, max(1, min(len(paths) - 1, round(len(paths) * LARGEST))))
        middle = self.dice.choice(list(route))
        chosen = {route[middle]}
        for step in self._near(middle):
            if len(chosen) >= most:
                break
            if step in route:
                chosen.add(route[step])
        return chosen

    def _near(self, step: Step) -> list[Step]:
        """Give the stops by their distance to this one."""
        if step not in self.nearest:
            steps = list(self.rows)
            order = np.argsort(self.ways[self.rows[step]][[self.rows[each] for each in steps]], kind="stable")
            self.nearest[step] = [steps[number] for number in order]
        return self.nearest[step]

    def _alike(self, paths: Sequence[Path], keys: set[tuple[str, int | None]], most: int) -> list[Path]:
        """Choose the routes that serve the most of these."""
        shares = [(self._share(steps, keys), number) for number, (_, steps) in enumerate(paths)]
        return [paths[number] for share, number in sorted(shares, key=lambda pair: (-pair[0], pair[1]))[:most] if share > 0]

    def _share(self, steps: Sequence[Step], keys: set[tuple[str, int | None]]) -> float:
        stops = [self.key[step] for step in steps if step in self.key]
        return sum(stop in keys for stop in stops) / max(1, len(stops))

    def _without(self, paths: Sequence[Path], others: Sequence[Path]) -> list[Path]:
        """Take out of routes what others serve."""
        served = {self.key[step] for _, steps in others for step in steps if step in self.key}
        return [(kind, tuple(step for step in steps if self.key.get(step) not in served)) for kind, steps in paths]

    def _manned(self, paths: Sequence[Path]) -> list[Path]:
        """Give each route that serves anything a vehicle there is, another kind if its own is out; drop what is too many."""
        free = list(self.available)
        manned = []
        for kind, steps in paths:
            if not any(step in self.key for step in steps):
                continue
            if not free[kind]:
                others = [number for number, count in enumerate(free) if count]
                if not others:
                    break
                # unloading is bound to the kind, so another kind drives without
                kind, steps = self.dice.choice(others), tuple(step for step in steps if step in self.key)
            free[kind] -= 1
            manned.append((kind, steps))
        return manned


def _rows(data: "pyvrp.ProblemData") -> Mapping[Step, int]:
    """Give the matrix row of each stop."""
    rows: dict[Step, int] = {("CLIENT", number): client.location for number, client in enumerate(data.clients())}
    for number, shipment in enumerate(data.shipments()):
        rows["PICKUP", number] = shipment.pickup.location
        rows["DELIVERY", number] = shipment.delivery.location
    return rows
