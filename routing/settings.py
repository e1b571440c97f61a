"""How long to search, and what a search says on its way."""

from collections.abc import Callable
from dataclasses import dataclass

from routing.problem import Solution


@dataclass(frozen=True, slots=True)
class Settings:
    """How a search is run.

    Parameters
    ----------
    seconds
        Wall clock the search may use; 0 gives the first plan only.
    seed
        Start of the engines' dice.
    proposing
        Share of the time the local search gets before the full model polishes. With 0.3, a random day of 60 calls ended dearer.
    """

    seconds: float = 10
    seed: int = 1
    proposing: float = 0.7

    def __post_init__(self) -> None:
        if self.seconds < 0:
            raise ValueError(f"settings: seconds is {self.seconds}, expected 0 or more")
        if not 0 <= self.proposing <= 1:
            raise ValueError(f"settings: proposing is {self.proposing}, expected a share between 0 and 1")


@dataclass(frozen=True, slots=True)
class Progress:
    """A better plan was found: when, what it costs, and the plan itself, legal and ready to keep.

    `routes` and `left_out` are counts; `phase` is "first", "search" or "polish".
    """

    seconds: float
    cost: int
    routes: int
    left_out: int
    phase: str
    solution: Solution


Listener = Callable[[Progress], None]
"""Is told of each better plan, in order, from the searching thread."""

Stopper = Callable[[], bool]
"""Says whether the plan is good enough and the search should end now; asked often, so answer fast."""
