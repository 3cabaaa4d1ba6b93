"""Adam is Keras's, and its formula's."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from aae.model.adam import Adam

pytestmark = pytest.mark.usefixtures("tensorflow")

SHAPES = [(3, 2), (4,), ()]
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {"learning_rate": 0.1, "beta_1": 0.5},
    "decaying": {"learning_rate": 0.1, "weight_decay": 0.5},
    "averaged along a cosine": {
        "learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 12),
        "use_ema": True,
        "ema_momentum": 0.8,
    },
}


def moved(kind: type[keras.optimizers.Adam], steps: int, **options: Any) -> list[list[Any]]:
    """Weights after each of some steps along random gradients, and at last their averages."""
    rng = np.random.default_rng(0)
    weights = [keras.Variable(rng.normal(size=shape), dtype="float32") for shape in SHAPES]
    optimizer = kind(**options)
    optimizer.build(weights)
    states = []
    for _ in range(steps):
        gradients = [tf.constant(rng.normal(size=shape), tf.float32) for shape in SHAPES]
        optimizer.apply(gradients, weights)
        states.append([weight.numpy() for weight in weights])
    optimizer.finalize_variable_values(weights)
    return [*states, [weight.numpy() for weight in weights]]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_it_moves_weights_and_averages_as_kerass(options: dict[str, Any]) -> None:
    """1 - beta_2 is 0.001 in float32 but for 3e-5 of it, and the ten steps are of 0.1."""
    ours, kerass = (moved(kind, 10, **options) for kind in (Adam, keras.optimizers.Adam))
    for mine, wanted in zip(ours, kerass, strict=True):
        for one, other in zip(mine, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=0, atol=10 * 0.1 * 3e-5)


def test_the_first_step_is_the_learning_rate_against_the_gradients_sign() -> None:
    weight = keras.Variable([1.0, -2.0, 3.0])
    optimizer = Adam(0.25)
    optimizer.build([weight])
    optimizer.apply([tf.constant([4.0, -0.5, 9.0])], [weight])
    np.testing.assert_allclose(weight, [0.75, -1.75, 2.75], atol=1e-5)
    assert int(optimizer.iterations) == 1


def test_a_gradient_is_missed() -> None:
    weights = [keras.Variable(1.0), keras.Variable(1.0)]
    optimizer = Adam()
    optimizer.build(weights)
    with pytest.raises(ValueError, match="zip"):
        optimizer.apply([tf.constant(1.0)], weights)
