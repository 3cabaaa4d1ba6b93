"""The adversarial autoencoder (Makhzani et al., arXiv 1511.05644) as Keras models."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.recipe import Model

# A standard deviation of 1% of the column's: the likelihood of a column that the code
# explains completely would otherwise grow without bound.
MIN_LOG_VARIANCE = float(2 * np.log(0.01))


class Normal(NamedTuple):
    """Diagonal normal law p(x | z) of each row: mean and log variance, each (rows, columns)."""

    mean: tf.Tensor
    log_variance: tf.Tensor

    def sample(self, noise: tf.Tensor) -> tf.Tensor:
        """Rows from standard normal noise of the same shape."""
        return self.mean + keras.ops.exp(self.log_variance / 2) * noise


class Units(keras.layers.Layer):
    """Columns in the data's units to mean 0 and standard deviation 1, and back (`inverse`).

    Args:
        columns: number of columns.
    """

    def __init__(self, columns: int, **options: Any):
        """Start with mean 0 and scale 1."""
        super().__init__(trainable=False, **options)
        self.mean = self.add_weight(shape=(columns,), initializer="zeros", name="mean")
        self.scale = self.add_weight(shape=(columns,), initializer="ones", name="scale")

    def adapt(self, rows: NDArray[np.float32]) -> None:
        """Take mean and scale of the rows; the scale of a constant column is 0."""
        constant = rows.min(axis=0) == rows.max(axis=0)
        mean, std = (np.asarray(f(axis=0, dtype=np.float64)) for f in (rows.mean, rows.std))
        self.mean.assign(np.where(constant, rows[0], mean))
        self.scale.assign(np.where(constant, 0.0, std))

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Standardise rows; a constant column becomes 0, or what it differs by."""
        return (rows - self.mean) / keras.ops.where(self.scale > 0, self.scale, 1.0)

    def inverse(self, rows: tf.Tensor) -> tf.Tensor:
        """Return standardised rows to the data's units; a constant column is constant again."""
        return rows * self.scale + self.mean


class LogVariance(keras.layers.Layer):
    """Log variance of column j at code z: a_j + w . h(z), h the decoder's last hidden layer.

    One number a column and one a row: columns differ in their noise, rows in how noisy they are.

    Args:
        columns: number of columns.
    """

    def __init__(self, columns: int, **options: Any):
        """Keep the size."""
        super().__init__(**options)
        self.columns = columns
        self.row = keras.layers.Dense(1, use_bias=False, name="row")

    def build(self, shape: tuple[int | None, int]) -> None:
        """Create the weights."""
        self.row.build(shape)
        self.column = self.add_weight(shape=(self.columns,), initializer="zeros", name="column")

    def call(self, hidden: tf.Tensor) -> tf.Tensor:
        """Return log variances, shape (rows, columns), not below MIN_LOG_VARIANCE."""
        return keras.ops.maximum(self.column + self.row(hidden), MIN_LOG_VARIANCE)


class AAE(keras.Model):
    """Encoder, decoder, discriminators and, for labelled rows, a classifier head.

    Inputs and outputs of the networks are standardised rows; `units` converts.

    Args:
        columns: number of columns of the data.
        classes: number of classes; 0 where rows have no labels.
        recipe: sizes, adversary and likelihood.

    Attributes:
        encoder: rows (rows, columns) to codes (rows, latent).
        decoder: codes to mean and, for the gaussian likelihood, log variance.
        discriminators: by what they see, `latent` and `data`: to one logit a row.
        classifier: codes to class logits, or None.
    """

    def __init__(self, columns: int, classes: int, recipe: Model):
        """Build all networks."""
        super().__init__(name="aae")
        self.columns, self.latent = columns, recipe.latent
        self.stochastic = recipe.likelihood == "gaussian"
        self.units = Units(columns, name="units")
        self.encoder = mlp("encoder", columns, recipe.encoder, recipe.latent)
        self.decoder = self._decoder(recipe)
        seen = {"latent": recipe.latent, "data": columns}
        self.discriminators = {
            name: mlp(f"{name}_discriminator", width, recipe.discriminator, 1)
            for name, width in seen.items()
            if recipe.adversary in (name, "both")
        }
        classified = bool(classes) and recipe.classifier
        self.classifier = mlp("classifier", recipe.latent, (), classes) if classified else None
        self.built = True  # all networks are; Keras saves no weights before

    def _decoder(self, recipe: Model) -> keras.Model:
        codes = keras.Input((recipe.latent,), name="codes")
        hidden = hidden_layers(codes, recipe.decoder)
        outputs = {"mean": keras.layers.Dense(self.columns, name="mean")(hidden)}
        if self.stochastic:
            outputs["log_variance"] = LogVariance(self.columns, name="log_variance")(hidden)
        return keras.Model(codes, outputs, name="decoder")

    def decode(self, codes: tf.Tensor) -> Normal:
        """p(x | z) in standardised units; unit variance under the `mse` likelihood."""
        law = self.decoder(codes)
        return Normal(law["mean"], law.get("log_variance", 0.0))

    def generate(self, codes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Rows x ~ p(x | z) from noise of shape (rows, columns); the mean under `mse`."""
        law = self.decode(codes)
        return law.sample(noise) if self.stochastic else law.mean

    @property
    def parts(self) -> list[keras.Model]:
        """All networks."""
        heads = [] if self.classifier is None else [self.classifier]
        return [self.encoder, self.decoder, *heads, *self.discriminators.values()]


def mlp(name: str, inputs: int, hidden: Sequence[int], outputs: int) -> keras.Model:
    """Multilayer perceptron with ReLU and a linear output."""
    rows = keras.Input((inputs,))
    return keras.Model(rows, keras.layers.Dense(outputs)(hidden_layers(rows, hidden)), name=name)


def hidden_layers(tensor: tf.Tensor, widths: Sequence[int]) -> tf.Tensor:
    """Apply dense ReLU layers."""
    for width in widths:
        tensor = keras.layers.Dense(width, activation="relu")(tensor)
    return tensor


def summary(model: AAE) -> str:
    """Architecture and parameter counts of every network, as text."""
    lines: list[str] = []
    for part in model.parts:
        part.summary(print_fn=lines.append, line_length=80)
    return "\n".join(lines) + "\n"
