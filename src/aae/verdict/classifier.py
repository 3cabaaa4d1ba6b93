"""Classifier two-sample test: can trees learn to tell real rows from generated ones?"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, ks_columns
from aae.verdict.outcome import Outcome
from aae.verdict.pairs import Products, learned_products, learning_groups
from aae.verdict.pooling import Pool
from aae.verdict.ranks import places
from aae.verdict.trees import boosted

MOST_COLUMNS = 100  # of wider tables the trees see those that the learning rows point at,
BY_COLUMN = 30  # so many by their own law
BY_PAIR = 30  # and so many, about, by their dependence
COMPONENTS = 10
POWERS = 3
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
    learn = np.tile(learning_groups(pool.group_labels[:, 0]), len(real) // len(pool.group_labels))
    seen = features(pool, learn)
    scores = boosted(seen[learn], real[learn]).scores(seen[~learn])
    return HeldOut(np.flatnonzero(~learn), real[~learn], scores)


def features(pool: Pool, learn: NDArray[np.bool_]) -> Array:
    """Return what the trees see of each row of `pool.z`, shape (rows, features).

    The columns; beside them `row_summaries` and `COMPONENTS` principal components of the pooled
    rows, where there are `SUMMARY_COLUMNS` or more. Of more than `MOST_COLUMNS` columns those that
    differ most in the learning rows: by Kolmogorov-Smirnov distance, and those of the
    largest `learned_products`.

    Args:
        pool: two samples.
        learn: rows of `pool.z` to choose columns by, shape (rows,).
    """
    columns = pool.z.shape[1]
    chosen = pool.z
    if columns > MOST_COLUMNS:
        real = pool.labels[learn, 0] == 1
        chosen = pool.z[:, suspects(pool.z[learn], real, learned_products(pool))]
    if columns < SUMMARY_COLUMNS:
        return chosen
    return np.hstack([chosen, pool.summaries, _components(pool)])


def area_outcome(scores: Array, real: NDArray[np.bool_]) -> Outcome:
    """Test whether real rows have higher scores: area under the ROC curve, Mann-Whitney p.

    The normal approximation with ties and continuity correction (Mann & Whitney 1947).
    """
    from scipy.special import ndtr

    n, m = int(real.sum()), int((~real).sum())
    ranks = (places(scores) * (n + m) + n + m + 1) / 2
    area = float(ranks[real].sum() - n * (n + 1) / 2) / (n * m)
    spread = _area_spread(scores, n, m)
    if not spread:
        return Outcome(area, 1.0, 0.5, 0.5, 0.0)
    effect, correction = (area - 0.5) / spread, 0.5 / (n * m * spread)
    return Outcome(area, float(ndtr(correction - effect)), 0.5, 0.5 + 1.645 * spread, effect)


def _area_spread(scores: Array, n: int, m: int) -> float:
    """Return the standard deviation of the area under the null, ties counted."""
    total = n + m
    ties = np.unique(scores, return_counts=True)[1].astype(float)
    tied = float(np.sum(ties**3 - ties)) / (total * (total - 1))
    return float(np.sqrt((total + 1 - tied) / (12 * n * m)))


def suspects(rows: Array, real: NDArray[np.bool_], products: Products) -> NDArray[np.intp]:
    """Choose columns of a wide table: `BY_COLUMN` by their own law, and those of products.

    Args:
        rows: shape (rows, columns); real: whether each is, shape (rows,).
        products: of scores, the largest first; `BY_PAIR` / 2 of them count.
    """
    columns, number = rows.shape[1], BY_PAIR // 2
    alone = np.argsort(-ks_columns(rows[real], rows[~real]), kind="stable")[:BY_COLUMN]
    together = np.concatenate([products.left[:number], products.right[:number]]) % columns
    return np.unique(np.concatenate([alone, together]))


def _components(pool: Pool) -> Array:
    """Return the rows' principal components by randomised power iteration (Halko et al. 2011)."""
    rng, columns = np.random.default_rng(pool.seed), pool.z.shape[1]
    axes = rng.normal(size=(columns, min(columns, 2 * COMPONENTS)))
    for _ in range(POWERS):
        axes = np.linalg.qr(pool.z.T @ (pool.z @ axes))[0]
    left, values, _ = np.linalg.svd(pool.z @ axes, full_matrices=False)
    kept = values[:COMPONENTS] > 1e-4 * np.linalg.norm(pool.z)  # the rest is rounding noise
    return np.asarray((left * values)[:, :COMPONENTS][:, kept])
