"""How large and how small numbers may be, for sums of squares in single precision to be right."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import expect

LARGEST = 1e15
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
