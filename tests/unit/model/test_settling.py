"""What is taken of all rows after training: idle dimensions, shares, residuals."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from support.small_models import MODES, model, normal

from aae.model.autoencoder import AAE, Code
from aae.model.objective import Data
from aae.model.settling import settle

pytestmark = pytest.mark.usefixtures("tensorflow")


def data(made: AAE, labels: Any = -1, rows: int = 300) -> Data:
    values = normal(rows, made.columns)
    known = tf.constant(np.broadcast_to(labels, rows), tf.int32)
    return Data(values, made.likelihood.statistics(values), known, known)


def saying(made: AAE, mean: list[float], log_variance: list[float]) -> None:
    """Let the encoder give every row one code."""
    for name, bias in (("mean", mean), ("log_variance", log_variance)):
        layer = made.encoder.get_layer(name)
        layer.set_weights([np.zeros_like(layer.kernel), np.array(bias)])


def test_idle_dimensions_are_switched_off_and_used_ones_stay() -> None:
    """KL of N(m, s^2): 1/2 m^2 of the first, 0 of the second, of the third by its variance."""
    made = model(latent=3)
    saying(made, [1.0, 0.1, 0.0], [0.0, 0.0, -4.0])
    settle(made, data(made, 0))
    assert made.active.numpy()[0].tolist() == [1, 0, 1]


@pytest.mark.parametrize("factor", [0.98, 1.02])
def test_a_dimension_is_idle_below_its_nats(factor: float) -> None:
    made = model(latent=1)
    saying(made, [np.sqrt(2 * made.likelihood.idle * factor)], [0.0])
    settle(made, data(made, 0))
    assert made.active.numpy()[0].tolist() == [float(factor > 1)]


def test_a_dimension_may_be_idle_in_one_category_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes of the second class say nothing, those of the first one dimension, of the third two."""
    made, labels = model(latent=2), np.repeat([0, 1, 2], [200, 60, 40])
    mean = tf.constant(np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])[labels], tf.float32)
    code = Code(mean, tf.zeros_like(mean), tf.zeros([300, 3]))
    monkeypatch.setattr(made, "encode", lambda *_: code)
    settle(made, data(made, labels))
    assert made.active.numpy().tolist() == [[1, 0], [0, 0], [1, 1]]
    made.likelihood.idle_by_category = False
    settle(made, data(made, labels))  # 240 and 40 of 300 rows: .4 and .07 nats
    assert made.active.numpy().tolist() == [[1, 0]] * 3


@pytest.mark.parametrize("mode", ["deterministic", "noise-driven", "uniform prior", "roll"])
def test_without_a_closed_form_all_dimensions_stay(mode: str) -> None:
    made = model(**MODES[mode])
    settle(made, data(made, 0))
    assert made.active.numpy().all()


@pytest.mark.parametrize("mode", ["default", "label-conditioned", "mse"])
def test_shares_are_those_of_the_labels(mode: str) -> None:
    made = model(**MODES[mode])
    settle(made, data(made, np.repeat([0, 1, 2], [150, 120, 30])))
    np.testing.assert_allclose(made.shares, [0.5, 0.4, 0.1], atol=1e-6)


def test_shares_without_labels_are_those_of_the_encoder() -> None:
    made = model(0)
    given = data(made)
    settle(made, given)
    logits = made.encode(given.statistics, normal(300, made.latent)).logits
    np.testing.assert_allclose(made.shares, np.mean(tf.nn.softmax(logits), axis=0), atol=1e-5)


def test_residuals_are_what_the_mean_leaves() -> None:
    made = model()
    saying(made, [1.0, -2.0], [-40.0, -40.0])  # codes without noise
    given = data(made, 1)
    found = settle(made, given)
    codes, classes = tf.constant([[1.0, -2.0]] * 300), tf.one_hot([1] * 300, made.classes)
    mean = made.likelihood.columns(made.decode(codes, classes).mean)
    np.testing.assert_allclose(found, given.rows - mean, atol=1e-5)
    # What is generated at this code has the moments of the rows, 5 standard errors.
    again = made.likelihood.sample(made.decode(codes, classes), classes, normal(300, 5, seed=5))
    for group in (0, 1):
        columns = made.likelihood.groups == group
        cells, drawn = (np.asarray(each)[:, columns] for each in (given.rows, again))
        error = 5 * np.sqrt(2 / cells.size)
        assert abs(drawn.mean() - cells.mean()) < error and abs(drawn.std() - cells.std()) < error
