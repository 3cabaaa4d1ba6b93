"""Training of an adversarial autoencoder: the model of some rows, and the loop over epochs."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.base.checks import expect
from aae.dataset.splits import Split
from aae.model.autoencoder import AAE
from aae.model.clusters import clusters
from aae.model.column_groups import column_groups
from aae.model.configuration import Model, Recipe, Train
from aae.model.labels import corrupted, only
from aae.model.likelihood import ClosedForm
from aae.model.objective import Data
from aae.model.settling import settle
from aae.model.trainer import Trainer

Log = Callable[[int, dict[str, float]], None]

# Epochs between two measurements of the gradients' norms, two more backward passes each.
GRADIENT_EVERY = 10
# Resolution of the code, first and last, in standard deviations of a group's mean. With the last
# from the start, idle dimensions describe the noise of single rows and stay busy, and rows that are
# one number repeated fail. A coarser last one leaves noise that such rows do not have.
RESOLUTION = 0.1, 0.01
# Share of the epochs over which it falls; the rest is trained with the resolution that is kept.
FALLING = 0.8
# Share of the epochs in which clusters are given as categories: long enough for the decoder to
# learn them, short enough that the encoder then finds its own.
START = 0.2
# Nats a row by which categories must raise the evidence. Any can raise it a little, for each has a
# mean and a variance of its own to fit rows with: with less, such ones stay. With more, clusters
# that overlap are lost: saying which of two a row is of costs up to log 2 = 0.69 nats.
WORTH = 0.5


def build(data: Split, settings: Model) -> AAE:
    """Build the model of some training rows: columns share parameters under `residual` alone."""
    labels = 0 if data.labels is None else int(data.labels.max()) + 1
    tied = settings.likelihood == "residual"
    groups = column_groups(data.rows) if tied else np.arange(data.rows.shape[1])
    return AAE(groups, labels, settings)


def fit(model: AAE, data: Split, training: Train, seed: int, log: Log) -> int:
    """Train a model in place, and settle it on all rows.

    Validation rows are a seeded share of the rows. Where categories are to be found, the model is
    trained without and with them, from the same weights, and they stay where they raise the
    evidence lower bound by more than `WORTH`. They start from clusters of the rows.

    Args:
        model: as built.
        data: rows in their own units, and labels.
        training: the policy.
        seed: of the validation split, the order of rows and the noise.
        log: called after every epoch with its number and all scalars: `categories` allowed, and
            those of the validation rows with the prefix `val_`.

    Returns:
        How many categories are allowed in the model that is kept.

    Raises:
        ValueError: fewer than 2 rows, or a loss that is no longer finite.
    """
    rng = np.random.default_rng(seed)
    trained, held_back = train_validation_split(len(data.rows), training, rng)
    model.units.adapt(data.rows, model.likelihood.gridded)
    labels = corrupted(data.labels, training.label_noise, seed)
    if labels is not None and model.labelled_rows:
        labels = only(labels, trained[: model.labelled_rows])
    whole = tensors(model, Split(data.rows, labels))
    train, validation = whole.part(trained), whole.part(held_back)
    steps = len(trained) // batch_size(training, len(trained))
    trainer = Trainer(model, training, training.epochs * steps, seed)
    bounds, states = [], []
    for categories in model.choices:
        trainer.restart()
        model.allow(categories)
        start = clustered(model, train, seed) if model.choices[0] < categories else train
        loop(trainer, start, train, validation, log)
        residuals = settle(model, whole)
        if isinstance(model.likelihood, ClosedForm) and categories < model.classes:
            model.likelihood.weigh(residuals)
        bounds.append(float(trainer.bound(whole)))
        states.append(model.get_weights())
    kept = int(bounds[-1] > bounds[0] + WORTH)
    model.set_weights(states[kept])
    return model.choices[kept]


def loop(trainer: Trainer, start: Data, train: Data, validation: Data, log: Log) -> None:
    """Make all epochs, the first of them, up to `START`, with `start` for training data."""
    model, training = trainer.model, trainer.training
    rng = np.random.default_rng([trainer.seed, 1])
    size = batch_size(training, len(train.rows))
    steps, categories = len(train.rows) // size, model.categories
    callbacks = policies(trainer)
    callbacks.on_train_begin()
    for epoch in range(training.epochs):
        done = epoch / training.epochs
        if isinstance(model.likelihood, ClosedForm):
            model.likelihood.resolve(resolution(done))
        order = rng.permutation(len(train.rows))[: steps * size].reshape(steps, size)
        data = start if done < START else train
        scalars = trainer.epoch(data, tf.constant(order, tf.int32), tf.constant(epoch * steps))
        held = trainer.validate(validation)
        scalars |= {f"val_{name}": value for name, value in held.items()}
        if epoch % GRADIENT_EVERY == 0:
            scalars |= trainer.gradient_norms(validation)
        values = {name: float(value) for name, value in scalars.items()}
        expect(np.isfinite(values["val_total"]), "a finite validation loss", values["val_total"])
        log(epoch, values | {"categories": categories})
        callbacks.on_epoch_end(epoch, {"val_loss": values["val_total"]})
        if model.stop_training:
            break
    callbacks.on_train_end()
    if training.schedule == "cosine":
        trainer.optimizer.finalize_variable_values(trainer.weights)  # the averaged ones


def resolution(done: float) -> float:
    """The code's resolution once a share of the epochs is done: it falls geometrically.

    With a fine one from the start, idle dimensions stay busy.
    """
    first, last = RESOLUTION
    return float(first * (last / first) ** min(1.0, done / FALLING))


def policies(trainer: Trainer) -> keras.callbacks.CallbackList:
    """Keras's early stopping and learning-rate reduction, for a loop of our own; or nothing."""
    model, training = trainer.model, trainer.training
    model.compile(optimizer=trainer.optimizer)
    model.stop_training = False
    if training.schedule == "cosine":
        return keras.callbacks.CallbackList([], model=model)
    stopping = keras.callbacks.EarlyStopping(patience=training.patience, restore_best_weights=True)
    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=training.plateau_factor,
        patience=training.plateau_patience,
        min_lr=training.min_learning_rate,
    )
    # The callback sees one optimizer; the discriminators follow it.
    ratio = training.discriminator_learning_rate / training.learning_rate
    follow = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: setattr(
            trainer.discriminator_optimizer,
            "learning_rate",
            ratio * float(trainer.optimizer.learning_rate),
        )
    )
    return keras.callbacks.CallbackList([stopping, plateau, follow], model=model)


