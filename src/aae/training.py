"""Training of an adversarial autoencoder: objective, compiled epoch, loop over epochs."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae import losses
from aae.checks import expect
from aae.dataset import Split
from aae.model import AAE
from aae.recipe import Train

Scalars = dict[str, tf.Tensor]
Log = Callable[[int, dict[str, float]], None]
GRADIENT_EVERY = 10  # epochs between two measurements, which cost two more backward passes


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        rows: standardised rows, shape (rows, columns).
        labels: classes, shape (rows,); all 0 where rows have none.
        prior: codes from the prior N(0, I), shape (rows, latent).
        noise: standard normal, shape (rows, columns): the sampling noise of generated rows.
    """

    rows: tf.Tensor
    labels: tf.Tensor
    prior: tf.Tensor
    noise: tf.Tensor


class Objective(NamedTuple):
    """Losses of one batch.

    Attributes:
        likelihood: -log p(x | z), the article's L_R under the `mse` likelihood.
        adversarial: L_C: the autoencoder's adversarial losses and the classifier's.
        discriminators: sum of the discriminators' own losses.
        logged: these and their parts by name.
    """

    likelihood: tf.Tensor
    adversarial: tf.Tensor
    discriminators: tf.Tensor
    logged: Scalars


def objective(model: AAE, batch: Batch, reconstruction_weight: float) -> Objective:
    """Losses of one batch, with L_T = lambda L_R + (1 - lambda) L_C as `total`.

    Logged as well: `reconstruction` (the article's L_R), `decoder` (likelihood plus adversarial
    loss on rows), and, where the model has the part, `encoder` (adversarial loss on codes),
    `classifier`, and each discriminator's loss and accuracy.
    """
    codes = model.encoder(batch.rows)
    law = model.decode(codes)
    squared = losses.half_squared_error(batch.rows, law.mean)
    likelihood = losses.gaussian_nll(batch.rows, *law) if model.stochastic else squared
    logged = {"reconstruction": squared, "decoder": likelihood}
    adversarial = discriminators = tf.constant(0.0)
    for name, (real, generated) in judged(model, batch, codes).items():
        fooling = losses.adversarial_loss(generated)
        logged |= {"encoder": fooling} if name == "latent" else {"decoder": likelihood + fooling}
        logged[f"{name}_discriminator"] = losses.discriminator_loss(real, generated)
        logged[f"{name}_accuracy"] = losses.accuracy(real, generated)
        adversarial += fooling
        discriminators += logged[f"{name}_discriminator"]
    if model.classifier is not None:
        # z(xhat), as in the article: the code of the reconstruction.
        logits = model.classifier(model.encoder(law.mean))
        logged["classifier"] = losses.classification_loss(batch.labels, logits)
        adversarial += logged["classifier"]
    weight = reconstruction_weight
    logged["total"] = weight * likelihood + (1 - weight) * adversarial
    return Objective(likelihood, adversarial, discriminators, logged)


def judged(model: AAE, batch: Batch, codes: tf.Tensor) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
    """Logits of each discriminator for what is real and what is generated.

    On codes the prior is real and the encoder's codes want to pass for it; on rows the data are
    real and rows decoded from the prior want to pass for them.
    """
    logits = {}
    for name, discriminator in model.discriminators.items():
        if name == "latent":
            logits[name] = discriminator(batch.prior), discriminator(codes)
        else:
            generated = model.generate(batch.prior, batch.noise)
            logits[name] = discriminator(batch.rows), discriminator(generated)
    return logits


