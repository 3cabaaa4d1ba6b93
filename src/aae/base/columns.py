"""What kind of column is this? Sign, whole numbers, grid, atoms, spike, from its rows alone.

One answer for whoever makes values of a column and whoever judges them.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

GRID_SHARE = 0.9  # distinct values of a grid, at most, in rows: unique values always fit one
GRID_FIT = 0.02  # steps that a value may be off the grid
SPIKE_SHARE, SPIKE_ROWS = 0.05, 5  # of the rows at least share a spike's value
# Rows that have multiples of digit x 10^k, of rows that are rounded so by habit: by chance, half of
# the rows have even numbers, a fifth have fives, a tenth have tens.
ROUND_NUMBERS = {5: 0.8, 2: 0.8, 1: 0.5}
DISTINCT_ROUNDING = 100  # rounding errors in a decimal step: any number has those that are closer
MOST_DECIMALS = 16
HEAVY_SHARE, HEAVY_ROWS = 0.03, 8  # of the rows at least share a heavy value
SPIKE_TIMES = 10  # rows of a spike at least, in rows of a usual value of the column


@dataclass(frozen=True)
class ColumnKind:
    """The values of a column and what they have in common.

    Attributes:
        distinct: its values, ascending, shape (values,).
        counts: rows that have each, shape (values,).
        precision: relative rounding error of the column's number format.
    """

    distinct: Array
    counts: NDArray[np.intp]
    precision: float

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.counts.sum())

    @property
    def negative(self) -> bool:
        """Whether a value is below 0."""
        return bool(self.distinct[0] < 0)

    @property
    def positive(self) -> bool:
        """Whether a value is above 0."""
        return bool(self.distinct[-1] > 0)

    @property
    def constant(self) -> bool:
        """Whether there is one value only."""
        return len(self.distinct) == 1

    @cached_property
    def whole(self) -> bool:
        """Whether all values are whole numbers."""
        return bool((self.distinct == np.round(self.distinct)).all())

    @cached_property
    def step(self) -> float:
        """Spacing of the grid, from the smallest value on, that holds all values; 0 without one."""
        if not 2 < len(self.distinct) < GRID_SHARE * self.rows:
            return 0.0
        gaps = np.diff(self.distinct)
        rounding = 2 * self.precision * np.abs(self.distinct[[0, -1]]).max()
        span = self.distinct[-1] - self.distinct[0]
        step = span / np.round(span / gaps[gaps > rounding].min(initial=span))
        turns = (self.distinct - self.distinct[0]) / step
        return float(step) if np.abs(turns - np.round(turns)).max() < GRID_FIT else 0.0

    @cached_property
    def decimals(self) -> int | None:
        """Decimal places after which all values end; None where there are more than are rounding.

        0 where all values are whole numbers.
        """
        if self.whole:
            return 0
        places = range(1, MOST_DECIMALS)
        return next((each for each in places if self._share(10.0**-each) == 1), None)

    @cached_property
    def lattice(self) -> tuple[float, float]:
        """First value and spacing, 0 without one, of the numbers that all values are among.

        Those of the grid, else all that end after as many decimal places.
        """
        first, step, places = float(self.distinct[0]), self.step, self.decimals
        if places is None:
            return first, step
        step = float(np.round(step, places))
        return float(np.round(first, places)), step if step > 0 else 10.0**-places

    @cached_property
    def coarse(self) -> tuple[float, float]:
        """Spacing of round numbers that most rows' values are among, and their share of rows.

        (0, 0) where there are none, or no finer values. Readings are rounded by habit, not always.
        """
        for power in range(MOST_DECIMALS, -MOST_DECIMALS, -1):
            for digit, least in ROUND_NUMBERS.items():
                spacing = digit * 10.0**power
                if (share := self._share(spacing)) >= least:
                    return (spacing, share) if share < 1 else (0.0, 0.0)
        return 0.0, 0.0

    def _share(self, spacing: float) -> float:
        """Share of the rows that have a multiple of a spacing, if not of its rounding errors."""
        largest = np.abs(self.distinct[[0, -1]]).max()
        if spacing <= DISTINCT_ROUNDING * self.precision * largest or spacing > largest:
            return 0.0
        nearest = spacing * np.round(self.distinct / spacing)
        multiple = np.abs(self.distinct - nearest) <= self.precision * np.abs(self.distinct)
        return float(self.counts[multiple].sum() / self.rows)

    @cached_property
    def repeating(self) -> bool:
        """Whether new rows have to have known values: atoms, or each value twice on average."""
        return bool(len(self.atoms)) or 2 * len(self.distinct) <= self.rows

    @cached_property
    def heavy(self) -> Array:
        """Values that a share of the rows has, even where most others are unique."""
        least = max(HEAVY_ROWS, HEAVY_SHARE * self.rows)
        return self.distinct[self.counts >= least]

    @property
    def atoms(self) -> Array:
        """The distinct values where rows repeat them, twice on average, else none.

        The most frequent one left aside: beside many zeros, other values need not repeat.
        """
        others = self.rows - int(self.counts.max())
        return self.distinct if 2 * (len(self.distinct) - 1) <= others else self.distinct[:0]

    @cached_property
    def spike(self) -> float | None:
        """The one value that is far more frequent than others, 0 in zero inflated columns.

        None where there is none, or no other value.
        """
        most = int(self.counts.argmax())
        if self.counts[most] < max(SPIKE_ROWS, SPIKE_SHARE * self.rows):
            return None
        usual = np.median(np.delete(self.counts, most)) if not self.constant else np.inf
        return float(self.distinct[most]) if self.counts[most] >= SPIKE_TIMES * usual else None


def kind_of(values: NDArray[Any]) -> ColumnKind:
    """Look at a column.

    Args:
        values: finite numbers, shape (rows,), at least one.
    """
    ordered = np.sort(values.astype(np.result_type(values, np.float32), copy=False))
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(starts, len(ordered)))
    precision = float(np.finfo(ordered.dtype).eps)
    return ColumnKind(ordered[starts].astype(float), counts, precision)
