"""Fits a + b d + c sqrt(d) to ways, by least shares rather than squares: one day in a traffic jam moves it little."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .settings import Fit

Vector = NDArray[np.float64]

ROUNDS = 50
"""Of weighted least squares; the weights stand still after some twenty."""

TINY = 1e-3
"""A share of error below which a point weighs no more."""


def fit_curve(distances: Vector, took: Vector) -> Fit:
    """Fit coefficients, none below 0, so that the sum of |fit - took| / took is least.

    Parameters
    ----------
    distances, took
        Great-circle metres above 0, and seconds or metres above 0, in any order.

    Raises
    ------
    ValueError
        There are fewer than three ways, or one has no length.

    References
    ----------
    Iteratively reweighted least squares for absolute errors: Schlossmacher, JASA 68 (1973). With three coefficients the
    constraint is met by trying each set of them that is not 0.
    """
    if len(distances) < 3 or distances.min() <= 0 or took.min() <= 0:
        raise ValueError(f"fit: {len(distances)} ways, expected 3 or more, all above 0")
    columns = np.column_stack([np.ones_like(distances), distances, np.sqrt(distances)]) / took[:, None]
    best, least = (0.0, 0.0, 0.0), float("inf")
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            found = _least(columns[:, chosen])
            error = float(np.abs(columns[:, chosen] @ found - 1).sum())
            if (found >= 0).all() and error < least:
                weights = np.zeros(3)
                weights[list(chosen)] = found
                best, least = (float(weights[0]), float(weights[1]), float(weights[2])), error
    return Fit(*best)


def _least(columns: Vector) -> Vector:
    """Solve for a product near 1 everywhere, in the sum of absolute errors."""
    scale = np.abs(columns).max(axis=0)
    scaled, weights = columns / scale, np.ones(len(columns))
    found = np.zeros(columns.shape[1])
    for _ in range(ROUNDS):
        root = np.sqrt(weights)
        found = np.linalg.lstsq(scaled * root[:, None], root, rcond=None)[0]
        weights = 1 / np.maximum(np.abs(scaled @ found - 1), TINY)
    solved: Vector = found / scale
    return solved
