"""Hard checks of degenerate tables: the same rows on both sides, a column constant on one."""

from math import lgamma

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.hard_checks import CHANCE
from aae.verdict.tails import log_binomial_above

NEARLY = 0.01  # share of rows off the one value of a nearly constant column, at most
TIMES = 10  # times as many rows of the other side are off it
MEDIAN_ROWS = 999  # of which the median is the one value
Rows = NDArray[np.floating]
Counts = NDArray[np.intp]
Mask = NDArray[np.bool_]


def same_rows(real: Rows, generated: Rows) -> list[str]:
    """Check that generated rows are not the real rows in another order.

    Rows of one law may be so by chance where it is discrete: given how often each row occurs in
    both samples together, c_k times, equal shares on both sides have probability
    prod_k C(c_k, c_k / 2) / C(2n, n), which has to be below `CHANCE`.

    Args:
        real: shape (n, columns); generated: shape (m, columns).
    """
    if real.shape != generated.shape or not _same_columns(real, generated):
        return []
    counts = []
    for side in (real, generated):
        ordered = side[np.lexsort(side.T)]
        new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))
        counts.append((ordered[new], np.diff(np.append(np.flatnonzero(new), len(side)))))
    (rows, often), (others, as_often) = counts
    if not (np.array_equal(rows, others) and np.array_equal(often, as_often)):
        return []
    chance = sum(_log_halves(int(each)) for each in often) - _log_halves(len(real))
    if chance >= np.log(CHANCE):
        return []
    return [f"the same rows: all {len(real)} generated rows are the real ones, in some order"]


def _same_columns(real: Rows, generated: Rows) -> bool:
    """Whether each column has the same values; soon false where it is false."""
    pairs = zip(real.T, generated.T, strict=True)
    return all(np.array_equal(np.sort(one), np.sort(other)) for one, other in pairs)


def _log_halves(count: int) -> float:
    """log C(2 count, count)."""
    return lgamma(2 * count + 1) - 2 * lgamma(count + 1)


def off_the_value(flat: Rows, other: Rows, width: Array | float) -> tuple[Counts, Counts, Mask]:
    """Count rows off the one value of columns that may be constant on one side, up to a step.

    Nearly constant counts as well: all but `NEARLY` of the rows have one value, and `TIMES` as
    many rows of the other side have others.

    Args:
        flat: the side whose columns may be constant, rows in random order, shape (n, columns).
        other: shape (m, columns).
        width: steps, shape (columns,).

    Returns:
        Rows of `flat`, and of `other`, off the median of `flat`; whether `flat` alone is constant.
    """
    value = np.median(flat[:MEDIAN_ROWS], axis=0)
    few, many = (np.count_nonzero(np.abs(x - value) > width, axis=0) for x in (flat, other))
    alone = (few <= NEARLY * len(flat)) & (many * len(flat) > TIMES * few * len(other))
    return few, many, alone


def constant_on_one_side(real: Rows, generated: Rows, width: Array, names: list[str]) -> list[str]:
    """Check that no column is constant on one side only, see `off_the_value`.

    For rows of one law each row off that value is on the other side with chance m / (n + m); the
    binomial tail of their number has to be below `CHANCE` / columns.

    Args:
        real: rows in random order, shape (n, columns); generated: shape (m, columns).
        width: steps, shape (columns,).
        names: of the columns.

    Returns:
        A sentence for each side.
    """
    failed = []
    sides = ("real", real), ("generated", generated)
    for (name, flat), (other_name, other) in (sides, sides[::-1]):
        few, many, alone = off_the_value(flat, other, width)
        log_chance = log_binomial_above(many, many + few, len(other) / (len(flat) + len(other)))
        unlikely = alone & (log_chance < np.log(CHANCE / len(few)))
        if unlikely.any():
            worst = int(np.argmax(np.where(unlikely, many, 0)))
            failed.append(
                f"constant in the {name} rows alone: {np.count_nonzero(unlikely)} of {len(few)}"
                f" columns ({names[worst]}: other values in {few[worst]} of {len(flat)} {name} and"
                f" {many[worst]} of {len(other)} {other_name} rows)"
            )
    return failed
