"""Diversity: does the generator reach all of the law, and each of its classes as often?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import QUADRATIC_ROWS, Array, distances, spread_of
from aae.verdict.outcome import Outcome, permutation_outcome
from aae.verdict.permutation import permuted_mmd
from aae.verdict.pooling import permuted_labels, thin


@dataclass(frozen=True)
class Diversity:
    """Shares of rows within reach of the other side; density is a ratio and may exceed 1.

    Attributes:
        precision: share of generated rows within the reach of a real row.
        recall: share of real rows within the reach of a generated row.
        density: reaches of real rows that a generated row is within, over k, on average.
        coverage: share of real rows with a generated row within their reach.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def diversity(
    real: NDArray[np.floating], generated: NDArray[np.floating], k: int = 5, seed: int = 0
) -> Diversity:
    """Measure fidelity and diversity by nearest neighbours.

    A row's reach is the ball up to the k-th nearest row of its own side, border included: within
    discrete laws the border holds most of it. Precision and recall after Kynkaanniemi et al. 2019,
    density and coverage after Naeem et al. 2020. For two samples of one law they are not 1 (at 784
    columns .8, .8, 1, .97 where uniform, .3, .4, .8, .93 where exponential): read them beside real
    against real.

    Args:
        real: shape (n, columns), n > k; generated: shape (m, columns), m > k.
        k: which neighbour ends the reach.
        seed: of the draw of at most `QUADRATIC_ROWS` rows, both sides together.

    Raises:
        ValueError: where a side has k rows or fewer.
    """
    if min(len(real), len(generated)) <= k:
        raise ValueError(f"expected more than {k} rows a side, got {len(real)}, {len(generated)}")
    real, generated = thin(real, generated, QUADRATIC_ROWS, np.random.default_rng(seed))
    scale = spread_of(real)
    x, y = real / scale, generated / scale
    across = distances(x, y)
    reach_x, reach_y = _reach(x, k)[:, None], _reach(y, k)[None]
    within_x = across <= reach_x
    return Diversity(
        precision=float(within_x.any(axis=0).mean()),
        recall=float((across <= reach_y).any(axis=1).mean()),
        density=float(within_x.sum(axis=0).mean() / k),
        coverage=float(within_x.any(axis=1).mean()),
    )


def _reach(x: Array, k: int) -> Array:
    """Return the distance to the k-th nearest other row, with room for rounding."""
    away = distances(x, x)
    np.fill_diagonal(away, np.inf)
    return np.asarray(np.partition(away, k - 1, axis=1)[:, k - 1] * (1 + 1e-9))


@dataclass(frozen=True)
class ModeWeights:
    """How often each class occurs.

    Attributes:
        classes: sorted labels of either side.
        real: share of real rows of each class, shape (classes,).
        generated: share of generated rows of each class.
        statistic: Pearson's chi-squared.
        p: of equal shares, by permutation.
    """

    classes: NDArray[np.int64]
    real: Array
    generated: Array
    statistic: float
    p: float


def mode_weights(
    real: NDArray[np.integer],
    generated: NDArray[np.integer],
    *,
    permutations: int,
    seed: int = 0,
) -> ModeWeights:
    """Return the shares of the classes and what `mode_test` says of them.

    Args:
        real: labels of the real rows, shape (n,).
        generated: of the generated rows, shape (m,).
        permutations: how many.
        seed: decides them.

    Raises:
        ValueError: where a side has no labels.
    """
    classes, counts = _class_counts(real, generated)
    shares = counts / counts.sum(axis=1, keepdims=True)
    test = mode_test(real, generated, permutations=permutations, seed=seed)
    return ModeWeights(classes, shares[0], shares[1], test.statistic, test.p)


