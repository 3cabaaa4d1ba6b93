"""Statistics of two samples under many labellings at once: the work of permutation tests."""

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, column_blocks
from aae.verdict.pooling import Labels

THRESHOLDS = 128  # of a distribution function; its error, half a step, is far below the noise
CELL_THRESHOLDS = 1024
DEGREES = 4
WIDTH = 32  # temporary arrays of `permuted_smooth`, as many cells as its columns each
BLOCK = 8  # columns at a time: their counts stay in the cache


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


def permuted_ks(columns: Array, labels: Labels) -> Array:
    """Compute each column's Kolmogorov-Smirnov statistic for each labelling.

    The supremum is taken over `THRESHOLDS` pooled quantiles, where all counts of a block of columns
    are one sparse matrix product.

    Args:
        columns: shape (rows, columns).
        labels: shape (rows, B + 1), 1 for the first sample.

    Returns:
        Shape (columns, B + 1).
    """
    starts = range(0, columns.shape[1], BLOCK)
    return np.concatenate([_ks_block(columns[:, at : at + BLOCK], labels) for at in starts])


def _ks_block(columns: Array, labels: Labels) -> Array:
    from scipy.sparse import csr_matrix

    bins = [_bins(column) for column in columns.T]
    order = np.concatenate([np.argsort(each, kind="stable") for each in bins])
    counts = np.concatenate([np.bincount(each, minlength=THRESHOLDS) for each in bins])
    ends = np.concatenate([[0], np.cumsum(counts)])
    ones = np.ones(len(order), dtype=np.float32)
    indicator = csr_matrix((ones, order, ends), shape=(len(counts), len(columns)))
    first = (indicator @ labels).reshape(len(bins), THRESHOLDS, -1)  # exact: whole numbers
    both = np.cumsum(counts.reshape(len(bins), THRESHOLDS), axis=1, dtype=np.float32)
    return _largest_gap(np.cumsum(first, axis=1, out=first), both)


def _bins(column: Array) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    ordered = np.sort(column)
    at = np.linspace(0, len(column) - 1, min(THRESHOLDS, len(column))).astype(int)
    return np.searchsorted(np.unique(ordered[at]), column).astype(np.int16)


def _largest_gap(first: Labels, both: Labels) -> Array:
    """Return sup |F - G| from counts of the first sample and of both up to each threshold."""
    n = first[:, -1:, :].max()
    m = both[0, -1] - n
    first *= 1 / n + 1 / m
    first -= (both / m)[:, :, None]
    return np.asarray(np.maximum(first.max(axis=1), -first.min(axis=1)), dtype=float)


def permuted_cells(rows: Array, labels: Labels) -> Array:
    """Compare all cells, whole rows labelled: Kolmogorov-Smirnov and Neyman's smooth statistic.

    Both on `CELL_THRESHOLDS` quantiles of the cells, the second of the rows' mean scores.

    Args:
        rows: shape (rows, columns); labels: shape (rows, B + 1).

    Returns:
        Shape (2, B + 1).
    """
    bins, size = _cell_bins(rows)
    first = np.cumsum(_cell_counts(bins, size, labels), axis=0, dtype=np.float32)
    counts = np.bincount(bins.ravel(), minlength=size)
    both = np.cumsum(counts)
    scores = _legendre((2 * both - counts) / both[-1] - 1)
    # Summed by score, not by cell: a table of all cells' scores would be four times the rows.
    means = np.stack([score[bins].mean(axis=1) for score in scores], axis=1)
    smooth = _smooth(_unit(means), labels)
    return np.stack([_largest_gap(first[None], both[None].astype(np.float32))[0], smooth[0]])


def _cell_bins(rows: Array) -> tuple[NDArray[np.intp], int]:
    at = np.linspace(0, rows.size - 1, min(CELL_THRESHOLDS, rows.size)).astype(int)
    thresholds = np.unique(np.sort(rows, axis=None)[at])
    return np.searchsorted(thresholds, rows), len(thresholds)


