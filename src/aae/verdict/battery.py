"""The test battery: each statistic maps a pool of real and generated rows to a p-value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.permutation import (
    largest_standardised,
    nearest,
    permuted_cells,
    permuted_ks,
    permuted_mmd,
    permuted_smooth,
)
from aae.verdict.pooling import Labels, Pool, make_pool

NEIGHBOURS = 5
RAW_COLUMNS = 20  # most columns that the classifier sees as they are
COMPONENTS = 10
SUMMARY_COLUMNS = 8  # fewest columns whose summaries say more than the columns


@dataclass(frozen=True)
class Outcome:
    """What one test says.

    Attributes:
        statistic: the observed value.
        p: chance of a value at least as large where both samples follow one law.
        null_median: median of the statistic under permuted labels.
        null_q95: 95% quantile of the same.
        effect: (statistic - mean) / standard deviation of the same; 0 where it has no spread.
        null_skewness: of the same; 0 of a normal law.
    """

    statistic: float
    p: float
    null_median: float
    null_q95: float
    effect: float
    null_skewness: float = 0.0


def permutation_outcome(values: Array) -> Outcome:
    """Compare an observed statistic with its permutations; large values speak against the null.

    p = (1 + #{T_b >= T_0}) / (B + 1), never 0 (Phipson & Smyth 2010).

    Args:
        values: the observed statistic, then one for each permutation, shape (B + 1,).

    Raises:
        ValueError: where a value is not finite.
    """
    values = np.asarray(values, dtype=float)
    if not np.isfinite(values).all():
        raise ValueError("expected finite statistics, got NaN or infinity")
    observed, null = values[0], values[1:]
    slack = 1e-7 * np.abs(values).max()  # rounding must not break a tie in favour of a rejection
    p = float(1 + np.count_nonzero(null >= observed - slack)) / len(values)
    median, q95 = np.quantile(null, [0.5, 0.95])
    numbers = float(observed), p, float(median), float(q95)
    return Outcome(*numbers, _effect(observed, null), _skewness(null))


def _effect(observed: float, null: Array) -> float:
    spread = float(null.std())
    return float((observed - null.mean()) / spread) if spread > 1e-12 * abs(observed) else 0.0


def _skewness(null: Array) -> float:
    deviation, spread = null - null.mean(), float(null.std())
    varies = spread > 1e-12 * float(np.abs(null).max())
    return float(np.mean((deviation / spread) ** 3)) if varies else 0.0


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
    """Compare columns by KS and Neyman's smooth statistic, of one column and of all.

    The largest KS and the largest smooth statistic see one bad column, those of all cells what all
    columns share, the mean square of the columns' smooth statistics small errors of any signs. All
    by permutation of rows, joined by `largest_standardised`.

    Where the pool is thinned, the observed values come from all its rows and the permuted ones,
    times sqrt(nm / (n + m)) of the thinned pool over that of the whole, from `pool.z`: the limit
    laws of these statistics times that root do not depend on n.
    """
    values = _marginal_statistics(pool.z, pool.labels)
    if pool.thinned:
        values *= _root_size(pool.labels[:, 0]) / _root_size(pool.all_labels)
        values[:, :1] = _marginal_statistics(pool.all_rows, pool.all_labels[:, None])
    return permutation_outcome(largest_standardised(values))


def _marginal_statistics(rows: Array, labels: Labels) -> Array:
    smooth = permuted_smooth(rows, labels)
    together = np.sqrt(np.mean(smooth**2, axis=0))
    one = [permuted_ks(rows, labels).max(axis=0), smooth.max(axis=0), together]
    return np.stack([*one, *permuted_cells(rows, labels)])


def _root_size(labels: Labels) -> float:
    n = float(labels.sum(dtype=float))
    return float(np.sqrt(n * (len(labels) - n) / len(labels)))


def energy(pool: Pool) -> Outcome:
    """Compare means above all: energy distance, kernel -|x - y| (Szekely & Rizzo 2004)."""
    return permutation_outcome(permuted_mmd(-pool.distances, pool.labels))


def covariance(pool: Pool) -> Outcome:
    """Compare second moments: MMD with the kernel (x'y)^2 / columns (Gretton et al. 2012)."""
    return permutation_outcome(permuted_mmd(pool.products**2 / pool.z.shape[1], pool.labels))


def neighbours(pool: Pool) -> Outcome:
    """Compare local densities: generalised edge-count test (Chen & Friedman 2017).

    On the directed graph of `NEIGHBOURS` nearest neighbours, the Mahalanobis distance of the
    counts of edges (real to real, generated to generated) from their mean over permutations: both
    a change of place and a change of scale move it.
    """
    labels = pool.labels
    graph = nearest(pool.distances, NEIGHBOURS, pool.seed)
    near = np.zeros_like(labels)
    for column in graph.T:
        near += labels[column]
    real = np.einsum("ij,ij->j", labels, near, dtype=float)
    mixed = near.sum(axis=0, dtype=float) - real
    generated = NEIGHBOURS * (1 - labels).sum(axis=0, dtype=float) - mixed
    return permutation_outcome(_mahalanobis(np.stack([real, generated])))


def _mahalanobis(counts: Array) -> Array:
    deviation = counts - counts.mean(axis=1, keepdims=True)
    precision = np.linalg.pinv(np.cov(deviation), rcond=1e-9, hermitian=True)
    return np.asarray(np.einsum("ib,ij,jb->b", deviation, precision, deviation))


def summaries(pool: Pool) -> Outcome:
    """Compare whole rows: the largest KS or smooth statistic over `row_summaries`.

    Each standardised over permutations first, see `largest_standardised`.
    """
    tests = permuted_ks, permuted_smooth
    values = np.concatenate([test(pool.summaries, pool.labels) for test in tests])
    return permutation_outcome(largest_standardised(values))


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
    """A test and the fewest columns that it needs."""

    test: Callable[[Pool], Outcome]
    columns: int = 1


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
    return {name: each.test for name, each in STATISTICS.items() if columns >= each.columns}


def classifier_auc(x: NDArray[np.floating], y: NDArray[np.floating], seed: int = 0) -> float:
    """Return the held-out area under the ROC curve of `classifier`; about .5 for one law."""
    return classifier(make_pool(x, y, 1, seed)).statistic
