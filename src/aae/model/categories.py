"""Categories of a table's rows: stratum x cluster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.model.mixture import START, Array, Moments, Shrinkage, choose, log_densities, started
from aae.model.sample import sample
from aae.model.scores import normal_scores
from aae.model.strata import Strata

Integers = NDArray[np.int64]

# Numbers of the law of codes and residuals, over all categories: 2 MiB of a graph.
LAW = 2**19
SEARCHED = 20_000  # rows that clusters are found in, at most: it passes over them hundreds of times
CHUNK = 2**22  # cells that are looked at together


@dataclass(frozen=True)
class Categories:
    """Categories of rows.

    Attributes:
        row: category of each of the rows that they were found in, shape (rows,).
        label: of each category, shape (categories,); zeros where rows have none.
        shrinkage: of the covariances in each.
        strata: of rows; law: of the scores in each; used: its components that are categories.
    """

    row: Integers
    label: Integers
    shrinkage: Shrinkage
    strata: Strata
    law: Moments
    used: Integers

    def of(self, rows: Rows, scores: NDArray[np.float32], labels: Integers | None) -> Integers:
        """The likeliest category of each row, shape (rows,)."""
        strata = self.strata.of(rows, given(rows, labels))
        return np.searchsorted(self.used, components(scores, strata, self.law, self.used))


def categories(
    data: Split, scores: NDArray[np.float32], flags: Integers, latent: int, seed: int
) -> Categories:
    """Find the categories of training rows.

    Args:
        data: rows in their own units, shape (rows, columns), and labels.
        scores: of the rows, alike.
        flags: columns of 0 and 1 that say where others have gaps.
        latent: dimension of the code, with which there are `LAW` numbers to keep.
        seed: of k-means and of the folds, and of a sample of more than `SEARCHED` rows.
    """
    rows = data.rows
    labels = given(*data)
    strata = Strata.learn(rows, labels, flags)
    stratum = strata.of(rows, labels)
    searched = sample(stratum, len(rows), min(SEARCHED, CHUNK // rows.shape[1]), seed)
    z, part = scores[searched].astype(np.float64), stratum[searched]
    most = LAW // (scores.shape[1] * (scores.shape[1] + latent))
    choice = choose(dequantised(rows[searched], z, seed), part, most, seed)
    law = started(z, part, choice.clusters, seed)
    found = components(scores, stratum, law, np.arange(len(law.label)))
    used, row = np.unique(found, return_inverse=True)
    label = strata.patterns[law.label[used], 0]
    return Categories(row.astype(np.int64), label, choice.shrinkage, strata, law, used)


def given(rows: Rows, labels: Integers | None) -> Integers:
    """Labels, all 0 where there are none."""
    return np.zeros(len(rows), dtype=np.int64) if labels is None else labels


def components(
    scores: NDArray[np.float32], strata: Integers, law: Moments, among: Integers
) -> Integers:
    """The likeliest component of each row, of those among which it is to be, shape (rows,)."""
    step = max(1, CHUNK // scores.shape[1])
    found = []
    for start in range(0, len(scores), step):
        part = slice(start, start + step)
        densities = log_densities(scores[part].astype(np.float64), strata[part], law, START)
        found.append(densities[:, among].argmax(axis=1))
    return np.asarray(among[np.concatenate(found)])


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
