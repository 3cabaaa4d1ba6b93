"""Training rows that stay in their file, read block by block of batches.

A block is read through maps of their own: the pages that a map touches count as the process's
memory until it is closed, in the end all of the file.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from aae.dataset.splits import Rows, Split
from aae.model.objective import Data
from aae.model.sample import most, sample

Integers = NDArray[np.int64]

PASSED = 4000  # rows of a block where all are passed over
AT_ONCE = 500  # rows read through one map: a row may touch 64 KiB, which the kernel reads ahead


class Source(Protocol):
    """Rows to train on, in memory or not."""

    def part(self, index: Integers) -> Data:
        """The rows at the indices."""

    def block(self, order: Integers) -> tuple[Data, Integers]:
        """Rows among which those of some steps are, and where, from indices (steps, size)."""


class Stream(NamedTuple):
    """Rows in a file.

    Attributes:
        split: the rows in their own units, a memory map, and their labels.
        prepare: makes of some of them what the model is trained on.
    """

    split: Split
    prepare: Callable[[Split], Data]

    def part(self, index: Integers) -> Data:
        """The rows at the indices."""
        return self.prepare(some(self.split, index))

    def block(self, order: Integers) -> tuple[Data, Integers]:
        """The rows of some steps, one step after the other."""
        return self.part(order.ravel()), np.arange(order.size).reshape(order.shape)

    def condensed(self) -> "Whole":
        """All that training sees of all rows but the rows themselves, in memory."""
        parts, rows = [], len(self.split.rows)
        for start in range(0, rows, PASSED):
            part = self.part(np.arange(start, min(start + PASSED, rows)))
            parts.append(part._replace(rows=part.rows[:, :0]))
        return Whole(tf.nest.map_structure(lambda *each: tf.concat(each, axis=0), *parts))


class Whole(NamedTuple):
    """Rows in memory."""

    data: Data

    def part(self, index: Integers) -> Data:
        """The rows at the indices."""
        return self.data.part(tf.constant(index))

    def block(self, order: Integers) -> tuple[Data, Integers]:
        """All rows, and the order as it is."""
        return self.data, order


def streamed(rows: Rows) -> bool:
    """Whether rows are too many to be held in memory."""
    return len(rows) > most(rows.shape[1])


def held(data: Split, seed: int) -> tuple[Integers, Split]:
    """Indices of the rows that closed forms look at, ascending, and these rows in memory."""
    chosen = sample(data.labels, len(data.rows), most(data.rows.shape[1]), seed)
    return chosen, some(data, chosen)


def some(data: Split, index: Integers) -> Split:
    """Rows and labels at the indices, in memory."""
    return Split(read(data.rows, index), None if data.labels is None else data.labels[index])


def read(rows: Rows, index: Integers) -> Rows:
    """Rows at the indices, from their file where they are a memory map."""
    if not isinstance(rows, np.memmap):
        return np.asarray(rows[index])
    result = np.empty((len(index), rows.shape[1]), rows.dtype)
    order = np.argsort(index, kind="stable")  # as they lie on the disk
    for start in range(0, len(index), AT_ONCE):
        places = order[start : start + AT_ONCE]
        anew = np.memmap(str(rows.filename), rows.dtype, "r", rows.offset, rows.shape)
        result[places] = anew[index[places]]
    return result
