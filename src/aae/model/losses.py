"""Losses of the adversarial autoencoder: functions of tensors, and what they add up to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import tensorflow as tf

from aae.model.configuration import Model, Train

Scalars = dict[str, tf.Tensor]


class Adversary(NamedTuple):
    """What one discriminator and its opponent make of each other.

    Attributes:
        discriminator: the discriminator's own loss.
        fooling: the loss of the encoder or decoder that wants to pass as real.
        accuracy: share of rows that the discriminator classifies rightly.
    """

    discriminator: tf.Tensor
    fooling: tf.Tensor
    accuracy: tf.Tensor

    @classmethod
    def of(cls, real: tf.Tensor, generated: tf.Tensor) -> "Adversary":
        """Losses of a discriminator's logits for real and for generated rows."""
        return cls(
            discriminator_loss(real, generated),
            adversarial_loss(generated),
            accuracy(real, generated),
        )


@dataclass(frozen=True)
class Losses:
    """The parts of L_T = lambda L_R + (1 - lambda) L_C, each mean over the rows of a batch.

    Attributes:
        nll: -log p(x | z, c) in nats.
        information: KL(q(z, c | x) || p(z, c)) in nats, as far as it is defined.
        reconstruction: the article's L_R, squared errors; logged alone.
        adversaries: by what the discriminator sees, `latent` and `data`.
        classification: cross entropies of the labels: of q(c | x), `classes`, and of the
            `classifier`.
        settings: holds the weight of `information`.
        training: holds lambda and the weight of the adversaries.
    """

    nll: tf.Tensor
    information: tf.Tensor
    reconstruction: tf.Tensor
    adversaries: Mapping[str, Adversary]
    classification: Scalars
    settings: Model
    training: Train

    @cached_property
    def likelihood(self) -> tf.Tensor:
        """L_R: -log p(x | z, c) with the information penalty."""
        return self.nll + self.settings.information * self.information

    @cached_property
    def adversarial(self) -> tf.Tensor:
        """L_C: the adversarial losses of the autoencoder, and the classifications'."""
        weight = self.training.adversary_weight
        fooling = [weight * each.fooling for each in self.adversaries.values()]
        return sum([*fooling, *self.classification.values()], start=tf.constant(0.0))

    @cached_property
    def parts(self) -> Scalars:
        """lambda L_R and (1 - lambda) L_C, by name."""
        share = self.training.reconstruction_weight
        return {
            "likelihood": share * self.likelihood,
            "adversarial": (1 - share) * self.adversarial,
        }

    @cached_property
    def total(self) -> tf.Tensor:
        """L_T, what the autoencoder descends."""
        return tf.add(*self.parts.values())

    @cached_property
    def discriminators(self) -> tf.Tensor:
        """What the discriminators descend: each has weights of its own."""
        return sum(
            (each.discriminator for each in self.adversaries.values()), start=tf.constant(0.0)
        )

    def logged(self) -> Scalars:
        """All parts by their names in history.csv; `encoder`, `decoder`: what these descend."""
        scalars = {"reconstruction": self.reconstruction, "information": self.information}
        scalars["decoder"] = self.likelihood
        for name, each in self.adversaries.items():
            if name == "latent":
                scalars["encoder"] = each.fooling
            else:
                scalars["decoder"] = self.likelihood + each.fooling
            scalars[f"{name}_discriminator"] = each.discriminator
            scalars[f"{name}_accuracy"] = each.accuracy
        return scalars | self.classification | {"total": self.total}


def discriminator_loss(real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Cross entropy of real (1) against generated (0), mean of both (Goodfellow, 2014)."""
    return (tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(generated))) / 2


def adversarial_loss(generated: tf.Tensor) -> tf.Tensor:
    """-log P(real | generated): the non-saturating loss of what wants to pass as real."""
    return tf.reduce_mean(tf.nn.softplus(-generated))


def accuracy(real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Share that the discriminator classifies rightly, mean of both; 1/2 where it is fooled."""
    right = tf.reduce_mean(tf.cast(real > 0, tf.float32))
    return (right + tf.reduce_mean(tf.cast(generated <= 0, tf.float32))) / 2


def classification_loss(
    labels: tf.Tensor, logits: tf.Tensor, weight: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """-log P(y | z) in nats, weighted mean over rows with a label.

    Args:
        labels: shape (rows,), -1 for none.
        logits: shape (rows, classes).
        weight: of each row.
    """
    known = weight * tf.cast(labels >= 0, tf.float32)
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.maximum(labels, 0), logits)
    return tf.reduce_sum(known * each) / tf.maximum(tf.reduce_sum(known), 1.0)


def divergence_of_codes(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, exp(log_variance)) || N(0, 1)) in nats, of each row and dimension."""
    return (tf.square(mean) + tf.exp(log_variance) - log_variance - 1) / 2


def divergence_of_classes(logits: tf.Tensor, shares: tf.Tensor) -> tf.Tensor:
    """KL(q(c | x) || p(c)) in nats, of each row; shares p(c) of shape (classes,)."""
    q = tf.nn.softmax(logits)
    ratio = tf.nn.log_softmax(logits) - tf.math.log(shares + 1e-30)
    return tf.reduce_sum(tf.where(q > 0, q * ratio, 0.0), axis=1)
