"""Effects planted in wide tables by moving cells, where choosing rows cannot plant them.

Of 784 independent columns, rows of a law whose means are off by .1 hardly occur among those of the
other: no choice of rows has such means. Where no column has an atom, rows are moved instead: tests
see no grid as fine as that leaves it. Other correlations leave each column its cells.
"""

from collections.abc import Callable

import numpy as np

from aae.verdict.effects import Array
from aae.verdict.ranks import normal_scores
from aae.verdict.tilting import Planted, Sides, Table

Moved = Callable[[Array, float], Array | None]  # rows with mean 0, deviation 1; size; None: cannot


def mean(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Move each column's mean up or down, at random."""
    signs = rng.choice([-1.0, 1.0], size=table.z.shape[1])
    return _moved(table, n, rng, lambda z, size: z + size * signs)


def std(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Make all standard deviations too small."""
    return _moved(table, n, rng, lambda z, size: (1 - size) * z)


def all_correlations(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Exchange cells within columns, such that they follow a common factor (Iman & Conover 1982).

    The cells of column j take the order of sqrt(1 - a) w_j + sqrt(a) s_j g, w_j being the normal
    scores of their ranks, ties at random. Columns that were independent have the correlations
    a s_j s_k c_j c_k then, c_j the correlation of a column with its scores, and keep their values.
    s and the size are as in `planting.all_correlations`.
    """
    ties = rng.random(table.z.shape)
    factor = rng.standard_normal((len(table.z), 1)) * table.signs

    def move(z: Array, size: float) -> Array | None:
        ranks = np.argsort(np.lexsort((ties[: len(z)], z), axis=0), axis=0).astype(np.float64)
        scores = normal_scores(ranks).T
        a = size / float(np.mean(np.mean(z * scores, axis=0)) ** 2)
        if a > 1:
            return None
        order = np.argsort(np.sqrt(1 - a) * scores + np.sqrt(a) * factor[: len(z)], axis=0)
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
