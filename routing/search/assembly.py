"""Makes children of two plans by edge assembly: a few ways of one parent give place to ways of the other.

The ways that only one of the two has form closed walks, on which a way of the one and a way of the other take turns. When
such a walk changes over, each stop still has one way to it and one from it; a child is the first parent with one walk changed
over, and so differs from it in one place only. A stop that a plan leaves out has a way to itself, and a vehicle that stays in
has one from its door to its door.

References
----------
Nagata, Y. and Bräysy, O. (2009), Edge assembly-based memetic algorithm for the capacitated vehicle routing problem. Networks
54(4), 205-215, and Nagata, Y., Bräysy, O. and Dullaert, W. (2010), A penalty-based edge assembly memetic algorithm for the
vehicle routing problem with time windows. Computers & Operations Research 37(4), 724-737: children by a single walk.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np

from routing.search.words import Path, Step

Node = tuple[str, int | None]
"""A stop, whichever of its opening hours it is in, or a door."""

Way = tuple[Node, Node]

Walk = list[tuple[Node, Node, Node]]
"""Stops or doors on it, each with what is before it in the first parent and in the second."""

DOOR = "DOOR"
"""Where the routes of one kind of vehicle begin and end."""


@dataclass(frozen=True, eq=False, slots=True)
class Route:
    """What a vehicle of one kind serves on its way."""

    kind: int
    nodes: list[Node]

    @property
    def ways(self) -> Iterator[Way]:
        """Its ways, from door to door."""
        door = (DOOR, self.kind)
        return pairwise([door, *self.nodes, door])


class Assembly:
    """Edge assembly over one problem.

    Parameters
    ----------
    key
        What is to be served at each stop.
    row
        The row of each stop and door in the matrix of costs.
    """

    def __init__(self, key: Mapping[Step, Node], row: Mapping[Node, int], costs: "np.ndarray[Any, Any]", dice: Random) -> None:
        self.key, self.row, self.costs, self.dice = key, row, costs, dice

    def __call__(self, one: Sequence[Path], other: Sequence[Path], most: int) -> list[list[Path]]:
        """Give at most so many children; none of parents alike.

        Nor of parents that unload on the way or move shipments: such routes are more than the ways they consist of.
        """
        if not self._fits(one) or not self._fits(other):
            return []
        ours = self._ways(one)
        theirs = self._ways(self._turned(other, set(ours)))
        ours, theirs = _filled(ours, theirs), _filled(theirs, ours)
        walks = self._walks(ours, theirs)
        self.dice.shuffle(walks)
        stops = {self.key[step]: step for paths in (other, one) for _, steps in paths for step in steps}
        return [self._child(_changed(ours, walk), stops) for walk in walks[:most]]

    def _fits(self, paths: Sequence[Path]) -> bool:
        steps = [step for _, steps in paths for step in steps]
        return all(kind == "CLIENT" for kind, _ in steps) and len({self.key[step] for step in steps}) == len(steps)

    def _child(self, after: dict[Node, list[Node]], stops: Mapping[Node, Step]) -> list[Path]:
        """Make routes of ways; circles of stops that none leads to are put in where they cost least."""
        routes = _routes(after)
        for circle in _circles(after):
            self._join(routes, circle)
        return [(route.kind, tuple(stops[node] for node in route.nodes)) for route in routes]

    def _join(self, routes: Sequence[Route], circle: list[Node]) -> None:
        """Open a circle and a route and make one of them, where that costs least."""
        places = [(route, at, way) for route in routes for at, way in enumerate(route.ways)]
        if not places:
            return
        heads, tails = (np.array([self.row[way[end]] for _, _, way in places])[:, None] for end in (0, 1))
        begins = np.array([self.row[node] for node in circle])
        ends, costs = np.roll(begins, 1), self.costs
        more = costs[heads, begins] + costs[ends, tails] - costs[heads, tails] - costs[ends, begins]
        place, begin = divmod(int(more.argmin()), len(circle))
        route, at, _ = places[place]
        route.nodes[at:at] = circle[begin:] + circle[:begin]

    def _ways(self, paths: Iterable[Path]) -> list[Way]:
        return [way for path in paths for way in self._route(path).ways]

    def _route(self, path: Path) -> Route:
        kind, steps = path
        return Route(kind, [self.key[step] for step in steps])

    def _turned(self, paths: Iterable[Path], ours: set[Way]) -> Iterator[Path]:
        """Turn those routes round that have more ways of ours then: where hours do not matter, either direction is as good."""
        for kind, steps in paths:
            along, back = (sum(way in ours for way in self._route((kind, each)).ways) for each in (steps, steps[::-1]))
            yield kind, steps if along >= back else steps[::-1]

    def _walks(self, ours: Sequence[Way], theirs: Sequence[Way]) -> list[Walk]:
        """Take the ways that only one has apart into walks; at a door there is a choice."""
        after, before = defaultdict(list), defaultdict(list)
        for u, v in (Counter(ours) - Counter(theirs)).elements():
            after[u].append(v)
        for u, v in (Counter(theirs) - Counter(ours)).elements():
            before[v].append(u)
        walks: list[Walk] = []
        for begin in list(after):
            while after[begin]:
                walks += self._closed(begin, after, before)
        return walks

    def _closed(self, node: Node, after: Mapping[Node, list[Node]], before: Mapping[Node, list[Node]]) -> Iterator[Walk]:
        """Go on from a node until back there, and give each walk that was closed on the way."""
        walk: Walk = []
        place: dict[Node, int] = {}
        while True:
            if node in place:
                closed = walk[place[node] :]
                del walk[place[node] :]
                for _, was, _ in closed:
                    del place[was]
                yield closed
                if not walk:
                    return
            place[node] = len(walk)
            stop = self._any(after[node])
            walk.append((stop, node, self._any(before[stop])))
            node = walk[-1][2]

    def _any(self, nodes: list[Node]) -> Node:
        return nodes.pop(self.dice.randrange(len(nodes)) if len(nodes) > 1 else 0)


def _filled(ways: list[Way], others: list[Way]) -> list[Way]:
    """Add ways to itself for what has more ways in the other plan."""
    missing = Counter(u for u, _ in others) - Counter(u for u, _ in ways)
    return [*ways, *((node, node) for node in missing.elements())]


def _changed(ways: Sequence[Way], walk: Walk) -> dict[Node, list[Node]]:
    """Give what is after each stop and door when a walk has changed over."""
    after = defaultdict(list)
    for u, v in ways:
        after[u].append(v)
    for stop, was, now in walk:
        after[was].remove(stop)
        after[now].append(stop)
    return after


def _routes(after: dict[Node, list[Node]]) -> list[Route]:
    """Follow the ways from each door, and take them out."""
    routes = []
    doors = {node: after.pop(node) for node in list(after) if node[0] == DOOR}
    for door, first in doors.items():
        for node in first:
            nodes = list(_followed(node, after))
            if nodes:
                routes.append(Route(door[1] or 0, nodes))
    return routes


def _circles(after: dict[Node, list[Node]]) -> Iterator[list[Node]]:
    """Follow the ways that no route has, and take them out; those of a stop to itself are no circle."""
    while after:
        circle = list(_followed(next(iter(after)), after))
        if len(circle) > 1:
            yield circle


def _followed(node: Node, after: dict[Node, list[Node]]) -> Iterator[Node]:
    while node in after:
        yield node
        (node,) = after.pop(node)
