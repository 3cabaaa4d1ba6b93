"""The article's distribution test: moments of rows against those of a law in closed form."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import column_blocks
from aae.verdict.outcome import Outcome, permutation_outcome
from aae.verdict.permutation import largest_standardised
from aae.verdict.pooling import Grouping, grouping, pooled_rows, thin

Array = NDArray[np.float64]
MOMENTS = ("mean", "std", "skewness", "excess_kurtosis")
HUGE = 1e12  # standard deviations: beyond it nothing is farther off, and fourth powers stay finite


def against_law(rows: NDArray[np.floating], law: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compare sample moments with the law's, in standard errors.

    The standard error of a moment is that of the mean of its influence function (Hampel, 1974)
    over independent rows, so that it holds however the columns of a row depend on one another.

    Args:
        rows: shape (n, columns), n >= 2.
        law: content of law.json.

    Returns:
        cells: moment -> law, sample, standard_error, z, over all cells; columns: moment -> the
        largest |z| over columns, and the share of columns with |z| > 1.96 (5% under the law, but
        for columns that depend on one another). None where no moments are known.
    """
    if law["moments"] is None:
        return None
    distances: dict[str, Any] = {"cells": {}, "columns": {}}
    values, influence = _influence(np.asarray(rows, dtype=float), pooled=True)
    errors = influence.std(axis=1, ddof=1) / np.sqrt(len(rows))
    for name, value, error in zip(MOMENTS, values, errors, strict=True):
        z = _standardised(value - law["cells"][name], error, law["cells"]["std"])
        entry = {"law": law["cells"][name], "sample": value, "standard_error": error, "z": z}
        distances["cells"][name] = {key: float(each) for key, each in entry.items()}
    for name, z in zip(MOMENTS, _column_scores(rows, law), strict=True):
        share = float(np.mean(np.abs(z) > 1.96))
        distances["columns"][name] = {"largest_z": float(np.abs(z).max()), "beyond_1.96": share}
    return distances


def _column_scores(rows: NDArray[np.floating], law: Mapping[str, Any]) -> Array:
    """(sample - law) / standard error of each column, shape (4, columns)."""
    wanted = np.array([law["moments"][name] for name in MOMENTS])
    scores = np.empty_like(wanted)
    for block in column_blocks(*rows.shape):
        values, influence = _influence(np.asarray(rows[:, block], dtype=float), pooled=False)
        errors = influence.std(axis=1, ddof=1) / np.sqrt(len(rows))
        scores[:, block] = _standardised(values - wanted[:, block], errors, wanted[1, block])
    return scores


def _influence(x: Array, pooled: bool) -> tuple[Array, Array]:
    """Moments and their influence functions: (4, ...) and (4, rows, ...), pooled over columns.

    With z = (x - mean) / std, g skewness, k kurtosis: x - mean, std (z^2 - 1) / 2,
    z^3 - g - 3 z - 3/2 g (z^2 - 1) and z^4 - k - 4 g z - 2 k (z^2 - 1).
    """
    axis = None if pooled else 0
    mean, std = x.mean(axis=axis), x.std(axis=axis)
    z = (x - mean) / np.where(std > 0, std, 1.0)
    g, k = (z**3).mean(axis=axis), (z**4).mean(axis=axis)
    parts = (
        x - mean,
        std * (z**2 - 1) / 2,
        z**3 - g - 3 * z - 1.5 * g * (z**2 - 1),
        z**4 - k - 4 * g * z - 2 * k * (z**2 - 1),
    )
    influence = np.stack([part.mean(axis=1) if pooled else part for part in parts])
    return np.stack([mean, std, g, k - 3]), influence


def _standardised(gap: Array, error: Array, std: Any) -> Array:
    """gap / error; the error of a moment without sampling variation is rounding's."""
    return np.asarray(gap / np.maximum(error, 1e-6 * np.asarray(std)))


def moment_test(
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    moments: Array,
    *,
    permutations: int,
    seed: int = 0,
) -> Outcome:
    """Test generated rows' moments against the law's, calibrated on real rows.

    Of each column and each of the four moments, z = sqrt(m) mean(f) / std(f) over the m generated
    rows, f the moment's influence function at the law, whose mean is 0 under it. The statistic
    joins the largest |z| over columns and the |z| of all columns' mean f, each by
    `largest_standardised`. Its null distribution permutes which groups of rows are the generated
    ones: the normal approximation is poor for skewness and kurtosis of long-tailed columns, an
    exact permutation test of rows of one law is not (see `Grouping`).

    Args:
        real: rows of the law, shape (n, columns); generated: shape (m, columns). At most
            `pooled_rows` in all are drawn.
        moments: mean, std, skewness, excess kurtosis of each column, shape (4, columns), std > 0.
        permutations: how many.
        seed: decides the draw and the permutations.
    """
    rng = np.random.default_rng(seed)
    x, y = thin(real, generated, pooled_rows(real.shape[1]), rng)
    groups = grouping(len(y), len(x), permutations, rng)
    rows = np.concatenate([y, x])[groups.order]
    together = np.zeros((len(MOMENTS), len(rows)))
    largest = np.zeros((len(MOMENTS), groups.labels.shape[1]))
    for block in column_blocks(len(MOMENTS) * len(rows), rows.shape[1]):
        scores = _scores(np.asarray(rows[:, block], dtype=float), moments[:, block])
        together += scores.sum(axis=2)
        for place, score in enumerate(scores):
            np.maximum(largest[place], _permuted_z(score, groups).max(axis=0), out=largest[place])
    values = np.concatenate([largest, _permuted_z(together.T, groups)])
    return permutation_outcome(largest_standardised(values))


def _scores(rows: Array, moments: Array) -> Array:
    """Influence functions at the law, shape (4, rows, columns)."""
    mean, std, g, excess = moments
    z = np.clip((rows - mean) / std, -HUGE, HUGE)
    square, k = z**2, excess + 3
    cube = square * z - g - 3 * z - 1.5 * g * (square - 1)
    return np.stack([z, square - 1, cube, square**2 - k - 4 * g * z - 2 * k * (square - 1)])


def _permuted_z(scores: Array, groups: Grouping) -> Array:
    """Return |z| of each column for each labelling, shape (columns, B + 1)."""
    size = scores.std(axis=0)
    unit = groups.sums(scores / np.where(size > 0, size, 1.0)).astype(np.float32)
    m = groups.size * float(groups.labels[:, 0].sum(dtype=float))
    return np.asarray(np.abs(unit.T @ groups.labels) / np.sqrt(m), dtype=float)
