"""Hard checks of degenerate tables: the same rows on both sides, a column constant on one."""

from math import lgamma

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array
from aae.verdict.hard_checks import CHANCE

Rows = NDArray[np.floating]


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


def constant_on_one_side(real: Rows, generated: Rows, width: Array, names: list[str]) -> list[str]:
    """Check that no column is constant, up to a rounding step, on one side only.

    For rows of one law, each row off the other side's only value is on its side with the chance n
    / (n + m) of a pooled row; the probability that all k such rows are, its k-th power, has to be
    below `CHANCE` / columns.

    Args:
        real: shape (n, columns); generated: shape (m, columns).
        width: steps, shape (columns,).
        names: of the columns.

    Returns:
        A sentence for each side.
    """
    failed = []
    sides = ("real", real), ("generated", generated)
    for (name, flat), (other_name, other) in (sides, sides[::-1]):
        constant = np.ptp(flat, axis=0) <= width
        off = np.count_nonzero(np.abs(other - flat[0]) > width, axis=0) * constant
        share = len(other) / (len(flat) + len(other))
        unlikely = (off > 0) & (off * np.log(share) < np.log(CHANCE / len(off)))
        if unlikely.any():
            worst = int(np.argmax(np.where(unlikely, off, 0)))
            failed.append(
                f"constant in the {name} rows alone: {np.count_nonzero(unlikely)} of {len(off)}"
                f" columns ({names[worst]}: {off[worst]} of {len(other)} {other_name} rows differ)"
            )
    return failed
