"""What a likelihood p(x | z, c) has to provide, and what all of them share.

All see a row through its `Statistics`: the mean and the variance of its cells in each group of
columns that share their parameters. They are sufficient for a normal law with one mean and one
variance a group, and are the cells themselves where every column is its own group.
"""

import math
from typing import Any, NamedTuple, Protocol, runtime_checkable

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

LOG_2_PI = math.log(2 * math.pi)


class Statistics(NamedTuple):
    """Mean and variance of the cells of each group of columns, each (rows, groups)."""

    mean: tf.Tensor
    variance: tf.Tensor


class CellLaw(NamedTuple):
    """Normal law of the cells of each group, (rows, groups) or what broadcasts to it."""

    mean: tf.Tensor
    log_variance: tf.Tensor


class Likelihood(keras.layers.Layer):
    """Base of all likelihoods; works in standardised units.

    An implementation provides `law`, `nll` and `sample`; where the decoder has to say more than a
    mean, `heads`; where there are weights of its own, `build`. It stands in
    `aae.model.likelihoods.LIKELIHOODS` and in `aae.model.configuration.LIKELIHOODS`. What it learns
    by gradient are its trainable weights; what it learns otherwise makes it `ClosedForm`.

    Args:
        groups: the group of each column, shape (columns,).
        classes: categories that the decoder is conditioned on, 1 at least.

    Attributes:
        stochastic: whether rows are drawn with noise.
        gridded: whether rows drawn are rounded to the grid of the training rows.
        skip: whether the decoder's mean has a linear part as well.
        regularised: whether training adds noise to the rows and weights decay, where columns share
            nothing and rows are few.
        idle: nats a row below which a code dimension is switched off. The information penalty
            leaves an unused dimension near 0, and one that tells just two halves of the rows apart
            has 0.69: with a larger limit such a dimension is lost, with 0 the decoder keeps what
            it made of noise.
        idle_by_category: whether it may be off in one category and on in another.
        sizes: columns of each group, shape (groups,).
        tied: whether any columns share their parameters.
    """

    stochastic = True
    gridded = False
    skip = False
    regularised = False
    idle = 0.25
    idle_by_category = True

    def __init__(self, groups: NDArray[np.int64], classes: int, **options: Any):
        """Keep the groups and their sizes."""
        super().__init__(**options)
        self.groups, self.classes = groups, classes
        self.sizes = np.bincount(groups).astype(np.float32)
        self.tied = len(self.sizes) < len(groups)

    def build(self, *shapes: Any) -> None:
        """Create the weights, if any."""
        self.built = True

    def heads(self, hidden: tf.Tensor) -> dict[str, tf.Tensor]:
        """Outputs of the decoder from its last hidden layer; `mean`, (rows, groups), is one."""
        return {"mean": keras.layers.Dense(len(self.sizes), name="mean")(hidden)}

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> CellLaw:
        """p(x | z, c) from the decoder's outputs and one-hot classes, shape (rows, classes)."""
        raise NotImplementedError

    def nll(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """-log p(x | z, c) in nats, shape (rows,)."""
        raise NotImplementedError

    def sample(self, law: CellLaw, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Standardised rows x ~ p(x | z, c) from standard normal noise (rows, columns)."""
        raise NotImplementedError

    def half_squares(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """The article's L_R = 1/2 sum_j (x_j - xhat_j)^2, shape (rows,)."""
        squares = rows.variance + tf.square(rows.mean - law.mean)
        return tf.reduce_sum(squares * self.sizes, axis=1) / 2

    def statistics(self, rows: tf.Tensor) -> Statistics:
        """Statistics of standardised rows, shape (rows, columns)."""
        if not self.tied:
            return Statistics(rows, tf.zeros_like(rows))
        members = tf.one_hot(self.groups, len(self.sizes)) / self.sizes
        mean = rows @ members
        return Statistics(mean, tf.square(rows - self.columns(mean)) @ members)

    def features(self, rows: Statistics) -> tf.Tensor:
        """What the encoder sees of rows: means and deviations, or the rows where none are tied."""
        shared = np.flatnonzero(self.sizes > 1)
        spread = tf.sqrt(tf.gather(rows.variance, shared, axis=1))
        return tf.concat([rows.mean, spread], axis=1) if self.tied else rows.mean

    def columns(self, values: tf.Tensor) -> tf.Tensor:
        """Give each column the value of its group, (rows, groups) to (rows, columns)."""
        if not self.tied:
            return values
        return values @ tf.one_hot(self.groups, len(self.sizes), axis=0)


@runtime_checkable
class ClosedForm(Protocol):
    """What training calls of a likelihood that learns from residuals, not by gradient alone.

    `resolve` before every epoch, `observe` after every step, `settle` after the last one, and
    `weigh` before another training with categories.
    """

    def resolve(self, floor: float) -> None:
        """Set the resolution of the code, in standard deviations of a group's mean."""

    def observe(
        self, rows: Statistics, law: CellLaw, classes: tf.Tensor, weight: tf.Tensor
    ) -> None:
        """Look at a batch: statistics of rows, their laws, one-hot classes and q(c | x)."""

    def settle(
        self,
        residuals: NDArray[np.float32],
        classes: NDArray[np.int64],
        codes: NDArray[np.float32],
    ) -> None:
        """Look at all training rows: residuals (rows, columns), classes, codes (rows, latent)."""

    def weigh(self, residuals: NDArray[np.float32]) -> None:
        """Weigh what residuals (rows, columns) say of the category of their row."""


def normal_nll(
    rows: Statistics, law: CellLaw, sizes: NDArray[np.float32], evidence: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """-log p of the cells of rows under normal laws of the groups, in nats, shape (rows,).

    sum_g d_g / 2 [(xbar_g - m_g)^2 / s_g^2 + w_g (v_g / s_g^2 + log s_g^2 + log 2 pi)].

    Args:
        rows: xbar_g, v_g; law: m_g, log s_g^2.
        sizes: d_g, columns of each group.
        evidence: w_g, the weight of a row's variance.
    """
    precision = tf.exp(-law.log_variance)
    within = evidence * (rows.variance * precision + (law.log_variance + LOG_2_PI))
    cells = within + tf.square(rows.mean - law.mean) * precision
    return tf.reduce_sum(cells * sizes, axis=1) / 2
