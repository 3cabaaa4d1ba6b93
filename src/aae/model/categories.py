"""Categories of a table's rows: label x which columns are at a heavy value or a gap x cluster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import kind_of
from aae.dataset.splits import Rows, Split
from aae.model.mixture import START, Array, Shrinkage, choose, log_densities, started
from aae.model.scores import normal_scores

Integers = NDArray[np.int64]

# Numbers of the law of codes and residuals, over all categories: 2 MiB of a graph.
LAW = 2**19
# A column switches where one value has such a share of the rows, and others are many.
SWITCH, VALUES = (0.1, 0.95), 20
LEAST_ROWS = 20  # of a pattern of switches; rarer ones join the most similar


@dataclass(frozen=True)
class Categories:
    """Categories of the training rows.

    Attributes:
        row: category of each row, shape (rows,).
        label: of each category, shape (categories,); zeros where rows have none.
        shrinkage: of the covariances in each.
    """

    row: Integers
    label: Integers
    shrinkage: Shrinkage


def categories(
    data: Split, scores: NDArray[np.float32], flags: Integers, latent: int, seed: int
) -> Categories:
    """Find the categories of training rows.

    Args:
        data: rows in their own units, shape (rows, columns), and labels.
        scores: of the rows, alike.
        flags: columns of 0 and 1 that say where others have gaps.
        latent: dimension of the code, with which there are `LAW` numbers to keep.
        seed: of k-means and of the folds.
    """
    rows, labels = data
    given = np.zeros(len(rows), dtype=np.int64) if labels is None else labels
    strata = patterns(rows, given, rows[:, flags] == 1)
    z = scores.astype(np.float64)
    most = LAW // (scores.shape[1] * (scores.shape[1] + latent))
    choice = choose(dequantised(rows, z, seed), strata, most, seed)
    law = started(z, strata, choice.clusters, seed)
    row = log_densities(z, strata, law, START).argmax(axis=1)
    used, row = np.unique(row, return_inverse=True)
    label = np.array([given[row == each][0] for each in range(len(used))], dtype=np.int64)
    return Categories(row.astype(np.int64), label, choice.shrinkage)


def dequantised(rows: Rows, scores: Array, seed: int) -> Array:
    """Scores in which equal values of columns of 0 and 1 have ranks at random, not the same.

    Their density is the probability of 0 and of 1. That of tied scores grows without bound as
    a category has only one of them, so that there would be ever more categories.
    """
    rng = np.random.default_rng([seed, 8])
    spread = scores.copy()
    for column in np.flatnonzero(((rows == 0) | (rows == 1)).all(axis=0)):
        order = np.lexsort((rng.random(len(rows)), rows[:, column]))
        spread[order, column] = normal_scores(np.arange(len(rows)))
    return spread


def patterns(rows: Rows, labels: Integers, gaps: NDArray[np.bool_]) -> Integers:
    """Strata, label x pattern of switches and gaps, numbered from 0, shape (rows,).

    A column that is often at one value, and has many others, is one of two things: so rows with
    different patterns of them are different kinds of rows. So are rows with gaps, `gaps` of shape
    (rows, columns with gaps), in different columns.
    """
    low, high = SWITCH
    columns = [each for each in map(switch, rows.T) if each is not None]
    columns += [each for each in gaps.T if low <= each.mean() <= high]
    switches = np.column_stack([labels, *columns])
    kinds, place, counts = np.unique(switches, axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    if switches.shape[1] == 1:
        return place.astype(np.int64)
    for label in np.unique(labels):
        own = np.flatnonzero(kinds[:, 0] == label)
        often = own[counts[own] >= LEAST_ROWS]
        kept = often if len(often) else own[[counts[own].argmax()]]
        for rare in np.setdiff1d(own, kept):
            away = np.count_nonzero(kinds[kept] != kinds[rare], axis=1)
            place[place == rare] = kept[away.argmin()]
    return np.unique(place, return_inverse=True)[1].astype(np.int64)


def switch(values: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Whether each row is at the column's most frequent value; None of a column without one."""
    kind = kind_of(values)
    most = int(kind.counts.argmax())
    low, high = SWITCH
    if len(kind.distinct) <= VALUES or not low <= kind.counts[most] / kind.rows <= high:
        return None
    return np.asarray(values == kind.distinct[most].astype(values.dtype))