def batch_size(training: Train, rows: int) -> int:
    """Rows of a batch: all where there are fewer."""
    return min(training.batch_size, rows)


def train_validation_split(
    rows: int, training: Train, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide rows at random into those that are trained on and those held back for validation."""
    if rows < 2:
        raise ValueError(f"expected at least 2 training rows, got {rows}")
    order = rng.permutation(rows)
    held_back = min(rows - 1, max(1, round(training.validation_split * rows)))
    return order[held_back:], order[:held_back]


def labelled_rows(rows: int, recipe: Recipe, seed: int) -> list[int] | None:
    """Indices of the training rows whose labels `fit` uses; None where it uses all or none."""
    if recipe.model.labels != "given" or not recipe.model.labelled:
        return None
    trained, _ = train_validation_split(rows, recipe.train, np.random.default_rng(seed))
    return [int(row) for row in trained[: recipe.model.labelled]]


def tensors(model: AAE, data: Split) -> Data:
    """Standardised rows, their statistics, labels and given categories; -1 for none."""
    unknown = np.full(len(data.rows), -1)
    labels = unknown if data.labels is None else data.labels
    categories = unknown if model.role == "ignored" else labels
    rows = model.units(tf.constant(np.array(data.rows)))
    classes = (tf.constant(each, tf.int32) for each in (labels, categories))
    return Data(rows, model.likelihood.statistics(rows), *classes)


def clustered(model: AAE, data: Data, seed: int) -> Data:
    """The same data with clusters for categories."""
    features = model.likelihood.features(data.statistics).numpy()
    categories = clusters(features, min(model.classes, len(features)), seed)
    return data._replace(categories=tf.constant(categories, tf.int32))
