"""Laws of a step, of an epoch, of the schedules and of the choice of categories."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray
from support import small_models as small
from support.small_models import MODES

from aae.dataset.splits import Split
from aae.model import training
from aae.model.autoencoder import AAE
from aae.model.configuration import Model, Recipe, Train
from aae.model.noise import Noise
from aae.model.objective import Data
from aae.model.passes import FALLING, RESOLUTION, check_losses, resolution
from aae.model.plan import train_validation_split
from aae.model.progress import Progress
from aae.model.trainer import Trainer
from aae.model.training import build, fit, labelled_rows, tensors

pytestmark = pytest.mark.usefixtures("tensorflow")

TRAINING = Train(epochs=2, batch_size=32)
PLATEAU = replace(TRAINING, schedule="plateau")
ARTICLE = small.settings(**MODES["article"])
Log = list[dict[str, float]]


def easy(rows: int = 200, columns: int = 6, seed: int = 0) -> Split:
    """Rows on a line, with a little noise; the label is the side."""
    rng = np.random.default_rng(seed)
    place = rng.normal(size=(rows, 1))
    values = place * np.arange(1, columns + 1) + 0.1 * rng.normal(size=(rows, columns))
    return Split(values.astype("f4"), (place[:, 0] > 0).astype("i8"))


def trained(
    data: Split, policy: Train = TRAINING, seed: int = 0, sizes: Model = ARTICLE
) -> tuple[AAE, Log]:
    """A model after `fit`, and what it logged."""
    import keras

    keras.utils.set_random_seed(seed)
    made, log = build(data, sizes), Log()
    fit(made, data, policy, seed, Progress(lambda _, scalars: log.append(scalars)))
    return made, log


def whole(made: AAE, rows: int = 64) -> Data:
    given = small.batch(made, rows)
    return Data(*given[:-1])


def same(one: AAE, other: AAE) -> bool:
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(first, second) for first, second in pairs)


def test_autoencoder_and_discriminators_share_no_weight() -> None:
    made = small.model(**MODES["both adversaries"])
    trainer = Trainer(made, TRAINING, 10, 0)
    own, others = (
        {id(w) for w in each} for each in (trainer.weights, trainer.discriminator_weights)
    )
    assert not own & others
    assert own | others == {id(weight) for weight in made.trainable_variables}


def joined(noise: Noise) -> NDArray[np.floating]:
    """All parts side by side."""
    return np.column_stack([np.asarray(part) for part in noise])


def test_noise_is_fresh_each_step_and_repeats_by_seed() -> None:
    made = small.model(**MODES["both adversaries"])
    trainer, again, other = (Trainer(made, TRAINING, 10, seed) for seed in (3, 3, 4))
    first, second = joined(trainer.noise(5000, tf.constant(0))), joined(trainer.noise(5000, 1))
    assert first.shape == (5000, 2 * made.latent + 2 + made.columns)
    np.testing.assert_array_equal(first, joined(again.noise(5000, tf.constant(0))))
    for drawn in (second, joined(other.noise(5000, tf.constant(0)))):
        assert not np.isin(drawn, first).all()
    correlations = np.corrcoef(np.concatenate([first, second], axis=1), rowvar=False)
    assert np.abs(correlations - np.eye(len(correlations))).max() < 5 / math.sqrt(5000)


@pytest.mark.parametrize("mode", ["default", "clusters", "both adversaries"])
def test_an_epoch_is_its_steps_one_after_the_other(mode: str) -> None:
    pair = [small.model(**MODES[mode]) for _ in range(2)]
    one, single = (Trainer(each, TRAINING, 20, 5) for each in pair)
    data = whole(pair[0])
    order = tf.constant(np.random.default_rng(0).permutation(64).reshape(4, 16), tf.int32)
    means = one.epoch(data, order, tf.constant(8))
    step_once = tf.function(single.step, autograph=False)
    logged = [
        step_once(data.part(indices).with_noise(single.noise(16, tf.constant(8 + step))))
        for step, indices in enumerate(order)
    ]
    for first, second in zip(pair[0].get_weights(), pair[1].get_weights(), strict=True):
        np.testing.assert_allclose(first, second, atol=1e-5)
    assert float(means.pop("learning_rate")) == pytest.approx(float(one.optimizer.learning_rate))
    assert means.keys() == logged[0].keys()
    for name, mean in means.items():
        wanted = np.mean([float(each[name]) for each in logged])
        assert float(mean) == pytest.approx(wanted, rel=1e-3, abs=1e-5), name


def test_validation_repeats_and_trains_nothing() -> None:
    made = small.model()
    before = made.get_weights()
    trainer, data = Trainer(made, TRAINING, 10, 0), whole(made)
    first, second = (trainer.validate(data) for _ in range(2))
    assert {k: float(v) for k, v in first.items()} == {k: float(v) for k, v in second.items()}
    assert all(np.array_equal(a, b) for a, b in zip(before, made.get_weights(), strict=True))
    assert float(trainer.bound(data)) == pytest.approx(-float(first["decoder"]), rel=1e-5)


def test_gradient_norms_are_those_of_the_two_parts() -> None:
    made = small.model()
    policy = replace(TRAINING, reconstruction_weight=0.7)
    trainer, data = Trainer(made, policy, 10, 0), whole(made)
    found = trainer.gradient_norms(data)
    with tf.GradientTape(persistent=True) as tape:
        losses = trainer.losses_of(data).losses
        wanted = {
            "likelihood_gradient": (0.7, losses.likelihood),
            "adversarial_gradient": (0.3, losses.adversarial),
        }
    assert found.keys() == wanted.keys()
    for name, (share, loss) in wanted.items():
        gradients = [g for g in tape.gradient(loss, trainer.weights) if g is not None]
        norm = share * math.sqrt(sum(float(tf.reduce_sum(g * g)) for g in gradients))
        assert float(found[name]) == pytest.approx(norm, rel=1e-4), name


def test_restart_goes_back_to_the_beginning() -> None:
    made = small.model(**MODES["both adversaries"])
    trainer, data = Trainer(made, TRAINING, 10, 0), whole(made)
    order = tf.constant(np.arange(64).reshape(4, 16), tf.int32)
    states = []
    for _ in range(2):
        trainer.restart()
        trainer.epoch(data, order, tf.constant(0))
        states.append(made.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*states, strict=True))


def test_observing_moves_shares_towards_those_of_the_encoder() -> None:
    made = small.model(0, **MODES["clusters"])
    made.shares.assign([0.9, 0.05, 0.05])
    trainer, data = Trainer(made, TRAINING, 10, 0), whole(made)
    result = trainer.losses_of(data)
    wanted = np.asarray(tf.reduce_mean(tf.reshape(result.guess.weight, [64, 3]), axis=0))
    trainer.observe(result)
    moved = 0.95 * np.array([0.9, 0.05, 0.05]) + 0.05 * wanted
    np.testing.assert_allclose(made.shares, moved, atol=1e-5)


def test_the_resolution_falls_geometrically() -> None:
    middle = math.sqrt(RESOLUTION[0] * RESOLUTION[1])
    found = [resolution(done) for done in (0.0, FALLING / 2, FALLING, 1.0)]
    assert found == pytest.approx([RESOLUTION[0], middle, RESOLUTION[1], RESOLUTION[1]])


def test_clusters_are_given_at_the_start_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only where the model searches: with one category, or with labels, they are not."""
    seen = []

    def epoch(trainer: Trainer, data: Data, order: tf.Tensor, first: object) -> dict[str, float]:
        given = tf.gather(data.categories, tf.reshape(order, [-1]))
        seen.append((trainer.model.categories, set(given.numpy())))
        return {"total": 0.0, "learning_rate": 0.0}

    monkeypatch.setattr(Trainer, "epoch", epoch)
    policy = replace(TRAINING, epochs=5)
    data = easy()
    trained(Split(data.rows, None), policy, sizes=small.settings())
    trained(data, policy, sizes=small.settings())
    assert seen[:5] == [(1, {-1})] * 5
    assert seen[5:10] == [(3, {0, 1, 2})] + [(3, {-1})] * 4
    assert seen[10:] == [(2, {0, 1})] * 5


