"""The law of codes and residuals: what is drawn has the covariance that was estimated."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.joint import FLOOR, Joint
from aae.model.likelihood import CellLaw, Statistics
from aae.model.mixture import Shrinkage

pytestmark = pytest.mark.usefixtures("tensorflow")

COLUMNS, LATENT, CLASSES, DRAWN = 4, 3, 2, 40_000
Array = NDArray[np.floating]


def made(prior: bool = False) -> Joint:
    law = Joint(np.arange(COLUMNS), CLASSES, latent=LATENT)
    law.shrinkage, law.prior = Shrinkage(0.0, 0.0), prior
    law.build()
    return law


def training(seed: int = 0, rows: int = 500) -> tuple[Array, NDArray[np.int64], Array]:
    """Residuals, classes and codes that depend on one another; the second code is off."""
    rng = np.random.default_rng(seed)
    joined = rng.normal(size=(rows, LATENT + COLUMNS)) @ rng.normal(
        size=(LATENT + COLUMNS, LATENT + COLUMNS)
    )
    codes = joined[:, :LATENT] * [1, 0, 1]
    return joined[:, LATENT:].astype("f4"), rng.integers(CLASSES, size=rows), codes.astype("f4")


def drawn(law: Joint, label: int, seed: int = 1) -> Array:
    """Codes and residuals, side by side."""
    noise = np.random.default_rng(seed).normal(size=(DRAWN, LATENT + COLUMNS)).astype("f4")
    classes = tf.one_hot(np.full(DRAWN, label), CLASSES)
    codes = law.codes(noise[:, :LATENT], classes)
    zero = CellLaw(tf.zeros((DRAWN, COLUMNS)), tf.zeros(COLUMNS))
    rows = law.sample(zero, classes, noise[:, LATENT:], codes)
    return np.concatenate([codes.numpy(), rows.numpy()], axis=1)


@pytest.mark.parametrize("label", range(CLASSES))
def test_codes_and_residuals_are_drawn_as_they_were(label: int) -> None:
    residuals, classes, codes = training()
    law = made()
    law.settle(residuals, classes, codes)
    sample, used = drawn(law, label), [0, 2, 3, 4, 5, 6]
    real = np.concatenate([codes, residuals], axis=1)[classes == label][:, used]
    wanted = np.cov(real, rowvar=False, ddof=0)
    scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert (np.abs(np.cov(sample[:, used], rowvar=False) - wanted) < 0.03 * scale + 0.02).all()
    away = np.abs(sample[:, used].mean(axis=0) - real.mean(axis=0))
    assert (away < 5 * np.sqrt(np.diag(wanted) / DRAWN) + 0.01).all()


def test_a_code_that_is_off_has_the_law_of_the_prior() -> None:
    law = made()
    law.settle(*training())
    correlations = np.atleast_2d(np.corrcoef(drawn(law, 0), rowvar=False))[1]
    assert np.abs(np.delete(correlations, 1)).max() < 5 / np.sqrt(DRAWN)
    assert drawn(law, 0)[:, 1].std() == pytest.approx(1.0, abs=0.02)


def test_codes_of_the_prior_leave_residuals_their_own_law() -> None:
    residuals, classes, codes = training()
    law = made(prior=True)
    law.settle(residuals, classes, codes)
    sample = np.cov(drawn(law, 0), rowvar=False)
    np.testing.assert_allclose(sample[:LATENT, :LATENT], np.eye(LATENT), atol=0.03)
    wanted = np.cov(residuals[classes == 0], rowvar=False, ddof=0)
    scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    assert (np.abs(sample[LATENT:, LATENT:] - wanted) < 0.03 * scale + 0.02).all()
    assert np.abs(sample[:LATENT, LATENT:]).max() < 0.1


def test_variances_follow_the_residuals_down_to_the_floor() -> None:
    law = made()
    squares = np.array([4.0, 1.0, 0.25, 0.0])
    rows = Statistics(tf.constant(np.sqrt(squares)[None], tf.float32), tf.zeros((1, COLUMNS)))
    for _ in range(400):
        law.observe(rows, CellLaw(tf.zeros((1, COLUMNS)), law.variance), tf.ones((1, 2)), 1.0)
    np.testing.assert_allclose(law.variance, np.maximum(squares, FLOOR**2), rtol=1e-4)


def test_corrections_are_added_to_the_residuals_and_the_law_stays_one() -> None:
    law = made()
    law.settle(*training())
    before = law.covariance.copy()
    small = np.zeros((CLASSES, COLUMNS, COLUMNS))
    small[:, 0, 1] = small[:, 1, 0] = 0.01
    law.correct(small)
    change = law.covariance - before
    np.testing.assert_allclose(change[:, LATENT:, LATENT:], small, atol=0.02)
    law.correct(1e3 * small)
    assert (np.linalg.eigvalsh(law.covariance) > 0).all()
    assert np.isfinite(drawn(law, 0)).all()
