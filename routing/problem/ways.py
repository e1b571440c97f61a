"""How long it takes from place to place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.problem.rules import demand

Rows = Sequence[Sequence[int]]
"""A matrix of whole numbers, read as rows[a][b]."""


@dataclass(frozen=True, eq=False)
class Ways:
    """Seconds and metres between places for vehicles of one kind: square matrices of whole numbers, row to column."""

    seconds: NDArray[np.int64] = field(repr=False)
    metres: NDArray[np.int64] = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("seconds", "metres"):
            matrix = getattr(self, name)
            demand(matrix.ndim == 2, f"{name}: has {matrix.ndim} dimensions, expected 2")
            demand(np.issubdtype(matrix.dtype, np.integer), f"{name}: holds {matrix.dtype}, expected whole numbers")
            demand(not matrix.size or int(matrix.min()) >= 0, f"{name}: holds a negative number")
            demand(not matrix.size or int(matrix.max()) <= LONGEST, f"{name}: holds a number above {LONGEST:,}")

    def __getstate__(self) -> dict[str, object]:
        """Give the matrices alone to other processes, which make rows of their own."""
        return {"seconds": self.seconds, "metres": self.metres}

    @cached_property
    def seconds_rows(self) -> Rows:
        """Give the seconds by row: one number at a time is read ten times faster than from an array."""
        return _rows(self.seconds)

    @cached_property
    def metres_rows(self) -> Rows:
        """Give the metres by row."""
        return _rows(self.metres)


def _rows(matrix: NDArray[np.int64]) -> Rows:
    """Write small matrices as lists; those of a large day would take 300 MB so, and are looked at where they are."""
    if len(matrix) <= SMALL:
        return matrix.tolist()  # type: ignore[no-any-return]  # lists of whole numbers
    return [memoryview(row) for row in np.ascontiguousarray(matrix, np.int64)]


SMALL = 1000
"""Places up to which a matrix is written as lists."""


LONGEST = 10**9
"""The largest number in a matrix; larger ones would overflow the engines' sums. No way is written as this much."""
