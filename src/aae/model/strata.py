"""Strata of a table's rows: label x which columns are at a heavy value or a gap."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import kind_of
from aae.dataset.splits import Rows

Integers = NDArray[np.int64]

# A column switches where one value has such a share of the rows, and others are many.
SWITCH, VALUES = (0.1, 0.95), 20
LEAST_ROWS = 20  # of a pattern of switches; rarer ones join the most similar


@dataclass(frozen=True)
class Strata:
    """Patterns of switches and gaps that rows of a label have.

    A column that is often at one value, and has many others, is one of two things: so rows with
    different patterns of them are different kinds of rows. So are rows with gaps in different
    columns.

    Attributes:
        columns: that switch, or say where others have gaps; values: that they are often at.
        patterns: of each stratum its label and which columns are at their value, ascending, of
            shape (strata, 1 + columns).
    """

    columns: Integers
    values: NDArray[Any]
    patterns: Integers

    @classmethod
    def learn(cls, rows: Rows, labels: Integers, flags: Integers) -> "Strata":
        """Find the patterns of some rows.

        Args:
            rows: in their own units, shape (rows, columns), and their labels, shape (rows,).
            flags: columns of 0 and 1 that say where others have gaps.
        """
        low, high = SWITCH
        heavy = {column: switch(each) for column, each in enumerate(rows.T)}
        found = {column: value for column, value in heavy.items() if value is not None}
        gaps = [each for each in flags if low <= np.mean(rows[:, each] == 1) <= high]
        columns = np.array([*found, *gaps], dtype=np.int64)
        values = np.array([*found.values(), *[1] * len(gaps)], dtype=rows.dtype)
        seen = cls(columns, values, np.empty((0, 1 + len(columns)), dtype=np.int64))
        kinds, counts = np.unique(seen._switches(rows, labels), axis=0, return_counts=True)
        kept: list[int] = []
        for label in np.unique(labels):
            own = np.flatnonzero(kinds[:, 0] == label)
            often = own[counts[own] >= LEAST_ROWS]
            kept += often.tolist() if len(often) else [own[counts[own].argmax()]]
        return cls(columns, values, kinds[kept])

    def of(self, rows: Rows, labels: Integers) -> Integers:
        """The stratum of each row: the label's whose pattern is the most similar, shape (rows,)."""
        kinds, place = np.unique(self._switches(rows, labels), axis=0, return_inverse=True)
        nearest = np.empty(len(kinds), dtype=np.int64)
        for number, kind in enumerate(kinds):
            own = np.flatnonzero(self.patterns[:, 0] == kind[0])
            away = np.count_nonzero(self.patterns[own] != kind, axis=1)
            nearest[number] = own[away.argmin()]
        return np.asarray(nearest[place.ravel()])

    def _switches(self, rows: Rows, labels: Integers) -> Integers:
        at = [
            rows[:, column] == value
            for column, value in zip(self.columns, self.values, strict=True)
        ]
        return np.column_stack([labels, *at])


def switch(values: Rows) -> float | None:
    """The column's most frequent value; None of a column without one that is frequent enough."""
    kind = kind_of(values)
    most = int(kind.counts.argmax())
    low, high = SWITCH
    if len(kind.distinct) <= VALUES or not low <= kind.counts[most] / kind.rows <= high:
        return None
    return float(kind.distinct[most])
