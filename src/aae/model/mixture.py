"""A Gaussian mixture of normal scores, with shrunk covariances, in each of some strata of rows.

In stratum l, scores are drawn from sum_c pi_lc N(mu_lc, Sigma_lc), where

    Sigma_k = (1 - lambda) B_k + lambda diag B_k + .001 I,
    B_k = (N_k S_k + kappa S) / (N_k + kappa),

S_k is the covariance of component k, S that of all rows about their component's mean. How many
clusters a stratum has, kappa and lambda are chosen by the likelihood of training rows held out.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

# Of variance: scores of columns with few values have singular covariances. Ten times as much blurs
# what columns nearly say of one another, as a sum and its parts.
RIDGE = 0.001
EM_STEPS = 8  # k-means is near already; more steps sharpen what held-out rows do not confirm
FOLDS = 4
CLUSTERS = 1, 2, 3, 4, 6, 8, 12, 16, 24, 32  # a label
KAPPA = 3.0, 10.0, 30.0, 100.0, 300.0
LAMBDA = 0.003, 0.03, 0.1, 0.3, 1.0
LEAST_ROWS = 4  # of a label, a cluster on average
PATIENCE = 2  # numbers of clusters without a better likelihood before the search ends


@dataclass(frozen=True)
class Shrinkage:
    """How far covariances are drawn to the pooled one, `kappa` rows, and to no correlation."""

    kappa: float
    correlation: float

    def covariances(self, scatter: Array, weight: Array) -> Array:
        """Shrunk covariances of components.

        Args:
            scatter: sums of squares and products about each mean, N_k S_k, (k, columns, columns).
            weight: N_k, shape (k,).
        """
        pooled = scatter.sum(axis=0) / max(weight.sum(), 1.0)
        drawn = (scatter + self.kappa * pooled) / (weight + self.kappa)[:, None, None]
        diagonal = np.eye(scatter.shape[1]) * drawn
        kept = 1 - self.correlation
        ridge = RIDGE * np.eye(scatter.shape[1])
        return np.asarray(kept * drawn + self.correlation * diagonal + ridge)


START = Shrinkage(100.0, 0.1)  # of the EM steps, whose responsibilities all others share


@dataclass(frozen=True)
class Moments:
    """Weights, means and scatter of components, and the label of each, shape (k,)."""

    weight: Array
    mean: Array
    scatter: Array
    label: Integers


def moments(scores: Array, share: Array, label: Integers) -> Moments:
    """Moments of the components.

    Args:
        scores: shape (rows, columns).
        share: of each row in each component, shape (rows, k).
        label: of each component, shape (k,).
    """
    weight = share.sum(axis=0)
    mean = share.T @ scores / np.maximum(weight, 1e-9)[:, None]
    scatter = np.empty((len(weight), scores.shape[1], scores.shape[1]))
    for k, each in enumerate(share.T):
        rows = each > 1e-6
        away = scores[rows]  # a copy
        away -= mean[k]
        scatter[k] = (away * each[rows, None]).T @ away
    return Moments(weight, mean, scatter, label)


def log_densities(scores: Array, labels: Integers, law: Moments, shrinkage: Shrinkage) -> Array:
    """log pi_k N(row; mu_k, Sigma_k) given the row's label, -inf for another's, (rows, k)."""
    from scipy.linalg import cho_factor, solve_triangular

    covariances = shrinkage.covariances(law.scatter, law.weight)
    totals = np.bincount(law.label, law.weight, minlength=int(law.label.max()) + 1)
    densities = np.full((len(scores), len(law.weight)), -np.inf)
    constant = scores.shape[1] * math.log(2 * math.pi) / 2
    for k in np.flatnonzero(law.weight > 0):
        rows = np.flatnonzero(labels == law.label[k])
        factor, _ = cho_factor(covariances[k], lower=True)
        white = solve_triangular(factor, (scores[rows] - law.mean[k]).T, lower=True)
        volume = np.log(np.diag(factor)).sum()
        share = math.log(law.weight[k] / totals[law.label[k]])
        densities[rows, k] = share - constant - volume - np.square(white).sum(axis=0) / 2
    return densities


def started(scores: Array, labels: Integers, clusters: int, seed: int) -> Moments:
    """Moments after k-means within each label and `EM_STEPS` steps of EM."""
    from scipy.special import softmax

    share, label = k_means(scores, labels, clusters, seed)
    law = moments(scores, share, label)
    if clusters > 1:
        for _ in range(EM_STEPS):
            share = softmax(log_densities(scores, labels, law, START), axis=1)
            law = moments(scores, share, label)
    return law


def k_means(scores: Array, labels: Integers, clusters: int, seed: int) -> tuple[Array, Integers]:
    """One-hot clusters of each label's rows, (rows, k), and each cluster's label, (k,)."""
    from sklearn.cluster import KMeans

    parts, label = [], []
    for each in np.unique(labels):
        rows = np.flatnonzero(labels == each)
        size = max(1, min(clusters, len(rows) // LEAST_ROWS))
        if size == 1:
            place = np.zeros(len(rows), dtype=np.int64)
        else:
            place = KMeans(size, n_init=1, random_state=seed).fit_predict(scores[rows])
        part = np.zeros((len(scores), size))
        part[rows, place] = 1
        parts.append(part)
        label += [each] * size
    return np.concatenate(parts, axis=1), np.array(label)


@dataclass(frozen=True)
class Choice:
    """What held-out rows chose: clusters a label, shrinkage, and their mean log likelihood."""

    clusters: int
    shrinkage: Shrinkage
    likelihood: float


def choose(scores: Array, labels: Integers, most: int, seed: int) -> Choice:
    """Choose by the mean log likelihood of held-out rows, `FOLDS` folds within the rows given.

    Args:
        scores: shape (rows, columns).
        labels: shape (rows,).
        most: clusters, at most, of all labels together.
        seed: of folds and of k-means.
    """
    fold = np.random.default_rng([seed, 3]).permutation(len(scores)) % FOLDS
    best: Choice | None = None
    since = 0
    count = len(np.unique(labels))
    for clusters in CLUSTERS:
        enough = clusters * LEAST_ROWS * count <= len(scores) and clusters * count <= most
        if clusters > 1 and not enough or since >= PATIENCE:
            break
        each = best_shrinkage(scores, labels, clusters, fold, seed)
        since = 0 if best is None or each.likelihood > best.likelihood else since + 1
        best = each if since == 0 else best
    assert best is not None
    return best


def best_shrinkage(
    scores: Array, labels: Integers, clusters: int, fold: Integers, seed: int
) -> Choice:
    """The shrinkage under which held-out rows are likeliest: first kappa, then lambda."""
    held = [Held.of(scores, labels, clusters, fold == each, seed) for each in range(FOLDS)]

    def best(candidates: Iterable[Shrinkage]) -> tuple[float, Shrinkage]:
        totals = [(sum(each.likelihood(one) for each in held), one) for one in candidates]
        return max(totals, key=lambda pair: pair[0])

    _, first = best(Shrinkage(kappa, START.correlation) for kappa in KAPPA)
    total, second = best(Shrinkage(first.kappa, correlation) for correlation in LAMBDA)
    return Choice(clusters, second, total / len(scores))


@dataclass(frozen=True)
class Held:
    """Rows of one fold, their labels, and a mixture learnt from all others."""

    scores: Array
    labels: Integers
    law: Moments

    @classmethod
    def of(
        cls, scores: Array, labels: Integers, clusters: int, held: NDArray[np.bool_], seed: int
    ) -> "Held":
        """Learn from the rows that are not held; held ones of an unknown label are left out."""
        law = started(scores[~held], labels[~held], clusters, seed)
        held = held & np.isin(labels, labels[~held])
        return cls(scores[held], labels[held], law)

    def likelihood(self, shrinkage: Shrinkage) -> float:
        """Log likelihood of the rows, in nats."""
        densities = log_densities(self.scores, self.labels, self.law, shrinkage)
        return float(np.logaddexp.reduce(densities, axis=1).sum())
