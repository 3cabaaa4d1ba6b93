"""Which columns of two tables differ, and by how much, in plain units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, ks_columns
from aae.verdict.outcome import family_wise
from aae.verdict.permutation import permuted_columns
from aae.verdict.pooling import Pool

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
LABELLINGS = 200  # of the pool's that columns are compared with: enough to name at 5%


@dataclass(frozen=True)
class ColumnDifference:
    """A column whose law differs.

    Attributes:
        name: of the column.
        mean, sd: of real and of generated rows.
        quantile: which of `QUANTILES` is furthest off.
        shift: by how much, generated less real, in standard deviations of the real column.
        ks: Kolmogorov-Smirnov distance.
        p: family-wise: the chance that any column would differ as much if none did.
    """

    name: str
    mean: tuple[float, float]
    sd: tuple[float, float]
    quantile: float
    shift: float
    ks: float
    p: float


def column_differences(
    pool: Pool,
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    names: Sequence[str],
    alpha: float = 0.05,
) -> tuple[ColumnDifference, ...]:
    """Name the columns that differ significantly, the largest difference first.

    By Kolmogorov-Smirnov and Neyman's smooth statistic, the larger in standard deviations over
    permutations, compared with the largest of all columns (Westfall & Young 1993).

    Args:
        pool: of `real` and `generated`, see `make_pool`.
        real: shape (n, columns); generated: shape (m, columns); in their own units.
        names: of the columns.
        alpha: chance that any column is named wrongly.
    """
    labels = np.ascontiguousarray(pool.group_labels[:, :LABELLINGS])
    ks, smooth = permuted_columns(pool.all_rows, replace(pool.grouping, labels=labels))
    size = np.maximum(_scaled(ks), _scaled(smooth))
    p = family_wise(size[:, 0], size.max(axis=0))
    order = np.argsort(-smooth[:, 0], kind="stable")
    worst = order[p[order] <= alpha]
    if not len(worst):
        return ()
    x, y = (np.asarray(side[:, worst], dtype=float) for side in (real, generated))
    return tuple(_described(x, y, [names[column] for column in worst], p[worst]))


def _described(x: Array, y: Array, names: Sequence[str], p: Array) -> list[ColumnDifference]:
    mean = np.stack([x.mean(axis=0), y.mean(axis=0)], axis=1).tolist()
    # The first row out: exactly 0 where a column is constant.
    sd = np.stack([(side - side[0]).std(axis=0) for side in (x, y)], axis=1).tolist()
    shift, ks = _shifts(x, y), ks_columns(x, y)
    at = np.abs(shift).argmax(axis=0)
    return [
        ColumnDifference(
            name,
            tuple(mean[i]),
            tuple(sd[i]),
            QUANTILES[at[i]],
            float(shift[at[i], i]),
            float(ks[i]),
            float(p[i]),
        )
        for i, name in enumerate(names)
    ]


def _scaled(values: Array) -> Array:
    mean, std = values.mean(axis=1, keepdims=True), values.std(axis=1, keepdims=True)
    return np.asarray((values - mean) / np.where(std > 1e-12, std, np.inf))


def _shifts(x: Array, y: Array) -> Array:
    """Return shifts of quantiles in standard deviations of x, shape (quantiles, columns)."""
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), y.std(axis=0))
    gap = np.quantile(y, QUANTILES, axis=0) - np.quantile(x, QUANTILES, axis=0)
    return np.asarray(gap / np.where(spread > 0, spread, 1.0))
