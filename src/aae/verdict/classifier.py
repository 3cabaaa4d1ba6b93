"""Classifier two-sample test: can trees learn to tell real rows from generated ones?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, ks_columns
from aae.verdict.outcome import Outcome
from aae.verdict.pairs import largest_products, learning_groups
from aae.verdict.pooling import Pool
from aae.verdict.ranks import legendre_scores

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

MOST_COLUMNS = 100  # of wider tables the trees see those that the learning rows point at,
BY_COLUMN = 30  # so many by their own law
BY_PAIR = 30  # and so many, about, by their dependence
COMPONENTS = 10
SUMMARY_COLUMNS = 8  # fewest columns whose summaries say more than the columns


def classifier(pool: Pool) -> Outcome:
    """Compare what can be learned: classifier two-sample test (Lopez-Paz & Oquab 2017).

    Gradient-boosted trees learn real from generated on half of the rows; the statistic is the area
    under the ROC curve on the other half, p that of a one-sided Mann-Whitney test, whose null also
    gives median, quantile and effect. The trees see `features`.
    """
    held = held_out(pool)
    return area_outcome(held.scores, held.real)


@dataclass(frozen=True)
class HeldOut:
    """Rows that the trees did not learn from.

    Attributes:
        rows: their positions in `pool.z`, shape (held out,).
        real: whether each is; scores: higher for those that look real; both of that shape.
    """

    rows: NDArray[np.intp]
    real: NDArray[np.bool_]
    scores: Array


_HELD_OUT: WeakKeyDictionary[Pool, HeldOut] = WeakKeyDictionary()  # as long as the pool lives


def held_out(pool: Pool) -> HeldOut:
    """Fit trees on one half of the rows and score the other half; kept by the pool."""
    if pool not in _HELD_OUT:
        _HELD_OUT[pool] = _held_out(pool)
    return _HELD_OUT[pool]


def _held_out(pool: Pool) -> HeldOut:
    real = pool.labels[:, 0] == 1
    learn = learning_groups(pool.labels[:, 0])
    seen = features(pool, learn)
    scores = fitted(seen[learn], real[learn], pool.seed).decision_function(seen[~learn])
    return HeldOut(np.flatnonzero(~learn), real[~learn], scores)


def features(pool: Pool, learn: NDArray[np.bool_]) -> Array:
    """Return what the trees see of each row of `pool.z`, shape (rows, features).

    The columns; beside them `row_summaries` and `COMPONENTS` principal components of the pooled
    rows, where there are `SUMMARY_COLUMNS` or more. Of more than `MOST_COLUMNS` columns those that
    differ most in the learning rows: by Kolmogorov-Smirnov distance, and those of the pairs
    with the largest `largest_products`.

    Args:
        pool: two samples.
        learn: rows of `pool.z` to choose columns by, shape (rows,).
    """
    columns, chosen = pool.z.shape[1], pool.z
    if columns > MOST_COLUMNS:
        chosen = pool.z[:, suspects(pool.z[learn], pool.labels[learn, 0] == 1)]
    if columns < SUMMARY_COLUMNS:
        return chosen
    return np.hstack([chosen, pool.summaries, _components(pool)])


def fitted(rows: Array, real: NDArray[np.bool_], seed: int) -> "HistGradientBoostingClassifier":
    """Fit trees that score real rows higher than generated ones."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, early_stopping=False, random_state=seed
    ).fit(rows, real)


def area_outcome(scores: Array, real: NDArray[np.bool_]) -> Outcome:
    """Test whether real rows have higher scores: area under the ROC curve, Mann-Whitney p."""
    from scipy.stats import mannwhitneyu

    x, y = scores[real], scores[~real]
    test = mannwhitneyu(x, y, alternative="greater")
    spread = _area_spread(scores, len(x), len(y))
    area = float(test.statistic) / (len(x) * len(y))
    effect = (area - 0.5) / spread if spread else 0.0
    return Outcome(area, float(test.pvalue) if spread else 1.0, 0.5, 0.5 + 1.645 * spread, effect)


def _area_spread(scores: Array, n: int, m: int) -> float:
    """Return the standard deviation of the area under the null, ties counted."""
    total = n + m
    ties = np.unique(scores, return_counts=True)[1].astype(float)
    tied = float(np.sum(ties**3 - ties)) / (total * (total - 1))
    return float(np.sqrt((total + 1 - tied) / (12 * n * m)))


def suspects(rows: Array, real: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return columns that differ most: `BY_COLUMN` by their own law, and of `BY_PAIR` / 2 pairs.

    Args:
        rows: shape (rows, columns).
        real: whether each row is, shape (rows,).
    """
    columns = rows.shape[1]
    alone = np.argsort(-ks_columns(rows[real], rows[~real]), kind="stable")[:BY_COLUMN]
    labels = real.astype(np.float32)
    products = largest_products(legendre_scores(rows), labels, columns, BY_PAIR // 2)
    together = np.concatenate([products.left, products.right]) % columns
    return np.unique(np.concatenate([alone, together]))


def _components(pool: Pool) -> Array:
    from sklearn.utils.extmath import randomized_svd

    number = min(COMPONENTS, pool.z.shape[1])
    left, values, _ = randomized_svd(pool.z, number, random_state=pool.seed)
    kept = values > 1e-4 * np.linalg.norm(pool.z)  # the rest is rounding noise
    return np.asarray((left * values)[:, kept])
