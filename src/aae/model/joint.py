"""The likelihood of columns that differ: residuals depend on one another, and on the code."""

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.likelihood import CellLaw, Likelihood, Statistics, normal_nll
from aae.model.mixture import RIDGE, Shrinkage, moments

MEMORY = 0.95  # of the running variances, the last 20 steps, as in `residual`
# Standard deviation that a column's noise does not fall below: or the likelihood of a column that
# the code explains would grow without bound, and take the code for itself.
FLOOR = 0.05


class Joint(Likelihood):
    """`joint`: the normal law of codes and residuals together, one in each category.

    In training, cells are independent given the code, with one variance a column, the running mean
    of the squared residuals. After training (`settle`), u = (z, r), a code z ~ q(z | x) and the
    residual r = x - m(z, c) of each row, has in category k the law N(mu_k, Sigma_k), estimated with
    the `shrinkage` of the categories. With Sigma_k = L L', rows are drawn as

        z = mu_z + L_zz e_z,   r = mu_r + L_rz L_zz^-1 (z - mu_z) + L_rr e_r.

    The residuals so carry what the code does not, and the code is drawn as the encoder has it.

    Attributes:
        shrinkage: of the covariances.
        covariance: Sigma_k, (categories, latent + columns, latent + columns), once settled.
        prior: whether codes are drawn from the prior, residuals independent of them.
    """

    skip = True
    regularised = True
    idle = 0.1
    idle_by_category = False

    def __init__(self, *arguments: Any, latent: int, **options: Any):
        """Keep the dimension of the code."""
        super().__init__(*arguments, **options)
        self.latent = latent
        self.shrinkage, self.prior = Shrinkage(100.0, 0.1), False
        self.covariance = np.empty(0)

    def build(self, *shapes: Any) -> None:
        """Create the variances, and the law of codes and residuals."""
        super().build()
        classes, latent, columns = self.classes, self.latent, len(self.sizes)
        weights: dict[str, tuple[tuple[int, ...], str]] = {
            "variance": ((columns,), "ones"),
            "mean": ((classes, latent + columns), "zeros"),
            "code": ((classes, latent, latent), "zeros"),
            "whiten": ((classes, latent, latent), "zeros"),
            "residual": ((classes, columns, latent + columns), "zeros"),
        }
        for name, (shape, initial) in weights.items():
            weight = self.add_weight(shape=shape, initializer=initial, name=name, trainable=False)
            setattr(self, name, weight)

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> CellLaw:
        """Mean, and the variance of each column."""
        return CellLaw(outputs["mean"], tf.math.log(self.variance))

    def nll(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """-log p of a normal law."""
        return normal_nll(rows, law, self.sizes)

    def resolve(self, floor: float) -> None:
        """Nothing: the floor is the same throughout."""

    def weigh(self, residuals: NDArray[np.float32]) -> None:
        """Nothing: categories are given."""

    def observe(
        self, rows: Statistics, law: CellLaw, classes: tf.Tensor, weight: tf.Tensor
    ) -> None:
        """Move the variances to those of a batch's residuals, not below `FLOOR` squared."""
        squares = tf.reduce_mean(tf.square(rows.mean - law.mean), axis=0)
        moved = MEMORY * self.variance + (1 - MEMORY) * squares
        self.variance.assign(tf.maximum(moved, FLOOR**2))

    def settle(
        self,
        residuals: NDArray[np.float32],
        classes: NDArray[np.int64],
        codes: NDArray[np.float32],
    ) -> None:
        """Take the law of codes and residuals of all training rows.

        Args:
            residuals: r, shape (rows, columns).
            classes: of the rows, shape (rows,).
            codes: z, shape (rows, latent); a dimension that is switched off is 0 throughout, and
                is drawn from the prior.
        """
        share = np.eye(self.classes)[classes]
        joined = np.concatenate([codes, residuals], axis=1).astype(np.float64)
        law = moments(joined, share, np.arange(self.classes))
        covariance = self.shrinkage.covariances(law.scatter, law.weight)
        free = np.flatnonzero((np.ptp(codes, axis=0) == 0) | self.prior)  # of the prior's law
        law.mean[:, free] = 0.0
        covariance[:, free, :], covariance[:, :, free] = 0.0, 0.0
        covariance[:, free, free] = 1.0
        self.mean.assign(law.mean)
        self._draw_with(covariance)

    def correct(self, covariance: NDArray[np.float64]) -> None:
        """Add to the covariances of the residuals, (categories, columns, columns).

        Eigenvalues below the ridge of the estimate are raised to it.
        """
        corrected = self.covariance.copy()
        corrected[:, self.latent :, self.latent :] += covariance
        values, vectors = np.linalg.eigh(corrected)
        raised = vectors * np.maximum(values, RIDGE)[:, None, :]
        self._draw_with(raised @ np.swapaxes(vectors, 1, 2))

    def _draw_with(self, covariance: NDArray[np.float64]) -> None:
        self.covariance = covariance
        factor = np.linalg.cholesky(covariance)
        code = factor[:, : self.latent, : self.latent]
        self.code.assign(code)
        self.whiten.assign(np.linalg.inv(code))
        self.residual.assign(factor[:, self.latent :])

    def codes(self, noise: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        """Codes of one-hot classes (rows, classes) from standard normal noise (rows, latent)."""
        label = tf.argmax(classes, axis=1)
        mean = tf.gather(self.mean, label)[:, : self.latent]
        return mean + tf.linalg.matvec(tf.gather(self.code, label), noise)

    def sample(
        self,
        law: CellLaw,
        classes: tf.Tensor,
        noise: tf.Tensor,
        codes: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Mean plus a residual, given the code; without one, as in training."""
        if codes is None:
            return law.mean + tf.exp(law.log_variance / 2) * noise
        label = tf.argmax(classes, axis=1)
        mean = tf.gather(self.mean, label)
        away = tf.linalg.matvec(tf.gather(self.whiten, label), codes - mean[:, : self.latent])
        driven = tf.concat([away, noise], axis=1)
        drawn = tf.linalg.matvec(tf.gather(self.residual, label), driven)
        return law.mean + mean[:, self.latent :] + drawn
