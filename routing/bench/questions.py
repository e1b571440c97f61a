"""What the bench and a peer's process say to each other."""

from dataclasses import dataclass

from routing.problem import Problem

READY = "ready"


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """A problem for a peer.

    Parameters
    ----------
    must
        Whether calls without a prize have to be answered; otherwise leaving one out costs more than any day.
    """

    problem: Problem
    seconds: float
    seed: int
    must: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """Says why there is no plan."""

    says: str
