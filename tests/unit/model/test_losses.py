"""Losses against NumPy, SciPy and scikit-learn, and their optima."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax
from scipy.stats import entropy, norm
from sklearn.metrics import log_loss

from aae.model import losses

pytestmark = pytest.mark.usefixtures("tensorflow")

RNG = np.random.default_rng(0)
ROWS, MEAN = (RNG.normal(size=(50, 7)).astype("f4") for _ in range(2))
REAL, GENERATED = (RNG.normal(size=(50, 1)).astype("f4") * 3 for _ in range(2))
EXTREME = np.array([[-1e4], [1e4]], "f4")


def value(loss: Any, *arrays: Any) -> float:
    found = loss(*(tf.constant(each) for each in arrays))
    assert found.shape == ()
    return float(found)


def probabilities(logits: NDArray[Any]) -> NDArray[Any]:
    return expit(logits.astype("f8")).ravel()


def test_discriminator_loss_is_cross_entropy() -> None:
    given = np.concatenate([probabilities(REAL), probabilities(GENERATED)])
    truth = np.repeat([1, 0], len(REAL))
    found = value(losses.discriminator_loss, REAL, GENERATED)
    assert found == pytest.approx(log_loss(truth, given), rel=1e-5)


def test_halves_weigh_the_same_whatever_their_sizes() -> None:
    found = value(losses.discriminator_loss, REAL[:10], GENERATED)
    wanted = -np.log(probabilities(REAL[:10])).mean() - np.log1p(-probabilities(GENERATED)).mean()
    assert found == pytest.approx(wanted / 2, rel=1e-5)


def test_a_discriminator_that_knows_nothing_loses_log_2() -> None:
    zeros = np.zeros((9, 1), "f4")
    assert value(losses.discriminator_loss, zeros, zeros) == pytest.approx(np.log(2), rel=1e-6)


def test_adversarial_loss_is_not_saturating() -> None:
    wanted = -np.log(probabilities(GENERATED)).mean()
    assert value(losses.adversarial_loss, GENERATED) == pytest.approx(wanted, rel=1e-5)
    logit = tf.Variable(-20.0)  # the discriminator is sure
    with tf.GradientTape() as tape:
        loss = losses.adversarial_loss(logit)
    assert float(tape.gradient(loss, logit)) == pytest.approx(-1, rel=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_extreme_logits_give_finite_losses(sign: int) -> None:
    logits = sign * EXTREME
    assert value(losses.discriminator_loss, logits, logits) == pytest.approx(5e3)
    assert value(losses.adversarial_loss, logits) == pytest.approx(5e3)


def test_accuracy() -> None:
    wanted = ((REAL > 0).mean() + (GENERATED <= 0).mean()) / 2
    assert value(losses.accuracy, REAL, GENERATED) == pytest.approx(wanted)
    high, low = np.ones((4, 1), "f4"), -np.ones((4, 1), "f4")
    assert value(losses.accuracy, high, low) == 1
    assert value(losses.accuracy, low, high) == 0
    assert value(losses.accuracy, high, high) == 0.5


@pytest.mark.parametrize("unknown", [slice(0, 20), slice(None)])
def test_rows_without_a_label_do_not_count(unknown: slice) -> None:
    labels = RNG.integers(7, size=len(ROWS))
    labels[unknown] = -1
    known = np.flatnonzero(labels >= 0)
    each = -log_softmax(ROWS.astype("f8"), axis=1)[known, labels[known]]
    wanted = each.mean() if known.size else 0.0
    assert value(losses.classification_loss, labels, ROWS) == pytest.approx(wanted, rel=1e-5)


def test_divergence_of_codes_is_that_of_normal_laws() -> None:
    found = np.asarray(losses.divergence_of_codes(tf.constant(ROWS), tf.constant(MEAN)))
    draws = ROWS + np.exp(MEAN / 2) * np.random.default_rng(1).normal(size=(20_000, 1, 1))
    gap = norm.logpdf(draws, ROWS, np.exp(MEAN / 2)) - norm.logpdf(draws)
    error = gap.std(axis=0) / np.sqrt(len(draws))
    assert found.shape == ROWS.shape and (found >= 0).all()
    # 350 means, each within 5 standard errors.
    assert (np.abs(found - gap.mean(axis=0)) < 5 * error + 1e-5).all()
    assert value(lambda *code: tf.reduce_sum(losses.divergence_of_codes(*code)), 0.0, 0.0) == 0


def test_divergence_of_classes_is_the_relative_entropy() -> None:
    shares = RNG.dirichlet(np.ones(7)).astype("f4")
    found = np.asarray(losses.divergence_of_classes(tf.constant(ROWS), tf.constant(shares)))
    wanted = [entropy(softmax(row), shares) for row in ROWS.astype("f8")]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_categories_that_are_not_allowed_do_not_diverge() -> None:
    """Their logits are about -69; the others' law is as if they were not there."""
    logits, shares = ROWS.copy(), RNG.dirichlet(np.ones(7)).astype("f4")
    logits[:, 3:] = np.log(np.float32(1e-30))
    shares[3:] = 0
    shares /= shares.sum()
    found = np.asarray(losses.divergence_of_classes(tf.constant(logits), tf.constant(shares)))
    wanted = [entropy(softmax(row), shares[:3]) for row in ROWS[:, :3].astype("f8")]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_classification_loss_is_cross_entropy() -> None:
    labels = RNG.integers(7, size=len(ROWS))
    wanted = -log_softmax(ROWS.astype("f8"), axis=1)[np.arange(len(ROWS)), labels].mean()
    assert value(losses.classification_loss, labels, ROWS) == pytest.approx(wanted, rel=1e-5)
