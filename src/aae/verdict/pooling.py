"""Two samples made comparable: rounded, pooled, shuffled, z-scored, with permuted labels."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import (
    QUADRATIC_ROWS,
    Array,
    distances_of_products,
    row_summaries,
    spread_of,
    subsample,
)

ALL_CELLS = 8_000_000  # most pooled cells that the marginals look at; 64 MB a copy
Labels = NDArray[np.float32]


def thin(
    x: NDArray[Any], y: NDArray[Any], rows: int, rng: np.random.Generator
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Draw at most that many pooled rows, in random order: half a side, or what is left over."""
    most_x = max(rows // 2, rows - len(y))
    most_y = max(rows - rows // 2, rows - len(x))
    return subsample(x, most_x, rng), subsample(y, most_y, rng)


def pooled_rows(columns: int) -> int:
    """Return how many pooled rows of so many columns the marginals look at."""
    return max(QUADRATIC_ROWS, ALL_CELLS // columns)


def steps(x: NDArray[np.floating], y: NDArray[np.floating], resolution: float) -> Array:
    """Return the width to which each column is rounded, shape (columns,).

    The power of two below `resolution` times the pooled standard deviation, or times the
    interquartile range over 1.349 where that is smaller: one huge value must not hide the others.
    Powers of two keep equal columns equal and leave integers and halves where they are. A column
    that is constant in x has the root mean square spread of the others: jitter around a constant
    is small or large compared with those.
    """
    pooled = np.concatenate([x, y]).astype(float)
    spread = pooled.std(axis=0)
    quartiles = np.quantile(pooled, [0.25, 0.75], axis=0)
    robust = (quartiles[1] - quartiles[0]) / 1.349
    spread = np.where(robust > 0, np.minimum(robust, spread), spread)
    constant = (x == x[:1]).all(axis=0) | (y == y[:1]).all(axis=0)
    typical = np.sqrt(np.mean(spread[~constant] ** 2)) if not constant.all() else 0.0
    spread = np.where(constant & (typical > 0), typical, spread)
    return np.asarray(2.0 ** np.floor(np.log2(resolution * np.where(spread > 0, spread, 1.0))))


def rounded(
    x: NDArray[np.floating], y: NDArray[np.floating], resolution: float
) -> tuple[Array, Array]:
    """Round both samples to what is looked at, so that number formats tell nothing apart.

    Values of y within a step of an atom of x (a value that x repeats) become that atom, all others
    multiples of the column's step. Where either side is float32 both are read as such. Rows whose
    cells all agree within a step stay constant.

    Args:
        x: the reference, shape (n, columns).
        y: rows, shape (m, columns).
        resolution: in pooled standard deviations of each column, see `steps`.

    Returns:
        Both sides in float64, of the same shapes.
    """
    if x.dtype == np.float32 or y.dtype == np.float32:
        x, y = x.astype(np.float32), y.astype(np.float32)
    step = steps(x, y, resolution)
    sides = [_constant_rows(np.asarray(side, dtype=float), step) for side in (x, y)]
    for column, width in enumerate(step):
        atoms = atoms_of(sides[0][:, column])
        for side in sides:
            side[:, column] = _snapped(side[:, column], atoms, width)
    return sides[0], sides[1]


def atoms_of(values: Array) -> Array:
    """Return the sorted distinct values of a column that repeats most of them, else none."""
    distinct = np.unique(values)
    return distinct if 2 * len(distinct) <= len(values) else distinct[:0]


def _constant_rows(x: Array, step: Array) -> Array:
    x = x.copy()
    width = step.min()
    flat = np.ptp(x, axis=1) <= width
    x[flat] = (np.round(x[flat].mean(axis=1) / width) * width)[:, None]
    return x


def _snapped(values: Array, atoms: Array, width: float) -> Array:
    result = np.round(values / width) * width
    if len(atoms):
        right = np.clip(np.searchsorted(atoms, values), 1, max(1, len(atoms) - 1))
        pair = atoms[np.stack([right - 1, np.minimum(right, len(atoms) - 1)])]
        nearest = np.where(np.abs(pair[0] - values) <= np.abs(pair[1] - values), *pair)
        result = np.where(np.abs(nearest - values) <= width, nearest, result)
    return np.asarray(result + 0.0, dtype=float)  # no negative zeros


@dataclass(frozen=True)
class Pool:
    """Two samples as every test sees them.

    Attributes:
        all_rows: z-scored pooled rows in random order, shape (all rows, columns).
        all_labels: 1 where a row of `all_rows` is real, else 0.
        z: the rows of which every pair is looked at, shape (rows, columns).
        labels: 1 where a row of `z` is real, shape (rows, permutations + 1); column 0 is what was
            observed, the others permute it. One matrix serves every test.
        seed: of what a test draws itself.
    """

    all_rows: Array
    all_labels: Labels
    z: Array
    labels: Labels
    seed: int

    @cached_property
    def products(self) -> Array:
        """Inner products of all pairs, shape (rows, rows)."""
        return self.z @ self.z.T

    @cached_property
    def distances(self) -> Array:
        """Euclidean distances of all pairs, shape (rows, rows)."""
        square = np.sum(self.z**2, axis=1)
        return distances_of_products(self.products.copy(), square, square)

    @cached_property
    def summaries(self) -> Array:
        """`row_summaries` of the rows, shape (rows, 13)."""
        return row_summaries(self.z)

    @property
    def thinned(self) -> bool:
        """Whether the tests of pairs see fewer rows than the marginals."""
        return len(self.z) < len(self.all_rows)


def permuted_labels(
    observed: NDArray[np.integer], permutations: int, rng: np.random.Generator
) -> Labels:
    """Return the observed labels, then permutations of them: shape (rows, permutations + 1)."""
    labels = np.tile(observed.astype(np.int8), (permutations + 1, 1))
    labels[1:] = rng.permuted(labels[1:], axis=1)
    return np.ascontiguousarray(labels.T, dtype=np.float32)


def make_pool(
    x: NDArray[np.floating], y: NDArray[np.floating], permutations: int, seed: int
) -> Pool:
    """Pool two samples: shuffle the rows, z-score with pooled statistics, permute the labels.

    Rows are shuffled, because ties between neighbours are broken by position.

    Args:
        x: real rows, shape (n, columns), already `rounded`; y: generated rows, (m, columns).
        permutations: how many besides what was observed.
        seed: decides the order, the subsample and the permutations.
    """
    rng = np.random.default_rng(seed)
    joined = np.concatenate([x, y], dtype=float)
    labels = np.repeat(np.array([1, 0], dtype=np.int8), [len(x), len(y)])
    joined -= joined[0].copy()  # a constant column becomes 0 without rounding noise
    joined -= joined.mean(axis=0)
    joined /= spread_of(joined)
    if not np.isfinite(joined).all():
        raise ValueError("expected finite rows whose squares are finite, got NaN or overflow")
    order = rng.permutation(len(joined))
    picked = order
    if len(order) > QUADRATIC_ROWS:
        sides = thin(np.flatnonzero(labels == 1), np.flatnonzero(labels == 0), QUADRATIC_ROWS, rng)
        picked = rng.permutation(np.concatenate(sides))
    rows = joined[order]
    return Pool(
        all_rows=rows,
        all_labels=labels[order].astype(np.float32),
        z=rows if picked is order else joined[picked],
        labels=permuted_labels(labels[picked], permutations, rng),
        seed=seed,
    )
