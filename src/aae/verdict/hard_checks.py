"""Checks without a p-value: what no row of the real law can be, or can be only by a miracle."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import ColumnKind, kind_of
from aae.verdict.effects import Array, row_blocks
from aae.verdict.rounding import steps
from aae.verdict.tails import log_binomial_below

CHANCE = 1e-6  # of a false alarm of one check, over all columns
LARGEST = np.float64(1e100)  # its square is still a number
GRID_STEPS = 20  # rounding steps of a grid's spacing at least
GRID_FIT = 0.05  # spacings that a value may be off the grid
NAMED = 3  # columns in a sentence
LOST = 0.1  # a spike is lost where it is less than a tenth as frequent


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


def not_finite(
    name: str, x: NDArray[np.floating], columns: Sequence[str] | None = None
) -> str | None:
    """Say where the first NaN, infinite or huge cell is, or return None.

    Args:
        name: of the table; x: shape (rows, columns).
        columns: their names; x0, x1, ... if not given.
    """
    for block in row_blocks(*x.shape):
        bad = np.argwhere(~(np.abs(x[block]) <= LARGEST))  # so written, NaN counts
        if len(bad):
            row, column = block.start + bad[0, 0], named(columns, x.shape[1])[bad[0, 1]]
            where = f"first in row {row} (counted from 0), column {column}"
            return f"{name} rows have cells that are NaN, infinite or beyond {LARGEST:g}, {where}"
    return None


def named(columns: Sequence[str] | None, count: int) -> Sequence[str]:
    """Return the names of so many columns: x0, x1, ... if none are given."""
    return [f"x{place}" for place in range(count)] if columns is None else columns


def outside(
    generated: NDArray[np.floating],
    law: KnownLaw,
    width: Array,
    columns: Sequence[str] | None = None,
) -> list[str]:
    """Check the known law: every single cell, up to a column's rounding step.

    Args:
        generated: shape (rows, columns).
        law: what is known.
        width: steps, shape (columns,).
        columns: names; x0, x1, ... if not given.
    """
    low = -np.inf if law.low is None else law.low
    high = np.inf if law.high is None else law.high
    known = None if law.atoms is None else np.unique(np.asarray(law.atoms, dtype=float))
    beyond, off = np.zeros((2, generated.shape[1]), dtype=np.intp)
    for block in row_blocks(*generated.shape):
        x = np.asarray(generated[block], dtype=float)
        beyond += np.count_nonzero((x < low - width) | (x > high + width), axis=0)
        if known is not None:
            off += np.count_nonzero(np.abs(x - known[_nearest(x, known)]) > width, axis=0)
    counts = {"known support": beyond, "known atoms": off}
    names, rows = named(columns, generated.shape[1]), len(generated)
    return [_sentence(rule, each, rows, names) for rule, each in counts.items() if each.any()]


def _nearest(x: Array, atoms: Array) -> NDArray[np.intp]:
    """Return the index of the atom that is nearest to each value, of two the left one."""
    right = np.clip(np.searchsorted(atoms, x), 1, max(1, len(atoms) - 1))
    above = np.minimum(right, len(atoms) - 1)
    return np.where(np.abs(x - atoms[right - 1]) <= np.abs(x - atoms[above]), right - 1, above)


Broken = tuple[int, float]  # rows that break a rule, and the log of the chance of as many


def sign(kind: ColumnKind, values: Array, width: float, share: float) -> Broken:
    """Count negative values where known rows have none, positive ones likewise."""
    below, above = values < -width, values > width
    return _all_generated(below & (not kind.negative) | above & (not kind.positive), share)


def whole(kind: ColumnKind, values: Array, width: float, share: float) -> Broken:
    """Count values that are not whole where all known ones are."""
    if not kind.whole:
        return 0, 0.0
    return _all_generated(np.abs(values - np.round(values)) > max(width, 1e-6), share)


def grid(kind: ColumnKind, values: Array, width: float, share: float) -> Broken:
    """Count values that are no multiples of a spacing where all known ones are."""
    if kind.step <= GRID_STEPS * width:
        return 0, 0.0
    turns = (values - kind.distinct[0]) / kind.step
    return _all_generated(np.abs(turns - np.round(turns)) > GRID_FIT, share)


def _all_generated(broken: NDArray[np.bool_], share: float) -> Broken:
    """Count the rows; of so many of one law, all are generated with this chance at most."""
    rows = int(np.count_nonzero(broken))
    return rows, float(rows * np.log(share))


def atoms(kind: ColumnKind, values: Array, width: float, share: float) -> Broken:
    """Count values away from all known ones where those are mostly repeated.

    New rows have new values, rare ones often. Given the values of known and generated rows
    together, a value of c rows is generated alone with chance q_c = C(m, c) / C(n + m, c), and the
    number S of rows with such values has

        P(S >= s) <= min_t e^(-ts) prod_values (1 + q_c (e^(tc) - 1)),

    as the events are negatively associated (Joag-Dev & Proschan 1983).
    """
    if not len(kind.atoms):
        return 0, 0.0
    place = _nearest(values, kind.atoms)
    new = np.abs(values - kind.atoms[place]) > width
    broken, expected = int(new.sum()), np.count_nonzero(kind.counts == 1) * share / (1 - share)
    if broken <= expected:  # as many as any new rows have (Good & Turing, in Good 1953)
        return broken, 0.0
    known = kind.counts + np.bincount(place[~new], minlength=len(kind.atoms))
    counts = np.concatenate([known, kind_of(values[new]).counts])
    return broken, _log_chance_alone(broken, counts, len(values))


def _log_chance_alone(alone: int, counts: NDArray[np.intp], generated: int) -> float:
    """Bound the log chance that so many rows have values that generated rows alone have.

    Args:
        alone: rows.
        counts: known and generated rows of each value.
        generated: all generated rows.
    """
    from scipy.special import gammaln

    size, often = np.unique(counts[counts <= generated], return_counts=True)
    total = counts.sum()
    log_q = gammaln(generated + 1) - gammaln(generated + 1 - size)
    log_q += gammaln(total + 1 - size) - gammaln(total + 1)
    t = np.geomspace(1e-4, 1e2, 60)[:, None]
    moments = np.logaddexp(np.log1p(-np.exp(log_q)), log_q + t * size) @ often
    return float(min(0.0, (moments - t[:, 0] * alone).min()))


def spike(kind: ColumnKind, values: Array, width: float, share: float) -> Broken:
    """Count values off the known rows' most frequent one where that has become rare or is lost."""
    if kind.spike is None:
        return 0, 0.0
    off = int(np.count_nonzero(np.abs(values - kind.spike) > width))
    known, kept = int(kind.counts.max()), len(values) - off
    if kept * kind.rows >= LOST * known * len(values):
        return 0, 0.0
    return off, float(log_binomial_below(kept, known + kept, share))


