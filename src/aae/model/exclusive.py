"""Scores of indicators to one category a row, and gaps to what fills them."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.dataset.splits import Rows
from aae.model.indicators import Indicators
from aae.model.recipes import balanced
from aae.model.scores import LEAST_ROWS

NEVER = 1e9  # added to the distance of a category that no row of a label has

Scored = NDArray[np.floating]
Integers = NDArray[np.int64]


class Exclusive(keras.layers.Layer):
    """Makes exactly one indicator of each group 1, as often as in the training rows.

    Category k of a group has t_k, the scores of the group's columns in rows of k. Scores z take the
    category with the smallest |z - t_k|^2 + b_lk, the b_lk such that in rows of label l each
    category has its share. As scores are standardised, this is the Mahalanobis distance of the
    multinomial law. Where a column's gaps are said by the next one, they are filled as they were.

    Args:
        known: the groups, and the columns with gaps.
        columns: how many; labels: how many; numbers: type of the rows.
    """

    def __init__(self, known: Indicators, columns: int, labels: int, numbers: str, **options: Any):
        """Create the tables; `settle` fills them."""
        super().__init__(trainable=False, autocast=False, **options)
        self.known, self.labels, self.numbers = known, labels, numbers
        self.members = np.concatenate([*known.groups, np.empty(0)]).astype(np.int64)
        count, largest = len(self.members), max((len(each) for each in known.groups), default=1)
        # Of each group the places among all members; what is missing is the place after the last.
        self.places = np.full((len(known.groups), largest), count)
        self.group, self.rank = np.zeros((2, columns), dtype=np.int64)
        start = 0
        for number, each in enumerate(known.groups):
            self.places[number, : len(each)] = start + np.arange(len(each))
            self.group[each], self.rank[each] = number, np.arange(len(each))
            start += len(each)
        self.grouped = np.isin(np.arange(columns), self.members)
        self.gapped = np.isin(np.arange(columns), known.hidden)
        self.targets = self._setting("targets", (count, columns))
        self.bias = self._setting("bias", (labels, count))
        self.fill = self._setting("fill", (columns,), numbers)

    def _setting(self, name: str, shape: tuple[int, ...], dtype: str = "float32") -> Any:
        return self.add_weight(
            shape=shape, initializer="zeros", dtype=dtype, name=name, trainable=False
        )

    def adapt(self, rows: Rows, scores: Scored) -> None:
        """Learn the categories' scores, and what fills gaps.

        Args:
            rows: of training, with gaps as they are filled in the table, and their scores.
        """
        targets = np.zeros(self.targets.shape, dtype=np.float32)
        for group in self.known.groups:
            for column in group:
                first = int(np.argmax(rows[:, column] == 1))
                targets[np.searchsorted(self.members, column), group] = scores[first, group]
        self.targets.assign(targets)
        fill = np.zeros(rows.shape[1], dtype=self.numbers)
        for column in self.known.hidden:
            fill[column] = rows[np.argmax(rows[:, column + 1] == 1), column]
        self.fill.assign(fill)

    def settle(self, rows: Rows, labels: Integers, scores: Scored, drawn: Integers) -> None:
        """Learn what gives each category its share.

        Args:
            rows: of training, and their labels.
            scores: of the model, and the labels that they were drawn for.
        """
        bias = np.zeros(self.bias.shape, dtype=np.float32)
        away = self._distances(tf.constant(scores, tf.float32)).numpy()
        for label in range(self.labels):
            own = labels == label
            enough = own.sum() >= LEAST_ROWS
            real, made = (rows[own], away[drawn == label]) if enough else (rows, away)
            for places in self.places:
                place = places[places < len(self.members)]
                wanted = real[:, self.members[place]].mean(axis=0, dtype=np.float64)
                seen, each = wanted > 0, np.full(len(place), NEVER)
                spread = made[:, place[seen]]
                lowest = spread.min(axis=1, keepdims=True)
                each[seen] = balanced(spread - lowest + 1, wanted[seen])
                bias[label, place] = each
        self.bias.assign(bias)

    def call(self, rows: tf.Tensor, scores: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Rows, shape (rows, columns), with one category of each group.

        Args:
            rows: in the data's units.
            scores: that they were made of, alike.
            labels: of the rows, shape (rows,), int32.
        """
        if not len(self.members):
            return rows
        away = self._distances(scores) + tf.gather(tf.convert_to_tensor(self.bias), labels)
        away = tf.pad(away, [[0, 0], [0, 1]], constant_values=2 * NEVER)
        chosen = tf.argmin(tf.gather(away, self.places, axis=1), axis=2)
        one = tf.cast(tf.equal(tf.gather(chosen, self.group, axis=1), self.rank), self.numbers)
        return tf.where(self.grouped, one, rows)

    def hide(self, rows: tf.Tensor) -> tf.Tensor:
        """Rows with gaps filled as in the table, wherever the next column says so."""
        if not self.gapped.any():
            return rows
        following = np.minimum(np.arange(1, len(self.gapped) + 1), len(self.gapped) - 1)
        gap = self.gapped & (tf.gather(rows, following, axis=1) > 0.5)
        return tf.where(gap, tf.convert_to_tensor(self.fill), rows)

    def _distances(self, scores: tf.Tensor) -> tf.Tensor:
        """|z - t_k|^2 but for |z|^2, which all categories of a group share, (rows, members)."""
        targets = tf.convert_to_tensor(self.targets)
        return tf.reduce_sum(tf.square(targets), axis=1) - 2 * scores @ tf.transpose(targets)
