"""Columns as scores of their pooled ranks: no unit, no huge value, ties kept."""

from typing import TypeVar

import numpy as np

from aae.verdict.effects import Array
from aae.verdict.pooling import Labels

Scores = TypeVar("Scores", Array, Labels)

NEGLIGIBLE = 1e-4  # a score whose spread is smaller, beside 1, is rounding noise


def places(column: Array) -> Array:
    """Return the mean rank of each cell of a column, scaled to (-1, 1), equal values alike.

    Args:
        column: shape (rows,).
    """
    order = np.argsort(column)
    ordered = column[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    ends = np.concatenate([starts[1:], [len(column)]])
    place = np.empty(len(column))
    place[order] = np.repeat((starts + ends) / len(column) - 1, ends - starts)
    return place


def legendre_scores(columns: Array, degrees: int = 2) -> Labels:
    """Return orthonormal polynomials of each column's ranks, of degree 1 (place) and 2 (spread).

    Legendre's P_1 and P_2 for a column without ties; with ties P_2 is made orthogonal to P_1 anew,
    so that no score says again what another said: a column of two values has degree 1 alone.

    Args:
        columns: shape (rows, columns).
        degrees: 1 or 2.

    Returns:
        Shape (degrees * columns, rows), degree 1 of all columns first; mean 0 and mean square 1, or
        all 0 where a column has no such score.
    """
    rows, width = columns.shape
    scores = np.empty((degrees, width, rows), dtype=np.float32)
    for index, column in enumerate(np.asfortranarray(columns).T):
        first = unit(places(column))
        scores[0, index] = first
        if degrees == 2:
            square = first**2
            square -= first * np.mean(square * first)
            scores[1, index] = unit(square)
    return scores.reshape(-1, rows)


def normal_scores(columns: Array) -> Array:
    """Return the normal quantile of each cell's rank, mean 0, mean square 1: (columns, rows)."""
    from scipy.special import ndtri

    return np.stack([unit(ndtri((places(column) + 1) / 2)) for column in columns.T])


def unit(scores: Scores, axis: int = -1) -> Scores:
    """Scale to mean 0 and mean square 1 along an axis, in place; to 0 what does not vary."""
    scores -= scores.mean(axis=axis, keepdims=True)
    size = np.sqrt(np.mean(scores**2, axis=axis, keepdims=True))
    scores /= np.where(size > NEGLIGIBLE, size, np.inf).astype(scores.dtype)
    return scores