@pytest.mark.parametrize("sizes", [ARTICLE, small.settings()], ids=["article", "default"])
def test_training_finds_an_easy_law(sizes: Model) -> None:
    policy = replace(TRAINING, epochs=30, learning_rate=1e-2)
    _, log = trained(easy(400), policy, sizes=sizes)
    assert len(log) == 30
    assert log[-1]["val_reconstruction"] < 0.2 * log[0]["val_reconstruction"]


def test_the_same_seed_gives_the_same_weights() -> None:
    sizes = small.settings(adversary="both")
    (one, log), (again, repeated) = (trained(easy(), TRAINING, 1, sizes) for _ in range(2))
    assert same(one, again) and repr(log) == repr(repeated)


def test_another_seed_gives_another_split_order_and_noise() -> None:
    made = []
    for seed in (1, 2):
        tf.random.set_seed(0)
        one = small.model(2, groups=(0,) * 6)  # the same first weights
        fit(one, easy(), TRAINING, seed, Progress(lambda *_: None))
        made.append(one)
    assert not same(*made)


def test_training_and_validation_rows_are_a_partition() -> None:
    policy = replace(TRAINING, validation_split=0.3)
    train, held_back = train_validation_split(50, policy, np.random.default_rng(0))
    assert len(held_back) == 15
    assert sorted([*train, *held_back]) == list(range(50))


