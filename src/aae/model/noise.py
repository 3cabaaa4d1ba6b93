"""Standard normal noise, and which of its columns drives what."""

from typing import NamedTuple

import tensorflow as tf


class Noise(NamedTuple):
    """Noise of some rows; a part that drives nothing has no columns.

    Attributes:
        posterior: draws z ~ q(z | x), shape (rows, latent).
        prior: draws z ~ p(z), shape (rows, latent).
        category: draws c ~ p(c), shape (rows,).
        place: says where along the prior z lies, shape (rows,).
        cells: draws x ~ p(x | z, c), shape (rows, columns).
        rows: is added to the rows of a training step, shape (rows, columns).
    """

    posterior: tf.Tensor
    prior: tf.Tensor
    category: tf.Tensor
    place: tf.Tensor
    cells: tf.Tensor
    rows: tf.Tensor


class Layout(NamedTuple):
    """How many columns each part has: in this order, category and place after the prior.

    Attributes:
        posterior: latent dimensions, or 0 where no rows are encoded.
        prior: latent dimensions.
        cells: columns of the rows, or 0 where none are drawn with noise.
        rows: columns of the rows, or 0 where they are trained on as they are.
    """

    posterior: int
    prior: int
    cells: int
    rows: int = 0

    @property
    def width(self) -> int:
        """Columns of all parts."""
        return sum(self) + 2

    def split(self, noise: tf.Tensor) -> Noise:
        """Give each part its columns of noise, shape (rows, width)."""
        category = self.posterior + self.prior
        rows = self.width - self.rows
        return Noise(
            posterior=noise[:, : self.posterior],
            prior=noise[:, self.posterior : category],
            category=noise[:, category],
            place=noise[:, category + 1],
            cells=noise[:, category + 2 : rows if self.rows else None],
            rows=noise[:, rows:],
        )
