"""The objective of the adversarial autoencoder: the losses of one batch."""

from typing import Any, NamedTuple

import tensorflow as tf

from aae.model import losses
from aae.model.autoencoder import AAE, Code
from aae.model.configuration import Train
from aae.model.likelihood import CellLaw, Statistics
from aae.model.losses import Adversary, Losses
from aae.model.noise import Noise


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        rows: standardised rows, shape (rows, columns).
        statistics: of the rows, see `aae.model.likelihood`.
        labels: classes, shape (rows,); -1 where a row has none. What the classifier learns.
        categories: shape (rows,); -1 where the encoder is to find it.
        noise: of the posterior and of the prior, and of the cells where a discriminator sees
            generated rows.
    """

    rows: tf.Tensor
    statistics: Statistics
    labels: tf.Tensor
    categories: tf.Tensor
    noise: Noise


class Data(NamedTuple):
    """Rows to pass over: standardised, with their statistics, labels, categories as in `Batch`."""

    rows: tf.Tensor
    statistics: Statistics
    labels: tf.Tensor
    categories: tf.Tensor

    def part(self, index: tf.Tensor) -> "Data":
        """Some of the rows."""
        return Data(*tf.nest.map_structure(lambda each: tf.gather(each, index), tuple(self)))

    def between(self, place: slice) -> "Data":
        """Rows that follow one another."""
        return Data(*tf.nest.map_structure(lambda each: each[place], tuple(self)))

    def with_noise(self, noise: Noise) -> Batch:
        """All of the rows as one batch."""
        return Batch(*self, noise)


class Guess(NamedTuple):
    """Each row with each category that it may have, one below the other.

    Attributes:
        codes: shape (guesses, latent).
        classes: one-hot, shape (guesses, classes).
        weight: q(c | x), shape (guesses,); 1 where a row has one guess.
        statistics: of the row.
    """

    codes: tf.Tensor
    classes: tf.Tensor
    weight: tf.Tensor
    statistics: Statistics


class Objective(NamedTuple):
    """Losses of one batch; its rows with their categories; and p(x | z, c) of each guess."""

    losses: Losses
    guess: Guess
    law: CellLaw


def objective(model: AAE, batch: Batch, training: Train) -> Objective:
    """Losses of one batch, as `training` weighs them."""
    code = model.encode(batch.statistics, batch.noise.posterior)
    codes = code.sample(batch.noise.posterior)
    guess = guesses(model, batch, code, codes)
    law = model.decode(guess.codes, guess.classes)
    size = tf.cast(tf.shape(codes)[0], tf.float32)

    def expected(values: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(guess.weight * values) / size

    logits = discriminator_logits(model, batch, code, codes)
    parts = Losses(
        nll=expected(model.likelihood.nll(guess.statistics, law)),
        information=tf.reduce_mean(information(model, batch.categories, code)),
        reconstruction=expected(model.likelihood.half_squares(guess.statistics, law)),
        adversaries={name: Adversary.of(*pair) for name, pair in logits.items()},
        classification=classification(model, batch, code, guess, law),
        settings=model.settings,
        training=training,
    )
    return Objective(parts, guess, law)


def guesses(model: AAE, batch: Batch, code: Code, codes: tf.Tensor) -> Guess:
    """Rows with their class where none is inferred, else with each category and q(c | x)."""
    size = tf.shape(codes)[0]
    if not model.inferred:
        weight = tf.ones([size])
        return Guess(codes, one_hot(model, batch.categories), weight, batch.statistics)
    each = tf.tile(tf.eye(model.classes), [size, 1])
    weight = tf.reshape(category(model, batch.categories, code), [-1])
    return Guess(repeated(model, codes), each, weight, repeated(model, batch.statistics))


def repeated(model: AAE, values: Any) -> Any:
    """What is true of each row, for each of its guesses."""
    if not model.inferred:
        return values
    return tf.nest.map_structure(lambda each: tf.repeat(each, model.classes, axis=0), values)


def one_hot(model: AAE, categories: tf.Tensor) -> tf.Tensor:
    """One-hot categories, the first one where none is given, shape (rows, classes)."""
    return tf.one_hot(tf.maximum(categories, 0), model.classes)


def category(model: AAE, categories: tf.Tensor, code: Code) -> tf.Tensor:
    """q(c | x), shape (rows, classes): one-hot where the category is given."""
    if not model.inferred:
        return one_hot(model, categories)
    given = categories[:, None] >= 0
    return tf.where(given, one_hot(model, categories), tf.nn.softmax(code.logits))


def information(model: AAE, categories: tf.Tensor, code: Code) -> tf.Tensor:
    """KL(q(z | x) || N(0, I)) + KL(q(c | x) || p(c)) of each row, as far as they are defined."""
    nats = tf.zeros(tf.shape(code.mean)[0])
    if code.log_variance is not None and model.settings.prior == "gaussian":
        nats += tf.reduce_sum(losses.divergence_of_codes(code.mean, code.log_variance), axis=1)
    if model.inferred:
        divergence = losses.divergence_of_classes(code.logits, model.shares)
        nats += tf.where(categories >= 0, 0.0, divergence)
    return nats


def classification(
    model: AAE, batch: Batch, code: Code, guess: Guess, law: CellLaw
) -> losses.Scalars:
    """Cross entropies of q(c | x) and of the classifier, where the model has them."""
    scalars = {}
    if code.logits is not None:
        scalars["classes"] = losses.classification_loss(batch.categories, code.logits)
    if model.classifier is not None:
        # z(xhat), as in the article: the code of the reconstruction.
        reconstruction = Statistics(law.mean, tf.zeros_like(law.mean))
        again = model.encode(reconstruction, repeated(model, batch.noise.posterior))
        scalars["classifier"] = losses.classification_loss(
            repeated(model, batch.labels), model.classifier(again.mean), guess.weight
        )
    return scalars


def discriminator_logits(
    model: AAE, batch: Batch, code: Code, codes: tf.Tensor
) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
    """Logits of each discriminator for what is real and what is generated.

    On codes the prior is real and the encoder's codes want to pass for it, each with its category
    where there are any; on rows the data are real and rows decoded from the prior want to pass.
    """
    logits = {}
    prior, classes = model.prior(batch.noise)
    for name, discriminator in model.discriminators.items():
        if name == "data":
            law = model.decode(prior, classes)
            generated = model.likelihood.sample(law, classes, batch.noise.cells)
            logits[name] = discriminator(batch.rows), discriminator(generated)
        elif model.classes > 1:
            encoded = tf.concat([codes, category(model, batch.categories, code)], axis=1)
            drawn = tf.concat([prior, classes], axis=1)
            logits[name] = discriminator(drawn), discriminator(encoded)
        else:
            logits[name] = discriminator(prior), discriminator(codes)
    return logits
