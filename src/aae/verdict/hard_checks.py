"""Checks without a p-value: what no row of the real law can be, or can be only by a miracle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.verdict.effects import Array, distances, row_blocks, spread_of
from aae.verdict.rounding import atoms_of, steps

CHANCE = 1e-6  # of a false alarm of one check, over all columns
REPEATS = 0.05  # share of repeated real rows from which a law does not count as continuous
REPEAT_ROWS = 2000  # a side
LARGEST = np.float64(1e100)  # its square is still a number
Counts = tuple[NDArray[np.intp], NDArray[np.intp]]


@dataclass(frozen=True)
class KnownLaw:
    """What is known of the real law beyond its rows; None where nothing is.

    Attributes:
        low: no value is below it.
        high: no value is above it.
        atoms: the only values that there are.
        moments: mean, std, skewness and excess kurtosis of each column, shape (4, columns).
    """

    low: float | None = None
    high: float | None = None
    atoms: Sequence[float] | None = None
    moments: Array | None = None


def not_finite(name: str, x: NDArray[np.floating]) -> str | None:
    """Say where the first NaN, infinite or huge cell is, or return None."""
    for block in row_blocks(*x.shape):
        bad = np.argwhere(~(np.abs(x[block]) <= LARGEST))  # so written, NaN counts
        if len(bad):
            row, column = bad[0]
            where = f"first in row {block.start + row}, column {column} (counted from 0)"
            return f"{name} rows have cells that are NaN, infinite or beyond {LARGEST:g}, {where}"
    return None


def outside(generated: NDArray[np.floating], law: KnownLaw, width: Array) -> list[str]:
    """Check the known law: every single cell, up to a column's rounding step.

    Args:
        generated: shape (rows, columns).
        law: what is known.
        width: steps, shape (columns,).
    """
    low = -np.inf if law.low is None else law.low
    high = np.inf if law.high is None else law.high
    known = None if law.atoms is None else np.unique(np.asarray(law.atoms, dtype=float))
    beyond, off = np.zeros((2, generated.shape[1]), dtype=np.intp)
    for block in row_blocks(*generated.shape):
        x = np.asarray(generated[block], dtype=float)
        beyond += np.count_nonzero((x < low - width) | (x > high + width), axis=0)
        if known is not None:
            off += np.count_nonzero(_gap(x, known) > width, axis=0)
    counts = {"known support": beyond, "known atoms": off}
    return [_sentence(rule, each, len(generated)) for rule, each in counts.items() if each.any()]


def _gap(x: Array, atoms: Array) -> Array:
    """Return the distance of each value from the nearest atom."""
    right = np.clip(np.searchsorted(atoms, x), 1, max(1, len(atoms) - 1))
    above = np.abs(x - atoms[np.minimum(right, len(atoms) - 1)])
    return np.asarray(np.minimum(above, np.abs(x - atoms[right - 1])))


def sign(train: Array, generated: Array, width: Array) -> Counts:
    """Count negative values where training rows have none, positive ones likewise."""
    below = np.where((train < 0).any(axis=0), 0, np.count_nonzero(generated < -width, axis=0))
    above = np.where((train > 0).any(axis=0), 0, np.count_nonzero(generated > width, axis=0))
    return np.zeros_like(below), below + above


def integers(train: Array, generated: Array, width: Array) -> Counts:
    """Count values that are not whole where all of the training rows are."""
    whole = (train == np.round(train)).all(axis=0)
    broken = np.abs(generated - np.round(generated)) > np.maximum(width, 1e-6)
    count = np.where(whole, np.count_nonzero(broken, axis=0), 0)
    return np.zeros_like(count), count


def grid(train: Array, generated: Array, width: Array) -> Counts:
    """Count values that are no multiples of a spacing where all of the training rows are."""
    count = np.zeros(train.shape[1], dtype=np.intp)
    for column, values in enumerate(train.T):
        distinct = np.unique(values)
        spacing = _spacing(distinct) if 2 < len(distinct) < 0.9 * len(values) else 0.0
        if spacing > 20 * width[column]:
            turns = (generated[:, column] - distinct[0]) / spacing
            count[column] = np.count_nonzero(np.abs(turns - np.round(turns)) > 0.05)
    return np.zeros_like(count), count


def _spacing(distinct: Array) -> float:
    """Return the spacing of a grid through all of the sorted values, or 0 where there is none."""
    turns = np.round((distinct[-1] - distinct[0]) / np.diff(distinct).min())
    spacing = (distinct[-1] - distinct[0]) / turns
    steps_up = (distinct - distinct[0]) / spacing
    return float(spacing) if np.abs(steps_up - np.round(steps_up)).max() < 0.02 else 0.0


def atoms(train: Array, generated: Array, width: Array) -> Counts:
    """Count values away from all training values where those are mostly repeated.

    A value that the training rows have once is one that the other training rows lack: its count is
    what is expected of new rows (Good & Turing, in Good 1953).
    """
    counts = np.zeros((2, train.shape[1]), dtype=np.intp)
    for column, values in enumerate(train.T):
        known = atoms_of(values)
        if len(known):
            single = np.unique(values, return_counts=True)[1] == 1
            gap = _gap(generated[:, column], known)
            counts[:, column] = single.sum(), np.count_nonzero(gap > width[column])
    return counts[0], counts[1]


CHECKS: dict[str, Callable[[Array, Array, Array], Counts]] = {
    "sign": sign,
    "whole numbers": integers,
    "grid": grid,
    "atoms": atoms,
}


def unlike_known(
    known: NDArray[np.floating],
    generated: NDArray[np.floating],
    resolution: float,
    name: str = "training rows",
) -> list[str]:
    """Run `CHECKS`: what holds for every known row must hold for generated ones.

    Fresh rows break such a rule now and then, so a column fails only where chance is excluded: for
    rows of one law each violation is generated with chance m / (n + m), and the binomial tail of
    their number must be below `CHANCE` / columns. With n = m that takes 30 of 1000 rows.

    Args:
        known: training rows, or real ones, shape (n, columns); generated: shape (m, columns).
        resolution: see `aae.verdict.pooling.steps`.
        name: what a sentence calls the known rows.

    Returns:
        One sentence for each failed check.
    """
    from scipy.stats import binom

    width, found = steps(known, resolution), []
    share = len(generated) / (len(known) + len(generated))
    learned, new = np.asarray(known, dtype=float), np.asarray(generated, dtype=float)
    for rule, check in CHECKS.items():
        expected, broken = check(learned, new, width)
        chance = binom.sf(broken - 1, broken + expected, share)
        failed = (broken > 0) & (chance < CHANCE / len(broken))
        if failed.any():
            found.append(_sentence(f"{name}' {rule}", broken * failed, len(generated)))
    return found


def _sentence(rule: str, count: NDArray[np.intp], rows: int) -> str:
    worst = int(count.argmax())
    columns = f"{np.count_nonzero(count)} of {len(count)} columns"
    return f"values off the {rule} in {columns} (column {worst}: {count[worst]} of {rows} rows)"


def duplicates(real: Array, generated: Array, resolution: float) -> list[str]:
    """Check that generated rows do not repeat each other where real ones do not.

    As many rows of each side, so that chance coincidences are as many. Rows count as repeats where
    their root mean square difference, in standard deviations of the columns, is below `resolution`.

    Args:
        real: rows in random order, shape (n, columns); generated: shape (m, columns).
        resolution: as in `aae.verdict.pooling.rounded`.
    """
    rows = min(len(real), len(generated), REPEAT_ROWS)
    scale = spread_of(real)
    counts = []
    for side in (real[:rows] / scale, generated[:rows] / scale):
        near = distances(side, side) <= resolution * np.sqrt(side.shape[1])
        counts.append((int(np.tril(near, -1).any(axis=1).sum()), rows))
    return _more_repeats("each other", counts[0], counts[1])


def copies(real: Array, generated: Array, train: Array, resolution: float) -> list[str]:
    """Check that generated rows do not repeat training rows where hold-out rows do not.

    Sees few copies of many training rows, which `memorisation` cannot: more than half of its
    labellings then call a copied row a training row.

    Args:
        real: rows in random order, shape (n, columns); generated, train: alike.
        resolution: as in `duplicates`.
    """
    scale = spread_of(train)
    within = resolution * np.sqrt(train.shape[1])
    counts = []
    for side in (real[:REPEAT_ROWS] / scale, generated[:REPEAT_ROWS] / scale):
        near = np.zeros(len(side), dtype=bool)
        for start in range(0, len(train), REPEAT_ROWS):
            block = train[start : start + REPEAT_ROWS] / scale
            near |= (distances(side, block) <= within).any(axis=1)
        counts.append((int(near.sum()), len(side)))
    return _more_repeats("training rows", counts[0], counts[1])


def _more_repeats(what: str, real: tuple[int, int], generated: tuple[int, int]) -> list[str]:
    """Compare repeats of rows, both sides as (repeats, rows), by the rule of `unlike_known`.

    Only where at most `REPEATS` of the real rows repeat: in discrete laws they do so in bundles.
    """
    from scipy.stats import binom

    share = generated[1] / (real[1] + generated[1])
    chance = binom.sf(generated[0] - 1, real[0] + generated[0], share)
    if real[0] > REPEATS * real[1] or chance >= CHANCE:
        return []
    counts = f"{generated[0]} of {generated[1]} (real rows: {real[0]} of {real[1]})"
    return [f"generated rows repeat {what}: {counts}"]
