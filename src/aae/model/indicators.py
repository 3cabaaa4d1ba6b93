"""Columns of 0 and 1 that say what other columns are: one category of several, or a gap.

What belongs together is seen in the training rows alone, as all else that the model decides.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.dataset.splits import Rows

Integers = NDArray[np.int64]
Array = NDArray[np.float64]

LEAST_GAPS = 5  # rows with a gap, of a column whose gaps are filled
DONORS = 5  # rows that a gap may take its value from
RIDGE = 1.0  # rows' worth of shrinkage of the regression that says which rows are alike


@dataclass(frozen=True)
class Indicators:
    """What columns say of one another.

    Attributes:
        groups: columns of indicators, one of which is 1 in each row.
        hidden: columns that have a single value wherever the next column is 1: a gap, filled.
    """

    groups: list[Integers]
    hidden: Integers

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.groups) or len(self.hidden) > 0


def indicators(rows: Rows) -> Indicators:
    """Find them in training rows, shape (rows, columns)."""
    binary = ((rows == 0) | (rows == 1)).all(axis=0)
    grouped = groups_of(rows, binary)
    ones = np.count_nonzero(rows == 1, axis=0)
    taken = np.zeros(len(binary), dtype=np.bool_)
    taken[[column for group in grouped for column in group]] = True
    flags = np.flatnonzero(binary & ~taken & (ones >= LEAST_GAPS) & (ones < len(rows)))
    before = flags[flags > 0] - 1
    hidden = [column for column in before[~binary[before]] if _hides(rows, int(column))]
    return Indicators(grouped, np.array(hidden, dtype=np.int64))


def groups_of(rows: Rows, binary: NDArray[np.bool_]) -> list[Integers]:
    """Neighbouring columns of 0 and 1 whose sum is 1 in every row; those that vary, two or more."""
    groups, start = [], 0
    while start < len(binary):
        end = _end(rows, binary, start)
        varying = [each for each in range(start, end) if np.ptp(rows[:, each]) > 0]
        groups += [np.array(varying)] if len(varying) > 1 else []
        start = max(end, start + 1)
    return groups


def _end(rows: Rows, binary: NDArray[np.bool_], start: int) -> int:
    """Where a group that starts at a column ends; the start itself where none does."""
    total = np.zeros(len(rows))
    for column in range(start, len(binary)):
        total += rows[:, column]
        if not binary[column] or total.max() > 1:
            break
        if total.min() == 1:
            return column + 1
    return start


def _hides(rows: Rows, column: int) -> bool:
    gap = rows[:, column + 1] == 1
    values = rows[:, column]
    return bool(np.ptp(values[gap]) == 0 and np.ptp(values[~gap]) > 0)


def filled(rows: Rows, scores: NDArray[np.floating], hidden: Integers) -> Rows:
    """Give gaps values that other rows have, so that a column's law is that without gaps.

    Predictive mean matching (Little 1988): the value of one of the `DONORS` rows whose prediction,
    linear in the scores of the other columns, is nearest.

    Args:
        rows: shape (rows, columns), and their scores.
        hidden: columns whose gaps the next column says.
    """
    rng = np.random.default_rng(7)
    result = np.array(rows)
    for column in hidden:
        gap = rows[:, column + 1] == 1
        if gap.all():  # of a few rows that are read together
            continue
        others = np.delete(scores, [column, column + 1], axis=1).astype(np.float64)
        predicted = predictions(others, scores[:, column].astype(np.float64), ~gap)
        result[gap, column] = rows[~gap, column][donors(predicted[gap], predicted[~gap], rng)]
    return result


def predictions(others: Array, scores: Array, known: NDArray[np.bool_]) -> Array:
    """Ridge regression on the known rows, evaluated at all, shape (rows,)."""
    x = np.column_stack([np.ones(len(others)), others])
    gram = x[known].T @ x[known] + RIDGE * np.eye(x.shape[1])
    return np.asarray(x @ np.linalg.solve(gram, x[known].T @ scores[known]))


def donors(wanted: Array, given: Array, rng: np.random.Generator) -> Integers:
    """For each wanted prediction, one of the `DONORS` nearest given ones at random: its place."""
    order = np.argsort(given, kind="stable")
    count = min(DONORS, len(given))
    first = np.searchsorted(given[order], wanted) - count // 2
    place = np.clip(first, 0, len(given) - count) + rng.integers(count, size=len(wanted))
    return np.asarray(order[place])
