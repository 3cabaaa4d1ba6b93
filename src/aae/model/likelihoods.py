"""The likelihoods p(x | z, c) by name: what the decoder's output says of a row."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from aae.model.likelihood import CellLaw, Likelihood, Statistics, normal_nll
from aae.model.residual import Residual

# A standard deviation of 1% of the column's: the likelihood of a column that the code
# explains completely would otherwise grow without bound.
MIN_LOG_VARIANCE = float(2 * np.log(0.01))


class UnitVariance(Likelihood):
    """`mse`: unit variance, and rows drawn without noise, as in the article."""

    stochastic = False

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> CellLaw:
        """The decoder's mean, and variance 1."""
        return CellLaw(outputs["mean"], tf.zeros_like(outputs["mean"]))

    def nll(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """-log p(x | z, c) without its constant: the article's L_R."""
        return self.half_squares(rows, law)

    def sample(self, law: CellLaw, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """The mean."""
        return self.columns(law.mean)


class Gaussian(Likelihood):
    """`gaussian`: log variance a_j + w . h(z), h the decoder's last hidden layer.

    One number a column and one a row: columns differ in their noise, rows in how noisy they are.
    """

    def heads(self, hidden: tf.Tensor) -> dict[str, tf.Tensor]:
        """Mean, and the log variance's common part."""
        row = keras.layers.Dense(1, use_bias=False, name="row")(hidden)
        return super().heads(hidden) | {"row": row}

    def build(self, *shapes: Any) -> None:
        """Create the columns' part."""
        super().build()
        self.column = self.add_weight(shape=(len(self.sizes),), initializer="zeros", name="column")

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> CellLaw:
        """Mean and log variance, not below MIN_LOG_VARIANCE."""
        log_variance = tf.maximum(self.column + outputs["row"], MIN_LOG_VARIANCE)
        return CellLaw(outputs["mean"], log_variance)

    def nll(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """-log p of a normal law."""
        return normal_nll(rows, law, self.sizes)

    def sample(self, law: CellLaw, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Mean plus noise."""
        return self.columns(law.mean) + self.columns(tf.exp(law.log_variance / 2)) * noise


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "residual": Residual,
    "gaussian": Gaussian,
    "mse": UnitVariance,
}
