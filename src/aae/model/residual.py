"""The likelihood whose noise is the empirical law of the residuals."""

import math
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.model.likelihood import CellLaw, Likelihood, Statistics, normal_nll

# Memory of the running means: the last 20 steps. Variances follow the means that training moves; a
# longer memory lags behind them, a shorter one is the noise of few rows where columns are few.
MEMORY = 0.95
# Knots of a residual law's quantile function at most: 1/800 standard deviations of noise apart,
# finer than a test of thousands of rows resolves. All laws together have at most TABLE, 4 MiB of
# weights, or many columns and classes would fill the graphs; but each has 64 at least.
KNOTS, TABLE = 2**13, 2**20
# Noise beyond these standard deviations, one draw in 1.7 million, draws the outermost residual.
REACH = 5.0
WEIGHED = 2**22  # residuals whose kurtosis is taken, at most
# Standard errors from which a row effect is one: a false alarm in 30,000. A milder rule would take
# from independent cells what they have in common by chance.
SIGNIFICANT = 4.0


class Residual(Likelihood):
    """`residual`: columns of one marginal law share a mean, a variance and a law of residuals.

    In training, a normal law whose variance, one for each class and group, is the running mean of
    the squared residuals, not a network's output. After training (`settle`) the normal law gives
    way to the empirical one of the residuals, whatever its shape: rows are m(z, c) + T(noise). T
    is the quantile function of the residuals at the noise's rank, at the nearest of up to `KNOTS`
    knots, which are evenly spaced in the noise, so that the tails have as many as the middle.

    Args:
        groups: the group of each column, shape (columns,).
        classes: categories that the decoder is conditioned on, 1 at least.
        leaders: the group that speaks for each group in each class, shape (classes, groups), see
            `aae.model.column_groups.leaders`; each for itself if not given.
    """

    gridded = True

    def __init__(
        self,
        groups: NDArray[np.int64],
        classes: int,
        leaders: NDArray[np.int64] | None = None,
        **options: Any,
    ):
        """Keep who leads whom, and how many columns are led together."""
        super().__init__(groups, classes, **options)
        alone = np.tile(np.arange(len(self.sizes)), (classes, 1))
        self.leaders = alone if leaders is None else leaders
        self.led = bool((self.leaders != alone).any())
        together = (self.leaders[:, :, None] == self.leaders[:, None, :]) * self.sizes
        self.sizes_together = together.sum(axis=2).astype(np.float32)
        self.mean_together = (together / self.sizes_together[:, :, None]).astype(np.float32)

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
        # Of training alone, hence no weight of the model.
        self.evidence = tf.Variable(tf.ones(groups), trainable=False)

    def law(self, outputs: dict[str, tf.Tensor], classes: tf.Tensor) -> CellLaw:
        """Mean of the leading group, and the variance of each class and group."""
        mean = outputs["mean"]
        if self.led:
            groups = len(self.sizes)
            leads = tf.reshape(tf.one_hot(self.leaders, groups), (self.classes, -1))
            mean = tf.linalg.matvec(tf.reshape(classes @ leads, (-1, groups, groups)), mean)
        return CellLaw(mean, tf.math.log(classes @ self.variance))

    def nll(self, rows: Statistics, law: CellLaw) -> tf.Tensor:
        """-log p of a normal law, its variance part weighted by `evidence`, see `weigh`."""
        return normal_nll(rows, law, self.sizes, self.evidence)

    def resolve(self, floor: float) -> None:
        """Set the floor."""
        self.floor.assign(floor)

    def observe(
        self, rows: Statistics, law: CellLaw, classes: tf.Tensor, weight: tf.Tensor
    ) -> None:
        """Move the variances to those of a batch's residuals.

        Never below d floor^2, d the columns that are led together, which keeps the code from
        resolving their mean finer than `floor` standard deviations.

        Args:
            rows: statistics, (rows, groups); law: p(x | z, c) of each row.
            classes: one-hot, (rows, classes); weight: q(c | x), shape (rows,).
        """
        squares = rows.variance + tf.square(rows.mean - law.mean)
        each = classes * weight[:, None]
        sums = tf.transpose(each) @ squares
        if self.led:
            sums = tf.linalg.matvec(self.mean_together, sums)
        self.squares.assign(MEMORY * self.squares + sums)
        self.weight.assign(MEMORY * self.weight + tf.reduce_sum(each, axis=0)[:, None])
        measured = self.squares / tf.maximum(self.weight, 1e-6)
        self.variance.assign(tf.maximum(measured, self.sizes_together * tf.square(self.floor)))

    def settle(
        self,
        residuals: NDArray[np.float32],
        classes: NDArray[np.int64],
        codes: NDArray[np.float32] | None = None,
    ) -> None:
        """Take the law of the residuals of all training rows.

        Where the residuals of a row and group agree with one another by more than `SIGNIFICANT`
        standard errors, this is the code's own imprecision, not noise of the cells: it is left out.

        Args:
            residuals: x - m(z, c), standardised, shape (rows, columns).
            classes: of the rows, shape (rows,).
            codes: not looked at.
        """
        from scipy.stats import norm

        ranks = norm.cdf(np.linspace(-REACH, REACH, self.knots))
        ranks[[0, -1]] = 0.0, 1.0
        tables = np.zeros((self.classes, len(self.sizes), self.knots), dtype=np.float32)
        for label, leaders in enumerate(self.leaders):
            for leader in np.unique(leaders):
                columns = leaders[self.groups] == leader
                cells = own_noise(residuals[np.ix_(classes == label, columns)])
                if cells.size:
                    tables[label, leaders == leader] = quantiles(cells, ranks)
        self.quantiles.assign(tables.ravel())

    def weigh(self, residuals: NDArray[np.float32]) -> None:
        """Weigh the variance of a row's cells as evidence of its category.

        The variance of d independent cells with kurtosis k has (k - 1) / 2 times the variance that
        the normal law expects of it: w_g = min(1, 2 / (k_g - 1)), or long tails would pass for
        categories of their own. 1 for groups of one column.
        """
        from scipy.stats import kurtosis

        weights = np.ones(len(self.sizes))
        residuals = residuals[:: -(-residuals.size // WEIGHED)]
        for group in np.flatnonzero(self.sizes > 1):
            cells = residuals[:, self.groups == group].astype(np.float64)
            if cells.std() > 0:
                tails = kurtosis(cells, axis=None, fisher=False)
                weights[group] = min(1.0, 2 / max(tails - 1, 1e-3))
        self.evidence.assign(weights)

    def sample(self, law: CellLaw, classes: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """Mean plus the residual at the noise's rank."""
        scale = (self.knots - 1) / (2 * REACH)
        place = tf.clip_by_value(noise * scale + REACH * scale, 0.0, self.knots - 1.0)
        label = tf.cast(tf.argmax(classes, axis=1), tf.float32)[:, None]
        group = self.groups[None].astype(np.float32) if self.sizes.size > 1 else 0.0
        first = label * self.sizes.size + group
        nearest = tf.cast(place + (first * self.knots + 0.5), tf.int32)
        return self.columns(law.mean) + tf.gather(self.quantiles, nearest)


def quantiles(cells: NDArray[np.float32], ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Order statistics of all cells at ranks in [0, 1], linear in between.

    `np.quantile` takes a hundred times as long, `np.interp` three more numbers a cell.
    """
    ordered = np.sort(cells, axis=None)
    places = ranks * (ordered.size - 1)
    below = places.astype(np.int64)
    low = ordered[below].astype(np.float64)
    high = ordered[np.minimum(below + 1, ordered.size - 1)].astype(np.float64)
    return np.asarray((high - low) * (places - below) + low)


def own_noise(residuals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Residuals less each row's mean where that is more than the mean of independent cells.

    Under independence, ratio = d var(row mean) / var(cell) is about 1 +- sqrt(2 / rows). Without
    their mean, d cells have (d - 1) / d of their variance: they are widened to all of it, or rows
    of independent draws, which have a mean again, would be too narrow.
    """
    rows, columns = residuals.shape
    if columns < 2 or rows < 2:
        return residuals
    mean = residuals.mean(axis=1, keepdims=True)
    within = residuals - mean
    between = float(columns * mean.var(dtype=np.float64))
    expected = float(within.var(dtype=np.float64)) * columns / (columns - 1)
    if between <= expected * (1 + SIGNIFICANT * math.sqrt(2 / rows)):
        return residuals
    widened: NDArray[np.float32] = within * np.float32(math.sqrt(columns / (columns - 1)))
    return widened