class Trainer:
    """Compiled passes over data for one model.

    Args:
        model: what is trained.
        recipe: batch size, learning rate and lambda.
        seed: of the prior's codes and of the sampling noise.
    """

    def __init__(self, model: AAE, recipe: Train, seed: int):
        """Create one Adam for the autoencoder and one for the discriminators."""
        self.model, self.recipe, self.seed = model, recipe, seed
        self.weights = [
            weight
            for part in (model.encoder, model.decoder, model.classifier)
            if part is not None
            for weight in part.trainable_variables
        ]
        self.critics = [w for d in model.discriminators.values() for w in d.trainable_variables]
        self.optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.critic_optimizer = keras.optimizers.Adam(recipe.learning_rate)
        self.optimizer.build(self.weights)
        self.critic_optimizer.build(self.critics)

    def batch(self, rows: tf.Tensor, labels: tf.Tensor, step: tf.Tensor) -> Batch:
        """Join rows with fresh draws from the prior; each (seed, step) has its own."""
        noise = tf.zeros([0, 0])
        size = tf.shape(rows)[0]
        prior = tf.random.stateless_normal([size, self.model.latent], tf.stack([self.seed, step]))
        if "data" in self.model.discriminators:
            noise = tf.random.stateless_normal(tf.shape(rows), tf.stack([-1 - self.seed, step]))
        return Batch(rows, labels, prior, noise)

    def step(self, batch: Batch) -> Scalars:
        """Move autoencoder and discriminators once, along the gradients at the same point."""
        weight = self.recipe.reconstruction_weight
        with tf.GradientTape(persistent=True) as tape:
            found = objective(self.model, batch, weight)
        gradients = tape.gradient(found.logged["total"], self.weights)
        critic_gradients = tape.gradient(found.discriminators, self.critics)
        self.optimizer.apply(gradients, self.weights)
        if self.critics:
            self.critic_optimizer.apply(critic_gradients, self.critics)
        return found.logged

    @tf.function(autograph=False)
    def epoch(self, rows: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, first: int) -> Scalars:
        """Make one pass over the rows in batches; returns the mean of each loss.

        Args:
            rows: standardised, shape (rows, columns).
            labels: shape (rows,).
            order: row indices, shape (steps, batch size).
            first: number of the pass's first step.
        """
        steps = tf.shape(order)[0]
        names: list[str] = []

        def body(i: tf.Tensor, means: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
            batch = self.batch(tf.gather(rows, order[i]), tf.gather(labels, order[i]), first + i)
            scalars = self.step(batch)
            names[:] = scalars
            return i + 1, means.write(i, tf.stack(list(scalars.values())))

        empty = tf.TensorArray(tf.float32, size=steps)
        _, filled = tf.while_loop(lambda i, _: i < steps, body, (0, empty), parallel_iterations=1)
        values = tf.reduce_mean(filled.stack(), axis=0)
        return {name: values[place] for place, name in enumerate(names)}

    @tf.function(autograph=False)
    def validate(self, rows: tf.Tensor, labels: tf.Tensor) -> Scalars:
        """Losses of held-back rows, against the same draws from the prior every time."""
        batch = self.batch(rows, labels, tf.constant(-1))
        return objective(self.model, batch, self.recipe.reconstruction_weight).logged

    @tf.function(autograph=False)
    def gradient_norms(self, rows: tf.Tensor, labels: tf.Tensor) -> Scalars:
        """Euclidean norms of the gradients of lambda L_R and (1 - lambda) L_C.

        L_R sums over all columns, L_C does not: the two tell which of them steers the weights.
        """
        weight = self.recipe.reconstruction_weight
        with tf.GradientTape(persistent=True) as tape:
            found = objective(self.model, self.batch(rows, labels, tf.constant(-1)), weight)
            parts = {
                "likelihood_gradient": weight * found.likelihood,
                "adversarial_gradient": (1 - weight) * found.adversarial,
            }
        gradients = {name: tape.gradient(part, self.weights) for name, part in parts.items()}
        # A weight that a part does not reach has no gradient; without any, the norm is 0.
        return {
            name: tf.linalg.global_norm([tf.zeros(1), *(g for g in found if g is not None)])
            for name, found in gradients.items()
        }


def fit(model: AAE, data: Split, recipe: Train, seed: int, log: Log) -> None:
    """Train a model in place: Adam, early stopping and learning-rate reduction on a plateau.

    The validation rows are a seeded share of the rows; both policies watch their total loss L_T,
    and the weights of its best epoch are restored.

    Args:
        model: as built; its units are adapted to the training part of the rows.
        data: rows in their own units, and labels.
        recipe: the training policy.
        seed: of the validation split, the order of rows, the prior's codes and the noise.
        log: called after every epoch with its number and all scalars, the validation's with the
            prefix `val_`.

    Raises:
        ValueError: fewer rows than a batch, or a loss that is no longer finite.
    """
    rng = np.random.default_rng(seed)
    training, validation = halves(data, recipe, rng)
    model.units.adapt(training.rows)
    train, held_back = (tensors(model, part) for part in (training, validation))
    trainer = Trainer(model, recipe, seed)
    callbacks = policies(model, trainer.optimizer, recipe)
    callbacks.on_train_begin()
    steps = len(training.rows) // recipe.batch_size
    for epoch in range(recipe.epochs):
        order = rng.permutation(len(training.rows))[: steps * recipe.batch_size]
        order = tf.constant(order.reshape(steps, -1), tf.int32)
        scalars = trainer.epoch(*train, order, tf.constant(epoch * steps))
        held = trainer.validate(*held_back)
        scalars |= {f"val_{name}": value for name, value in held.items()}
        if epoch % GRADIENT_EVERY == 0:
            scalars |= trainer.gradient_norms(*held_back)
        values = {name: float(value) for name, value in scalars.items()}
        expect(np.isfinite(values["val_total"]), "a finite validation loss", values["val_total"])
        values["learning_rate"] = float(trainer.optimizer.learning_rate)
        log(epoch, values)
        callbacks.on_epoch_end(epoch, {"val_loss": values["val_total"]})
        # The callback sees one optimizer; the discriminators follow it.
        trainer.critic_optimizer.learning_rate = trainer.optimizer.learning_rate
        if model.stop_training:
            break
    callbacks.on_train_end()


def policies(
    model: AAE, optimizer: keras.optimizers.Optimizer, recipe: Train
) -> keras.callbacks.CallbackList:
    """Keras's early stopping and learning-rate reduction, for a loop of our own."""
    model.compile(optimizer=optimizer)
    model.stop_training = False
    stopping = keras.callbacks.EarlyStopping(patience=recipe.patience, restore_best_weights=True)
    plateau = keras.callbacks.ReduceLROnPlateau(
        factor=recipe.plateau_factor,
        patience=recipe.plateau_patience,
        min_lr=recipe.min_learning_rate,
    )
    return keras.callbacks.CallbackList([stopping, plateau], model=model)


def halves(data: Split, recipe: Train, rng: np.random.Generator) -> tuple[Split, Split]:
    """Divide rows at random into those that are trained on and those held back for validation."""
    order = rng.permutation(len(data.rows))
    held_back = max(1, round(recipe.validation_split * len(order)))
    rows = len(order) - held_back
    wanted = f"at least train.batch_size = {recipe.batch_size} rows to train on"
    got = f"{rows} ({len(order)} less {held_back} for validation)"
    if rows < recipe.batch_size:
        raise ValueError(f"expected {wanted}, got {got}")
    return take(data, order[held_back:]), take(data, order[:held_back])


def take(data: Split, indices: NDArray[np.int64]) -> Split:
    """Return the rows at the indices, with their labels."""
    return Split(data.rows[indices], None if data.labels is None else data.labels[indices])


def tensors(model: AAE, data: Split) -> tuple[tf.Tensor, tf.Tensor]:
    """Standardised rows and labels, 0 where there are none, as tensors."""
    labels = np.zeros(len(data.rows), np.int32) if data.labels is None else data.labels
    return model.units(data.rows), tf.constant(labels, tf.int32)
