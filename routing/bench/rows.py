"""Sums up what was measured: gap to the best known, its spread and worst, wins and losses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of one planner.

    Parameters
    ----------
    instance, problem
        The line it counts for, and the very problem: the same, unless each seed has its own.
    cost
        By the checker; None where there is no legal plan, and `note` says why.
    must
        Calls without a prize that are left out.
    took, first
        Seconds until the answer, and until a first plan was told of.
    known
        Cost of the best plan known; None where nobody knows.
    dearest
        The problem's highest prize.
    """

    instance: str
    problem: str
    calls: int
    seconds: float
    seed: int
    planner: str
    cost: int | None
    must: int = 0
    left_out: int = 0
    routes: int = 0
    note: str = ""
    first: float | None = None
    took: float = 0.0
    memory: int | None = None
    known: int | None = None
    dearest: int = 0

    @property
    def price(self) -> int | None:
        """The cost; a call left out without a prize counts as the dearest of the others; None where none has a prize."""
        if self.cost is None or (self.must and not self.dearest):
            return None
        return self.cost + self.must * self.dearest

    @property
    def rank(self) -> tuple[float, float]:
        """The less, the better."""
        return (float("inf"), 0) if self.cost is None else (self.must, self.cost)


@dataclass(frozen=True, slots=True)
class Line:
    """What one planner did on one instance with one wall clock.

    Parameters
    ----------
    mean, spread, worst
        Gap in percent to the best known, or the best seen: on average, from best to worst, at worst.
    lower
        Percent by which our cost is lower, on average of the seeds.
    first, memory
        The longest time to a first plan, the most memory.
    """

    instance: str
    calls: int
    seconds: float
    planner: str
    runs: int
    legal: int
    cost: float | None
    known: bool
    mean: float | None
    spread: float | None
    worst: float | None
    lower: float | None
    must: float
    first: float | None
    memory: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Total:
    """What one planner did on all instances with one wall clock; wins, ties and losses are ours, by instance and seed."""

    planner: str
    seconds: float
    instances: int
    mean: float | None
    worst: float | None
    lower: float | None
    wins: int
    ties: int
    losses: int


def summary(rows: Sequence[Row]) -> list[Line]:
    """Sum up by wall clock, instance and planner, in the order they were measured; who was not asked has no line."""
    keys = dict.fromkeys((row.seconds, row.instance, row.planner) for row in rows if not _unasked(row))
    return [
        _line(rows, [row for row in rows if (row.seconds, row.instance, row.planner) == key])
        for key in sorted(keys, key=lambda key: key[0])
    ]


def _line(rows: Sequence[Row], mine: Sequence[Row]) -> Line:
    """Sum up one planner on one instance."""
    head = mine[0]
    gaps = [gap for row in mine if (gap := gap_of(rows, row)) is not None]
    costs = [row.price for row in mine if row.price is not None]
    firsts, memories = [row.first for row in mine if row.first is not None], [row.memory for row in mine if row.memory]
    return Line(
        instance=head.instance,
        calls=head.calls,
        seconds=head.seconds,
        planner=head.planner,
        runs=len(mine),
        legal=sum(row.cost is not None for row in mine),
        cost=_mean(costs),
        known=head.known is not None,
        mean=_mean(gaps),
        spread=max(gaps) - min(gaps) if gaps else None,
        worst=max(gaps, default=None),
        lower=_mean(_lowered(pairs(rows, head.planner, head.seconds, head.instance))),
        must=fmean(row.must for row in mine),
        first=max(firsts, default=None),
        memory=max(memories, default=None),
        note=next((row.note for row in mine if row.note), ""),
    )


def gap_of(rows: Iterable[Row], row: Row) -> float | None:
    """Give percent over the best known, or over the best seen here where nobody knows."""
    seen = [other.price for other in rows if other.problem == row.problem and other.price is not None]
    reference = row.known if row.known is not None else min(seen, default=None)
    return None if row.price is None or not reference else 100 * (row.price - reference) / reference


def pairs(rows: Sequence[Row], planner: str, seconds: float, instance: str | None = None) -> list[tuple[Row, Row]]:
    """Pair each answer of ours with the peer's to the same problem, of the same seed where it takes one."""
    ours = [row for row in rows if row.planner == OURS and row.seconds == seconds and instance in (None, row.instance)]
    theirs = [row for row in rows if row.planner == planner != OURS and row.seconds == seconds and not _unasked(row)]
    found = []
    for row in ours:
        same = [other for other in theirs if other.problem == row.problem]
        found += [(row, other) for other in ([other for other in same if other.seed == row.seed] or same)[:1]]
    return found


def _unasked(row: Row) -> bool:
    return row.note.startswith("not asked")


def _lowered(found: Iterable[tuple[Row, Row]]) -> list[float]:
    """Give by how many percent ours is lower, of each pair."""
    return [100 * (other.price - row.price) / other.price for row, other in found if row.price is not None and other.price]


def overall(rows: Sequence[Row]) -> list[Total]:
    """Sum up by wall clock and planner; each instance counts once."""
    found = []
    all_lines = summary(rows)
    for seconds, planner in sorted(dict.fromkeys((line.seconds, line.planner) for line in all_lines), key=lambda key: key[0]):
        own = [line for line in all_lines if (line.seconds, line.planner) == (seconds, planner)]
        ranks = [(row.rank, other.rank) for row, other in pairs(rows, planner, seconds)]
        found.append(
            Total(
                planner=planner,
                seconds=seconds,
                instances=sum(line.mean is not None for line in own),
                mean=_mean(line.mean for line in own),
                worst=max((line.worst for line in own if line.worst is not None), default=None),
                lower=_mean(line.lower for line in own),
                wins=sum(mine < other for mine, other in ranks),
                ties=sum(mine == other for mine, other in ranks),
                losses=sum(mine > other for mine, other in ranks),
            )
        )
    return found


def _mean(numbers: Iterable[float | None]) -> float | None:
    there = [number for number in numbers if number is not None]
    return fmean(there) if there else None
