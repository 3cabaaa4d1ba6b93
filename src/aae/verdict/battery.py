"""The test battery: each statistic maps a pool of real and generated rows to a p-value."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.outcome import Outcome, permutation_outcome
from aae.verdict.permutation import (
    largest_standardised,
    permuted_cells,
    permuted_columns,
    permuted_mmd,
)
from aae.verdict.pooling import Pool, make_pool

RAW_COLUMNS = 20  # most columns that the classifier sees as they are
COMPONENTS = 10
SUMMARY_COLUMNS = 8  # fewest columns whose summaries say more than the columns


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


def classifier(pool: Pool) -> Outcome:
    """Compare what can be learned: classifier two-sample test (Lopez-Paz & Oquab 2017).

    Gradient-boosted trees learn real from generated on half of the rows; the statistic is the area
    under the ROC curve on the other half, p that of a one-sided Mann-Whitney test, whose null also
    gives median, quantile and effect. The trees see rows of few columns as they are, others
    through `row_summaries` and `COMPONENTS` principal components of the pooled rows.
    """
    from scipy.stats import mannwhitneyu
    from sklearn.ensemble import HistGradientBoostingClassifier

    features, real = _features(pool), pool.labels[:, 0] == 1
    learn = np.zeros(len(real), dtype=bool)
    for side in (real, ~real):  # rows are in random order: the first half is a random half
        learn[np.flatnonzero(side)[: side.sum() // 2]] = True
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=pool.seed
    ).fit(features[learn], real[learn])
    scores = model.decision_function(features[~learn])
    held = real[~learn]
    x, y = scores[held], scores[~held]
    p = mannwhitneyu(x, y, alternative="greater")
    pairs = len(x) * len(y)
    spread = _auc_spread(scores, len(x), len(y))
    area = float(p.statistic) / pairs
    effect = (area - 0.5) / spread if spread else 0.0
    return Outcome(area, float(p.pvalue) if spread else 1.0, 0.5, 0.5 + 1.645 * spread, effect)


def _auc_spread(scores: Array, n: int, m: int) -> float:
    """Return the standard deviation of the area under the null, ties counted."""
    total = n + m
    ties = np.unique(scores, return_counts=True)[1].astype(float)
    tied = float(np.sum(ties**3 - ties)) / (total * (total - 1))
    return float(np.sqrt((total + 1 - tied) / (12 * n * m)))


def _features(pool: Pool) -> Array:
    from sklearn.utils.extmath import randomized_svd

    columns = pool.z.shape[1]
    parts = [pool.summaries] if columns >= SUMMARY_COLUMNS else []
    if columns <= RAW_COLUMNS:
        return np.hstack([pool.z, *parts])
    left, values, _ = randomized_svd(pool.z, COMPONENTS, random_state=pool.seed)
    kept = values > 1e-4 * np.linalg.norm(pool.z)  # the rest is rounding noise
    return np.hstack([(left * values)[:, kept], *parts])


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
    "row_summaries": Statistic(summaries, columns=SUMMARY_COLUMNS),
    "classifier": Statistic(classifier),
}


def applicable(columns: int) -> dict[str, Callable[[Pool], Outcome]]:
    """Return the tests of rows of so many columns, by name."""
    return {
        name: each.test for name, each in STATISTICS.items() if each.columns <= columns <= each.most
    }


def classifier_auc(x: NDArray[np.floating], y: NDArray[np.floating], seed: int = 0) -> float:
    """Return the held-out area under the ROC curve of `classifier`; about .5 for one law."""
    return classifier(make_pool(x, y, 1, seed)).statistic
