"""Passes over the training rows: batches, resolution, early stopping, and what is logged."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.configuration import Train
from aae.model.likelihood import ClosedForm
from aae.model.objective import Data
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
# Rows held back at most: they tell a loss to 2%, and are looked at after every epoch.
MOST_HELD_BACK = 2000
# Nats, or squared standard deviations: no loss of standardised rows that falls comes near it.
EXPLODED = 1e9


class Plan(NamedTuple):
    """How long to train: epochs, each of so many steps of `size` rows."""

    epochs: int
    steps: int
    size: int

    @classmethod
    def of(cls, training: Train, rows: int) -> "Plan":
        """Passes over the rows; over an equal share of them where there are too many steps."""
        size = min(training.batch_size, rows)
        epochs = min(training.epochs, training.max_steps)
        return cls(epochs, min(rows // size, training.max_steps // epochs), size)

    @property
    def total(self) -> int:
        """Steps of all epochs."""
        return self.epochs * self.steps


def loop(
    trainer: Trainer,
    train: Data,
    validation: Data,
    log: Log,
    plan: Plan,
    start: Data | None = None,
) -> None:
    """Make all epochs.

    Args:
        trainer: of the model.
        train: rows that are trained on; validation: rows held back.
        log: called after every epoch.
        plan: how many epochs.
        start: instead of `train` in the first epochs, up to `START`.
    """
    model, training = trainer.model, trainer.training
    categories, steps = model.categories, plan.steps
    callbacks = policies(trainer)
    callbacks.on_train_begin()
    orders = batches(len(train.rows), plan, trainer.seed)
    for epoch, order in zip(range(plan.epochs), orders, strict=False):
        done = epoch / plan.epochs
        if isinstance(model.likelihood, ClosedForm):
            model.likelihood.resolve(resolution(done))
        data = start if start is not None and done < START else train
        scalars = trainer.epoch(data, tf.constant(order, tf.int32), tf.constant(epoch * steps))
        held = trainer.validate(validation)
        scalars |= {f"val_{name}": value for name, value in held.items()}
        if epoch % GRADIENT_EVERY == 0:
            scalars |= trainer.gradient_norms(validation)
        values = {name: float(value) for name, value in scalars.items()}
        check_losses(values, epoch)
        log(epoch, values | {"categories": categories})
        callbacks.on_epoch_end(epoch, {"val_loss": values["val_total"]})
        if model.stop_training:
            break
    callbacks.on_train_end()
    if training.schedule == "cosine":
        trainer.optimizer.finalize_variable_values(trainer.weights)  # the averaged ones


def check_losses(values: Mapping[str, float], epoch: int) -> None:
    """Stop a training that has gone wrong: a loss is NaN, infinite or beyond `EXPLODED`.

    Raises:
        ValueError: the message names the loss and what may help.
    """
    for name, value in values.items():
        if not abs(value) <= EXPLODED:
            wanted = f"a finite loss `{name}` in epoch {epoch + 1}, below {EXPLODED:g}"
            help_ = "lower train.learning_rate, or look for columns with extreme values"
            raise ValueError(f"expected {wanted}, got {value:g}: {help_}")


def batches(rows: int, plan: Plan, seed: int) -> Iterator[NDArray[np.int64]]:
    """Indices of the rows of each epoch, (steps, size), from permutations of all rows.

    An epoch takes as many permutations as it needs, or a permutation is used up by as many epochs
    as it is enough for. What is left of it, fewer rows than a batch or an epoch has, is left out.
    """
    rng = np.random.default_rng([seed, 1])
    whole = rows // plan.size
    while True:
        parts = [
            rng.permutation(rows)[: whole * plan.size].reshape(whole, plan.size)
            for _ in range(0, plan.steps, whole)
        ]
        order = np.concatenate(parts)
        for start in range(0, len(order) - plan.steps + 1, plan.steps):
            yield order[start : start + plan.steps]


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


def train_validation_split(
    rows: int, training: Train, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Divide rows at random into those that are trained on and those held back for validation."""
    if rows < 2:
        raise ValueError(f"expected at least 2 training rows, got {rows}")
    order = rng.permutation(rows)
    wanted = min(round(training.validation_split * rows), MOST_HELD_BACK)
    held_back = min(rows - 1, max(1, wanted))
    return order[held_back:], order[:held_back]
