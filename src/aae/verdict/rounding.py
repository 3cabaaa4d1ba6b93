"""Two samples in one number format, at the resolution at which they are looked at."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.columns import kind_of
from aae.verdict.effects import Array, column_blocks

JITTER = 2.0**-20  # relative error that arithmetic in float32 leaves on a constant
EXACT = 2.0**53  # beyond it, not every whole number is a float64
SPAN = 2.0**62  # differences below it do not overflow

Numbers = NDArray[Any]


def common_format(*sides: Numbers) -> list[NDArray[np.floating]]:
    """Read tables in the coarsest float format among them, so that formats tell nothing apart.

    float32 beside float64 or integers: all become float32, else all become float64. Integers and
    booleans alone stay exact: in columns that reach beyond 2^53 (time stamps in nanoseconds) the
    first value of the first table is subtracted everywhere.

    Args:
        sides: tables of any numeric types, shapes (rows, columns).

    Returns:
        The tables, all float32 or all float64; those that are so already, themselves.
    """
    floats = [side.dtype for side in sides if side.dtype.kind == "f"]
    if not floats:
        return _whole(sides)
    coarsest = min(floats, key=lambda each: np.finfo(each).nmant)
    target = np.float32 if np.finfo(coarsest).bits <= 32 else np.float64
    return [side.astype(coarsest, copy=False).astype(target, copy=False) for side in sides]


def _whole(sides: tuple[Numbers, ...]) -> list[NDArray[np.floating]]:
    low = np.min([side.min(axis=0).astype(float) for side in sides], axis=0)
    high = np.max([side.max(axis=0).astype(float) for side in sides], axis=0)
    huge = (np.maximum(-low, high) > EXACT) & (high - low < SPAN)
    if not huge.any():
        return [side.astype(np.float64) for side in sides]
    centre = np.where(huge, sides[0][0].astype(np.int64), 0)
    return [(side.astype(np.int64) - centre).astype(np.float64) for side in sides]


def merged(given: Numbers, read: NDArray[np.floating], width: Array) -> dict[int, float]:
    """Return the columns that `common_format` moved by more than a rounding step.

    Args:
        given: a table as it came; read: the same in the common format, both (rows, columns).
        width: steps, shape (columns,).

    Returns:
        Column -> the largest move, in the data's units.
    """
    if read.dtype != np.float32 or given.dtype == np.float32:
        return {}
    blocks = column_blocks(*read.shape)
    moves = [np.abs(given[:, at].astype(float) - read[:, at]).max(axis=0) for at in blocks]
    moved = np.concatenate(moves)
    return {int(column): float(moved[column]) for column in np.flatnonzero(moved > width)}


def steps(real: NDArray[np.floating], resolution: float) -> Array:
    """Return the width to which each column is rounded, shape (columns,).

    The power of two below `resolution` times the real column's own standard deviation, or times
    its interquartile range over 1.349 where that is smaller: one huge value must not hide the
    others, whatever generated rows or other columns hold. (Where half of the column is one value,
    the range is that of the other half.) Powers of two keep equal columns equal and leave integers
    and halves where they are. A constant column has the width of float32's rounding errors of the
    constant, or, where that is 0, of the smallest spread among the other columns.

    Args:
        real: shape (rows, columns).
        resolution: in standard deviations.
    """
    blocks = column_blocks(*real.shape)
    parts = [_spreads(np.asarray(real[:, at], dtype=float)) for at in blocks]
    spread = np.concatenate(parts)
    smallest = spread[spread > 0].min() if spread.any() else 1.0
    size = np.abs(real[0].astype(float))
    jitter = JITTER * np.where(size > 0, size, smallest)
    width = np.where(spread > 0, resolution * spread, jitter if spread.any() else resolution)
    return np.asarray(2.0 ** np.floor(np.log2(width)))


def _spreads(columns: Array) -> Array:
    """Return the smaller of standard deviation and robust spread, 0 where constant."""
    ordered = np.sort(columns.T, axis=1)
    std = np.std(ordered - ordered[:, :1], axis=1)
    robust = _quartile_range(ordered)
    for column in np.flatnonzero((robust == 0) & (std > 0)):
        values = ordered[column]
        rest = values[values != values[len(values) // 2]]
        robust[column] = _quartile_range(rest[None])[0]
    return np.asarray(np.where(robust > 0, np.minimum(robust, std), std))


def _quartile_range(ordered: Array) -> Array:
    """Return the interquartile range of sorted rows in standard deviations of a normal law."""
    last = ordered.shape[1] - 1
    return np.asarray((ordered[:, last - last // 4] - ordered[:, last // 4]) / 1.349)


def rounded(x: Numbers, y: Numbers, resolution: float) -> tuple[Array, Array]:
    """Round both samples to what is looked at, in their `common_format`.

    Values within a step of an atom of x (a value that x repeats) become that atom, all others
    multiples of the column's step. Rows whose cells all agree within a step stay constant.

    Args:
        x: the reference, shape (n, columns).
        y: rows, shape (m, columns).
        resolution: in standard deviations of each column of x, see `steps`.

    Returns:
        Both sides in float64, of the same shapes, column by column in memory.
    """
    x, y = common_format(x, y)
    step = steps(x, resolution)
    sides = [_constant_rows(np.array(side, dtype=float, order="F"), step.min()) for side in (x, y)]
    for column, width in enumerate(step):
        atoms = kind_of(sides[0][:, column]).atoms
        for side in sides:
            side[:, column] = _snapped(side[:, column], atoms, width)
    return sides[0], sides[1]


def _constant_rows(x: Array, width: float) -> Array:
    flat = np.ptp(x, axis=1) <= width
    if flat.any():
        x[flat] = (np.round(x[flat].mean(axis=1) / width) * width)[:, None]
    return x


def _snapped(values: Array, atoms: Array, width: float) -> Array:
    result = np.round(values / width) * width
    if len(atoms):
        right = np.clip(np.searchsorted(atoms, values), 1, max(1, len(atoms) - 1))
        pair = atoms[right - 1], atoms[np.minimum(right, len(atoms) - 1)]
        nearest = np.where(np.abs(pair[0] - values) <= np.abs(pair[1] - values), *pair)
        result = np.where(np.abs(nearest - values) <= width, nearest, result)
    return np.asarray(result + 0.0, dtype=float)  # no negative zeros
