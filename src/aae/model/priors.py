"""Priors p(z) of the latent code, as functions of standard normal noise.

Each maps `noise`, standard normal of shape (rows, latent), and `place`, uniform on (0, 1) of shape
(rows,), to codes of shape (rows, latent). `place` says where along the prior a code lies; a
label-conditioned adversary gives each class its own interval of it.
"""

import math
from collections.abc import Callable

import tensorflow as tf

Prior = Callable[[tf.Tensor, tf.Tensor, int], tf.Tensor]

COMPONENTS = 10  # of the mixture, where classes do not say how many
TURNS = 2  # of the roll


def gaussian(noise: tf.Tensor, place: tf.Tensor, components: int) -> tf.Tensor:
    """N(0, I)."""
    return noise


def uniform(noise: tf.Tensor, place: tf.Tensor, components: int) -> tf.Tensor:
    """Independent U(-sqrt 3, sqrt 3), of variance 1: the noise's distribution function."""
    return math.sqrt(3) * tf.math.erf(noise / math.sqrt(2))


def gaussian_mixture(noise: tf.Tensor, place: tf.Tensor, components: int) -> tf.Tensor:
    """Equal shares of Gaussians in a circle, long along its radius (Makhzani et al., figure 4).

    In the first two dimensions (in one, along a line); all others are standard normal.
    """
    number = tf.floor(place * components)
    if noise.shape[1] == 1:
        return 2 * number[:, None] - (components - 1) + 0.5 * noise
    angle = 2 * math.pi * number / components
    radius, across = 3 + 0.7 * noise[:, 0], 0.25 * noise[:, 1]
    return _planar(radius, across, angle, noise)


def swiss_roll(noise: tf.Tensor, place: tf.Tensor, components: int) -> tf.Tensor:
    """A noisy spiral of two turns in the first two dimensions; all others are standard normal."""
    angle = 2 * math.pi * TURNS * tf.sqrt(place)  # the square root: evenly along the arc
    radius = 3 * tf.sqrt(place) + 0.1 * noise[:, 0]
    return _planar(radius, tf.zeros_like(radius), angle, noise)


def _planar(radius: tf.Tensor, across: tf.Tensor, angle: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    cos, sin = tf.cos(angle), tf.sin(angle)
    plane = tf.stack([radius * cos - across * sin, radius * sin + across * cos], axis=1)
    return tf.concat([plane, noise[:, 2:]], axis=1)


PRIORS: dict[str, Prior] = {
    "gaussian": gaussian,
    "gaussian_mixture": gaussian_mixture,
    "swiss_roll": swiss_roll,
    "uniform": uniform,
}
