"""Rows divided into two sides by an exponential tilt, and moments of sides given by probabilities.

Where labels are drawn with log odds theta u(row), the density of one side is that of the other
times exp(theta u + constant): of all laws whose mean of u is another by so much, the one nearest in
Kullback-Leibler divergence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from aae.verdict.effects import Array, spread_of

Sides = tuple[Array, Array]
Planted = Callable[[float], Sides | None]  # size of the effect -> both sides; None: cannot be
LARGEST_TILT = 30.0  # log odds of a row one standard deviation of the score away
WIDE = 100  # columns above which effects are planted by moving rows,
ATOM = 0.05  # where in no column such a share of rows has one value
CORRELATED = 0.2  # mean correlation from which on a table's pairs are made weaker
COLLINEAR_AXIS = 0.1  # variance below which a principal component is left out, of their mean


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that effects are planted in again and again.

    Attributes:
        rows: shape (N, columns).
    """

    rows: Array

    @cached_property
    def z(self) -> Array:
        """The columns that vary, with mean 0 and standard deviation 1."""
        z = self.rows[:, (self.rows != self.rows[:1]).any(axis=0)]
        z = z - z.mean(axis=0)
        return np.asarray(z / spread_of(z))

    @cached_property
    def moved(self) -> bool:
        """Whether effects are planted by `moving`: many columns, none of which has an atom."""
        if self.z.shape[1] <= WIDE:
            return False
        ordered, apart = np.sort(self.z, axis=0), round(ATOM * len(self.z))
        return bool((ordered[apart:] > ordered[: len(ordered) - apart]).all())

    @cached_property
    def dimension(self) -> float:
        """Columns as far as they say different things: d^2 / sum of squared correlations."""
        rows, columns = self.z.shape
        products = self.z @ self.z.T if rows < columns else self.z.T @ self.z  # of one size
        return float(columns**2 / np.sum((products / rows) ** 2))

    @cached_property
    def signs(self) -> Array:
        """Signs of the first principal axis."""
        return np.where(self.components.axes[:, 0] < 0, -1.0, 1.0)

    @cached_property
    def components(self) -> "Components":
        """Principal components of `z`, in units of what so many rows tell of their deviations."""
        return _components(self.z)


@dataclass(frozen=True)
class Components:
    """Principal components.

    Attributes:
        scores: z @ axes / scale, shape (N, components).
        axes: shape (columns, components), the largest first.
        scale: standard deviations, shrunk towards each other as few rows of many columns demand.
    """

    scores: Array
    axes: Array
    scale: Array


def _components(z: Array) -> Components:
    """Shrink eigenvalues towards their mean (Ledoit & Wolf 2004), leave out collinear axes.

    Eigenvalues of fewer rows than columns are far apart where those of the law are all one.
    """
    from sklearn.covariance import ledoit_wolf_shrinkage

    left, singular, axes = np.linalg.svd(z, full_matrices=False)
    values = singular**2 / len(z)
    mean = values.sum() / z.shape[1]
    shrinkage = float(ledoit_wolf_shrinkage(z, assume_centered=True)) if z.shape[1] > 1 else 0.0
    values = (1 - shrinkage) * values + shrinkage * mean
    kept = (values > COLLINEAR_AXIS * mean) & (singular > 1e-6 * singular[0])
    scale = np.sqrt(values[kept])
    return Components(left[:, kept] * singular[kept] / scale, axes[kept].T, scale)


def tilted(
    rows: Array, n: int, rng: np.random.Generator, score: Array, effect: Callable[[Array], float]
) -> Planted:
    """Divide rows by a tilt that has an effect of the wanted size.

    Args:
        rows: shape (N, columns); n: of them make the first side.
        rng: of the labels.
        score: u of each row, shape (N,).
        effect: size by which the second side differs from the first where row i is in it with
            probability p_i; takes these, shape (N,).
    """
    noise = rng.logistic(size=len(rows))
    score = score / (score.std() or 1.0)

    @cache  # several sizes may be tried of which none can be had
    def effect_at(theta: float) -> float:
        return effect(_probabilities(theta * score, len(rows) - n))

    def sides(size: float) -> Sides | None:
        theta = _tilt(effect_at, size)
        if theta is None:
            return None
        order = np.argsort(theta * score + noise)
        return rows[order[:n]], rows[order[n:]]

    return sides


def _tilt(effect: Callable[[float], float], size: float) -> float | None:
    """Return the theta at which the effect has the size, None where it never has."""
    from scipy.optimize import brentq

    high = 0.01
    while effect(high) < size:
        high *= 2
        if high > LARGEST_TILT:
            return None
    return float(brentq(lambda theta: effect(theta) - size, 0.0, high, rtol=1e-3))


def _probabilities(logits: Array, chosen: int) -> Array:
    """Return the logistic probabilities with these differences that sum to so many rows."""
    from scipy.optimize import brentq
    from scipy.special import expit

    low, high = float(logits.min()) - 40, float(logits.max()) + 40
    shift = brentq(lambda at: float(expit(logits - at).sum()) - chosen, low, high, rtol=1e-6)
    return np.asarray(expit(logits - shift))


def means(z: Array, p: Array) -> Sides:
    """Return the means of both sides, rows of the second with probability p."""
    return (1 - p) @ z / (1 - p).sum(), p @ z / p.sum()


def deviations(z: Array, p: Array) -> Sides:
    """Return the columns' standard deviations on both sides."""
    sides = zip(means(z, p), means(z**2, p), strict=True)
    first, second = (np.sqrt(np.maximum(square - mean**2, 0)) for mean, square in sides)
    return first, second


def correlations(z: Array, weights: Array) -> Array:
    """Return the correlation matrix of weighted rows."""
    centred = z - weights @ z / weights.sum()
    covariance = (centred * weights[:, None]).T @ centred
    deviation = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(deviation, deviation))


def mean_correlation(z: Array, signs: Array, weights: Array) -> float:
    """Return the mean of s_j s_k r_jk over all pairs of weighted columns: (var - d) / (d (d - 1)).

    var is the variance of sum_j s_j z_j, columns in units of their weighted deviation.
    """
    share = weights / weights.sum()
    centred = z - share @ z
    total = (centred / np.sqrt(share @ centred**2)) @ signs
    columns = z.shape[1]
    return float((share @ total**2 - columns) / (columns * (columns - 1)))


def root_mean_square(values: Array) -> float:
    """Return sqrt(mean of squares)."""
    return float(np.sqrt(np.mean(values**2)))