def _cell_counts(bins: NDArray[np.intp], size: int, labels: Labels) -> Labels:
    """Return how many cells of the first sample are in each bin, shape (bins, B + 1)."""
    if labels.shape[1] == 1:  # what was observed, of too many rows for a table of their counts
        chosen = bins[labels[:, 0] == 1]
        return np.bincount(chosen.ravel(), minlength=size)[:, None].astype(np.float32)
    place = bins + np.arange(len(bins))[:, None] * size
    counted = np.bincount(place.ravel(), minlength=len(bins) * size).reshape(len(bins), size)
    return counted.astype(np.float32).T @ labels


def permuted_smooth(columns: Array, labels: Labels) -> Array:
    """Compute Neyman's smooth statistic of each column for each labelling (Neyman 1937).

    The root mean square, over Legendre polynomials P_1 ... P_4 of the pooled ranks (place, scale,
    skewness, tails), of the difference of means, each in units of its deviation. A small change of
    scale moves it far more than KS; no huge value counts for more than another.

    Args:
        columns: shape (rows, columns); labels: shape (rows, B + 1).

    Returns:
        Shape (columns, B + 1).
    """
    from scipy.stats import rankdata

    blocks = column_blocks(WIDTH * len(columns), columns.shape[1])
    result = np.empty((columns.shape[1], labels.shape[1]))
    for block in blocks:
        place = (2 * rankdata(columns[:, block], axis=0) - 1) / len(columns) - 1
        result[block] = _smooth(_unit(np.hstack(_legendre(place))), labels)
    return result


def _legendre(place: Array) -> list[Array]:
    """Return P_1 ... P_4 of places in [-1, 1], each of the places' shape."""
    square = place**2
    second, third = (3 * square - 1) / 2, (5 * square - 3) * place / 2
    return [place, second, third, (35 * square**2 - 30 * square + 3) / 8]


def _unit(scores: Array) -> Labels:
    scores = scores - scores.mean(axis=0)
    size = np.sqrt(np.mean(scores**2, axis=0))
    return np.asarray(scores / np.where(size > 1e-9, size, np.inf), dtype=np.float32)


def _smooth(scores: Labels, labels: Labels) -> Array:
    """Return root mean square differences of `DEGREES` scores' means, shape (columns, B + 1)."""
    n = float(labels[:, 0].sum(dtype=float))
    first = scores.T @ labels  # the scores' means are 0: one sample's sum is minus the other's
    first *= first
    size = np.sqrt(first.reshape(DEGREES, -1, labels.shape[1]).mean(axis=0))
    return np.asarray(size * (1 / n + 1 / (len(labels) - n)), dtype=float)


def permuted_mmd(kernel: Array, labels: Labels) -> Array:
    """Compute the unbiased squared MMD for each labelling (Gretton et al. 2012, eq. 3).

    mean k(x, x') + mean k(y, y') - 2 mean k(x, y), pairs of a row with itself left out. All
    labellings at once: sums of pairs are quadratic forms l' K l, the columns of one product K L.

    Args:
        kernel: symmetric, shape (rows, rows); overwritten.
        labels: shape (rows, B + 1), 1 for the first sample.

    Returns:
        Shape (B + 1,).
    """
    total = len(kernel)
    n = float(labels[:, 0].sum())
    m = total - n
    # Row means cancel in the statistic: taking them out leaves float32 enough digits.
    np.fill_diagonal(kernel, 0.0)
    mean = kernel.sum(axis=1) / (total - 1)
    kernel -= mean[:, None]
    kernel -= mean
    np.fill_diagonal(kernel, 0.0)
    centred = kernel.astype(np.float32)
    first = np.einsum("ij,ij->j", labels, centred @ labels, dtype=float)
    sums = kernel.sum(axis=1) @ labels
    within_x = first / (n * (n - 1))
    within_y = (kernel.sum() - 2 * sums + first) / (m * (m - 1))
    return np.asarray(within_x + within_y - 2 * (sums - first) / (n * m))


def nearest(distances: Array, k: int, seed: int) -> NDArray[np.intp]:
    """Return the positions of the k nearest other rows, ties broken at random, shape (rows, k).

    By position instead, all rows of one atom would share the same k neighbours.
    """
    rng = np.random.default_rng(seed)
    keys = distances.astype(np.float32)
    keys += rng.random(keys.shape, dtype=np.float32) * np.float32(1e-6 * (keys.mean() or 1.0))
    np.fill_diagonal(keys, np.inf)
    return np.argpartition(keys, k - 1, axis=1)[:, :k]