def mode_test(
    real: NDArray[np.integer],
    generated: NDArray[np.integer],
    *,
    permutations: int,
    seed: int = 0,
) -> Outcome:
    """Compare class shares by Pearson's chi-squared (Pearson 1900), its null law by permutation.

    Under permuted rows the counts of real rows are multivariate hypergeometric: they are drawn,
    the rows need not be. Exact for rare classes and unequal sizes, where the chi-squared law is
    not; p is 1 where there is only one class.

    Args:
        real: labels of the real rows, shape (n,).
        generated: of the generated rows, shape (m,).
        permutations: how many.
        seed: decides them.

    Raises:
        ValueError: where a side has no labels.
    """
    _, counts = _class_counts(real, generated)
    rng, both = np.random.default_rng(seed), counts.sum(axis=0)
    drawn = rng.multivariate_hypergeometric(both, len(real), size=permutations, method="marginals")
    share = len(real) / both.sum()
    gaps = np.concatenate([counts[:1], drawn]) - share * both
    return permutation_outcome((gaps**2 / (share * (1 - share) * both)).sum(axis=1))


def _class_counts(
    real: NDArray[np.integer], generated: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return sorted classes and how often real and generated rows have each, shape (2, classes)."""
    if not len(real) or not len(generated):
        raise ValueError(f"expected labels on both sides, got {len(real)}, {len(generated)}")
    classes, places = np.unique(np.concatenate([real, generated]), return_inverse=True)
    sides = places[: len(real)], places[len(real) :]
    counts = np.stack([np.bincount(side, minlength=len(classes)) for side in sides])
    return classes.astype(np.int64), counts.astype(np.int64)


def nearest_labels(
    rows: NDArray[np.floating], known: NDArray[np.floating], labels: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Label rows by the majority of their 5 nearest labelled rows (Fix & Hodges 1951).

    A function of the row alone: for rows of one law, labels given so follow one law as well.

    Args:
        rows: shape (n, columns).
        known: labelled rows, shape (m, columns); at most `QUADRATIC_ROWS` are used.
        labels: theirs, shape (m,).
    """
    from sklearn.neighbors import KNeighborsClassifier

    known, labels = known[:QUADRATIC_ROWS], labels[:QUADRATIC_ROWS]
    scale = np.std(known, axis=0, dtype=float)
    scale = np.where(scale > 0, scale, 1.0)
    nearest = KNeighborsClassifier(min(5, len(known)), algorithm="brute").fit(known / scale, labels)
    return np.asarray(nearest.predict(rows / scale), dtype=np.int64)


def conditional_energy(
    real: tuple[NDArray[np.floating], NDArray[np.integer]],
    generated: tuple[NDArray[np.floating], NDArray[np.integer]],
    *,
    permutations: int,
    seed: int = 0,
) -> Outcome:
    """Compare the rows of each class: energy distances within classes, weighted by their share.

    Real and generated are permuted within each class, so that the shares of the classes, right or
    wrong, do not matter; swapped labels do. Classes with fewer than 2 rows a side are left out.

    Args:
        real: rows, shape (n, columns), and their labels, shape (n,).
        generated: rows, shape (m, columns), and their labels, shape (m,).
        permutations: how many.
        seed: decides the draws and the permutations.

    Raises:
        ValueError: where no class has 2 rows a side.
    """
    rng = np.random.default_rng(seed)
    scale = spread_of(np.concatenate([real[0], generated[0]]))  # the same for every labelling
    values, weight = np.zeros(permutations + 1), 0
    for label in np.unique(real[1]):
        sides = [rows[labels == label] / scale for rows, labels in (real, generated)]
        if min(map(len, sides)) >= 2:
            values += len(sides[0]) * _class_energy(sides[0], sides[1], permutations, rng)
            weight += len(sides[0])
    if not weight:
        raise ValueError("expected a class with 2 rows or more a side, got none")
    return permutation_outcome(values / weight)


def _class_energy(x: Array, y: Array, permutations: int, rng: np.random.Generator) -> Array:
    x, y = thin(x, y, QUADRATIC_ROWS, rng)
    pooled = np.concatenate([x, y])
    labels = permuted_labels(np.repeat([1, 0], [len(x), len(y)]), permutations, rng)
    return permuted_mmd(-distances(pooled, pooled), labels)
