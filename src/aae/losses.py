"""Losses of the adversarial autoencoder, each one number a batch: functions of tensors.

Rows and reconstructions have shape (rows, columns), log variances (rows, columns), logits
(rows, 1); all are means over rows of a sum over columns.
"""

import math

import tensorflow as tf

LOG_2_PI = math.log(2 * math.pi)


def half_squared_error(rows: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """The article's L_R = 1/2 sum_j (x_j - xhat_j)^2: -log N(x; xhat, I) up to a constant."""
    return tf.reduce_mean(tf.reduce_sum(tf.square(rows - mean), axis=1)) / 2


def gaussian_nll(rows: tf.Tensor, mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """-log N(x; mean, diag(exp(log_variance))), in nats a row."""
    deviance = tf.square(rows - mean) * tf.exp(-log_variance) + log_variance + LOG_2_PI
    return tf.reduce_mean(tf.reduce_sum(deviance, axis=1)) / 2


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
    """The article's L_C: -log P(y | z(xhat)) in nats, labels of shape (rows,)."""
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)
