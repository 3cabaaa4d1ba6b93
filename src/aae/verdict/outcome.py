"""What a test says, and how it follows from permuted statistics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array


@dataclass(frozen=True)
class Outcome:
    """What one test says.

    Attributes:
        statistic: the observed value.
        p: chance of a value at least as large where both samples follow one law.
        null_median: median of the statistic under permuted labels.
        null_q95: 95% quantile of the same.
        effect: (statistic - mean) / standard deviation of the same; 0 where it has no spread.
        null_skewness: of the same; 0 of a normal law.
    """

    statistic: float
    p: float
    null_median: float
    null_q95: float
    effect: float
    null_skewness: float = 0.0


def permutation_outcome(values: Array) -> Outcome:
    """Compare an observed statistic with its permutations; large values speak against the null.

    p = (1 + #{T_b >= T_0}) / (B + 1), never 0 (Phipson & Smyth 2010).

    Args:
        values: the observed statistic, then one for each permutation, shape (B + 1,).

    Raises:
        ValueError: where a value is not finite.
    """
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("expected finite statistics, got NaN or infinity")
    observed, null = values[0], values[1:]
    slack = 1e-7 * np.abs(values).max()  # rounding must not break a tie in favour of a rejection
    p = float(1 + np.count_nonzero(null >= observed - slack)) / len(values)
    median, q95 = np.quantile(null, [0.5, 0.95])
    numbers = float(observed), p, float(median), float(q95)
    return Outcome(*numbers, _effect(observed, null), _skewness(null))


def _effect(observed: float, null: Array) -> float:
    spread = float(null.std())
    return float((observed - null.mean()) / spread) if spread > 1e-12 * abs(observed) else 0.0


def _skewness(null: Array) -> float:
    deviation, spread = null - null.mean(), float(null.std())
    varies = spread > 1e-12 * float(np.abs(null).max())
    return float(np.mean((deviation / spread) ** 3)) if varies else 0.0


def family_wise(observed: NDArray[np.floating], largest: NDArray[np.floating]) -> Array:
    """Return p-values corrected for looking at all: (1 + #{largest_b >= observed}) / (B + 1).

    The chance that any of these statistics is as large where none differs (Westfall & Young 1993).

    Args:
        observed: shape (statistics,).
        largest: of all statistics, for what was observed and B labellings, shape (B + 1,).
    """
    null = np.sort(largest[1:])
    slack = 1e-6 * float(np.abs(largest).max())  # rounding must not break a tie
    reached = len(null) - np.searchsorted(null, observed - slack)
    return np.asarray((1 + reached) / (len(null) + 1))
