"""The plans a population keeps: good ones that differ.

References
----------
Vidal, T. et al. (2012), A hybrid genetic algorithm for multidepot and periodic vehicle routing problems. Operations
Research 60(3), 611-624: survivors by cost and by diversity, distance by broken pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np

from routing.search.words import Path, Step

Links = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, slots=True)
class Member:
    """A plan.

    Parameters
    ----------
    excess
        What breaks rules, by penalty; all 0 for a feasible plan.
    after, before
        For each stop the one after and the one before it, -1 for none.
    """

    paths: tuple[Path, ...]
    cost: int
    excess: tuple[int, ...]
    after: Links
    before: Links

    @property
    def feasible(self) -> bool:
        """Whether it breaks no rule."""
        return not any(self.excess)


def links(rows: Mapping[Step, int], paths: Sequence[Path]) -> tuple[Links, Links]:
    """Give what is after and what is before each stop, by its row; -1 for a depot or nothing."""
    size = max(rows.values(), default=-1) + 1
    after, before = np.full(size, -1, np.int32), np.full(size, -1, np.int32)
    for _, steps in paths:
        last = -1
        for step in steps:
            row = rows.get(step, -1)
            if last >= 0:
                after[last] = row
            if row >= 0:
                before[row] = last
            last = row
    return after, before


class Tribe:
    """At most so many members, and as many children again before the survivors are chosen.

    Parameters
    ----------
    size
        How many survive.
    children
        How many are born between two choices.
    """

    def __init__(self, size: int, children: int, dice: Random) -> None:
        self.size, self.children, self.dice = size, children, dice
        self.members: list[Member] = []

    def add(self, member: Member, penalties: Sequence[float]) -> None:
        """Take a member in; when there are too many, choose."""
        self.members.append(member)
        if len(self.members) > self.size + self.children:
            self._choose(penalties)

    def parents(self, penalties: Sequence[float]) -> tuple[Member, Member]:
        """Choose two by tournament, different if there are two different ones."""
        rank = self._ranks(self._distances(), penalties)
        first = self._one(rank)
        for _ in range(10):
            second = self._one(rank)
            if distance(self.members[first], self.members[second]) > 0:
                break
        return self.members[first], self.members[second]

    def _one(self, rank: Links) -> int:
        one, other = (self.dice.randrange(len(self.members)) for _ in range(2))
        return one if rank[one] <= rank[other] else other

    def _choose(self, penalties: Sequence[float]) -> None:
        """Let go of twins, then of the worst by cost and diversity; the best always stays."""
        apart = self._distances()
        while len(self.members) > self.size:
            rank = self._ranks(apart, penalties)
            rank[apart.min(1) == 0] += 10
            rank[int(np.argmin(self._prices(penalties)))] = -1
            gone = int(np.argmax(rank))
            del self.members[gone]
            apart = np.delete(np.delete(apart, gone, 0), gone, 1)

    def _prices(self, penalties: Sequence[float]) -> Links:
        return np.array([price(member, penalties) for member in self.members])

    def _distances(self) -> Links:
        """Give how much each differs from each; from itself, more than any other."""
        apart = np.array([[distance(one, other) for other in self.members] for one in self.members])
        np.fill_diagonal(apart, 2.0)
        return apart

    def _ranks(self, apart: Links, penalties: Sequence[float]) -> Links:
        """Rank by cost, and by distance to the three nearest, which counts as long as there are more than the best few."""
        count = len(self.members)
        near = np.sort(apart, 1)[:, : min(3, count)].mean(1)
        by_cost, by_distance = _order(self._prices(penalties)), _order(-near)
        return (by_cost + (1 - min(ELITE, count) / count) * by_distance) / count


ELITE = 4
"""Best members that diversity cannot push out."""


def price(member: Member, penalties: Sequence[float]) -> float:
    """Give a member's cost, what breaks rules at its penalty."""
    return member.cost + sum(excess * penalty for excess, penalty in zip(member.excess, penalties, strict=True))


def distance(one: Member, other: Member) -> float:
    """Give the share of stops followed by another one than in the other plan, in either direction."""
    return float(((one.after != other.after) & (one.after != other.before)).mean()) if len(one.after) else 0.0


def _order(numbers: Links) -> Links:
    """Give each number's place in the order, from 0."""
    return np.argsort(np.argsort(numbers, kind="stable"), kind="stable").astype(float)
