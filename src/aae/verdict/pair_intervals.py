"""Confidence interval of the largest difference of a correlation, among all pairs of columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, row_blocks
from aae.verdict.intervals import (
    Interval,
    Limits,
    Moments,
    Rows,
    absolute,
    degrees,
    largest,
    quantile,
)

TILE = 512  # columns a side of a tile of pairs
CANDIDATES = 30  # pairs whose degrees of freedom are computed, for either limit
FREEDOM_ROWS = 20_000  # from about so many rows
EDGE = 1e-9  # a correlation is at least so far from -1 and 1

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Side:
    """One sample: rows, shape (n, columns), and the moments of its columns, none constant."""

    rows: Rows
    moments: Moments

    def standardised(self, rows: slice, columns: slice | Positions) -> Array:
        """Return z-scores of some rows and columns."""
        n = self.moments.rows
        z = np.asarray(self.rows[rows, columns], dtype=float) - self.moments.mean[columns]
        z /= self.moments.sd[columns] * np.sqrt((n - 1) / n)
        return z


@dataclass(frozen=True)
class Correlations:
    """Correlations of one sample, all arrays of one shape.

    Attributes:
        value: the correlations.
        error: standard errors of artanh of them.
        freedom: degrees of freedom of these.
    """

    value: Array
    error: Array
    freedom: Array

    def widths(self, level: float) -> tuple[Array, Array]:
        """Return how far the limits lie below and above each correlation."""
        z, width = np.arctanh(self.value), self.error * quantile(level, self.freedom)
        return self.value - np.tanh(z - width), np.tanh(z + width) - self.value


def correlation_interval(real: Side, made: Side, names: Sequence[str], alpha: float) -> Interval:
    """Interval of the largest |rho' - rho| of two columns.

    A correlation's influence is psi = x y - rho (x^2 + y^2) / 2 of standardised x and y. Its limits
    are those of Fisher's z with the variance E psi^2 / (1 - rho^2)^2 n, whatever the law; those of
    a difference are by Zou (2007), and of the largest as `aae.verdict.intervals` says. All pairs
    are looked at; degrees of freedom are those of n rows but for the `CANDIDATES`.

    Args:
        real, made: the samples.
        names: of their columns, two at least.
        alpha: chance that the interval misses the largest difference.
    """
    count = len(names) * (len(names) - 1) // 2
    left, right, sides = _candidates(real, made, count, alpha)
    known = [
        replace(moment, freedom=_freedom(side, left, right, moment.value))
        for side, moment in zip((real, made), sides, strict=True)
    ]
    pairs = [(names[j], names[k]) for j, k in zip(left, right, strict=True)]
    return largest(known[1].value - known[0].value, _limits(*known), pairs, alpha, count)


def _limits(real: Correlations, made: Correlations) -> Limits:
    difference = made.value - real.value

    def limits(level: float) -> tuple[Array, Array]:
        (below, above), (other_below, other_above) = (each.widths(level) for each in (real, made))
        return difference - np.hypot(other_below, above), difference + np.hypot(other_above, below)

    return limits


def _candidates(
    real: Side, made: Side, count: int, alpha: float
) -> tuple[Positions, Positions, tuple[Correlations, Correlations]]:
    """Return the pairs with the largest lower and upper limits, and their correlations."""
    columns = real.rows.shape[1]
    tiles = [slice(start, min(start + TILE, columns)) for start in range(0, columns, TILE)]
    kept = []
    for first, second in combinations_with_replacement(tiles, 2):
        sides = [_of_tile(side, first, second) for side in (real, made)]
        lows, highs = absolute(_limits(*sides), count, alpha)
        estimates = [each for side in sides for each in (side.value, side.error)]
        pairs = np.stack([*np.mgrid[first, second], lows, highs, *estimates]).reshape(8, -1)
        kept.append(_foremost(pairs[:, pairs[0] < pairs[1]]))
    left, right, _, _, *estimates = _foremost(np.hstack(kept))
    freedoms = (np.array(len(side.rows) - 1.0) for side in (real, made))
    one, other = map(Correlations, estimates[::2], estimates[1::2], freedoms)
    return left.astype(np.intp), right.astype(np.intp), (one, other)


def _foremost(pairs: Array) -> Array:
    """Keep the `CANDIDATES` with the largest limits, which are rows 2 and 3: (8, pairs)."""
    best = [np.argsort(-limit, kind="stable")[:CANDIDATES] for limit in pairs[2:4]]
    return np.asarray(pairs[:, np.unique(np.concatenate(best))])


def _of_tile(side: Side, first: slice, second: slice) -> Correlations:
    """Correlations of the columns of one slice with those of another, from products of powers."""
    shape, n = (first.stop - first.start, second.stop - second.start), len(side.rows)
    products = np.zeros((4, *shape))
    for rows in row_blocks(n, 4 * max(shape)):
        x, y = side.standardised(rows, first), side.standardised(rows, second)
        x2, y2 = x**2, y**2
        products += np.stack([x.T @ y, x2.T @ y2, (x * x2).T @ y, x.T @ (y * y2)])
    value, squares, left, right = products / n
    fourth = side.moments.powers[4]
    ends = fourth[first][:, None] + fourth[second] + 2 * squares
    variance = squares - value * (left + right) + value**2 / 4 * ends
    value = np.clip(value, EDGE - 1, 1 - EDGE)
    error = np.sqrt(np.maximum(variance, 0.0) / (n - 1)) / (1 - value**2)
    return Correlations(value, error, np.array(n - 1.0))


def _freedom(side: Side, left: Positions, right: Positions, value: Array) -> Array:
    """Degrees of freedom of the standard errors of some pairs' correlations."""
    n = len(side.rows)
    some = slice(None, None, -(-n // FREEDOM_ROWS))
    x, y = side.standardised(some, left), side.standardised(some, right)
    squares = (x * y - value / 2 * (x**2 + y**2)) ** 2
    return degrees(squares.mean(axis=0), np.mean(squares**2, axis=0), n)
