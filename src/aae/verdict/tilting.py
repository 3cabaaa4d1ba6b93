"""Rows divided into two sides by an exponential tilt, and moments of sides given by probabilities.

Where labels are drawn with log odds theta u(row), the density of one side is that of the other
times exp(theta u + constant): of all laws whose mean of u is another by so much, the one nearest in
Kullback-Leibler divergence.
"""

from collections.abc import Callable

import numpy as np

from aae.verdict.effects import Array, spread_of

Sides = tuple[Array, Array]
Planted = Callable[[float], Sides | None]  # size of the effect -> both sides; None: cannot be
LARGEST_TILT = 30.0  # log odds of a row one standard deviation of the score away
COLLINEAR_AXIS = 0.1  # variance of a principal component that is left out, of their mean


def standardised(rows: Array) -> Array:
    """Return the columns that vary, with mean 0 and standard deviation 1."""
    z = rows[:, (rows != rows[:1]).any(axis=0)]
    z = z - z.mean(axis=0)
    return np.asarray(z / spread_of(z))


def components(z: Array) -> tuple[Array, Array, Array]:
    """Return principal components of deviation 1, their axes and former deviations."""
    values, axes = np.linalg.eigh(z.T @ z / len(z))
    kept = values > COLLINEAR_AXIS * values.mean()
    scale = np.sqrt(values[kept])
    return z @ axes[:, kept] / scale, axes[:, kept], scale


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
    spread = float(score.std())
    noise = rng.logistic(size=len(rows))

    def sides(size: float) -> Sides | None:
        theta = _tilt(score / spread, len(rows) - n, effect, size) if spread > 0 else None
        if theta is None:
            return None
        order = np.argsort(theta * score / spread + noise)
        return rows[order[:n]], rows[order[n:]]

    return sides


def _tilt(score: Array, chosen: int, effect: Callable[[Array], float], size: float) -> float | None:
    """Return the theta at which the effect has the size, None where it never has."""
    from scipy.optimize import brentq

    def excess(theta: float) -> float:
        return effect(_probabilities(theta * score, chosen)) - size

    high = 0.01
    while excess(high) < 0:
        high *= 2
        if high > LARGEST_TILT:
            return None
    return float(brentq(excess, 0.0, high, rtol=1e-3))


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


def root_mean_square(values: Array) -> float:
    """Return sqrt(mean of squares)."""
    return float(np.sqrt(np.mean(values**2)))
