"""The quantile function of a column: smooth where its values are, exact where they repeat."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import ColumnKind

Array = NDArray[np.float64]
Quantile = Callable[[Array], Array]

LEAST_KNOTS = 5
BIN = 5  # values that are expected in a bin of the test whether a curve follows them
# Chance of a curve that is refused, or of a gap that is found, though values are drawn from it.
MISFIT = 0.001


def order_statistic(values: Array) -> Quantile:
    """Q(p), the value at rank floor(p n), of ascending values of shape (n,)."""

    def quantile(p: Array) -> Array:
        places = np.clip((p * len(values)).astype(np.int64), 0, len(values) - 1)
        return values[places]

    return quantile


def smooth(values: Array, step: float = 0.0) -> Quantile:
    """Q(p), PCHIP in Phi^-1(p) through means of shares of the ascending values, shape (n,).

    There are max(5, 2 n^(1/3)) knots, evenly spaced in Phi^-1(p), each the mean of the order
    statistics about it; the ends are the smallest and the largest value. Passing through every
    order statistic would put mass into every gap that the training rows have by chance. Where so
    many knots do not follow the values, as where these lie in narrow clusters, there are twice as
    many, and again (`follows`), half as many as values at most.

    Args:
        values: ascending, shape (n,).
        step: that they are rounded to, 0 where they are not.
    """
    if len(values) < LEAST_KNOTS or values[0] == values[-1]:
        return order_statistic(values)
    count = base_knots(len(values))
    quantile = through(values, count)
    while 4 * count <= len(values) and not follows(quantile, values, step):
        count *= 2
        quantile = through(values, count)
    return quantile


def base_knots(rows: int) -> int:
    """How many knots a curve through so many values has where they lie smoothly."""
    return max(LEAST_KNOTS, round(2 * math.pow(rows, 1 / 3)))


def through(values: Array, count: int) -> Quantile:
    """Q(p) through so many knots."""
    from scipy.interpolate import PchipInterpolator
    from scipy.special import ndtr, ndtri

    n = len(values)
    end = float(ndtri(1 - 0.25 / n))
    edges = np.linspace(-end, end, count + 1)
    shares = ndtr(edges)
    shares[[0, -1]] = 0.0, 1.0
    totals = np.interp(shares * n, np.arange(n + 1), np.append(0.0, np.cumsum(values)))
    means = np.clip(np.diff(totals) / np.diff(shares * n), values[0], values[-1])
    places = np.concatenate([edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]])
    knots = np.maximum.accumulate(np.concatenate([values[:1], means, values[-1:]]))
    curve = PchipInterpolator(places, knots)
    least = 0.25 / n

    def quantile(p: Array) -> Array:
        return np.asarray(curve(np.clip(ndtri(np.clip(p, least, 1 - least)), -end, end)))

    return quantile


def follows(quantile: Quantile, values: Array, step: float) -> bool:
    """Whether values may be draws from a quantile function: chi-squared test, bins of `BIN`.

    Equal values are spread over the step that they are rounded to.
    """
    from scipy.stats import chisquare

    bins = len(values) // BIN
    if bins < 2:
        return True
    edges = quantile(np.arange(1, bins) / bins)
    first = np.searchsorted(values, values)
    ties = np.searchsorted(values, values, side="right") - first
    within = (np.arange(len(values)) - first + 0.5) / ties - 0.5
    counts = np.bincount(np.searchsorted(edges, values + step * within), minlength=bins)
    return bool(chisquare(counts).pvalue > MISFIT)


class Piece(NamedTuple):
    """Ranks from `first` up to `last` that one quantile function holds for."""

    first: int
    last: int
    quantile: Quantile


def pieces(values: Array, atoms: Array, step: float) -> Iterator[Piece]:
    """Ascending values cut at atoms and `gaps`: each atom a piece, what lies between smooth."""
    cuts = {0, len(values)}
    for atom in atoms:
        cuts |= {int(np.searchsorted(values, atom, side)) for side in ("left", "right")}
    for first, last in pairwise(sorted(cuts)):
        inner = [first, *(first + gap for gap in gaps(values[first:last])), last]
        for start, end in pairwise(inner):
            yield Piece(start, end, smooth(values[start:end], step))


def gaps(values: Array) -> list[int]:
    """Places where ascending values jump farther than any of them would by chance.

    Under the smooth curve, the share that lies between a value and the next is about exponential
    with mean 1 / n, and none of n is above log(n / p) / n but with chance p (Pyke 1965).
    """
    n = len(values)
    if n < LEAST_KNOTS or values[0] == values[-1]:
        return []
    ranks = np.linspace(0, 1, 16 * n + 1)
    shares = np.interp(values, through(values, base_knots(n))(ranks), ranks)
    jumps = np.flatnonzero(n * np.diff(shares) > np.log(n / MISFIT)) + 1
    if not len(jumps):
        return []
    ends = [0, *map(int, jumps), n]
    inner = (start + gap for start, end in pairwise(ends) for gap in gaps(values[start:end]))
    return sorted([*ends[1:-1], *inner])


def quantile_function(values: Array, kind: ColumnKind) -> Quantile:
    """Q(p) of values, (n,), of a column of some kind, which other rows than theirs may tell."""
    values = np.sort(values)
    if kind.repeating:
        return order_statistic(values)
    parts = list(pieces(values, kind.heavy, kind.lattice[1]))
    if len(parts) == 1:
        return parts[0].quantile

    def quantile(p: Array) -> Array:
        ranks = np.clip(p * len(values), 0, len(values) * (1 - 1e-12))
        result = np.empty_like(ranks)
        for part in parts:
            inside = (ranks >= part.first) & (ranks < part.last)
            within = (ranks[inside] - part.first) / (part.last - part.first)
            result[inside] = part.quantile(within)
        return result

    return quantile
