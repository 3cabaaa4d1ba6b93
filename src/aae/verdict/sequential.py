"""Permutation tests that draw labellings until the p-value is known well enough."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.outcome import Outcome
from aae.verdict.pooling import Labels

EXCEEDANCES = 20  # a p-value known to about a fifth of itself needs no further labelling
SCALING = 100  # labellings that give each statistic its mean and deviation, besides those counted
LABEL_CELLS = 4_000_000  # most labels at a time, 16 MB: larger arrays are never reused

Statistics = Callable[[Labels], Array]  # labels (labellings, rows) to (statistics, labellings)


def sequential_outcome(
    statistics: Statistics, observed: Labels, permutations: int, rng: np.random.Generator
) -> Outcome:
    """Compare the largest standardised statistic with its permutations, no more than needed.

    Mean and deviation of each statistic come from `SCALING` labellings of their own, so that the
    joined statistic is one fixed function of the labels and the test exact. Labellings are drawn
    until `EXCEEDANCES` of them reach what was observed: p = `EXCEEDANCES` / drawn (Besag &
    Clifford 1991), else p = (1 + reached) / (B + 1); P(p <= a) <= a either way.

    Args:
        statistics: maps labellings, shape (b, rows), to statistics, shape (statistics, b).
        observed: 1 where a row is of the first sample, else 0, shape (rows,).
        permutations: the most that are drawn, B.
        rng: draws the labellings.
    """
    size = max(1, min(SCALING, LABEL_CELLS // len(observed)))

    def drawn(number: int) -> Array:
        sizes = [min(size, number - start) for start in range(0, number, size)]
        parts = [statistics(random_labels(observed, each, rng)) for each in sizes]
        return np.concatenate(parts, axis=1)

    scale = drawn(SCALING)
    mean, std = scale.mean(axis=1, keepdims=True), scale.std(axis=1, keepdims=True)
    std[std <= 1e-6 * np.abs(mean)] = np.inf  # rounding noise
    value = float(((statistics(observed[None]) - mean) / std).max())
    null = np.empty(0)
    reached = np.zeros(0, dtype=bool)
    while len(null) < permutations and reached.sum() < EXCEEDANCES:
        batch = ((drawn(min(size, permutations - len(null))) - mean) / std).max(axis=0)
        null = np.concatenate([null, batch])
        reached = null >= value - 1e-5 * abs(value)  # float32 must not break ties
    return _outcome(value, null, _sequential_p(reached))


def _sequential_p(reached: NDArray[np.bool_]) -> float:
    if reached.sum() < EXCEEDANCES:
        return float(1 + reached.sum()) / (1 + len(reached))
    return EXCEEDANCES / float(1 + np.flatnonzero(reached)[EXCEEDANCES - 1])


def _outcome(value: float, null: Array, p: float) -> Outcome:
    median, q95 = np.quantile(null, [0.5, 0.95])
    spread = float(null.std())
    effect = (value - float(null.mean())) / spread if spread > 1e-12 else 0.0
    return Outcome(value, p, float(median), float(q95), effect)


def random_labels(observed: Labels, number: int, rng: np.random.Generator) -> Labels:
    """Draw labellings with as many ones as observed, each such set of rows equally likely.

    Each row is drawn on its own; rows drawn at random then leave or join until the count is right.
    Given its size a set drawn so is uniform, and stays so: much faster than to permute many rows.

    Args:
        observed: 0 and 1, shape (rows,).

    Returns:
        Shape (number, rows).
    """
    rows, ones = len(observed), int(observed.sum(dtype=float))
    words = rng.integers(0, 2**64, number * (-(-rows // 8)), dtype=np.uint64)
    chance = min(255, max(1, round(256 * ones / rows)))
    labels = (words.view(np.uint8).reshape(number, -1) < chance)[:, :rows]
    for row in labels:
        _set_count(row, ones, rng)
    return labels.astype(np.float32)


def _set_count(row: NDArray[np.bool_], ones: int, rng: np.random.Generator) -> None:
    """Move random rows in or out, in place, until `ones` are in."""
    while excess := int(np.count_nonzero(row)) - ones:
        surplus, left = excess > 0, abs(excess)
        share = (ones + max(excess, 0)) / len(row) if surplus else 1 - (ones + excess) / len(row)
        drawn = rng.integers(0, len(row), int(1.5 * left / share) + 8)
        drawn = drawn[row[drawn] == surplus]
        first = np.sort(np.unique(drawn, return_index=True)[1])[:left]
        row[drawn[first]] = not surplus
