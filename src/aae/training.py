"""Training of an adversarial autoencoder: the objective, one compiled epoch, the loop over epochs."""

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
            losses_ = objective(self.model, batch, weight)
        gradients = tape.gradient(losses_.logged["total"], self.weights)
        critic_gradients = tape.gradient(losses_.discriminators, self.critics)
        self.optimizer.apply(gradients, self.weights)
        if self.critics:
            self.critic_optimizer.apply(critic_gradients, self.critics)
        return losses_.logged

    @tf.function
    def epoch(self, rows: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, first: tf.Tensor) -> Scalars:
        """Make one pass over the rows in batches, in the given order; returns mean losses.

        Args:
            rows: standardised, shape (rows, columns).
            labels: shape (rows,).
            order: row indices, shape (steps, batch size).
            first: number of the first step.
        """
        steps = tf.shape(order)[0]
        one = self.step(self.batch(tf.gather(rows, order[0]), tf.gather(labels, order[0]), first))
        sums = tf.stack(list(one.values()))
        for i in tf.range(1, steps):
            chosen = order[i]
            batch = self.batch(tf.gather(rows, chosen), tf.gather(labels, chosen), first + i)
            sums += tf.stack(list(self.step(batch).values()))
        return dict(zip(one, tf.unstack(sums / tf.cast(steps, tf.float32)), strict=True))
