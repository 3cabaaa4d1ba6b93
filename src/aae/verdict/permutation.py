"""Statistics of two samples under many labellings at once: the work of permutation tests."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, column_blocks
from aae.verdict.pooling import Grouping, Labels

THRESHOLDS = (20, 128)  # of a column's distribution function, least and most: steps below the noise
ALL_THRESHOLDS = 16_384  # of all columns together, as far as the least number allows
CELL_THRESHOLDS = 1024
CELL_SAMPLE = 100_000  # cells whose quantiles are the thresholds
FINE = 1 << 16  # equal steps over the middle of the cells, through which a threshold is looked up
BLOCK = 300_000  # cells of a block of counts: what the cache holds
DEGREES = 4


def largest_standardised(values: Array) -> Array:
    """Join statistics: the largest of each in standard deviations from its mean over permutations.

    Not the smallest p-value: with B permutations that is 2 / (B + 1) at best for two statistics,
    which Holm's first threshold excludes at B = 199. Observed and permuted values are treated
    alike (the observed one enters mean and deviation), so that the permutation test stays exact.

    Args:
        values: shape (statistics, B + 1).
    """
    mean, std = values.mean(axis=1, keepdims=True), values.std(axis=1, keepdims=True)
    return np.asarray(((values - mean) / np.where(std > 1e-12, std, np.inf)).max(axis=0))


def permuted_columns(columns: Array, grouping: Grouping) -> tuple[Array, Array]:
    """Compute each column's Kolmogorov-Smirnov and Neyman's smooth statistic for each labelling.

    The supremum of the first is taken over pooled quantiles, 128 of each of up to 128 columns, 20
    from 820 columns on. The second (Neyman 1937) is the root mean square, over Legendre
    polynomials P_1 ... P_4 of the pooled ranks of the same quantiles (place, scale, skewness,
    tails), of the difference of means, each in units of its deviation: a small change of scale
    moves it far more than KS; no huge value counts for more than another.

    Args:
        columns: shape (rows, columns), rows in the grouping's order.
        grouping: of the rows, with their labels.

    Returns:
        Both of shape (columns, B + 1).
    """
    least, most = THRESHOLDS
    bins = max(least, min(most, ALL_THRESHOLDS // columns.shape[1]))
    width = max(1, BLOCK // (bins * grouping.labels.shape[1]))
    ks, smooth = np.empty((2, columns.shape[1], grouping.labels.shape[1]))
    for start in range(0, columns.shape[1], width):
        block = slice(start, start + width)
        table = _tables(_bins(columns[:, block].T, bins), bins, grouping)
        ks[block], smooth[block] = _statistics(table, _scores(table.sum(axis=2)), grouping.labels)
    return ks, smooth


def _bins(columns: Array, bins: int) -> NDArray[np.intp]:
    """Place values between the quantiles of their column, columns first as in the result."""
    ordered = np.sort(columns, axis=1)
    at = np.linspace(0, columns.shape[1] - 1, bins).astype(int)
    pairs = zip(ordered[:, at], columns, strict=True)
    return np.stack([np.searchsorted(quantiles, values) for quantiles, values in pairs])


def _tables(place: NDArray[np.intp], bins: int, grouping: Grouping) -> Labels:
    """Count the values of each group in each bin.

    Args:
        place: bins of values, shape (tables, values); of a column after the other where a table
            is of several.
        bins: how many.
        grouping: of the rows.

    Returns:
        Shape (tables, bins, groups).
    """
    groups = len(grouping.labels)
    start = np.arange(len(place))[:, None] * bins
    cell = (place + start) * groups + np.arange(place.shape[1]) % groups
    counts = np.bincount(cell.ravel(), minlength=len(place) * bins * groups)
    return counts.reshape(len(place), bins, groups).astype(np.float32)


def _scores(counts: Array) -> Array:
    """Return Legendre scores P_1 ... P_4 of the bins' ranks, of mean 0 and mean square 1.

    Args:
        counts: shape (tables, bins).

    Returns:
        Shape (tables, DEGREES, bins); a score that does not vary is 0.
    """
    counts = counts.astype(float)
    total = counts.sum(axis=1, keepdims=True)
    place = (2 * np.cumsum(counts, axis=1) - counts) / total - 1
    square = place**2
    second, third = (3 * square - 1) / 2, (5 * square - 3) * place / 2
    fourth = (35 * square**2 - 30 * square + 3) / 8
    scores = np.stack([place, second, third, fourth], axis=1)
    share = (counts / total)[:, None]
    scores -= np.sum(share * scores, axis=2, keepdims=True)
    size = np.sqrt(np.sum(share * scores**2, axis=2, keepdims=True))
    return np.asarray(scores / np.where(size > 1e-9, size, np.inf))


def _statistics(table: Labels, scores: Array, labels: Labels) -> tuple[Array, Array]:
    """Return sup |F - G|, and the root mean square difference of the scores' means.

    Args:
        table: counts, shape (tables, bins, groups).
        scores: of the bins, of mean 0, shape (tables, DEGREES, bins).
        labels: shape (groups, B + 1).

    Returns:
        Both of shape (tables, B + 1).
    """
    tables, bins, groups = table.shape
    below = np.broadcast_to(np.tri(bins), (tables, bins, bins))
    weights = np.concatenate([below, scores], axis=1, dtype=np.float32)
    sums = weights @ table  # whole numbers below thresholds: exact up to 2^24
    first = (sums.reshape(-1, groups) @ labels).reshape(tables, bins + DEGREES, -1)
    share = float(labels[:, 0].mean(dtype=float))
    scale = 1 / (share * (1 - share) * float(table[0].sum(dtype=float)))
    gaps, means = first[:, :bins], first[:, bins:]
    gaps -= share * sums[:, :bins].sum(axis=2, keepdims=True)
    largest = np.maximum(gaps.max(axis=1), -gaps.min(axis=1))
    return scale * largest, scale * np.sqrt(np.mean(means**2, axis=1))


def permuted_cells(rows: Array, grouping: Grouping) -> Array:
    """Compare all cells, whole rows labelled: Kolmogorov-Smirnov and Neyman's smooth statistic.

    Both on `CELL_THRESHOLDS` quantiles, the second of the groups' sums of scores, in units of
    their deviation: cells of a row may depend on one another.

    Args:
        rows: shape (rows, columns), in the grouping's order.
        grouping: of the rows, with their labels.

    Returns:
        Shape (2, B + 1).
    """
    centre = rows.mean(axis=0)
    look_up = _cell_bins(rows[: max(1, CELL_SAMPLE // len(centre))] - centre)
    table = np.zeros((1, CELL_THRESHOLDS + 1, len(grouping.labels)), dtype=np.float32)
    for block in column_blocks(*rows.shape):
        place = look_up((rows[:, block] - centre[block]).T)
        table += _tables(place.reshape(1, -1), table.shape[1], grouping)
    scores = _scores(table.sum(axis=2))
    size = (scores @ table).std(axis=2, keepdims=True)
    scores /= np.where(size > 1e-6 * len(rows), size, np.inf)
    return np.concatenate(_statistics(table, scores, grouping.labels))


def _cell_bins(some: Array) -> Callable[[Array], NDArray[np.intp]]:
    """Return a function from cells to bins between the quantiles of some of them."""
    ordered = np.sort(some, axis=None)
    at = np.linspace(0, len(ordered) - 1, min(CELL_THRESHOLDS, len(ordered))).astype(int)
    tail = len(ordered) // 1000
    low, high = ordered[tail], ordered[-1 - tail]
    low, high = (low, high) if low < high else (ordered[0], ordered[-1])
    step = (high - low) / FINE or 1.0
    bins = np.searchsorted(np.unique(ordered[at]), low + step * (np.arange(FINE) + 0.5))
    return lambda cells: bins[np.clip((cells - low) / step, 0, FINE - 1).astype(np.intp)]


def permuted_mmd(kernel: Array, labels: Labels, size: int = 1) -> Array:
    """Compute the unbiased squared MMD for each labelling (Gretton et al. 2012, eq. 3).

    mean k(x, x') + mean k(y, y') - 2 mean k(x, y), pairs of a row with itself left out. All
    labellings at once: sums of pairs are quadratic forms l' K l, the columns of one product K L.

    Args:
        kernel: symmetric; summed over pairs of rows of two groups, shape (groups, groups), a row
            with itself left out; overwritten.
        labels: 1 where a group is of the first sample, shape (groups, B + 1).
        size: rows of a group.

    Returns:
        Shape (B + 1,).
    """
    total = size * len(kernel)
    n = size * float(labels[:, 0].sum())
    m = total - n
    # Row means cancel in the statistic: taking them out leaves float32 enough digits.
    mean = kernel.sum(axis=1) / (total - 1)
    kernel -= size * mean[:, None]
    kernel -= size * mean
    kernel[np.diag_indices(len(kernel))] += 2 * mean
    centred = kernel.astype(np.float32)
    first = np.einsum("ij,ij->j", labels, centred @ labels, dtype=float)
    sums = kernel.sum(axis=1) @ labels
    within_x = first / (n * (n - 1))
    within_y = (kernel.sum() - 2 * sums + first) / (m * (m - 1))
    return np.asarray(within_x + within_y - 2 * (sums - first) / (n * m))
