"""How large numbers and files may be: what can be computed with, and what the disk has room for."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import expect

LARGEST = 1e15  # for sums of squares in single precision to be right
SMALLEST = 1e-15  # spread of a column that varies


def check_range(rows: NDArray[np.floating], names: Sequence[str] = ()) -> None:
    """Expect finite columns of numbers up to `LARGEST` that vary by `SMALLEST`, or not at all.

    Args:
        rows: shape (rows, columns).
        names: of the columns; x0, x1, ... if there are none.

    Raises:
        ValueError: a column is out of range; the message names the first.
    """
    if not len(rows):
        return
    low, high = (part(rows, axis=0).astype(np.float64) for part in (np.min, np.max))
    size, spread = np.maximum(np.abs(low), np.abs(high)), high - low
    for column in np.flatnonzero(~(size <= LARGEST) | ((spread > 0) & (spread < SMALLEST))):
        name = names[int(column)] if len(names) else f"x{column}"
        wanted = f"column {name!r} to lie within +-{LARGEST:g} and to vary by {SMALLEST:g} or more"
        got = f"{low[column]:g} to {high[column]:g}"
        expect(False, f"{wanted} (or not at all), in another unit say", got)


def expect_room(path: Path, size: int) -> None:
    """Expect room on the disk for what is about to be written.

    A stage that DVC runs needs it twice, as DVC's cache keeps a copy (a file system that can share
    blocks between files needs less).

    Args:
        path: of the file or folder, which need not be there yet.
        size: in bytes.

    Raises:
        ValueError: less is free.
    """
    folder = next(each for each in path.absolute().parents if each.is_dir())
    cached = "DVC_STAGE" in os.environ
    needed, free = size * (1 + cached), shutil.disk_usage(folder).free
    if needed > free:
        what = f"{_in_words(needed)} free for {path}{' and its copy in the cache' * cached}"
        remedy = "fewer rows, or free some (docs/sweeps.md: clean up)"
        raise ValueError(f"expected {what}, got {_in_words(free)}: {remedy}")


def _in_words(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