@pytest.mark.parametrize("rows", [2, 3, 9])
def test_neither_part_is_empty(rows: int) -> None:
    for split in (0.01, 0.99):
        policy = replace(TRAINING, validation_split=split)
        train, held_back = train_validation_split(rows, policy, np.random.default_rng(0))
        assert len(train) >= 1 <= len(held_back) and len(train) + len(held_back) == rows


def test_validation_rows_are_never_trained_on() -> None:
    """But for the units and for what is taken of all rows after training."""
    made = small.model(2, groups=(0,) * 6, **MODES["article"])
    data, seed = easy(), 3
    _, held_back = train_validation_split(len(data.rows), PLATEAU, np.random.default_rng(seed))
    poisoned = data.rows.copy()
    poisoned[held_back] = 1e3 * np.random.default_rng(0).normal(size=6)
    made.units.adapt = lambda *_: None
    start, ended, logs = made.get_weights(), [], Log()
    for rows in (data.rows, poisoned):
        made.set_weights(start)
        policy = replace(PLATEAU, epochs=1)
        fit(
            made,
            Split(rows, data.labels),
            policy,
            seed,
            Progress(lambda _, scalars: logs.append(scalars)),
        )
        ended.append([np.array(w) for w in made.trainable_variables])
    assert all(np.array_equal(a, b) for a, b in zip(*ended, strict=True))
    assert logs[1]["val_total"] > 100 * logs[0]["val_total"]
    assert logs[1]["total"] == logs[0]["total"]


def noise(rows: int = 80) -> Split:
    """Rows that a model can only learn by heart: the validation loss soon rises."""
    rng = np.random.default_rng(0)
    return Split(rng.normal(size=(rows, 6)).astype("f4"), None)


LONG = replace(
    PLATEAU,
    epochs=80,
    batch_size=16,
    validation_split=0.2,
    patience=4,
    learning_rate=0.02,
    discriminator_learning_rate=0.01,
    plateau_patience=2,
)


def held_loss(made: AAE, data: Split, policy: Train, seed: int) -> float:
    """Total validation loss of a model as it is."""
    _, held_back = train_validation_split(len(data.rows), policy, np.random.default_rng(seed))
    trainer = Trainer(made, policy, 1, seed)
    return float(trainer.validate(tensors(made, data).part(held_back))["total"])


@pytest.fixture(scope="module")
def stopped(tensorflow: object) -> tuple[AAE, Log]:
    return trained(noise(), LONG)


def test_training_stops_early_at_the_best_weights(stopped: tuple[AAE, Log]) -> None:
    made, log = stopped
    values = [each["val_total"] for each in log]
    best = int(np.argmin(values))
    assert len(values) < LONG.epochs, "never stopped"
    assert len(values) - 1 - best == LONG.patience
    assert held_loss(made, noise(), LONG, 0) == pytest.approx(values[best], rel=1e-6)


def expected_rates(values: list[float], policy: Train) -> list[float]:
    """Learning rate of each epoch, from the validation losses before it."""
    rates, best, waited = [policy.learning_rate], math.inf, 0
    for value in values[:-1]:
        waited = 0 if value < best - 1e-4 else waited + 1
        best = min(best, value) if waited == 0 else best
        rate = rates[-1]
        if waited >= policy.plateau_patience:
            rate, waited = max(rate * policy.plateau_factor, policy.min_learning_rate), 0
        rates.append(rate)
    return rates


def captured(monkeypatch: pytest.MonkeyPatch) -> list[Trainer]:
    made: list[Trainer] = []

    class Captured(Trainer):
        def __init__(self, *arguments: Any):
            super().__init__(*arguments)
            made.append(self)

    monkeypatch.setattr(training, "Trainer", Captured)
    return made


