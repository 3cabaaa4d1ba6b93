"""Columns in the data's units to mean 0 and standard deviation 1, and back."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

GRID_VALUES = 256  # most distinct values of a grid


class Units(keras.layers.Layer):
    """Standardises columns, one mean and one standard deviation for each group of columns.

    `inverse` also rounds to the grid, and keeps to the range, of groups whose training values
    are all multiples of one step, as counts and whole numbers are.

    Args:
        groups: the group of each column, shape (columns,).
    """

    def __init__(self, groups: NDArray[np.int64], **options: Any):
        """Start with mean 0, scale 1 and no grid."""
        super().__init__(trainable=False, **options)
        self.groups, self.numbers = groups, "float32"
        shape = (len(groups),)
        self.mean = self.add_weight(shape=shape, initializer="zeros", name="mean")
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")
        self.grid = self.add_weight(shape=(3, *shape), initializer="zeros", name="grid")

    def adapt(self, rows: NDArray[np.float32], gridded: bool) -> None:
        """Take mean, scale and, if wanted, grid of the rows; a constant column's scale is 0."""
        mean, scale = np.empty((2, len(self.groups)))
        grid = np.zeros((3, len(self.groups)))
        for group in range(self.groups.max() + 1):
            columns = self.groups == group
            cells = rows[:, columns]
            constant = cells.min() == cells.max()
            mean[columns] = cells.flat[0] if constant else cells.mean(dtype=np.float64)
            scale[columns] = 0.0 if constant else cells.std(dtype=np.float64)
            if gridded:
                grid[:, columns] = np.array(grid_of(cells))[:, None]
        self.mean.assign(mean)
        self.scale.assign(scale)
        self.grid.assign(grid)

    @property
    def gridded(self) -> bool:
        """Whether any group has a grid."""
        return bool(np.any(self.grid.numpy()[2]))

    def call(self, rows: tf.Tensor) -> tf.Tensor:
        """Standardise rows; a constant column becomes 0, or what it differs by."""
        return (rows - self.mean) / tf.where(self.scale > 0, self.scale, 1.0)

    def standardised(self, rows: NDArray[np.floating]) -> NDArray[np.float32]:
        """The same as `call`, bit for bit, in one copy of the rows."""
        scale = self.scale.numpy()
        result = np.array(rows, dtype=np.float32)
        result -= self.mean.numpy()
        result /= np.where(scale > 0, scale, np.float32(1))
        return result

    def inverse(self, rows: tf.Tensor) -> tf.Tensor:
        """Return standardised rows to the data's units, on their grid where they have one."""
        rows = self.linear(rows)
        low, high, step = tf.unstack(self.grid)
        gridded = step > 0
        step = tf.where(gridded, step, 1.0)
        nearest = low + step * tf.round((tf.clip_by_value(rows, low, high) - low) / step)
        return tf.where(gridded, nearest, rows)

    def sensitivity(self) -> NDArray[np.float32]:
        """Units of the data in one of a standardised row, shape (columns,)."""
        return np.asarray(self.scale)

    def spacing(self) -> float:
        """How far apart values lie that one is rounded to either of: grids are coarse, hence 0."""
        return 0.0

    def linear(self, rows: tf.Tensor) -> tf.Tensor:
        """Return standardised rows to the data's units; a constant column is constant again."""
        return rows * self.scale + self.mean


def grid_of(cells: NDArray[np.floating]) -> tuple[float, float, float]:
    """Lowest and highest value and the step of the grid that all cells lie on; else zeros."""
    values = np.unique(cells)
    if not 1 < len(values) <= min(GRID_VALUES, cells.size // 2):
        return 0.0, 0.0, 0.0
    low, high = float(values[0]), float(values[-1])
    steps = np.round((high - low) / np.diff(values).min())
    places = (values - low) / (high - low) * steps
    if np.abs(places - np.round(places)).max() > 0.01:
        return 0.0, 0.0, 0.0
    return low, high, float((high - low) / steps)
