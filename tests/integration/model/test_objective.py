"""Laws of the losses of one batch, in every mode."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.small_models import LABELS, MODES, batch, model

from aae.model import losses
from aae.model.autoencoder import AAE
from aae.model.configuration import Train
from aae.model.likelihood import Statistics
from aae.model.objective import category, discriminator_logits, information, objective

pytestmark = pytest.mark.usefixtures("tensorflow")

each_mode = pytest.mark.parametrize("changes", MODES.values(), ids=MODES)
TRAIN = Train(reconstruction_weight=0.3, adversary_weight=2.0)


def own_and_discriminators(made: AAE) -> tuple[list[tf.Variable], list[tf.Variable]]:
    others = [w for part in made.discriminators.values() for w in part.trainable_variables]
    own = [w for w in made.trainable_variables if not any(w is other for other in others)]
    return own, others


@each_mode
def test_every_weight_gets_a_gradient(changes: dict[str, object]) -> None:
    made = model(**changes)
    own, others = own_and_discriminators(made)
    with tf.GradientTape(persistent=True) as tape:
        result = objective(made, batch(made, unlabelled=30), TRAIN).losses
        descended = (result.total, own), (result.discriminators, others)
    for loss, weights in descended:
        for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
            assert gradient is not None and np.any(gradient), weight.path
    networks = [w for part in [*made.parts, made.likelihood] for w in part.trainable_variables]
    assert {id(w) for w in networks} == {id(w) for w in own + others}


@each_mode
def test_total_is_lambda_l_r_and_the_rest_l_c(changes: dict[str, object]) -> None:
    made = model(**changes)
    result = objective(made, batch(made), TRAIN).losses
    parts = {name: float(value) for name, value in result.logged().items()}
    fooling = parts.get("encoder", 0.0)
    fooling += parts["decoder"] - float(result.likelihood)  # on rows, where there is such a part
    rest = 2 * fooling + parts.get("classifier", 0.0) + parts.get("classes", 0.0)
    assert float(result.adversarial) == pytest.approx(rest, rel=1e-4)
    wanted = 0.3 * float(result.likelihood) + 0.7 * rest
    assert parts["total"] == pytest.approx(wanted, rel=1e-4)
    own = sum(value for name, value in parts.items() if name.endswith("discriminator"))
    assert float(result.discriminators) == pytest.approx(own, rel=1e-6)


@pytest.mark.parametrize("mode", ["default", "gaussian", "article", "both adversaries"])
def test_resultof_the_objective(mode: str) -> None:
    """Written out for known categories; L_R is that of the reconstruction."""
    made = model(**MODES[mode])
    given = batch(made)
    result = objective(made, given, TRAIN).losses
    code = made.encode(given.statistics, None)
    codes = code.sample(given.noise.posterior)
    classes = tf.one_hot(given.labels if made.classes > 1 else [0] * 64, made.classes)
    law = made.decode(codes, classes)
    information = 0.0
    if code.log_variance is not None:
        information = tf.reduce_mean(
            tf.reduce_sum(losses.divergence_of_codes(code.mean, code.log_variance), axis=1)
        )
    nll = tf.reduce_mean(made.likelihood.nll(given.statistics, law))
    wanted = {
        "reconstruction": tf.reduce_mean(made.likelihood.half_squares(given.statistics, law)),
        "information": information,
    }
    likelihood = nll + made.settings.information * information
    prior, drawn = made.prior(given.noise)
    pair = [prior, codes]
    if made.classes > 1:
        pair = [tf.concat(each, axis=1) for each in ((prior, drawn), (codes, classes))]
        wanted["classes"] = losses.classification_loss(given.labels, code.logits)
    if made.classifier is not None:
        again = made.encode(Statistics(law.mean, tf.zeros_like(law.mean)), None).mean
        wanted["classifier"] = losses.classification_loss(given.labels, made.classifier(again))
    real, generated = (made.discriminators["latent"](each) for each in pair)
    wanted["encoder"] = losses.adversarial_loss(generated)
    wanted["latent_discriminator"] = losses.discriminator_loss(real, generated)
    wanted["latent_accuracy"] = losses.accuracy(real, generated)
    wanted["decoder"] = likelihood
    if "data" in made.discriminators:
        rows = made.likelihood.sample(made.decode(prior, drawn), drawn, given.noise.cells)
        real, generated = (made.discriminators["data"](each) for each in (given.rows, rows))
        wanted["data_discriminator"] = losses.discriminator_loss(real, generated)
        wanted["data_accuracy"] = losses.accuracy(real, generated)
        wanted["decoder"] += losses.adversarial_loss(generated)
    assert float(result.likelihood) == pytest.approx(float(likelihood), rel=1e-5)
    logged = result.logged()
    assert logged.keys() == wanted.keys() | {"total"}
    for name, value in wanted.items():
        assert float(logged[name]) == pytest.approx(float(value), rel=1e-5), name


def test_without_labels_the_likelihood_is_the_mean_over_categories() -> None:
    """E_q(c | x) of the loss of each category, as if it were known."""
    made = model(0, **MODES["clusters"])
    given = batch(made)
    result = objective(made, given, TRAIN)
    code = made.encode(given.statistics, None)
    codes, q = code.sample(given.noise.posterior), tf.nn.softmax(code.logits)
    each = [
        made.likelihood.nll(given.statistics, made.decode(codes, tf.one_hot([c] * 64, LABELS)))
        for c in range(LABELS)
    ]
    likelihood = tf.reduce_mean(tf.reduce_sum(q * tf.stack(each, axis=1), axis=1))
    likelihood += tf.reduce_mean(information(made, given.categories, code))
    assert float(result.losses.likelihood) == pytest.approx(float(likelihood), rel=1e-5)
    weight = tf.reshape(result.guess.weight, [64, LABELS])
    np.testing.assert_allclose(tf.reduce_sum(weight, axis=1), 1, atol=1e-5)


@each_mode
def test_known_labels_are_one_hot(changes: dict[str, object]) -> None:
    made = model(**changes)
    given = batch(made, unlabelled=30)
    code = made.encode(given.statistics, given.noise.posterior)
    q = np.asarray(category(made, given.categories, code))
    np.testing.assert_allclose(q.sum(axis=1), 1, atol=1e-5)
    if made.role != "ignored":
        np.testing.assert_array_equal(q[30:], np.eye(LABELS)[given.labels[30:]])
    if made.inferred:
        hidden = slice(0, 30) if made.role == "given" else slice(None)
        np.testing.assert_allclose(q[hidden], tf.nn.softmax(code.logits)[hidden])


@each_mode
def test_information_is_what_is_defined_of_it(changes: dict[str, object]) -> None:
    """KL of codes with a closed form alone; of categories where they are not known."""
    made = model(**changes)
    given = batch(made, unlabelled=30)
    code = made.encode(given.statistics, given.noise.posterior)
    rest = np.array(information(made, given.categories, code))
    closed = made.settings.prior == made.settings.posterior == "gaussian"
    if closed:
        rest -= np.asarray(losses.divergence_of_codes(code.mean, code.log_variance)).sum(axis=1)
    if not made.inferred:
        np.testing.assert_allclose(rest, 0, atol=1e-5)
    elif made.role == "given":
        np.testing.assert_allclose(rest[30:], 0, atol=1e-5)
        assert (rest[:30] > 0).all()
    else:
        assert (rest > 0).all()


def test_the_discriminator_of_codes_sees_categories() -> None:
    made = model()
    given = batch(made)
    code = made.encode(given.statistics, None)
    codes = code.sample(given.noise.posterior)
    other = given._replace(categories=(given.categories + 1) % LABELS)
    (real, generated), (same, moved) = (
        discriminator_logits(made, each, code, codes)["latent"] for each in (given, other)
    )
    np.testing.assert_array_equal(real, same)
    assert not np.allclose(generated, moved)


def test_no_discriminator_tells_the_prior_from_itself() -> None:
    """Codes that are the prior's noise: the mean of two shares of 20,000, 4 standard deviations."""
    made = model(
        0, groups=(0, 1), likelihood="mse", posterior="deterministic", clusters=1, encoder=[]
    )
    made.encoder.set_weights([np.eye(2), np.zeros(2)])
    accuracy = float(
        objective(made, batch(made, rows=20_000), TRAIN).losses.adversaries["latent"].accuracy
    )
    assert accuracy == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / 40_000))


