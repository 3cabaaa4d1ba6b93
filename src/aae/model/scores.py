"""Columns to normal scores, and the model's scores back to the columns' units."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.base.columns import ColumnKind, kind_of
from aae.model.quantiles import quantile_function

Array = NDArray[np.float64]

# Distinct values that a score is exact at. A score is linear in between, and so is that of a column
# with more, between as many of its values.
KNOTS = 256
REACH = 5.0  # scores beyond are those of the smallest and the largest value
# Places of the way back, of all labels and columns together: 2.5 MiB of a graph. One column has at
# most so many: a spacing of 1/400, 0.1% of the rows.
PLACES, TABLE = 4096, 2**19
LEAST_ROWS = 20  # of a label that has a way back of its own


def normal_scores(values: NDArray[Any]) -> Array:
    """Phi^-1(mid-rank / n), divided by its standard deviation; zeros where all values are equal.

    Equal values share a rank. Ranks are not nearer to 0 or 1 than .25 / n.

    Args:
        values: of a column, shape (n,).
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = (rankdata(values) - 0.5) / len(values)
    scores = ndtri(np.clip(ranks, 0.25 / len(values), 1 - 0.25 / len(values)))
    deviation = scores.std() if np.ptp(ranks) > 0 else np.inf
    return np.asarray(scores / deviation)


