"""Plain measures of one sample, and distances between two: numbers without a verdict."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CELLS = 4_000_000  # most cells of a temporary array; 32 MB in float64
QUADRATIC_ROWS = 4000  # most pooled rows where every pair is looked at; 128 MB a matrix


@dataclass(frozen=True)
class Moments:
    """Mean, standard deviation, skewness and excess kurtosis, all of one shape."""

    mean: Array
    std: Array
    skewness: Array
    kurtosis: Array


@dataclass(frozen=True)
class SampleMoments:
    """Moments of each column, shape (columns,), and of all cells together, shape ()."""

    columns: Moments
    cells: Moments


def sample_moments(x: NDArray[np.floating]) -> SampleMoments:
    """Compute the first four standardised moments of a sample.

    With m_k the k-th central moment (divided by n): std = m_2^(1/2), skewness = m_3 / m_2^(3/2),
    excess kurtosis = m_4 / m_2^2 - 3. A constant column has skewness and kurtosis 0, not NaN.

    Args:
        x: rows, shape (rows, columns); summed in float64 whatever its type.
    """
    blocks = column_blocks(*x.shape)
    parts = [_central(np.asarray(x[:, block], dtype=float)) for block in blocks]
    mean, *central = (np.concatenate(part) for part in zip(*parts, strict=True))
    c2, c3, c4 = central
    grand = mean.mean()
    shift = mean - grand  # all columns have as many cells, so that their averages are the cells'
    m2 = np.mean(c2 + shift**2)
    m3 = np.mean(c3 + 3 * shift * c2 + shift**3)
    m4 = np.mean(c4 + 4 * shift * c3 + 6 * shift**2 * c2 + shift**4)
    return SampleMoments(_standardised(mean, c2, c3, c4), _standardised(grand, m2, m3, m4))


def column_blocks(rows: int, columns: int) -> list[slice]:
    """Cut the columns into blocks of at most `CELLS` cells (one column at least)."""
    width = max(1, CELLS // max(1, rows))
    return [slice(start, start + width) for start in range(0, columns, width)]


def row_blocks(rows: int, columns: int) -> list[slice]:
    """Cut the rows into blocks of at most `CELLS` cells (one row at least)."""
    return column_blocks(columns, rows)


def _central(x: Array) -> tuple[Array, ...]:
    mean = x.mean(axis=0)
    deviation = x - mean
    power = deviation**2
    c2 = power.mean(axis=0)
    power *= deviation
    c3 = power.mean(axis=0)
    power *= deviation
    return mean, c2, c3, power.mean(axis=0)


def _standardised(mean: Array, c2: Array, c3: Array, c4: Array) -> Moments:
    varies = c2 > (1e-12 * np.abs(mean)) ** 2  # less is rounding of the mean
    c2 = np.where(varies, c2, 0.0)
    divisor = np.where(varies, c2, 1.0)
    skewness = np.where(varies, c3 / divisor**1.5, 0.0)
    return Moments(mean, np.sqrt(c2), skewness, np.where(varies, c4 / divisor**2 - 3, 0.0))


def ks_columns(x: NDArray[np.floating], y: NDArray[np.floating]) -> Array:
    """Compute the two-sample Kolmogorov-Smirnov statistic of each column.

    D = sup_t |F_x(t) - F_y(t)|, exact with ties (a jump counts whole).

    Args:
        x: rows, shape (n, columns).
        y: rows, shape (m, columns).

    Returns:
        One number in [0, 1] a column, shape (columns,).
    """
    blocks = column_blocks(len(x) + len(y), x.shape[1])
    return np.concatenate([_ks_block(x[:, block], y[:, block]) for block in blocks])


def _ks_block(x: NDArray[np.floating], y: NDArray[np.floating]) -> Array:
    values = np.concatenate([x.T, y.T], axis=1)
    order = np.argsort(values, axis=1)
    values = np.take_along_axis(values, order, axis=1)
    from_x = np.cumsum(order < len(x), axis=1)
    below = np.arange(1, values.shape[1] + 1)
    gap = np.abs(from_x / len(x) - (below - from_x) / len(y))
    gap[:, :-1][values[:, 1:] == values[:, :-1]] = 0.0  # only the last of equals is a step's end
    return np.asarray(gap.max(axis=1), dtype=float)


def ks_cells(x: NDArray[np.floating], y: NDArray[np.floating]) -> float:
    """Compute the Kolmogorov-Smirnov statistic of all cells of x against all cells of y.

    Cells of a row may depend on each other: `scipy.stats.ks_2samp`'s p-value of this number is
    wrong (it rejects 200 true nulls of 200 with correlated columns); permute rows instead.
    """
    return float(_ks_block(x.reshape(-1, 1), y.reshape(-1, 1))[0])


def spread_of(x: NDArray[np.floating]) -> Array:
    """Return each column's standard deviation, 1 where it is constant, shape (columns,)."""
    std = np.std(x - x[:1], axis=0, dtype=float)  # the first row out: exactly 0 where constant
    return np.where(std > 0, std, 1.0)


