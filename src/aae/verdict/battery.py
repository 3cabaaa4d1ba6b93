"""The test battery: each statistic maps a pool of real and generated rows to a p-value."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.classifier import SUMMARY_COLUMNS, classifier
from aae.verdict.effects import Array
from aae.verdict.few_columns import FEW_COLUMNS, few_columns
from aae.verdict.outcome import Outcome, permutation_outcome
from aae.verdict.pairs import pairs
from aae.verdict.permutation import (
    largest_standardised,
    permuted_cells,
    permuted_columns,
    permuted_mmd,
)
from aae.verdict.pooling import Pool, make_pool


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjust p-values so that rejecting those <= alpha has family-wise level alpha (Holm 1979).

    The i-th smallest of k becomes the largest (k - j + 1) p_(j) over j <= i, at most 1.
    """
    ordered = sorted(p, key=lambda name: p[name])
    scaled = [(len(p) - place) * p[name] for place, name in enumerate(ordered)]
    running = np.minimum(np.maximum.accumulate(scaled), 1.0).tolist() if scaled else []
    adjusted = dict(zip(ordered, running, strict=True))
    return {name: adjusted[name] for name in p}


def marginals(pool: Pool) -> Outcome:
    """Compare columns by KS and Neyman's smooth statistic, of one column and of all, on all rows.

    The largest KS and the largest smooth statistic see one bad column, those of all cells what all
    columns share, the mean square of the columns' smooth statistics small errors of any signs. All
    by permutation of groups of rows, joined by `largest_standardised`.
    """
    ks, smooth = permuted_columns(pool.all_rows, pool.grouping)
    together = np.sqrt(np.mean(smooth**2, axis=0))
    one = np.stack([ks.max(axis=0), smooth.max(axis=0), together])
    cells = permuted_cells(pool.all_rows, pool.grouping)
    return permutation_outcome(largest_standardised(np.concatenate([one, cells])))


def energy(pool: Pool) -> Outcome:
    """Compare means above all: energy distance, kernel -|x - y| (Szekely & Rizzo 2004)."""
    return permutation_outcome(_mmd(pool, pool.kernels.distance))


def covariance(pool: Pool) -> Outcome:
    """Compare second moments: MMD with the kernel (x'y)^2 / columns (Gretton et al. 2012)."""
    return permutation_outcome(_mmd(pool, pool.kernels.square))


def _mmd(pool: Pool, kernel: Array) -> Array:
    labels = pool.group_labels
    return permuted_mmd(kernel.copy(), labels, len(pool.z) // len(labels))


def neighbours(pool: Pool) -> Outcome:
    """Compare local densities: generalised edge-count test (Chen & Friedman 2017).

    On the directed graph of `NEIGHBOURS` nearest neighbours, the Mahalanobis distance of the
    counts of edges (real to real, generated to generated) from their mean over permutations: both
    a change of place and a change of scale move it.
    """
    labels, edges = pool.group_labels, pool.kernels.edges
    real = np.einsum("ij,ij->j", labels, edges.astype(np.float32) @ labels, dtype=float)
    mixed = (edges.sum(axis=0) + edges.sum(axis=1)) @ labels - 2 * real
    return permutation_outcome(_mahalanobis(np.stack([real, edges.sum() - real - mixed])))


def _mahalanobis(counts: Array) -> Array:
    deviation = counts - counts.mean(axis=1, keepdims=True)
    precision = np.linalg.pinv(np.cov(deviation), rcond=1e-9, hermitian=True)
    return np.asarray(np.einsum("ib,ij,jb->b", deviation, precision, deviation))


def summaries(pool: Pool) -> Outcome:
    """Compare whole rows: the largest KS or smooth statistic over `row_summaries`.

    Each standardised over permutations first, see `largest_standardised`.
    """
    values = permuted_columns(pool.summaries, pool.grouping)
    return permutation_outcome(largest_standardised(np.concatenate(values)))


@dataclass(frozen=True)
class Statistic:
    """A test, and the fewest and most columns that it is for."""

    test: Callable[[Pool], Outcome]
    columns: int = 1
    most: float = math.inf


STATISTICS: dict[str, Statistic] = {
    "marginals": Statistic(marginals),
    "energy": Statistic(energy),
    "neighbours": Statistic(neighbours),
    "covariance": Statistic(covariance, columns=2),
    "pairs": Statistic(pairs, columns=2),
    "few_columns": Statistic(few_columns, most=FEW_COLUMNS),
    "row_summaries": Statistic(summaries, columns=SUMMARY_COLUMNS),
    "classifier": Statistic(classifier),
}


def applicable(columns: int) -> dict[str, Callable[[Pool], Outcome]]:
    """Return the tests of rows of so many columns, by name."""
    return {
        name: each.test for name, each in STATISTICS.items() if each.columns <= columns <= each.most
    }


def most_tests() -> int:
    """Return the largest number of tests that apply to one number of columns."""
    return max(len(applicable(each.columns)) for each in STATISTICS.values())


def classifier_auc(x: NDArray[np.floating], y: NDArray[np.floating], seed: int = 0) -> float:
    """Return the held-out area under the ROC curve of `classifier`; about .5 for one law."""
    return classifier(make_pool(x, y, 1, seed)).statistic
