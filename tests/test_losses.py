"""Losses against NumPy, SciPy and scikit-learn, and their optima."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from scipy.special import expit, log_softmax
from scipy.stats import norm
from sklearn.metrics import log_loss

from aae import losses

pytestmark = [pytest.mark.xdist_group("tensorflow"), pytest.mark.usefixtures("tensorflow")]

RNG = np.random.default_rng(0)
ROWS, MEAN, LOG_VARIANCE = (RNG.normal(size=(50, 7)).astype("f4") for _ in range(3))
REAL, GENERATED = (RNG.normal(size=(50, 1)).astype("f4") * 3 for _ in range(2))
EXTREME = np.array([[-1e4], [1e4]], "f4")


def value(loss: Any, *arrays: Any) -> float:
    found = loss(*(tf.constant(each) for each in arrays))
    assert found.shape == ()
    return float(found)


def test_half_squared_error() -> None:
    wanted = np.mean([np.sum((row - mean) ** 2) / 2 for row, mean in zip(ROWS, MEAN, strict=True)])
    assert value(losses.half_squared_error, ROWS, MEAN) == pytest.approx(wanted, rel=1e-6)


def test_gaussian_nll_is_minus_the_log_density() -> None:
    density = norm.logpdf(ROWS, MEAN, np.exp(LOG_VARIANCE / 2)).sum(axis=1).mean()
    assert value(losses.gaussian_nll, ROWS, MEAN, LOG_VARIANCE) == pytest.approx(-density, rel=1e-6)


def test_squared_error_is_the_nll_of_unit_variance_but_for_a_constant() -> None:
    unit = value(losses.gaussian_nll, ROWS, MEAN, np.zeros_like(ROWS))
    constant = ROWS.shape[1] * np.log(2 * np.pi) / 2
    half = value(losses.half_squared_error, ROWS, MEAN)
    assert unit - constant == pytest.approx(half, rel=1e-5)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_nll_is_least_at_the_true_variance(factor: float) -> None:
    variance = np.broadcast_to(((ROWS - MEAN) ** 2).mean(axis=0), ROWS.shape)
    best, other = (
        value(losses.gaussian_nll, ROWS, MEAN, np.log(variance * each).astype("f4"))
        for each in (1, factor)
    )
    assert best < other


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


def test_classification_loss_is_cross_entropy() -> None:
    labels = RNG.integers(7, size=len(ROWS))
    wanted = -log_softmax(ROWS.astype("f8"), axis=1)[np.arange(len(ROWS)), labels].mean()
    assert value(losses.classification_loss, labels, ROWS) == pytest.approx(wanted, rel=1e-5)
