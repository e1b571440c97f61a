"""How a search goes: its best cost over time, as a small drawing and a few words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bottles.searches import Search

WIDTH, HEIGHT, MARGIN = 320, 96, 6
"""Of the drawing, in its own units."""


@dataclass(frozen=True)
class Curve:
    """A search as its page shows it; `line` is a step for each better plan."""

    search: Search
    seconds: float
    limit: float
    first: float | None = None
    best: float | None = None
    line: str = ""

    @classmethod
    def of(cls, search: Search, now: datetime) -> Self:
        """Draw a search as it stands now."""
        seconds = (now - search.started_at).total_seconds() if search.started_at else 0.0
        limit = max(search.limit_seconds, 1.0)
        seconds = max(0.0, seconds)
        if not search.curve:
            return cls(search, seconds, limit)
        steps = _steps([(at, cost) for at, cost in search.curve], seconds)
        right, costs = max(limit, seconds, steps[-1][0]), [cost for _, cost in steps]
        drawn = [_place(at, cost, right, min(costs), max(costs)) for at, cost in steps]
        line = " ".join(f"{x},{y}" for x, y in drawn)
        return cls(search, seconds, limit, first=costs[0], best=min(costs), line=line)

    @property
    def left(self) -> float:
        """Return the seconds the search may still take."""
        return max(0.0, self.limit - self.seconds)

    @property
    def saved(self) -> float:
        """Return the share by which the best plan is cheaper than the first."""
        return 1 - self.best / self.first if self.first and self.best is not None else 0.0


def _steps(curve: list[tuple[float, float]], seconds: float) -> list[tuple[float, float]]:
    """Hold each cost until the next better one, and the last until now."""
    steps: list[tuple[float, float]] = []
    for at, cost in curve:
        if steps:
            steps.append((at, steps[-1][1]))
        steps.append((at, cost))
    steps.append((max(seconds, steps[-1][0]), steps[-1][1]))
    return steps


def _place(at: float, cost: float, right: float, low: float, high: float) -> tuple[float, float]:
    x = MARGIN + (WIDTH - 2 * MARGIN) * at / right
    y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * ((cost - low) / (high - low) if high > low else 0)
    return round(x, 1), round(y, 1)
