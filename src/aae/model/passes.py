"""Passes over the training rows: resolution, early stopping, and what is logged."""

from collections.abc import Mapping
from itertools import islice

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.likelihood import ClosedForm
from aae.model.losses import Scalars
from aae.model.plan import Plan, batches
from aae.model.progress import Progress
from aae.model.streaming import Source
from aae.model.trainer import Trainer

Integers = NDArray[np.int64]

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
BLOCK = 2**23  # cells, 32 MiB of them, that are read at once
# Nats, or squared standard deviations: no loss of standardised rows that falls comes near it.
EXPLODED = 1e9


def loop(
    trainer: Trainer,
    source: Source,
    split: tuple[Integers, Integers],
    progress: Progress,
    plan: Plan,
    start: Source | None = None,
) -> None:
    """Make all epochs.

    Args:
        trainer: of the model.
        source: of rows; split: indices of those that are trained on, and of those held back.
        progress: takes what every epoch logs; where some are over, the loop starts after them.
        plan: how many epochs.
        start: instead of `source` in the first epochs, up to `START`.
    """
    model, training = trainer.model, trainer.training
    categories, steps = model.categories, plan.steps
    callbacks = policies(trainer)
    callbacks.on_train_begin()
    trained, held_back = split
    validation = source.part(held_back)
    orders = batches(len(trained), plan, trainer.seed)
    over = progress.resume(trainer, callbacks)
    for epoch, order in islice(zip(range(plan.epochs), orders, strict=False), over, None):
        done = epoch / plan.epochs
        if isinstance(model.likelihood, ClosedForm):
            model.likelihood.resolve(resolution(done))
        given = start if start is not None and done < START else source
        scalars = one_pass(trainer, given, trained[order], epoch * steps)
        held = trainer.validate(validation)
        scalars |= {f"val_{name}": value for name, value in held.items()}
        if epoch % GRADIENT_EVERY == 0:
            scalars |= trainer.gradient_norms(validation)
        values = {name: float(value) for name, value in scalars.items()}
        check_losses(values, epoch)
        progress.log(epoch, values | {"categories": categories})
        callbacks.on_epoch_end(epoch, {"val_loss": values["val_total"]})
        if model.stop_training:
            break
        progress.save(epoch + 1, trainer, callbacks)
    callbacks.on_train_end()
    if training.schedule == "cosine":
        trainer.optimizer.finalize_variable_values(trainer.weights)  # the averaged ones


def one_pass(trainer: Trainer, source: Source, order: Integers, first: int) -> Scalars:
    """Make the steps of an epoch, at most `BLOCK` cells after another.

    Args:
        trainer: of the model.
        source: of rows; order: their indices, shape (steps, size).
        first: number of the first step.

    Returns:
        The mean of each loss, and the `learning_rate` at the end.
    """
    length = max(1, BLOCK // (order.shape[1] * trainer.model.columns))
    passes: list[tuple[float, Scalars]] = []
    for start in range(0, len(order), length):
        data, places = source.block(order[start : start + length])
        scalars = trainer.epoch(data, tf.constant(places, tf.int32), tf.constant(first + start))
        passes.append((len(places) / len(order), scalars))
    _, last = passes[-1]
    if len(passes) == 1:
        return last
    means = {name: sum(share * part[name] for share, part in passes) for name in last}
    return means | {"learning_rate": last["learning_rate"]}


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
