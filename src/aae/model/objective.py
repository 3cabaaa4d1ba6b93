"""The objective of the adversarial autoencoder: the losses of one batch."""

from typing import NamedTuple

import tensorflow as tf

from aae.model import losses
from aae.model.autoencoder import AAE, Code
from aae.model.configuration import Train
from aae.model.likelihoods import Law, Statistics

Scalars = dict[str, tf.Tensor]


class Batch(NamedTuple):
    """What one step sees.

    Attributes:
        rows: standardised rows, shape (rows, columns).
        statistics: of the rows, see `aae.model.likelihoods`.
        labels: classes, shape (rows,); -1 where a row has none. What the classifier learns.
        categories: shape (rows,); -1 where the encoder is to find it.
        noise: standard normal, shape (rows, 2 latent + 2), of the posterior and of the prior, and
            as many columns again as the rows have where a discriminator sees generated rows.
    """

    rows: tf.Tensor
    statistics: Statistics
    labels: tf.Tensor
    categories: tf.Tensor
    noise: tf.Tensor


class Data(NamedTuple):
    """Rows to pass over: standardised, with their statistics, labels, categories as in `Batch`."""

    rows: tf.Tensor
    statistics: Statistics
    labels: tf.Tensor
    categories: tf.Tensor

    def part(self, index: tf.Tensor) -> "Data":
        """Some of the rows."""
        return Data(*tf.nest.map_structure(lambda each: tf.gather(each, index), tuple(self)))

    def with_noise(self, noise: tf.Tensor) -> Batch:
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
    """Losses of one batch.

    Attributes:
        likelihood: -log p(x | z, c) with the information penalty; L_R under the `mse` likelihood.
        adversarial: L_C: the autoencoder's adversarial losses and the classifiers'.
        discriminators: sum of the discriminators' own losses.
        logged: these and their parts by name.
        guess: the rows with their categories; law: p(x | z, c) of each guess.
    """

    likelihood: tf.Tensor
    adversarial: tf.Tensor
    discriminators: tf.Tensor
    logged: Scalars
    guess: Guess
    law: Law


def objective(model: AAE, batch: Batch, recipe: Train) -> Objective:
    """Losses of one batch, with L_T = lambda L_R + (1 - lambda) L_C as `total`.

    Logged as well: `reconstruction` (the article's L_R), `information` (KL(q(z, c | x) || p)),
    `decoder` (likelihood plus adversarial loss on rows), and, where the model has the part,
    `encoder` (adversarial loss on codes), `classifier`, and each discriminator's loss and accuracy.
    """
    code = model.encode(batch.statistics, posterior_noise(model, batch))
    codes = code.sample(posterior_noise(model, batch))
    guess = guesses(model, batch, code, codes)
    law = model.decode(guess.codes, guess.classes)
    size = tf.cast(tf.shape(codes)[0], tf.float32)

    def expected(values: tf.Tensor) -> tf.Tensor:
        return tf.reduce_sum(guess.weight * values) / size

    likelihood = expected(model.likelihood.nll(guess.statistics, law))
    logged = {"reconstruction": expected(model.likelihood.half_squares(guess.statistics, law))}
    logged["information"] = tf.reduce_mean(information(model, batch, code))
    likelihood += model.recipe.information * logged["information"]
    logged["decoder"] = likelihood
    adversarial = discriminators = tf.constant(0.0)
    for name, (real, generated) in judged(model, batch, code, codes).items():
        fooling = losses.adversarial_loss(generated)
        logged |= {"encoder": fooling} if name == "latent" else {"decoder": likelihood + fooling}
        logged[f"{name}_discriminator"] = losses.discriminator_loss(real, generated)
        logged[f"{name}_accuracy"] = losses.accuracy(real, generated)
        adversarial += recipe.adversary_weight * fooling
        discriminators += logged[f"{name}_discriminator"]
    if code.logits is not None:
        logged["classes"] = losses.classification_loss(batch.categories, code.logits)
        adversarial += logged["classes"]
    if model.classifier is not None:
        # z(xhat), as in the article: the code of the reconstruction.
        reconstruction = Statistics(law.mean, tf.zeros_like(law.mean))
        again = model.encode(reconstruction, posterior_noise(model, batch))
        logged["classifier"] = losses.classification_loss(
            batch.labels, model.classifier(again.mean)
        )
        adversarial += logged["classifier"]
    weight = recipe.reconstruction_weight
    logged["total"] = weight * likelihood + (1 - weight) * adversarial
    return Objective(likelihood, adversarial, discriminators, logged, guess, law)


