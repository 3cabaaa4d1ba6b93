"""Effects planted in a table by choosing rows: cells stay as they are, grids and atoms with them.

A planted effect divides given rows into two sides that differ by it, one to stand for real rows,
one for generated: by a tilt (`tilting`), by leaving rows out, or by exchanging cells of a column.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.tilting import (
    Planted,
    Sides,
    components,
    correlations,
    deviations,
    means,
    root_mean_square,
    standardised,
    tilted,
)

MEASURED_COLUMNS = 50  # most columns whose pairs are looked at, to find out how far to tilt
CORRELATED = 0.2  # mean correlation from which on a table's pairs can be made weaker
COLLINEAR = 0.95  # correlation of a pair whose product says no more than the squares


@dataclass(frozen=True)
class Effect:
    """A kind of effect that can be planted.

    Attributes:
        plant: (rows, rows of the first side, rng) -> sides by size. All that is random is drawn
            at once, so that a larger size changes the same rows more.
        start: size that is tried first; most: largest size that is tried.
        says: what a size means.
        columns: fewest columns that it needs.
    """

    plant: Callable[[Array, int, np.random.Generator], Planted]
    start: float
    most: float
    says: str
    columns: int = 1


def mean(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Move each column's mean up or down, at random: u = s' R^-1 z.

    R is the columns' correlation matrix: of a normal law, the tilt moves it by s and keeps its
    covariance. Directions in which collinear columns do not vary are left out.
    """
    z = standardised(rows)
    scores, axes, scale = components(z)
    signs = rng.choice([-1.0, 1.0], size=z.shape[1])

    def effect(p: Array) -> float:
        first, second = means(z, p)
        return root_mean_square(second - first)

    return tilted(rows, n, rng, scores @ ((axes.T @ signs) / scale), effect)


def std(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Make the columns' standard deviations too small: u = -sum_k c_k^2 / var c_k^2.

    c are the principal components in units of their deviation: of a normal law, u is z' R^-1 z and
    the tilt makes all deviations too small by one factor, and keeps the correlations.
    """
    z = standardised(rows)
    square = components(z)[0] ** 2
    spread = square.var(axis=0)
    square, spread = square[:, spread > 1e-6], spread[spread > 1e-6]  # +-1 has no other deviation

    def effect(p: Array) -> float:
        first, second = deviations(z, p)
        return root_mean_square(second / first - 1)

    return tilted(rows, n, rng, -(square / spread).sum(axis=1), effect)


def one_correlation(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Change the correlation of one pair of columns, drawn at random, towards 0.

    u is their product without what the two columns and their squares say of it.
    """
    z = standardised(rows)
    first, second = z[:, _pair(z, rng)].T
    known = np.stack([np.ones(len(z)), first, second, first**2, second**2], axis=1)
    product = first * second
    score = product - known @ np.linalg.lstsq(known, product, rcond=None)[0]
    pair = np.stack([first, second], axis=1)
    towards = -1.0 if product.mean() > 0 else 1.0

    def effect(p: Array) -> float:
        change = correlations(pair, p) - correlations(pair, 1 - p)
        return float(towards * change[0, 1])

    return tilted(rows, n, rng, towards * score, effect)


def _pair(z: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw two columns that are not collinear, if there are such."""
    for _ in range(20):
        pair = rng.choice(z.shape[1], size=2, replace=False)
        if abs(np.mean(z[:, pair[0]] * z[:, pair[1]])) < COLLINEAR:
            break
    return np.asarray(pair)


def all_correlations(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Change the correlations of all pairs: u = (sum_j s_j z_j)^2 without what sum z_j^2 says.

    s are the signs of the first principal axis. Correlations become weaker where they are
    `CORRELATED` in the mean, else stronger.
    """
    z = standardised(rows)
    axis = np.linalg.svd(z, full_matrices=False)[2][0]
    signs = np.where(axis < 0, -1.0, 1.0)
    size, total = np.sum(z**2, axis=1), (z @ signs) ** 2
    slope = np.cov(size, total)[0, 1] / max(float(size.var(ddof=1)), 1e-12)
    pairs = z.shape[1] * (z.shape[1] - 1)
    weaker = (total.mean() - size.mean()) / pairs > CORRELATED
    some = z[:, rng.permutation(z.shape[1])[:MEASURED_COLUMNS]]
    above = np.triu_indices(some.shape[1], 1)

    def effect(p: Array) -> float:
        change = correlations(some, p) - correlations(some, 1 - p)
        return root_mean_square(change[above])

    return tilted(rows, n, rng, (total - slope * size) * (-1.0 if weaker else 1.0), effect)


def lost_mode(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Leave out of the second side the rows nearest to one row, drawn at random.

    The size is their share of the first side.
    """
    z = standardised(rows)
    near = np.argsort(np.sum((z - z[rng.integers(len(z))]) ** 2, axis=1), kind="stable")
    key = rng.random(len(rows))

    def sides(size: float) -> Sides | None:
        lost = near[: round(size * n)]
        ranks = key.copy()
        ranks[lost] = -1.0
        order = np.argsort(ranks, kind="stable")
        return rows[order[:n]], rows[order[n:]]

    return sides


def dependence(rows: Array, n: int, rng: np.random.Generator) -> Planted:
    """Break the dependence of one column, drawn at random, on the others.

    Its values are exchanged among a share of the second side's rows, which is the size.
    """
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


EFFECTS: dict[str, Effect] = {
    "std": Effect(std, 0.1, 0.6, "standard deviations too small by this share"),
    "mean": Effect(mean, 0.15, 1.0, "means off by so many standard deviations, up or down"),
    "correlation": Effect(all_correlations, 0.1, 0.8, "correlations of all pairs off by this", 2),
    "correlation of one pair": Effect(one_correlation, 0.2, 0.9, "of a pair drawn at random", 2),
    "lost mode": Effect(lost_mode, 0.05, 0.5, "share of rows, neighbours of each other, missing"),
    "dependence": Effect(dependence, 0.5, 1.0, "share of rows with another's value in a column", 2),
}