def distances(x: NDArray[np.floating], y: NDArray[np.floating]) -> Array:
    """Compute all Euclidean distances through |a|^2 + |b|^2 - 2 a.b, shape (n, m).

    Distances below 3e-7 of the rows' norms, where that formula has no digits left, become 0.
    """
    centre = np.mean(y, axis=0, dtype=float)
    a = np.asarray(x, dtype=float) - centre
    b = np.asarray(y, dtype=float) - centre
    return distances_of_products(a @ b.T, np.sum(a**2, axis=1), np.sum(b**2, axis=1))


def distances_of_products(products: Array, square_x: Array, square_y: Array) -> Array:
    """Turn inner products into distances in place, given the squared norms of the rows."""
    size = np.add.outer(square_x, square_y)
    products *= -2
    products += size
    size *= 1e-13
    products[products < size] = 0.0
    return np.sqrt(products, out=products)


def subsample(x: NDArray[Any], rows: int, rng: np.random.Generator) -> NDArray[Any]:
    """Draw at most that many rows without replacement, in random order."""
    return np.asarray(x[rng.permutation(len(x))[:rows]])


def row_summaries(z: Array) -> Array:
    """Describe each row by 13 numbers that do not depend on the number of columns.

    Mean, standard deviation, minimum, maximum, skewness, excess kurtosis, lag-1 autocorrelation,
    root mean square, and the quantiles .05, .25, .5, .75, .95. A constant row has skewness,
    kurtosis and autocorrelation 0.

    Args:
        z: rows in units of their columns' spread, shape (rows, columns), columns >= 2.

    Returns:
        Shape (rows, 13), rounded to 1e-5, below which a constant row's numbers are rounding noise.
    """
    return np.concatenate([_summaries(z[block]) for block in row_blocks(*z.shape)])


def _summaries(z: Array) -> Array:
    mean, c2, c3, c4 = _central(np.ascontiguousarray(z.T))
    varies = c2 > 1e-8
    divisor = np.where(varies, c2, 1.0)
    deviation = z - mean[:, None]
    lag = np.einsum("ij,ij->i", deviation[:, 1:], deviation[:, :-1]) / (z.shape[1] * divisor)
    shape = [c3 / divisor**1.5, c4 / divisor**2 - 3, lag]
    ordered = np.sort(z, axis=1)
    quantiles = [_quantile(ordered, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)]
    size = [np.sqrt(c2), ordered[:, 0], ordered[:, -1], np.sqrt(c2 + mean**2)]
    columns = [mean, *size, *(np.where(varies, each, 0.0) for each in shape), *quantiles]
    return np.round(np.stack(columns, axis=1), 5)


def _quantile(ordered: Array, share: float) -> Array:
    """Return a quantile of sorted rows, between two values in proportion, shape (rows,)."""
    place = share * (ordered.shape[1] - 1)
    left, part = int(place), place % 1
    right = ordered[:, min(left + 1, ordered.shape[1] - 1)]
    return np.asarray(ordered[:, left] * (1 - part) + right * part)
