"""Laws of the networks: units and their inverse, what is trained by what, saving and loading."""

from itertools import product
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from aae.model import AAE, MIN_LOG_VARIANCE, LogVariance, Units, summary
from aae.recipe import ADVERSARIES, LIKELIHOODS, Model
from aae.training import Batch, objective

pytestmark = [pytest.mark.xdist_group("tensorflow"), pytest.mark.usefixtures("tensorflow")]

COLUMNS, CLASSES, LATENT = 5, 3, 2
COMBINATIONS = list(product(ADVERSARIES, LIKELIHOODS, [True, False]))
RNG = np.random.default_rng(0)


def model(seed: int = 0, classes: int = CLASSES, **changes: object) -> AAE:
    keras.utils.set_random_seed(seed)
    return AAE(COLUMNS, classes, Model(latent=LATENT, **changes))


def normal(*shape: int) -> tf.Tensor:
    return tf.constant(RNG.normal(size=shape), tf.float32)


def batch(rows: int = 64) -> Batch:
    labels = tf.constant(RNG.integers(CLASSES, size=rows), tf.int32)
    return Batch(normal(rows, COLUMNS), labels, normal(rows, LATENT), normal(rows, COLUMNS))


def adapted(rows: np.ndarray) -> Units:
    units = Units(rows.shape[1])
    units.adapt(rows)
    return units


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.floats(-3, 3), st.floats(-100, 100))
def test_units_standardise_and_return(seed: int, exponent: float, shift: float) -> None:
    rng, scale = np.random.default_rng(seed), 10**exponent
    rows = (scale * (rng.gamma(2, size=(40, 3)) + shift)).astype("f4")
    units = adapted(rows)
    standard = np.asarray(units(rows), "f8")
    resolution = np.finfo("f4").eps * (1 + abs(shift))  # of a standard deviation
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=4 * resolution)
    np.testing.assert_allclose(standard.std(axis=0), 1, atol=8 * resolution)
    back = np.asarray(units.inverse(tf.constant(standard, tf.float32)))
    np.testing.assert_allclose(back, rows, atol=8 * resolution * scale)


@pytest.mark.parametrize("constant", [0.0, 0.1, -7.3e5, 1e-30])
def test_constant_columns_are_exact(constant: float) -> None:
    rows = RNG.normal(size=(1000, 2)).astype("f4")
    rows[:, 1] = constant
    units = adapted(rows)
    np.testing.assert_array_equal(np.asarray(units(rows))[:, 1], 0)
    made = np.asarray(units.inverse(normal(9, 2)))
    np.testing.assert_array_equal(made[:, 1], np.float32(constant))


def test_units_are_not_trained() -> None:
    assert Units(COLUMNS).trainable_variables == []


@pytest.mark.parametrize(("adversary", "likelihood", "classifier"), COMBINATIONS)
def test_every_weight_gets_a_gradient(adversary: str, likelihood: str, classifier: bool) -> None:
    aae = model(adversary=adversary, likelihood=likelihood, classifier=classifier)
    critics = [w for part in aae.discriminators.values() for w in part.trainable_variables]
    own = [w for part in aae.parts for w in part.trainable_variables]
    own = [w for w in own if not any(w is critic for critic in critics)]
    with tf.GradientTape(persistent=True) as tape:
        found = objective(aae, batch(), 0.5)
    for loss, weights in ((found.logged["total"], own), (found.discriminators, critics)):
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            assert gradient is not None and np.any(gradient), weight.path
    assert len(own) + len(critics) == len(aae.trainable_variables)


@pytest.mark.parametrize(("adversary", "likelihood", "classifier"), COMBINATIONS)
def test_parts_follow_the_recipe(adversary: str, likelihood: str, classifier: bool) -> None:
    aae = model(adversary=adversary, likelihood=likelihood, classifier=classifier)
    seen = {"both": {"latent", "data"}, "none": set()}.get(adversary, {adversary})
    assert set(aae.discriminators) == seen
    assert (aae.classifier is not None) == classifier
    widths = {part.name: (part.input_shape[-1],) for part in aae.parts}
    assert widths["encoder"] == (COLUMNS,) and widths["decoder"] == (LATENT,)
    assert {part.name for part in aae.parts} == set(widths) and summary(aae).count("Total") == len(
        aae.parts
    )


def test_no_classifier_without_classes() -> None:
    assert model(classes=0, classifier=True).classifier is None


def test_hidden_layers_have_the_widths_of_the_recipe() -> None:
    aae = model(encoder=[7, 3], decoder=[], discriminator=[4])
    wanted = {"encoder": [7, 3, LATENT], "latent_discriminator": [4, 1], "classifier": [CLASSES]}
    for part in aae.parts:
        widths = [each.units for each in part.layers if isinstance(each, keras.layers.Dense)]
        assert widths == wanted.get(part.name, [COLUMNS])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_generated_rows_follow_the_decoders_law(likelihood: str) -> None:
    aae = model(likelihood=likelihood)
    codes = tf.repeat(normal(1, LATENT), 20_000, axis=0)
    law = aae.decode(codes)
    mean = np.asarray(law.mean)[0]
    made = np.asarray(aae.generate(codes, normal(20_000, COLUMNS)))
    if likelihood == "mse":
        np.testing.assert_array_equal(made, np.asarray(law.mean))
        assert law.log_variance == 0
    else:
        std = np.exp(np.asarray(law.log_variance)[0] / 2)
        # five standard errors
        np.testing.assert_allclose((made.mean(axis=0) - mean) / std, 0, atol=5 / np.sqrt(20_000))
        np.testing.assert_allclose(made.std(axis=0) / std, 1, atol=5 / np.sqrt(40_000))


def test_log_variance_is_a_column_and_a_row_and_bounded() -> None:
    layer = LogVariance(COLUMNS)
    hidden = normal(30, 4)
    layer.build(hidden.shape)
    layer.column.assign(np.arange(COLUMNS) / 10)
    found = np.asarray(layer(hidden))
    added = np.asarray(hidden @ layer.row.kernel) + np.arange(COLUMNS) / 10
    np.testing.assert_allclose(found, np.maximum(added, MIN_LOG_VARIANCE), atol=1e-6)
    layer.column.assign(np.full(COLUMNS, -1e6))
    np.testing.assert_array_equal(np.asarray(layer(hidden)), np.float32(MIN_LOG_VARIANCE))


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_saved_weights_give_the_same_output(adversary: str, tmp_path: Path) -> None:
    one, other = model(seed=1, adversary=adversary), model(seed=2, adversary=adversary)
    one.units.adapt(RNG.gamma(2, size=(50, COLUMNS)).astype("f4"))
    path, rows = tmp_path / "model.weights.h5", normal(8, COLUMNS)
    one.save_weights(path)
    assert not np.array_equal(one.encoder(one.units(rows)), other.encoder(other.units(rows)))
    other.load_weights(path)
    given, noise = batch(8), normal(8, COLUMNS)
    np.testing.assert_array_equal(one.units(rows), other.units(rows))
    np.testing.assert_array_equal(
        one.generate(given.prior, noise), other.generate(given.prior, noise)
    )
    for name, wanted in objective(one, given, 0.5).logged.items():
        assert float(objective(other, given, 0.5).logged[name]) == float(wanted), name


def test_the_seed_gives_the_weights() -> None:
    first, same, different = (model(seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, different, strict=True))