def posterior_noise(model: AAE, batch: Batch) -> tf.Tensor:
    """The part of the noise that codes are drawn with."""
    return batch.noise[:, : model.latent]


def prior_noise(model: AAE, batch: Batch) -> tf.Tensor:
    """The part of the noise that the prior is drawn with."""
    return batch.noise[:, model.latent : 2 * model.latent + 2]


def guesses(model: AAE, batch: Batch, code: Code, codes: tf.Tensor) -> Guess:
    """Rows with their class where it is known or not told, else with each category and q(c | x)."""
    size = tf.shape(codes)[0]
    if not model.inferred:
        weight = tf.ones([size])
        return Guess(codes, one_hot(model, batch), weight, batch.statistics)
    each = tf.tile(tf.eye(model.classes), [size, 1])
    repeated = tf.nest.map_structure(
        lambda values: tf.repeat(values, model.classes, axis=0), (codes, batch.statistics)
    )
    weight = tf.reshape(category(model, batch, code), [-1])
    return Guess(repeated[0], each, weight, repeated[1])


def one_hot(model: AAE, batch: Batch) -> tf.Tensor:
    """One-hot categories, the first one where none is given, shape (rows, classes)."""
    return tf.one_hot(tf.maximum(batch.categories, 0), model.classes)


def category(model: AAE, batch: Batch, code: Code) -> tf.Tensor:
    """q(c | x), shape (rows, classes): one-hot where the category is given."""
    if not model.inferred:
        return one_hot(model, batch)
    given = batch.categories[:, None] >= 0
    return tf.where(given, one_hot(model, batch), tf.nn.softmax(code.logits))


def information(model: AAE, batch: Batch, code: Code) -> tf.Tensor:
    """KL(q(z | x) || N(0, I)) + KL(q(c | x) || p(c)) of each row, as far as they are defined."""
    found = tf.zeros(tf.shape(code.mean)[0])
    if code.log_variance is not None and model.recipe.prior == "gaussian":
        found += tf.reduce_sum(losses.divergence_of_codes(code.mean, code.log_variance), axis=1)
    if model.inferred:
        divergence = losses.divergence_of_classes(code.logits, model.shares)
        found += tf.where(batch.categories >= 0, 0.0, divergence)
    return found


def judged(
    model: AAE, batch: Batch, code: Code, codes: tf.Tensor
) -> dict[str, tuple[tf.Tensor, tf.Tensor]]:
    """Logits of each discriminator for what is real and what is generated.

    On codes the prior is real and the encoder's codes want to pass for it, each with its category
    where there are any; on rows the data are real and rows decoded from the prior want to pass.
    """
    logits = {}
    prior, classes = model.prior(prior_noise(model, batch))
    for name, discriminator in model.discriminators.items():
        if name == "data":
            noise = batch.noise[:, -model.columns :]
            law = model.decode(prior, classes)
            generated = model.likelihood.sample(law, classes, noise)
            logits[name] = discriminator(batch.rows), discriminator(generated)
        elif model.classes > 1:
            found = tf.concat([codes, category(model, batch, code)], axis=1)
            drawn = tf.concat([prior, classes], axis=1)
            logits[name] = discriminator(drawn), discriminator(found)
        else:
            logits[name] = discriminator(prior), discriminator(codes)
    return logits
