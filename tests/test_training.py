"""Laws of the objective, of one epoch and of the training policy."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from aae import losses, training
from aae.dataset import Split
from aae.model import AAE
from aae.recipe import ADVERSARIES, Model, Train
from aae.training import Batch, Trainer, fit, halves, objective, tensors

pytestmark = [pytest.mark.xdist_group("tensorflow"), pytest.mark.usefixtures("tensorflow")]

SMALL = Model(latent=2, encoder=[16], decoder=[16], discriminator=[8])
RECIPE = Train(epochs=1, batch_size=16)
Log = list[dict[str, float]]


def easy(rows: int = 200, columns: int = 6, seed: int = 0) -> Split:
    """Rows on a line, with a little noise; the label is the side."""
    rng = np.random.default_rng(seed)
    place = rng.normal(size=(rows, 1))
    values = place * np.arange(1, columns + 1) + 0.1 * rng.normal(size=(rows, columns))
    return Split(values.astype("f4"), (place[:, 0] > 0).astype("i8"))


def model(recipe: Model = SMALL, columns: int = 6, seed: int = 0) -> AAE:
    keras.utils.set_random_seed(seed)
    return AAE(columns, 2, recipe)


def trained(
    data: Split, recipe: Train = RECIPE, seed: int = 0, sizes: Model = SMALL
) -> tuple[AAE, Log]:
    """A model after `fit`, and what it logged."""
    made, log = model(sizes, data.rows.shape[1], seed), Log()
    fit(made, data, recipe, seed, lambda _, scalars: log.append(scalars))
    return made, log


def batch(rows: int = 40, columns: int = 6, seed: int = 0) -> Batch:
    rng = np.random.default_rng(seed)
    values, prior, noise = (rng.normal(size=(rows, each)) for each in (columns, 2, columns))
    floats = (tf.constant(each, tf.float32) for each in (prior, noise))
    labels = tf.constant(rng.integers(2, size=rows), tf.int32)
    return Batch(tf.constant(values, tf.float32), labels, *floats)


def same(one: AAE, other: AAE) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(first, second) for first, second in pairs)


@pytest.mark.parametrize("adversary", ADVERSARIES)
@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_total_is_lambda_l_r_and_the_rest_l_c(adversary: str, weight: float) -> None:
    found = objective(model(replace(SMALL, adversary=adversary)), batch(), weight)
    parts = {name: float(value) for name, value in found.logged.items()}
    fooling = parts.get("encoder", 0.0)
    fooling += parts["decoder"] - float(found.likelihood)  # on rows, where there is such a part
    rest = fooling + parts["classifier"]
    assert float(found.adversarial) == pytest.approx(rest, rel=1e-5)
    wanted = weight * float(found.likelihood) + (1 - weight) * rest
    assert parts["total"] == pytest.approx(wanted, rel=1e-5)
    own = sum(value for name, value in parts.items() if name.endswith("discriminator"))
    assert float(found.discriminators) == pytest.approx(own, rel=1e-6)


@pytest.mark.parametrize("likelihood", ["mse", "gaussian"])
def test_parts_of_the_objective(likelihood: str) -> None:
    made, given = model(replace(SMALL, adversary="both", likelihood=likelihood)), batch()
    found = objective(made, given, 0.5)
    codes = made.encoder(given.rows)
    law = made.decode(codes)
    squared = losses.half_squared_error(given.rows, law.mean)
    nll = losses.gaussian_nll(given.rows, *law) if likelihood == "gaussian" else squared
    rows = made.generate(given.prior, given.noise)
    on_codes, on_rows = made.discriminators["latent"], made.discriminators["data"]
    logits = made.classifier(made.encoder(law.mean))
    fooling = losses.adversarial_loss(on_rows(rows))
    wanted = {
        "reconstruction": squared,
        "decoder": nll + fooling,
        "encoder": losses.adversarial_loss(on_codes(codes)),
        "classifier": losses.classification_loss(given.labels, logits),
        "latent_discriminator": losses.discriminator_loss(on_codes(given.prior), on_codes(codes)),
        "data_discriminator": losses.discriminator_loss(on_rows(given.rows), on_rows(rows)),
        "latent_accuracy": losses.accuracy(on_codes(given.prior), on_codes(codes)),
        "data_accuracy": losses.accuracy(on_rows(given.rows), on_rows(rows)),
    }
    assert float(found.likelihood) == pytest.approx(float(nll), rel=1e-6)
    assert found.logged.keys() == wanted.keys() | {"total"}
    for name, value in wanted.items():
        assert float(found.logged[name]) == pytest.approx(float(value), rel=1e-6), name


def with_identity_encoder(shift: float, rows: int) -> tuple[AAE, Batch]:
    """A model that encodes standard normal rows as themselves, moved by `shift`."""
    made = model(Model(latent=2, encoder=[], decoder=[], classifier=False), columns=2)
    made.encoder.set_weights([np.eye(2), np.full(2, shift)])
    return made, batch(rows, columns=2)


def test_no_discriminator_tells_the_prior_from_itself() -> None:
    made, given = with_identity_encoder(0.0, rows=20_000)
    accuracy = float(objective(made, given, 0.5).logged["latent_accuracy"])
    # The mean of two shares of 20,000 rows each: 4 standard deviations.
    assert accuracy == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / 40_000))


def test_a_trained_discriminator_tells_shifted_codes() -> None:
    made, given = with_identity_encoder(4.0, rows=1000)
    trainer = Trainer(made, replace(RECIPE, reconstruction_weight=1.0, learning_rate=0.01), 0)
    for _ in range(60):
        logged = trainer.step(given)
        made.encoder.set_weights([np.eye(2), np.full(2, 4.0)])
    # Two unit normal laws sqrt(32) apart: the best accuracy is 0.9977.
    assert float(logged["latent_accuracy"]) > 0.98


def test_autoencoder_and_discriminators_share_no_weight() -> None:
    made = model(replace(SMALL, adversary="both"))
    trainer = Trainer(made, RECIPE, 0)
    own, critics = ({id(w) for w in each} for each in (trainer.weights, trainer.critics))
    assert not own & critics
    assert own | critics == {id(weight) for weight in made.trainable_variables}


def test_draws_are_fresh_each_step_and_repeat_by_seed() -> None:
    trainer = Trainer(model(replace(SMALL, adversary="both")), RECIPE, 3)
    again, other = (Trainer(model(replace(SMALL, adversary="both")), RECIPE, s) for s in (3, 4))
    rows, labels = tf.zeros([5000, 6]), tf.zeros([5000], tf.int32)
    first, second = (trainer.batch(rows, labels, tf.constant(step)) for step in (0, 1))
    for field in ("prior", "noise"):
        drawn = np.asarray(getattr(first, field))
        assert not np.array_equal(drawn, getattr(second, field))
        np.testing.assert_array_equal(
            drawn, getattr(again.batch(rows, labels, tf.constant(0)), field)
        )
        assert not np.array_equal(drawn, getattr(other.batch(rows, labels, tf.constant(0)), field))
        np.testing.assert_allclose(drawn.mean(axis=0), 0, atol=5 / math.sqrt(5000))
        np.testing.assert_allclose(drawn.std(axis=0), 1, atol=5 / math.sqrt(10_000))
    assert not np.array_equal(first.prior[:, 0], first.noise[:, 0])


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_an_epoch_is_its_steps_one_after_the_other(adversary: str) -> None:
    data = easy(64)
    pair = [model(replace(SMALL, adversary=adversary)) for _ in range(2)]
    whole, single = (Trainer(each, RECIPE, 5) for each in pair)
    rows, labels = tensors(pair[0], data)
    order = tf.constant(np.random.default_rng(0).permutation(64).reshape(4, 16), tf.int32)
    means = whole.epoch(rows, labels, order, tf.constant(8))
    logged = []
    for step, indices in enumerate(order):
        given = single.batch(tf.gather(rows, indices), tf.gather(labels, indices), 8 + step)
        logged.append(single.step(given))
    for one, other in zip(pair[0].get_weights(), pair[1].get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert means.keys() == logged[0].keys()
    for name, mean in means.items():
        wanted = np.mean([float(each[name]) for each in logged])
        assert float(mean) == pytest.approx(wanted, rel=1e-4), name


def test_validation_repeats_and_trains_nothing() -> None:
    made = model(replace(SMALL, adversary="both"))
    before = made.get_weights()
    trainer = Trainer(made, RECIPE, 0)
    first, second = (trainer.validate(*tensors(made, easy())) for _ in range(2))
    assert {k: float(v) for k, v in first.items()} == {k: float(v) for k, v in second.items()}
    assert all(np.array_equal(a, b) for a, b in zip(before, made.get_weights(), strict=True))


def test_gradient_norms_are_those_of_the_two_parts() -> None:
    made, weight = model(), 0.7
    trainer = Trainer(made, replace(RECIPE, reconstruction_weight=weight), 0)
    rows, labels = tensors(made, easy())
    found = trainer.gradient_norms(rows, labels)
    given = trainer.batch(rows, labels, tf.constant(-1))
    with tf.GradientTape(persistent=True) as tape:
        parts = objective(made, given, weight)
    wanted = {
        "likelihood_gradient": (weight, parts.likelihood),
        "adversarial_gradient": (1 - weight, parts.adversarial),
    }
    assert found.keys() == wanted.keys()
    for name, (share, loss) in wanted.items():
        gradients = [g for g in tape.gradient(loss, trainer.weights) if g is not None]
        norm = share * math.sqrt(sum(float(tf.reduce_sum(g * g)) for g in gradients))
        assert float(found[name]) == pytest.approx(norm, rel=1e-4), name


def test_an_epoch_lowers_the_training_loss() -> None:
    data, made = easy(400), model()
    made.units.adapt(data.rows)
    rows, labels = tensors(made, data)
    trainer = Trainer(made, RECIPE, 0)
    before = float(trainer.validate(rows, labels)["total"])
    order = tf.constant(np.arange(400).reshape(25, 16), tf.int32)
    trainer.epoch(rows, labels, order, tf.constant(0))
    assert float(trainer.validate(rows, labels)["total"]) < before


def test_training_finds_an_easy_law() -> None:
    _, log = trained(easy(400), replace(RECIPE, epochs=25, learning_rate=1e-2))
    assert log[-1]["val_reconstruction"] < 0.1 * log[0]["val_reconstruction"]


@pytest.mark.parametrize("adversary", ["latent", "both"])
def test_the_same_seed_gives_the_same_weights(adversary: str) -> None:
    data, recipe = easy(), replace(RECIPE, epochs=2)
    sizes = replace(SMALL, adversary=adversary)
    (one, log), (again, repeated) = (trained(data, recipe, 1, sizes) for _ in range(2))
    assert same(one, again) and repr(log) == repr(repeated)


def test_another_seed_gives_another_split_order_and_noise() -> None:
    made = model(seed=0), model(seed=0)  # the same first weights
    for each, seed in zip(made, (1, 2), strict=True):
        fit(each, easy(), RECIPE, seed, lambda *_: None)
    assert not same(*made)


def test_halves_are_a_partition() -> None:
    rows = np.arange(50, dtype="f4")[:, None]
    data = Split(rows, np.arange(50))
    recipe = replace(RECIPE, validation_split=0.3)
    train, held_back = halves(data, recipe, np.random.default_rng(0))
    assert len(held_back.rows) == 15
    assert sorted([*train.rows[:, 0], *held_back.rows[:, 0]]) == list(range(50))
    for each in (train, held_back):
        np.testing.assert_array_equal(each.rows[:, 0], each.labels)


def test_validation_rows_are_never_trained_on() -> None:
    data, seed = easy(), 3
    numbered = Split(np.arange(len(data.rows))[:, None], None)
    _, held_back = halves(numbered, RECIPE, np.random.default_rng(seed))
    poisoned = data.rows.copy()
    poisoned[held_back.rows[:, 0]] = 1e3 * np.random.default_rng(0).normal(size=6)
    (clean, log), (other, spoilt) = (
        trained(Split(rows, data.labels), seed=seed) for rows in (data.rows, poisoned)
    )
    assert same(clean, other)
    assert spoilt[0]["val_total"] > 100 * log[0]["val_total"]
    assert spoilt[0]["total"] == log[0]["total"]


def noise(rows: int = 80) -> Split:
    """Rows that a model can only learn by heart: the validation loss soon rises."""
    rng = np.random.default_rng(0)
    return Split(rng.normal(size=(rows, 6)).astype("f4"), None)


LONG = replace(RECIPE, epochs=80, patience=4, learning_rate=0.02, plateau_patience=2)


def held_loss(made: AAE, data: Split, recipe: Train, seed: int) -> float:
    """Total validation loss of a model as it is."""
    _, held_back = halves(data, recipe, np.random.default_rng(seed))
    trainer = Trainer(made, recipe, seed)
    return float(trainer.validate(*tensors(made, held_back))["total"])


def test_training_stops_early_at_the_best_weights() -> None:
    made, log = trained(noise(), LONG)
    values = [each["val_total"] for each in log]
    best = int(np.argmin(values))
    assert len(values) < LONG.epochs, "never stopped"
    assert len(values) - 1 - best == LONG.patience
    assert held_loss(made, noise(), LONG, 0) == pytest.approx(values[best], rel=1e-6)


def test_the_best_weights_come_back_after_the_last_epoch_too() -> None:
    recipe = replace(LONG, patience=1000, epochs=25)
    made, log = trained(noise(), recipe)
    values = [each["val_total"] for each in log]
    assert len(values) == 25 and np.argmin(values) < 24
    assert held_loss(made, noise(), recipe, 0) == pytest.approx(min(values), rel=1e-6)


def expected_rates(values: list[float], recipe: Train) -> list[float]:
    """Learning rate of each epoch, from the validation losses before it."""
    rates, best, waited = [recipe.learning_rate], math.inf, 0
    for value in values[:-1]:
        waited = 0 if value < best - 1e-4 else waited + 1
        best = min(best, value) if waited == 0 else best
        rate = rates[-1]
        if waited >= recipe.plateau_patience:
            rate, waited = max(rate * recipe.plateau_factor, recipe.min_learning_rate), 0
        rates.append(rate)
    return rates


def test_the_learning_rate_falls_on_a_plateau(monkeypatch: pytest.MonkeyPatch) -> None:
    trainers = capture_trainers(monkeypatch)
    recipe = replace(LONG, patience=1000, epochs=25, min_learning_rate=0.001)
    _, log = trained(noise(), recipe)
    rates = [each["learning_rate"] for each in log]
    assert rates == pytest.approx(expected_rates([each["val_total"] for each in log], recipe))
    assert rates[-1] == pytest.approx(recipe.min_learning_rate)
    (trainer,) = trainers
    assert float(trainer.critic_optimizer.learning_rate) == pytest.approx(rates[-1])


def capture_trainers(monkeypatch: pytest.MonkeyPatch) -> list[Trainer]:
    made: list[Trainer] = []

    class Captured(Trainer):
        def __init__(self, *arguments: Any):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(training, "Trainer", Captured)
    return made


def test_every_loss_is_logged_for_both_halves() -> None:
    _, log = trained(easy(), replace(RECIPE, epochs=2))
    keys = set(objective(model(), batch(), 0.5).logged)
    for scalars in log:
        assert keys | {f"val_{key}" for key in keys} | {"learning_rate"} <= scalars.keys()
        assert all(type(value) is float for value in scalars.values())


def refused(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()


def test_fewer_rows_than_a_batch_are_refused() -> None:
    recipe = replace(RECIPE, batch_size=16)
    assert len(halves(easy(20), recipe, np.random.default_rng(0))[0].rows) == 16
    refused(
        lambda: trained(easy(19), recipe),
        r"expected at least train.batch_size = 16 rows to train on, got 15 \(19 less 4 ",
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_refused(value: float) -> None:
    data = easy()
    data.rows[0, 0] = value
    refused(lambda: trained(data), "expected a finite validation loss, got ")
