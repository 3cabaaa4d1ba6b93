"""What is given to be judged: whether it can be, and what reading it in one format merges."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.examination import Case
from aae.verdict.hard_checks import not_finite
from aae.verdict.rounding import merged, steps


def unusable(sides: Mapping[str, NDArray[Any]], columns: Sequence[str] | None) -> str | None:
    """Say why rows cannot be judged at all, or return None."""
    real = sides["real"]
    for name, side in sides.items():
        if np.ndim(side) != 2 or not side.size:
            return f"expected a table of {name} rows, got shape {np.shape(side)}"
        if side.dtype.kind not in "fiub":
            return f"expected numbers in {name} rows, got {side.dtype}"
        if side.shape[1] != real.shape[1]:
            return f"expected {real.shape[1]} columns in {name} rows, got {side.shape[1]}"
        if columns is not None and len(columns) != side.shape[1]:
            return f"expected {side.shape[1]} names of columns, got {len(columns)}"
        problem = not_finite(name, side, columns)
        if problem:
            return problem
    return "every column of the real rows is constant" if (real == real[0]).all() else None


def merges(
    given: Mapping[str, NDArray[Any]], read: Mapping[str, NDArray[np.floating]], case: Case
) -> list[str]:
    """Say what was merged when tables of two number formats were read in one."""
    width = steps(case.real, case.resolution)
    moved: dict[int, float] = {}
    for name, side in given.items():
        for column, move in merged(side, read[name], width).items():
            moved[column] = max(move, moved.get(column, 0.0))
    if not moved:
        return []
    worst = max(moved, key=lambda column: moved[column] / width[column])
    said = f"{case.columns[worst]} by up to {moved[worst]:.3g}"
    return [f"read as float32 like the coarser table, which moves {len(moved)} columns ({said})"]
