"""How long to search, and what a search says on its way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import cpu_count

from routing.problem import Centre, Solution

MOST_PROCESSES = 8
"""Searches at once, unless more are asked for: what they find grows alike beyond."""


HIGHEST_SEED = 4_000_000
"""Each search gets a seed of its own, 1,000 times as high and counted on; PyVRP's dice take 32 bits."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a search is run.

    Parameters
    ----------
    seconds
        Wall clock the search may use; 0 gives the first plan only.
    seed
        Start of the engines' dice, 0 to `HIGHEST_SEED`.
    iterations
        Instead of `seconds`, iterations of local search for each process: the same plan every time, however long it takes.
    processes
        Searches at once; None for one on each core.
    warm
        A plan to start from, or call ids by vehicle id, a `Centre` in between for an unloading; what is illegal is mended.
    proposing
        Share of the time the local search gets before the full model polishes; None for what `mix` says.
    """

    seconds: float = 10
    seed: int = 1
    iterations: int | None = None
    processes: int | None = None
    warm: Solution | Mapping[str, Sequence[str | Centre]] | None = None
    proposing: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seconds < float("inf"):
            raise ValueError(f"settings: seconds is {self.seconds}, expected 0 or more")
        if not 0 <= self.seed <= HIGHEST_SEED:
            raise ValueError(f"settings: seed is {self.seed}, expected 0 to {HIGHEST_SEED:,}")
        if self.iterations is not None and self.iterations < 0:
            raise ValueError(f"settings: iterations is {self.iterations}, expected 0 or more")
        if self.processes is not None and self.processes < 1:
            raise ValueError(f"settings: processes is {self.processes}, expected 1 or more")
        if self.proposing is not None and not 0 <= self.proposing <= 1:
            raise ValueError(f"settings: proposing is {self.proposing}, expected a share between 0 and 1")

    @property
    def cores(self) -> int:
        """How many searches run at once."""
        return self.processes or max(1, min(MOST_PROCESSES, cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Progress:
    """A better plan was found: when, what it costs, and the plan itself, legal and ready to keep.

    `routes` and `left_out` are counts; `phase` is "first", "search", "merge" or "polish".
    """

    seconds: float
    cost: int
    routes: int
    left_out: int
    phase: str
    solution: Solution

    @classmethod
    def of(cls, plan: Solution, seconds: float, phase: str) -> "Progress":
        """Tell of a plan."""
        return cls(seconds, plan.cost, len(plan.routes), len(plan.left_out), phase, plan)


Listener = Callable[[Progress], None]
"""Is told of each better plan, in order, from the searching thread."""

Stopper = Callable[[], bool]
"""Says whether the plan is good enough and the search should end now; asked often, so answer fast."""