class Scores(keras.layers.Layer):
    """Monotone maps of each column, to a score and back; the way back depends on the row's label.

    There: linear between `KNOTS` values of the training rows and their `normal_scores`. Back:
    x = Q(F(score)), F the distribution function of the model's own scores and Q the quantile
    function of the training rows of one label (`aae.model.quantiles`), from a table in the score.
    So columns have the marginal laws that rows had, whatever the model makes of its scores.

    Args:
        columns: how many; labels: how many.
        numbers: type of the rows, float64 where float32 does not hold them.

    Attributes:
        scale: standard deviations of the columns, shape (columns,); 0 of a constant one.
    """

    def __init__(self, columns: int, labels: int, numbers: str = "float32", **options: Any):
        """Start with scores that are the values."""
        super().__init__(trainable=False, autocast=False, **options)
        self.columns, self.labels, self.numbers = columns, labels, numbers
        width = np.dtype(numbers).itemsize // 4
        self.places = int(np.clip(TABLE // (columns * labels * width), 128, PLACES))
        knots, table = (columns, KNOTS), (labels * columns * self.places,)
        self.values = self._setting("values", knots, numbers)
        self.knots = self._setting("knots", knots)
        self.table = self._setting("table", table, numbers)
        self.exact = self._setting("exact", table, "uint8")
        self.lattice = self._setting("lattice", (4, columns), "float64")
        self.scale = self._setting("scale", (columns,))
        # What values are whole multiples of one part of: 100 of two decimals, 0 of any.
        self.parts = self._setting("parts", (columns,), numbers)

    def _setting(self, name: str, shape: tuple[int, ...], dtype: str = "float32") -> Any:
        return self.add_weight(
            shape=shape, initializer="zeros", dtype=dtype, name=name, trainable=False
        )

    def adapt(self, rows: NDArray[np.floating]) -> None:
        """Learn the scores of training rows, shape (rows, columns)."""
        values = np.zeros((self.columns, KNOTS), dtype=self.numbers)
        knots = np.zeros(values.shape, dtype=np.float32)
        for column, each in enumerate(rows.T):
            values[column], knots[column] = knots_of(each)
        self.values.assign(values)
        self.knots.assign(knots)
        self.scale.assign(rows.std(axis=0, dtype=np.float64) * (np.ptp(rows, axis=0) > 0))
        kinds = [kind_of(column) for column in rows.T]
        self.lattice.assign(np.transpose([lattice(kind) for kind in kinds]))
        self.parts.assign(np.array([parts(kind) for kind in kinds]))

    def scores(self, rows: NDArray[np.floating]) -> NDArray[np.float32]:
        """Scores of rows, shape (rows, columns), as `call` has them."""
        values, knots = self.values.numpy(), self.knots.numpy()
        scores = np.empty(rows.shape, dtype=np.float32)
        for column, each in enumerate(zip(rows.T, values, knots, strict=True)):
            scores[:, column] = np.interp(*each)
        return scores

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Scores of rows: the sum of the ascents that lie below a value."""
        width = self.values[:, 1:] - self.values[:, :-1]
        ascent = self.knots[:, 1:] - self.knots[:, :-1]
        done = (rows[:, :, None] - self.values[:, :-1]) / tf.where(width > 0, width, 1.0)
        part = tf.cast(tf.clip_by_value(done, 0.0, 1.0), tf.float32)
        return self.knots[:, 0] + tf.reduce_sum(ascent * part, axis=2)

    def settle(
        self,
        rows: NDArray[np.floating],
        labels: NDArray[np.int64],
        scores: NDArray[np.float32],
        drawn: NDArray[np.int64],
    ) -> None:
        """Learn the way back.

        Args:
            rows: of training, shape (n, columns), and their labels, shape (n,).
            scores: of the model, shape (m, columns), and the labels that they were drawn for.
        """
        places = np.linspace(-REACH, REACH, self.places)
        table = np.zeros((self.labels, self.columns, self.places), dtype=self.numbers)
        exact = np.zeros(table.shape, dtype=np.uint8)
        kinds = [kind_of(column) for column in rows.T]
        for label in range(self.labels):
            own = labels == label
            real, made = (
                (rows[own], scores[drawn == label]) if own.sum() >= LEAST_ROWS else (rows, scores)
            )
            for column, kind in enumerate(kinds):
                quantile = quantile_function(real[:, column].astype(float), kind)
                ranks = np.searchsorted(np.sort(made[:, column]), places) / len(made)
                table[label, column] = quantile(ranks)
                exact[label, column] = touching(table[label, column], kind)
        self.table.assign(table.ravel())
        self.exact.assign(exact.ravel())

    def inverse(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Rows in the data's units, on their grid where they have one.

        Args:
            scores: shape (rows, columns).
            labels: of the rows, shape (rows,), int32.
        """
        below, above, part, exact = self._neighbours(scores, labels)
        nearest = tf.where(part < 0.5, below, above)
        rows = tf.where(exact, nearest, below + part * (above - below))
        first, step, coarse, share = tf.unstack(tf.convert_to_tensor(self.lattice))
        values = tf.cast(rows, tf.float64)
        fine = tf.where(step > 0, nearest_of(values, first, step)[0], values)
        rough, away = nearest_of(values, 0.0, coarse)
        chosen = tf.where((coarse > 0) & (away <= share / 2), rough, fine)
        chosen = tf.cast(chosen, self.numbers)
        if self.numbers == "float64":  # which shows that first + k step is no decimal number
            parts = tf.convert_to_tensor(self.parts)
            whole = tf.round(chosen * parts)
            # Not by a constant: the converter would multiply with its reciprocal, which is inexact.
            decimal = whole / tf.where((tf.abs(whole) >= 0) & (parts > 0), parts, 1.0)
            chosen = tf.where(parts > 0, decimal, chosen)
        return tf.where((step > 0) | (coarse > 0), chosen, rows)

    def linear(self, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Rows in the data's units, on no grid."""
        below, above, part, _ = self._neighbours(scores, labels)
        return below + part * (above - below)

    def sensitivity(self) -> NDArray[np.float32]:
        """Units of the data in one of a score, at most, shape (columns,)."""
        table = self.table.numpy().reshape(self.labels, self.columns, self.places)
        steepest = np.abs(np.diff(table, axis=2)).max(axis=(0, 2))
        return np.asarray(steepest * ((self.places - 1) / (2 * REACH)))

    def spacing(self) -> NDArray[np.float64]:
        """How far apart values lie that one is rounded to either of, shape (columns,).

        Of fine lattices a value is often as near to one as to the next, up to a rounding error.
        """
        _, fine, coarse, _ = self.lattice.numpy()
        return np.asarray(np.maximum(fine, coarse))

    def _neighbours(self, scores: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, ...]:
        """Table entries below and above, how far between them, and whether one of them is meant."""
        last = self.places - 1
        place = tf.clip_by_value((scores + REACH) * (last / (2 * REACH)), 0.0, last - 1e-3)
        whole = tf.floor(place)
        first = (
            labels[:, None] * self.columns + np.arange(self.columns, dtype=np.int32)
        ) * self.places
        index = first + tf.cast(whole, tf.int32)
        exact = tf.gather(self.exact, index) > 0
        part = tf.cast(place - whole, self.numbers)
        return tf.gather(self.table, index), tf.gather(self.table, index + 1), part, exact


def knots_of(values: NDArray[np.floating]) -> tuple[NDArray[np.floating], Array]:
    """`KNOTS` ascending values of a column, and their scores."""
    distinct, first = np.unique(values, return_index=True)
    scores = normal_scores(values)[first]
    chosen = np.linspace(0, len(distinct) - 1, KNOTS).round().astype(np.int64)
    if len(distinct) <= KNOTS:
        chosen = np.minimum(np.arange(KNOTS), len(distinct) - 1)
    return distinct[chosen], scores[chosen]


def lattice(kind: ColumnKind) -> tuple[float, float, float, float]:
    """First value and spacing of what new values are rounded to, coarse spacing and its share.

    Zeros where values are those of the table: these are exact.
    """
    return (0.0, 0.0, 0.0, 0.0) if kind.repeating else (*kind.lattice, *kind.coarse)


def parts(kind: ColumnKind) -> float:
    """10^d of values that end after d decimal places; 0 where they do not."""
    return 0.0 if kind.decimals is None else 10.0**kind.decimals


def nearest_of(values: tf.Tensor, first: Any, step: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The nearest number first + k step, and how many steps away it is, 1/2 at most."""
    turns = (values - first) / tf.where(step > 0, step, 1.0)
    whole = tf.round(turns)
    return first + step * whole, tf.abs(turns - whole)


def touching(table: NDArray[np.floating], kind: ColumnKind) -> NDArray[np.bool_]:
    """Whether nothing lies between an entry and the next: one of them is a value of many rows."""
    if kind.repeating:
        return np.ones(len(table), dtype=np.bool_)
    atom = np.isin(table, kind.heavy.astype(table.dtype))
    return np.asarray(atom | np.append(atom[1:], False))
