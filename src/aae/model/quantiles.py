"""The quantile function of a column: smooth where its values are, exact where they repeat."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import ColumnKind

Array = NDArray[np.float64]
Quantile = Callable[[Array], Array]

LEAST_KNOTS = 5


def order_statistic(values: Array) -> Quantile:
    """Q(p), the value at rank floor(p n), of ascending values of shape (n,)."""

    def quantile(p: Array) -> Array:
        places = np.clip((p * len(values)).astype(np.int64), 0, len(values) - 1)
        return values[places]

    return quantile


def smooth(values: Array) -> Quantile:
    """Q(p), PCHIP in Phi^-1(p) through means of shares of the ascending values, shape (n,).

    There are max(5, 2 n^(1/3)) knots, evenly spaced in Phi^-1(p), each the mean of the order
    statistics about it; the ends are the smallest and the largest value. Passing through every
    order statistic would put mass into every gap that the training rows have by chance.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.special import ndtr, ndtri

    n = len(values)
    if n < LEAST_KNOTS or values[0] == values[-1]:
        return order_statistic(values)
    count = max(LEAST_KNOTS, round(2 * n ** (1 / 3)))
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


class Piece(NamedTuple):
    """Ranks from `first` up to `last` that one quantile function holds for."""

    first: int
    last: int
    quantile: Quantile


def pieces(values: Array, atoms: Array) -> Iterator[Piece]:
    """Ascending values cut at the atoms: each atom a piece, and what lies between smooth."""
    cuts = {0, len(values)}
    for atom in atoms:
        cuts |= {int(np.searchsorted(values, atom, side)) for side in ("left", "right")}
    places = sorted(cuts)
    for first, last in zip(places[:-1], places[1:], strict=True):
        yield Piece(first, last, smooth(values[first:last]))


def quantile_function(values: Array, kind: ColumnKind) -> Quantile:
    """Q(p) of values, (n,), of a column of some kind, which other rows than theirs may tell."""
    values = np.sort(values)
    if kind.repeating:
        return order_statistic(values)
    parts = list(pieces(values, kind.heavy))
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