def test_a_plateau_lowers_both_learning_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the best weights come back after the last epoch too."""
    trainers = captured(monkeypatch)
    policy = replace(LONG, patience=1000, epochs=25, min_learning_rate=0.001)
    made, log = trained(noise(), policy)
    values = [each["val_total"] for each in log]
    rates = [each["learning_rate"] for each in log]
    assert rates == pytest.approx(expected_rates(values, policy))
    assert rates[-1] == pytest.approx(policy.min_learning_rate)
    (trainer,) = trainers
    assert float(trainer.discriminator_optimizer.learning_rate) == pytest.approx(rates[-1] / 2)
    assert len(values) == 25 and np.argmin(values) < 24
    assert held_loss(made, noise(), policy, 0) == pytest.approx(min(values), rel=1e-6)


def test_a_cosine_falls_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trainers = captured(monkeypatch)
    epochs, steps = 6, 5  # 180 rows in batches of 32
    _, log = trained(easy(), replace(TRAINING, epochs=epochs))
    place = np.arange(1, epochs + 1) / epochs
    wanted = TRAINING.learning_rate * (1 + np.cos(math.pi * place)) / 2
    assert [each["learning_rate"] for each in log] == pytest.approx(wanted, abs=1e-8)
    (trainer,) = trainers
    assert int(trainer.optimizer.iterations) == epochs * steps
    assert float(trainer.discriminator_optimizer.learning_rate) == pytest.approx(0, abs=1e-8)


def test_every_loss_is_logged_for_both_train_validation_split() -> None:
    _, log = trained(easy(), sizes=small.settings())
    for scalars in log:
        held = {key.removeprefix("val_") for key in scalars if key.startswith("val_")}
        assert {"total", "decoder", "reconstruction", "information"} <= held
        assert held | {"learning_rate"} <= scalars.keys()
        assert all(isinstance(value, float | int) for value in scalars.values())


def clustered(rows: int = 300, gap: float = 3.0) -> Split:
    """Rows of two levels; all cells of a row about theirs. One category is to spare."""
    rng = np.random.default_rng(0)
    level = gap * rng.integers(2, size=(rows, 1))
    return Split((level + rng.normal(size=(rows, 8))).astype("f4"), None)


@pytest.mark.parametrize(("gap", "kept"), [(6.0, 3), (0.0, 1)])
def test_categories_stay_where_they_are_worth_it(gap: float, kept: int) -> None:
    """The history's epochs tell which model they are of; the one kept has its categories."""
    data, log = clustered(gap=gap), Log()
    made = small.model(0, groups=(0,) * 8)
    policy = replace(TRAINING, epochs=60, learning_rate=1e-2)
    found = fit(made, data, policy, 0, Progress(lambda _, scalars: log.append(scalars)))
    assert [each["categories"] for each in log] == [1] * 60 + [3] * 60
    assert found == kept == made.categories


def test_columns_share_under_the_residual_likelihood_alone() -> None:
    rows = np.random.default_rng(0).normal(size=(100, 5)).astype("f4")
    for likelihood, groups in (("residual", [0] * 5), ("gaussian", range(5)), ("mse", range(5))):
        made = build(Split(rows, None), small.settings(likelihood=likelihood))
        assert made.likelihood.groups.tolist() == list(groups)


def refused(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act()


def test_one_row_is_refused() -> None:
    refused(lambda: trained(easy(1)), "expected at least 2 training rows, got 1")


def test_fewer_rows_than_a_batch_are_one_batch() -> None:
    _, log = trained(easy(12))
    assert len(log) == TRAINING.epochs


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_loss_that_is_not_finite_is_refused(value: float) -> None:
    data = easy()
    data.rows[0, 0] = value
    refused(lambda: trained(data), "expected a finite loss `\\w+` in epoch 1")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e10, -1e10])
def test_a_loss_that_explodes_is_named_with_what_helps(value: float) -> None:
    check_losses({"total": -1e8, "val_total": 3.0}, 0)
    message = "finite loss `val_nll` in epoch 3, .*: lower train.learning_rate"
    refused(lambda: check_losses({"total": 1.0, "val_nll": value}, 2), message)


def test_labels_of_the_rows_that_are_named_are_all_that_training_uses() -> None:
    recipe = Recipe(small.settings(labelled=20), TRAINING)
    data = easy()
    given = data.labels
    assert given is not None
    rows = labelled_rows(len(data.rows), recipe, seed=3)
    assert rows is not None and len(set(rows)) == 20
    others = np.setdiff1d(np.arange(len(data.rows)), rows)

    def trained(flipped: Any) -> list[Any]:
        labels = np.where(np.isin(np.arange(len(data.rows)), flipped), 1 - given, given)
        made = build(data, recipe.model)
        made.set_weights([np.full(each.shape, 0.1, each.dtype) for each in made.weights])
        fit(made, data._replace(labels=labels), recipe.train, 3, Progress(lambda *_: None))
        return list(made.get_weights())

    def differ(one: list[Any], other: list[Any]) -> bool:
        return any(not np.array_equal(*pair) for pair in zip(one, other, strict=True))

    assert not differ(trained([]), trained(others))
    assert differ(trained([]), trained(rows))


@pytest.mark.parametrize("changes", [{}, {"labels": "ignored"}])
def test_without_few_labels_no_row_is_named(changes: dict[str, Any]) -> None:
    assert labelled_rows(50, Recipe(small.settings(**changes), TRAINING), seed=0) is None
