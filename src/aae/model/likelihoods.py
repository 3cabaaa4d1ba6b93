"""Likelihoods p(x | z, c): what the decoder's output says of a row, and how rows are drawn.

All see a row through its `Statistics`: the mean and the variance of its cells in each group of
columns that share their parameters. They are sufficient for a normal law with one mean and one
variance a group, and are the cells themselves where every column is its own group.
"""

import math
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

LOG_2_PI = math.log(2 * math.pi)
# A standard deviation of 1% of the column's: the likelihood of a column that the code
# explains completely would otherwise grow without bound.
MIN_LOG_VARIANCE = float(2 * np.log(0.01))
MEMORY = 0.95  # of running means over steps
KNOTS = 2**13  # of a residual law's quantile function at most
TABLE = 2**20  # most knots of all laws together
REACH = 5.0  # noise beyond these standard deviations draws the outermost residual
SIGNIFICANT = 4.0  # standard errors


class Statistics(NamedTuple):
    """Mean and variance of the cells of each group of columns, each (rows, groups)."""

    mean: tf.Tensor
    variance: tf.Tensor


class Law(NamedTuple):
    """Normal law of the cells of each group, (rows, groups) or what broadcasts to it."""

    mean: tf.Tensor
    log_variance: tf.Tensor


class Likelihood(keras.layers.Layer):
    """`mse`: unit variance, and rows drawn without noise, as in the article.

    Args:
        groups: the group of each column, shape (columns,).
        classes: categories that the decoder is told of, 1 at least.
    """

    stochastic = False
    gridded = False  # whether rows drawn are rounded to the grid of the training rows

    def __init__(self, groups: NDArray[np.int64], classes: int, **options: Any):
        """Keep the groups and their sizes."""
        super().__init__(**options)
        self.groups, self.classes = groups, classes
        self.sizes = np.bincount(groups).astype(np.float32)
        self.tied = len(self.sizes) < len(groups)
        # Of training alone, hence no weight of the model.
        self.evidence = tf.Variable(tf.ones(len(self.sizes)), trainable=False)

    def build(self, *shapes: Any) -> None:
        """Create the weights, if any."""
        self.built = True

    def heads(self, hidden: tf.Tensor) -> dict[str, tf.Tensor]:
        """Outputs of the decoder from its last hidden layer."""
        return {"mean": keras.layers.Dense(len(self.sizes), name="mean")(hidden)}

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> Law:
        """p(x | z, c) from the decoder's outputs and one-hot classes, shape (rows, classes)."""
        return Law(outputs["mean"], tf.zeros_like(outputs["mean"]))

    def nll(self, rows: Statistics, law: Law) -> tf.Tensor:
        """-log p(x | z, c) in nats, shape (rows,); of unit variance without its constant.

        sum_g d_g / 2 [(xbar_g - m_g)^2 / s_g^2 + w_g (v_g / s_g^2 + log s_g^2 + log 2 pi)], d_g
        columns, w_g the weight of a row's variance as `evidence` of its category, see `weigh`.
        """
        precision = tf.exp(-law.log_variance)
        constant = law.log_variance + (LOG_2_PI if self.stochastic else 0.0)
        within = self.evidence * (rows.variance * precision + constant)
        cells = within + tf.square(rows.mean - law.mean) * precision
        return tf.reduce_sum(cells * self.sizes, axis=1) / 2

    def half_squares(self, rows: Statistics, law: Law) -> tf.Tensor:
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

    def sample(self, law: Law, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Standardised rows x ~ p(x | z, c) from standard normal noise (rows, columns)."""
        return self.columns(law.mean)

    # What only `Residual` has in closed form, not by gradient.
    def resolve(self, floor: float) -> None:
        """Set the resolution of the code."""

    def observe(self, rows: Statistics, law: Law, classes: tf.Tensor, weight: tf.Tensor) -> None:
        """Look at the residuals of a batch."""

    def weigh(self, residuals: NDArray[np.float32]) -> None:
        """Set `evidence` from the residuals of all training rows."""

    def settle(self, residuals: NDArray[np.float32], classes: NDArray[np.int64]) -> None:
        """Look at the residuals of all training rows after training."""


class Gaussian(Likelihood):
    """`gaussian`: log variance a_j + w . h(z), h the decoder's last hidden layer.

    One number a column and one a row: columns differ in their noise, rows in how noisy they are.
    """

    stochastic = True

    def heads(self, hidden: tf.Tensor) -> dict[str, tf.Tensor]:
        """Mean, and the log variance's common part."""
        row = keras.layers.Dense(1, use_bias=False, name="row")(hidden)
        return super().heads(hidden) | {"row": row}

    def build(self, *shapes: Any) -> None:
        """Create the columns' part."""
        super().build()
        self.column = self.add_weight(shape=(len(self.sizes),), initializer="zeros", name="column")

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> Law:
        """Mean and log variance, not below MIN_LOG_VARIANCE."""
        log_variance = tf.maximum(self.column + outputs["row"], MIN_LOG_VARIANCE)
        return Law(outputs["mean"], log_variance)

    def sample(self, law: Law, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Mean plus noise."""
        return self.columns(law.mean) + self.columns(tf.exp(law.log_variance / 2)) * noise


class Residual(Likelihood):
    """`residual`: columns of one marginal law share a mean, a variance and a law of residuals.

    In training, a normal law whose variance, one for each class and group, is the running mean of
    the squared residuals, not a network's output. After training (`settle`) the normal law gives
    way to the empirical one of the residuals, whatever its shape: rows are m(z, c) + T(noise). T
    is the quantile function of the residuals at the noise's rank, at the nearest of up to `KNOTS`
    knots, which are evenly spaced in the noise, so that the tails have as many as the middle.
    """

    stochastic = gridded = True

    def build(self, *shapes: Any) -> None:
        """Create the running sums, the variances and the residuals' quantiles."""
        super().build()
        groups = len(self.sizes)
        self.knots = int(np.clip(TABLE // (self.classes * groups), 64, KNOTS))
        weights: dict[str, tuple[int, ...]] = {
            "squares": (self.classes, groups),
            "weight": (self.classes, 1),
            "variance": (self.classes, groups),
            "floor": (),
            "quantiles": (self.classes * groups * self.knots,),
        }
        for name, shape in weights.items():
            weight = self.add_weight(shape=shape, initializer="ones", name=name, trainable=False)
            setattr(self, name, weight)

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> Law:
        """Mean, and the variance of each class and group."""
        return Law(outputs["mean"], tf.math.log(classes @ self.variance))

    def resolve(self, floor: float) -> None:
        """Set the floor."""
        self.floor.assign(floor)

    def observe(self, rows: Statistics, law: Law, classes: tf.Tensor, weight: tf.Tensor) -> None:
        """Move the variances to those of a batch's residuals.

        Never below d_g floor^2, which keeps the code from resolving a group's mean finer than
        `floor` standard deviations.

        Args:
            rows: statistics, (rows, groups); law: p(x | z, c) of each row.
            classes: one-hot, (rows, classes); weight: q(c | x), shape (rows,).
        """
        squares = rows.variance + tf.square(rows.mean - law.mean)
        each = classes * weight[:, None]
        self.squares.assign(MEMORY * self.squares + tf.transpose(each) @ squares)
        self.weight.assign(MEMORY * self.weight + tf.reduce_sum(each, axis=0)[:, None])
        measured = self.squares / tf.maximum(self.weight, 1e-6)
        self.variance.assign(tf.maximum(measured, self.sizes * tf.square(self.floor)))

    def settle(self, residuals: NDArray[np.float32], classes: NDArray[np.int64]) -> None:
        """Take the law of the residuals of all training rows.

        Where the residuals of a row and group agree with one another by more than `SIGNIFICANT`
        standard errors, this is the code's own imprecision, not noise of the cells: it is left out.

        Args:
            residuals: x - m(z, c), standardised, shape (rows, columns).
            classes: of the rows, shape (rows,).
        """
        from scipy.stats import norm

        ranks = norm.cdf(np.linspace(-REACH, REACH, self.knots))
        ranks[[0, -1]] = 0.0, 1.0
        tables = np.zeros((self.classes, len(self.sizes), self.knots), dtype=np.float32)
        for group in range(len(self.sizes)):
            columns = residuals[:, self.groups == group]
            for label in range(self.classes):
                cells = own_noise(columns[classes == label])
                if cells.size:
                    ordered = np.sort(cells, axis=None)  # np.quantile takes a hundred times as long
                    places = ranks * (ordered.size - 1)
                    tables[label, group] = np.interp(places, np.arange(ordered.size), ordered)
        self.quantiles.assign(tables.ravel())

    def weigh(self, residuals: NDArray[np.float32]) -> None:
        """Weigh the variance of a row's cells as evidence of its category.

        The variance of d independent cells with kurtosis k has (k - 1) / 2 times the variance that
        the normal law expects of it: w_g = min(1, 2 / (k_g - 1)), or long tails would pass for
        categories of their own. 1 for groups of one column.
        """
        from scipy.stats import kurtosis

        weights = np.ones(len(self.sizes))
        for group in np.flatnonzero(self.sizes > 1):
            cells = residuals[:, self.groups == group].astype(np.float64)
            if cells.std() > 0:
                long = kurtosis(cells, axis=None, fisher=False)
                weights[group] = min(1.0, 2 / max(long - 1, 1e-3))
        self.evidence.assign(weights)

    def sample(self, law: Law, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Mean plus the residual at the noise's rank."""
        scale = (self.knots - 1) / (2 * REACH)
        place = tf.clip_by_value(noise * scale + REACH * scale, 0.0, self.knots - 1.0)
        label = tf.cast(tf.argmax(classes, axis=1), tf.float32)[:, None]
        group = self.groups[None].astype(np.float32) if self.sizes.size > 1 else 0.0
        first = label * self.sizes.size + group
        nearest = tf.cast(place + (first * self.knots + 0.5), tf.int32)
        return self.columns(law.mean) + tf.gather(self.quantiles, nearest)


def own_noise(residuals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Residuals less each row's mean where that is more than the mean of independent cells.

    Under independence, ratio = d var(row mean) / var(cell) is about 1 +- sqrt(2 / rows).
    """
    rows, columns = residuals.shape
    if columns < 2 or rows < 2:
        return residuals
    mean = residuals.mean(axis=1, keepdims=True)
    within = residuals - mean
    between = float(columns * mean.var(dtype=np.float64))
    expected = float(within.var(dtype=np.float64)) * columns / (columns - 1)
    return within if between > expected * (1 + SIGNIFICANT * math.sqrt(2 / rows)) else residuals


LIKELIHOODS: dict[str, type[Likelihood]] = {
    "residual": Residual,
    "gaussian": Gaussian,
    "mse": Likelihood,
}
