"""Laws of the networks: their parts and sizes, codes, categories, saving and loading."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats
from support.small_models import GROUPS, LABELS, MODES, batch, model, normal

from aae.model.autoencoder import AAE, Code, summary, uniform_of
from aae.model.configuration import Train
from aae.model.noise import Noise
from aae.model.objective import objective

pytestmark = pytest.mark.usefixtures("tensorflow")

COLUMNS, LATENT = len(GROUPS), 2


def drawn_noise(made: AAE, rows: int) -> Noise:
    """Noise of generated rows."""
    return made.generator_noise.split(normal(rows, made.generator_noise.width))


@pytest.mark.parametrize("changes", MODES.values(), ids=MODES)
def test_parts_follow_the_settings(changes: dict[str, object]) -> None:
    made = model(**changes)
    adversary = made.settings.adversary
    seen = {"both": {"latent", "data"}, "none": set(), "auto": {"latent"}}.get(
        adversary, {adversary}
    )
    assert set(made.discriminators) == seen
    assert (made.classifier is not None) == made.settings.classifier
    shapes = {part.name: part.input_shape for part in made.parts}
    tied = made.settings.likelihood == "residual"
    features = 4 if tied else COLUMNS  # mean and deviation of two groups
    noise = made.settings.posterior == "noise"
    assert shapes["encoder"] == ([(None, features), (None, LATENT)] if noise else (None, features))
    assert shapes["decoder"] == [(None, LATENT), (None, made.classes)]
    categories = made.classes if made.classes > 1 else 0
    if "latent" in seen:
        assert shapes["latent_discriminator"] == (None, LATENT + categories)
    if "data" in seen:
        assert shapes["data_discriminator"] == (None, COLUMNS)
    assert summary(made).count("Total") == len(made.parts)


def test_hidden_layers_have_the_widths_of_the_settings() -> None:
    made = model(encoder=[7, 3], decoder=[], discriminator=[4], classifier=True, likelihood="mse")
    wanted = {
        "encoder": [7, 3, LATENT, LABELS, LATENT],  # its heads by name
        "decoder": [COLUMNS],
        "latent_discriminator": [4, 1],
        "classifier": [LABELS],
    }
    widths = {
        part.name: [each.units for each in part.layers if isinstance(each, keras.layers.Dense)]
        for part in made.parts
    }
    assert widths == wanted


def test_no_classifier_without_classes() -> None:
    assert model(0, classifier=True).classifier is None


@pytest.mark.parametrize(
    ("labels", "changes", "classes", "conditions", "inferred", "choices"),
    [
        (3, {}, 3, 3, False, (3,)),
        (3, {"labelled": 9}, 3, 3, True, (3,)),
        (3, {"labels": "adversary"}, 3, 0, False, (3,)),
        (3, {"labels": "ignored", "clusters": 5}, 5, 5, True, (1, 5)),
        (3, {"labels": "ignored", "clusters": 1}, 1, 0, False, (1,)),
        (0, {"clusters": 5}, 5, 5, True, (1, 5)),
        (0, {"labels": "adversary", "clusters": 1}, 1, 0, False, (1,)),
    ],
)
def test_what_labels_are_for(
    labels: int,
    changes: dict[str, object],
    classes: int,
    conditions: int,
    inferred: bool,
    choices: tuple[int, ...],
) -> None:
    made = model(labels, **changes)
    wanted = (classes, conditions, inferred, choices)
    assert (made.classes, made.conditions, made.inferred, made.choices) == wanted
    logits = made.encode(batch(made).statistics, normal(64, LATENT)).logits
    assert (logits is not None) == bool(conditions)


def test_codes_follow_the_posterior() -> None:
    mean, log_variance = normal(1, 3), normal(1, 3, seed=1)
    drawn = np.asarray(Code(mean, log_variance, None).sample(normal(20_000, 3)))
    standard = (drawn - np.asarray(mean)) / np.exp(np.asarray(log_variance) / 2)
    for column in standard.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4
    assert Code(mean, None, None).sample(normal(1, 3)) is mean


@pytest.mark.parametrize("posterior", ["gaussian", "deterministic", "noise"])
def test_only_a_noise_driven_mean_depends_on_noise(posterior: str) -> None:
    made = model(posterior=posterior)
    rows = batch(made).statistics
    one, other = (made.encode(rows, normal(64, LATENT, seed=seed)).mean for seed in (0, 1))
    assert np.array_equal(one, other) == (posterior != "noise")


def test_categories_that_are_not_allowed_are_never_chosen() -> None:
    made = model(0, clusters=4)
    rows = batch(made).statistics
    for allowed in (1, 2, 4):
        made.allow(allowed)
        chances = np.asarray(tf.nn.softmax(made.encode(rows, normal(64, LATENT)).logits))
        assert made.categories == allowed
        assert (chances[:, allowed:] < 1e-20).all() and (chances[:, :allowed] > 0).all()
        np.testing.assert_allclose(made.shares, [1 / allowed] * allowed + [0] * (4 - allowed))
        drawn = np.asarray(made.prior(drawn_noise(made, 500))[1])
        assert set(drawn.argmax(axis=1)) == set(range(allowed))


def test_the_decoder_does_not_listen_to_idle_dimensions() -> None:
    made, classes = model(), tf.one_hot([0] * 9, LABELS)
    one, other = normal(9, LATENT), normal(9, LATENT, seed=1)
    mixed = tf.stack([one[:, 0], other[:, 1]], axis=1)
    assert not np.allclose(made.decode(one, classes).mean, made.decode(mixed, classes).mean)
    made.active.assign([[1.0, 0.0]] * made.classes)
    np.testing.assert_array_equal(made.decode(one, classes).mean, made.decode(mixed, classes).mean)
    assert not np.allclose(made.decode(one, classes).mean, made.decode(other, classes).mean)


def test_the_decoder_sees_the_category_where_it_should() -> None:
    codes = normal(9, LATENT)
    for mode, seen in (("default", True), ("label-conditioned", False)):
        made = model(**MODES[mode])
        first, second = (made.decode(codes, tf.one_hot([c] * 9, LABELS)).mean for c in (0, 1))
        assert np.allclose(first, second) != seen


def test_prior_categories_have_their_shares() -> None:
    """And are independent of the code where the prior is not their own."""
    made, shares, n = model(), np.array([0.6, 0.3, 0.1]), 20_000
    made.shares.assign(shares)
    codes, classes = (np.asarray(each) for each in made.prior(drawn_noise(made, n)))
    assert (classes.sum(axis=1) == 1).all() and set(np.unique(classes)) == {0, 1}
    assert stats.chisquare(classes.sum(axis=0), n * shares).pvalue > 1e-4
    for column in codes.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4
        parts = [column[classes[:, c] == 1] for c in range(LABELS)]
        assert stats.kruskal(*parts).pvalue > 1e-4


def test_a_label_conditioned_prior_gives_each_class_its_component() -> None:
    made = model(**MODES["label-conditioned"])
    codes, classes = (np.asarray(each) for each in made.prior(drawn_noise(made, 3000)))
    angle = np.arctan2(codes[:, 1], codes[:, 0]) / (2 * np.pi) * LABELS
    nearest = np.round(angle).astype(int) % LABELS
    # The components' centres are 120 degrees apart, their radius 3, across 0.25.
    assert np.mean(nearest == classes.argmax(axis=1)) > 0.999


def test_uniform_noise_from_normal_noise() -> None:
    noise = normal(5000, 1)
    np.testing.assert_allclose(uniform_of(noise), stats.norm.cdf(noise), atol=1e-6)


def test_saved_weights_give_the_same_output(tmp_path: Path) -> None:
    one, other = (model(seed=seed, **MODES["both adversaries"]) for seed in (1, 2))
    rng = np.random.default_rng(0)
    for weight in one.weights:  # those without a gradient too
        weight.assign(rng.uniform(0.1, 1, size=weight.shape))
    path, given = tmp_path / "model.weights.h5", batch(one)
    one.save_weights(path)
    other.load_weights(path)
    first, second = (objective(each, given, Train()).losses.logged() for each in (one, other))
    assert {k: float(v) for k, v in first.items()} == {k: float(v) for k, v in second.items()}
    classes, noise = tf.one_hot([1] * 64, LABELS), normal(64, COLUMNS)
    drawn = [
        each.likelihood.sample(each.decode(normal(64, LATENT), classes), classes, noise)
        for each in (one, other)
    ]
    np.testing.assert_array_equal(*drawn)
    np.testing.assert_array_equal(one.units.inverse(given.rows), other.units.inverse(given.rows))


def test_the_seed_gives_the_weights() -> None:
    first, same, different = (model(seed=seed).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, different, strict=True))