CHECKS: dict[str, Callable[[ColumnKind, Array, float, float], Broken]] = {
    "sign": sign,
    "whole numbers": whole,
    "grid": grid,
    "atoms": atoms,
    "repeated value": spike,
}


def unlike_known(
    known: NDArray[np.floating],
    generated: NDArray[np.floating],
    resolution: float,
    name: str = "training rows",
    columns: Sequence[str] | None = None,
) -> list[str]:
    """Run `CHECKS`: what holds for every known row must hold for generated ones.

    Fresh rows break such a rule now and then, so a column fails only where chance is excluded: for
    rows of one law each row that breaks a rule is a generated one with chance m / (n + m), and the
    probability of so many has to be below `CHANCE` / columns. With n = m that takes 20 rows, 30
    where there are 1000 columns.

    Args:
        known: training rows, or real ones, shape (n, columns); generated: shape (m, columns).
        resolution: see `aae.verdict.rounding.steps`.
        name: what a sentence calls the known rows.
        columns: names; x0, x1, ... if not given.

    Returns:
        One sentence for each failed check.
    """
    width, count = steps(known, resolution), known.shape[1]
    share = len(generated) / (len(known) + len(generated))
    broken = {rule: np.zeros(count, dtype=np.intp) for rule in CHECKS}
    for column in range(count):
        kind = kind_of(np.ascontiguousarray(known[:, column]))
        values = np.array(generated[:, column], dtype=float)
        for rule, check in CHECKS.items():
            rows, log_chance = check(kind, values, width[column], share)
            if rows and log_chance < np.log(CHANCE / count):
                broken[rule][column] = rows
    failed = {rule: rows for rule, rows in broken.items() if rows.any()}
    names = named(columns, count)
    return [
        _sentence(f"{name}' {rule}", rows, len(generated), names) for rule, rows in failed.items()
    ]


def _sentence(rule: str, broken: NDArray[np.intp], rows: int, names: Sequence[str]) -> str:
    """Say how many columns break a rule, and the `NAMED` worst by name."""
    off = np.flatnonzero(broken)
    worst = off[np.argsort(-broken[off], kind="stable")][:NAMED]
    examples = ", ".join(f"{names[column]}: {broken[column]} of {rows} rows" for column in worst)
    more = ", ..." if len(off) > NAMED else ""
    return f"values off the {rule} in {len(off)} of {len(broken)} columns ({examples}{more})"
