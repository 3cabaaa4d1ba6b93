"""Effects planted in wide tables by moving cells, where choosing rows cannot plant them.

Of 784 independent columns, rows of a law whose means are off by .1 hardly occur among those of the
other: no choice of rows has such means. Where no column has an atom, rows are moved instead: tests
see no grid as fine as that leaves it. Other correlations leave each column its cells.
"""

from collections.abc import Callable

import numpy as np

from aae.verdict.effects import Array
from aae.verdict.ranks import normal_scores
from aae.verdict.tilting import CORRELATED, Planted, Sides, Table, mean_correlation

Moved = Callable[[Array, float], Array | None]  # rows with mean 0, deviation 1; size; None: cannot


def mean(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Move each column's mean up or down, at random."""
    signs = rng.choice([-1.0, 1.0], size=table.z.shape[1])
    return _moved(table, n, rng, lambda z, size: z + size * signs)


def std(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Make all standard deviations too small."""
    return _moved(table, n, rng, lambda z, size: (1 - size) * z)


def all_correlations(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Exchange cells within columns, so that these follow other scores (Iman & Conover 1982).

    Cells of column j take the order of sqrt(1 - a) w_j + sqrt(a) s_j g, w_j the normal scores of
    their ranks, ties at random, g a common factor, or noise of each column's own where columns are
    `CORRELATED`. Columns keep their values, and have the correlations c_j c_k ((1 - a) r_jk +
    a s_j s_k), without the second term where g is noise; c_j is the correlation of a column with
    its scores, r_jk is about 0 where g is common. s and the size: `planting.all_correlations`.
    """
    shape = table.z.shape
    before = mean_correlation(table.z, table.signs, np.ones(len(table.z)))
    ties, weaker = rng.random(shape), before > CORRELATED
    added = rng.standard_normal(shape if weaker else (len(table.z), 1)) * table.signs

    def move(z: Array, size: float) -> Array | None:
        ranks = np.argsort(np.lexsort((ties[: len(z)], z), axis=0), axis=0)
        scores = normal_scores(ranks.astype(np.float64)).T
        a = size / (before if weaker else float(np.mean(np.mean(z * scores, axis=0)) ** 2))
        if a > 1:
            return None
        order = np.argsort(np.sqrt(1 - a) * scores + np.sqrt(a) * added[: len(z)], axis=0)
        moved = np.empty_like(z)
        np.put_along_axis(moved, order, np.sort(z, axis=0), axis=0)
        return moved

    return _moved(table, n, rng, move)


def _moved(table: Table, n: int, rng: np.random.Generator, move: Moved) -> Planted:
    """Divide rows at random and move those of the second side."""
    first, second = np.split(table.z[rng.permutation(len(table.z))], [n])

    def sides(size: float) -> Sides | None:
        moved = move(second, size)
        return None if moved is None else (first, moved)

    return sides
