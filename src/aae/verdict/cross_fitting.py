"""Confidence interval of how well a classifier tells two tables apart, by cross-fitting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.classifier import BY_PAIR, MOST_COLUMNS, suspects
from aae.verdict.effects import Array, subsample
from aae.verdict.intervals import Effect, Interval, Rows
from aae.verdict.pairs import largest_products
from aae.verdict.ranks import legendre_scores
from aae.verdict.trees import boosted

AREA_ROWS = 10_000  # a side at most
FOLDS = 5
WIDER = 2**0.5  # than independent folds' errors: as of half of the rows, kept for scoring alone


@dataclass(frozen=True)
class Fold:
    """Trees, and how well they tell rows apart that they did not learn from.

    Attributes:
        area: under the ROC curve; variance: of it.
        score: higher for rows that look real: (rows, columns) to (rows,).
    """

    area: float
    variance: float
    score: Callable[[Array], Array]


def area_interval(real: Rows, made: Rows, alpha: float, seed: int) -> Interval:
    """Interval of the area under the ROC curve of gradient-boosted trees, see `cross_fit`.

    It is of the mean area that these very trees have on new rows. It bounds what such trees learn
    from so many rows, not the distance of the laws: a better classifier may see more.

    Args:
        real, made: shapes (n, columns), (m, columns).
        alpha: chance that the interval misses, half of it on either side.
        seed: of the draw and the folds.
    """
    return area_limits(cross_fit(real, made, seed), alpha)


def area_limits(folds: Sequence[Fold], alpha: float) -> Interval:
    """Interval of the mean area: normal, with errors `WIDER` than those of independent folds."""
    from scipy.special import ndtri

    area = float(np.mean([fold.area for fold in folds]))
    error = float(np.sqrt(np.mean([fold.variance for fold in folds]) / len(folds)))
    width = -float(ndtri(alpha / 2)) * WIDER * error
    effect = Effect((), area)
    return Interval(max(area - width, 0.0), min(area + width, 1.0), effect, effect)


def cross_fit(real: Rows, made: Rows, seed: int) -> list[Fold]:
    """Score each of `FOLDS` folds by trees that learned from the other folds.

    Of more than `MOST_COLUMNS` columns the trees see those that the learning rows point at.

    Args:
        real, made: `FOLDS` rows a side at least, of more than `AREA_ROWS` a draw.
        seed: of the draw and the folds.
    """
    rng = np.random.default_rng(seed)
    sides = [subsample(side, AREA_ROWS, rng) for side in (real, made)]
    rows = np.concatenate([np.asarray(side, dtype=float) for side in sides])
    is_real = np.arange(len(rows)) < len(sides[0])
    fold = np.concatenate([np.arange(len(side)) % FOLDS for side in sides])
    return [_fold(rows, is_real, fold == each) for each in range(FOLDS)]


def _fold(rows: Array, real: NDArray[np.bool_], held: NDArray[np.bool_]) -> Fold:
    learn, is_real = rows[~held], real[~held]
    seen = _seen(learn, is_real)
    trees = boosted(learn[:, seen], is_real)

    def score(new: Array) -> Array:
        return trees.scores(new[:, seen])

    return Fold(*area_and_variance(score(rows[held]), real[held]), score)


def _seen(rows: Array, real: NDArray[np.bool_]) -> NDArray[np.intp]:
    columns = rows.shape[1]
    if columns <= MOST_COLUMNS:
        return np.arange(columns)
    labels = real.astype(np.float32)
    products = largest_products(legendre_scores(rows), labels, columns, BY_PAIR // 2)
    return suspects(rows, real, products)


def area_and_variance(scores: Array, real: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the area under the ROC curve and the variance of it (DeLong et al. 1988).

    With P(x) the share of generated scores below a real score x, ties counted half, and Q(y) that
    of real scores above a generated one: mean P, and Var(P) / n + Var(Q) / m.

    Args:
        scores: higher for rows that look real, shape (rows,).
        real: whether each is; two of either kind at least.
    """
    from scipy.stats import rankdata

    together, n, m = rankdata(scores), int(real.sum()), int((~real).sum())
    beaten = (together[real] - rankdata(scores[real])) / m
    beating = 1 - (together[~real] - rankdata(scores[~real])) / n
    variance = beaten.var(ddof=1) / n + beating.var(ddof=1) / m
    return float(beaten.mean()), float(variance)
