"""Laws of the mixture of normal scores: densities, shrinkage, and what held-out rows choose."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

from aae.model.mixture import RIDGE, Shrinkage, choose, log_densities, moments, started

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(300, 4)) @ RNG.normal(size=(4, 4))
LABELS = RNG.integers(2, size=300)
SHARE = RNG.dirichlet(np.ones(3), size=300)
NONE = np.zeros(300, dtype=np.int64)


def test_moments_are_weighted_ones() -> None:
    law = moments(ROWS, SHARE, np.zeros(3, dtype=np.int64))
    for k in range(3):
        weighted = np.cov(ROWS, rowvar=False, aweights=SHARE[:, k], ddof=0)
        np.testing.assert_allclose(law.scatter[k] / law.weight[k], weighted)
        np.testing.assert_allclose(law.mean[k], np.average(ROWS, axis=0, weights=SHARE[:, k]))


def test_densities_are_those_of_scikit_learn() -> None:
    """Without shrinkage, the likelihood of its mixture of the same moments."""
    law = moments(ROWS, SHARE, np.zeros(3, dtype=np.int64))
    shrinkage = Shrinkage(0.0, 0.0)
    covariances = shrinkage.covariances(law.scatter, law.weight)
    other = GaussianMixture(3, covariance_type="full")
    other.weights_, other.means_ = law.weight / law.weight.sum(), law.mean
    other.covariances_ = covariances
    other.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(covariances))
    own = logsumexp(log_densities(ROWS, NONE, law, shrinkage), axis=1)
    np.testing.assert_allclose(own, other.score_samples(ROWS))


def test_rows_are_in_components_of_their_label_alone() -> None:
    law = started(ROWS, LABELS, 2, 0)
    densities = log_densities(ROWS, LABELS, law, Shrinkage(10.0, 0.1))
    np.testing.assert_array_equal(np.isfinite(densities), LABELS[:, None] == law.label)
    single = started(ROWS, LABELS, 1, 0)
    own = log_densities(ROWS, LABELS, single, Shrinkage(0.0, 0.0))[LABELS == 1, 1]
    rows = ROWS[LABELS == 1]
    covariance = np.cov(rows, rowvar=False, ddof=0) + RIDGE * np.eye(4)
    wanted = multivariate_normal(rows.mean(axis=0), covariance).logpdf(rows)
    np.testing.assert_allclose(own, wanted)


def test_shrinkage_goes_from_own_to_pooled_and_to_uncorrelated_covariances() -> None:
    law = moments(ROWS, SHARE, np.zeros(3, dtype=np.int64))
    ridge = RIDGE * np.eye(4)
    own = law.scatter / law.weight[:, None, None]
    pooled = law.scatter.sum(axis=0) / law.weight.sum()

    def shrunk(kappa: float, correlation: float) -> NDArray[np.float64]:
        return Shrinkage(kappa, correlation).covariances(law.scatter, law.weight) - ridge

    np.testing.assert_allclose(shrunk(0.0, 0.0), own)
    np.testing.assert_allclose(shrunk(1e12, 0.0), np.broadcast_to(pooled, own.shape), rtol=1e-6)
    np.testing.assert_allclose(shrunk(0.0, 1.0), own * np.eye(4), atol=1e-12)


@pytest.mark.parametrize("clusters", [1, 3])
def test_held_out_rows_choose_as_many_clusters_as_there_are(clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    centres = 8 * np.arange(clusters)[:, None] * np.array([1.0, -1.0, 0.5])
    rows = centres[rng.integers(clusters, size=240)] + rng.normal(size=(240, 3))
    labels = np.zeros(240, dtype=np.int64)
    assert choose(rows, labels, 50, 0).clusters == clusters
    assert choose(rows, labels, 2, 0).clusters <= 2


def test_independent_columns_choose_no_correlation() -> None:
    rows = np.random.default_rng(3).normal(size=(60, 10))
    choice = choose(rows, np.zeros(60, dtype=np.int64), 50, 0)
    assert choice.shrinkage.correlation >= 0.3