def test_a_trained_discriminator_tells_shifted_codes() -> None:
    made = model(
        0, groups=(0, 1), likelihood="mse", posterior="deterministic", clusters=1, encoder=[]
    )
    made.encoder.set_weights([np.eye(2), np.full(2, 4.0)])
    given, optimizer = batch(made, rows=1000), keras.optimizers.Adam(0.02)
    _, others = own_and_discriminators(made)
    for _ in range(80):
        with tf.GradientTape() as tape:
            result = objective(made, given, TRAIN).losses
            loss = result.discriminators
        optimizer.apply(tape.gradient(loss, others), others)
    # Two unit normal laws sqrt(32) apart: the best accuracy is 0.9977.
    assert float(result.adversaries["latent"].accuracy) > 0.98


def test_the_classifier_sees_every_guess_by_its_weight() -> None:
    """E_q(c | x) of the cross entropy of the reconstruction with each category."""
    made = model(**MODES["classifier of few labels"])
    given = batch(made, unlabelled=30)
    result = objective(made, given, TRAIN)
    assert made.classifier is not None
    code = made.encode(given.statistics, None)
    codes, q = code.sample(given.noise.posterior), category(made, given.categories, code)
    each = []
    for c in range(LABELS):
        law = made.decode(codes, tf.one_hot([c] * 64, LABELS))
        again = made.encode(Statistics(law.mean, tf.zeros_like(law.mean)), None).mean
        logits = made.classifier(again)[30:]
        each.append(keras.losses.sparse_categorical_crossentropy(given.labels[30:], logits, True))
    wanted = tf.reduce_mean(tf.reduce_sum(q[30:] * tf.stack(each, axis=1), axis=1))
    found = float(result.losses.classification["classifier"])
    assert found == pytest.approx(float(wanted), rel=1e-5)
