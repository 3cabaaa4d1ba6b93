"""Effects planted in a table by choosing rows: cells stay as they are, grids and atoms with them.

A planted effect divides given rows into two sides that differ by it, one to stand for real rows,
one for generated: by a tilt (`tilting`), by leaving rows out, or by exchanging cells of a column.
Where no choice of rows has the effect, cells are `moving` instead.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict import moving
from aae.verdict.effects import Array
from aae.verdict.tilting import (
    CORRELATED,
    WIDE,
    Planted,
    Sides,
    Table,
    correlations,
    deviations,
    mean_correlation,
    means,
    root_mean_square,
    tilted,
)

COLLINEAR = 0.95  # correlation of a pair whose product says no more than the squares


@dataclass(frozen=True)
class Effect:
    """A kind of effect that can be planted.

    Attributes:
        plant: (table, rows of the first side, rng) -> sides by size. All that is random is drawn
            at once, so that a larger size changes the same rows more.
        start: size that is tried first; most: largest size that is tried.
        says: what a size means.
        columns: fewest columns that it needs.
    """

    plant: Callable[[Table, int, np.random.Generator], Planted]
    start: float
    most: float
    says: str
    columns: int = 1

    def divide(self, table: Table, rng: np.random.Generator) -> Planted:
        """Divide a table into halves."""
        return self.plant(table, len(table.rows) // 2, rng)


def mean(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Move each column's mean up or down, at random: u = s' R^-1 z.

    R is the columns' correlation matrix: of a normal law, the tilt moves it by s and keeps its
    covariance. Directions in which collinear columns do not vary are left out.
    """
    if table.moved:
        return moving.mean(table, n, rng)
    z, principal = table.z, table.components
    signs = rng.choice([-1.0, 1.0], size=z.shape[1])
    score = principal.scores @ ((principal.axes.T @ signs) / principal.scale)

    def effect(p: Array) -> float:
        first, second = means(z, p)
        return root_mean_square(second - first)

    return tilted(table.rows, n, rng, score, effect)


def std(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Make the columns' standard deviations too small: u = -sum_k c_k^2 / spread of c_k^2.

    c are the principal components in units of their deviation, the spread is var c^2 / mean^2 c^2:
    of a normal law, u is -z' R^-1 z / 2 and the tilt makes all deviations too small by one factor,
    and keeps the correlations. The size is the mean over columns.
    """
    if table.moved:
        return moving.std(table, n, rng)
    z, square = table.z, table.components.scores**2
    spread = square.var(axis=0) / square.mean(axis=0) ** 2
    square, spread = square[:, spread > 1e-6], spread[spread > 1e-6]  # +-1 has no other deviation

    def effect(p: Array) -> float:
        first, second = deviations(z, p)
        return float(np.mean(1 - second / first))

    return tilted(table.rows, n, rng, -(square / spread).sum(axis=1), effect)


def one_correlation(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Change the correlation of one pair of columns, drawn at random, towards 0.

    u is their product without what the two columns and their squares say of it.
    """
    z = table.z
    first, second = z[:, _pair(z, rng)].T
    known = np.stack([np.ones(len(z)), first, second, first**2, second**2], axis=1)
    product = first * second
    score = product - known @ np.linalg.lstsq(known, product, rcond=None)[0]
    pair = np.stack([first, second], axis=1)
    towards = -1.0 if product.mean() > 0 else 1.0

    def effect(p: Array) -> float:
        change = correlations(pair, p) - correlations(pair, 1 - p)
        return float(towards * change[0, 1])

    return tilted(table.rows, n, rng, towards * score, effect)


def _pair(z: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw two columns that are not collinear, if there are such."""
    for _ in range(20):
        pair = rng.choice(z.shape[1], size=2, replace=False)
        if abs(np.mean(z[:, pair[0]] * z[:, pair[1]])) < COLLINEAR:
            break
    return np.asarray(pair)


def all_correlations(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Change the correlations of all pairs: u = (sum_j s_j z_j)^2 without what sum z_j^2 says.

    s are the signs of the first principal axis. Correlations become weaker where they are
    `CORRELATED` in the mean, else stronger; the size is the mean of s_j s_k times their change: of
    many columns in few rows, that of squares would be noise.
    """
    if table.moved or table.dimension > WIDE:
        return moving.all_correlations(table, n, rng)
    z, signs = table.z, table.signs
    size, total = np.sum(z**2, axis=1), (z @ signs) ** 2
    slope = np.cov(size, total)[0, 1] / max(float(size.var(ddof=1)), 1e-12)
    pairs = z.shape[1] * (z.shape[1] - 1)
    towards = -1.0 if (total.mean() - size.mean()) / pairs > CORRELATED else 1.0

    def effect(p: Array) -> float:
        return towards * float(mean_correlation(z, signs, p) - mean_correlation(z, signs, 1 - p))

    return tilted(table.rows, n, rng, (total - slope * size) * towards, effect)


def lost_mode(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Leave out of the second side the rows nearest to one row, drawn at random.

    The size is their share of the first side.
    """
    z, rows = table.z, table.rows
    near = np.argsort(np.sum((z - z[rng.integers(len(z))]) ** 2, axis=1), kind="stable")
    key = rng.random(len(rows))

    def sides(size: float) -> Sides | None:
        lost = near[: round(size * n)]
        ranks = key.copy()
        ranks[lost] = -1.0
        order = np.argsort(ranks, kind="stable")
        return rows[order[:n]], rows[order[n:]]

    return sides


def dependence(table: Table, n: int, rng: np.random.Generator) -> Planted:
    """Break the dependence of one column, drawn at random, on the others.

    Its values are exchanged among a share of the second side's rows, which is the size.
    """
    rows = table.rows
    order = rng.permutation(len(rows))
    first, second = rows[order[:n]], rows[order[n:]]
    varying = np.flatnonzero((rows != rows[:1]).any(axis=0))
    column = int(rng.choice(varying))

    def sides(size: float) -> Sides | None:
        changed = second.copy()
        chosen = np.arange(round(size * len(second)))  # a cycle: none keeps its own
        changed[chosen, column] = second[np.roll(chosen, 1), column]
        return first, changed

    return sides


MEAN = "means off by so many standard deviations, up or down"
PAIRS = "correlations of all pairs off by this, in the mean"
EFFECTS: dict[str, Effect] = {
    "std": Effect(std, 0.1, 0.6, "standard deviations too small by this share"),
    "mean": Effect(mean, 0.15, 1.0, MEAN),
    "correlation": Effect(all_correlations, 0.1, 0.8, PAIRS, 2),
    "correlation of one pair": Effect(one_correlation, 0.2, 0.9, "of a pair drawn at random", 2),
    "lost mode": Effect(lost_mode, 0.05, 0.5, "share of rows, neighbours of each other, missing"),
    "dependence": Effect(dependence, 0.5, 1.0, "share of rows with another's value in a column", 2),
}
