"""Losses of the adversarial autoencoder: functions of tensors."""

import tensorflow as tf


def discriminator_loss(real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Cross entropy of real (1) against generated (0), mean of both halves (Goodfellow, 2014)."""
    return (tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(generated))) / 2


def adversarial_loss(generated: tf.Tensor) -> tf.Tensor:
    """-log P(real | generated): the non-saturating loss of what wants to pass as real."""
    return tf.reduce_mean(tf.nn.softplus(-generated))


def accuracy(real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
    """Share of both halves that the discriminator classifies rightly; 1/2 where it is fooled."""
    right = tf.reduce_mean(tf.cast(real > 0, tf.float32))
    return (right + tf.reduce_mean(tf.cast(generated <= 0, tf.float32))) / 2


def classification_loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """-log P(y | z) in nats, mean over rows with a label; labels of shape (rows,), -1 for none.

    The article's L_C, of the code of the reconstruction.
    """
    known = tf.cast(labels >= 0, tf.float32)
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
