"""Effects planted in wide tables by moving rows, where choosing rows cannot plant them.

Of 784 independent columns, rows of a law whose means are off by .1 hardly occur among those of the
other: no choice of rows has such means. Where no column has an atom, rows are moved instead: tests
see no grid as fine as that leaves it.
"""

from collections.abc import Callable

import numpy as np

from aae.verdict.effects import Array
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
    """Mix rows with a common factor, or with noise where the columns are `CORRELATED`.

    sqrt(1 - a) z_j + sqrt(a) s_j g has the correlations (1 - a) r_jk + a s_j s_k, noise instead of
    the factor g the correlations (1 - a) r_jk; s and the size as in `planting.all_correlations`.
    """
    signs, columns = table.signs, table.z.shape[1]
    before = mean_correlation(table.z, signs, np.ones(len(table.z)))
    weaker = before > CORRELATED
    added = rng.standard_normal((len(table.z), columns if weaker else 1)) * signs

    def move(z: Array, size: float) -> Array | None:
        a = size / (before if weaker else 1 - before)
        return np.sqrt(1 - a) * z + np.sqrt(a) * added[: len(z)] if a < 1 else None

    return _moved(table, n, rng, move)


def _moved(table: Table, n: int, rng: np.random.Generator, move: Moved) -> Planted:
    """Divide rows at random and move those of the second side."""
    first, second = np.split(table.z[rng.permutation(len(table.z))], [n])

    def sides(size: float) -> Sides | None:
        moved = move(second, size)
        return None if moved is None else (first, moved)

    return sides
