"""Moments of generated rows beside those of real rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.closed_form import MOMENTS
from aae.verdict.effects import Moments, ks_cells, ks_columns, sample_moments
from aae.verdict.rounding import rounded

AnyRows = NDArray[np.floating[Any]]
BLOCKS = 20  # of rows, for standard errors
STUDENT = 2.093  # 97.5% quantile of Student's law with BLOCKS - 1 degrees of freedom


def moments(real: AnyRows, generated: AnyRows, resolution: float) -> dict[str, Any]:
    """Moments of generated rows beside those of real rows, of all cells and column by column.

    Args:
        real: rows, shape (n, columns).
        generated: rows, shape (m, columns).
        resolution: of the Kolmogorov-Smirnov distances, as in a verdict: where values repeat, a
            rounding error of 1e-7 would count as a difference.

    Returns:
        cells, ks_cells: as `cell_moments`; columns: name -> the root mean square and the largest
        difference over columns; ks_columns_max: Kolmogorov-Smirnov distance of the column where
        it is largest.
    """
    one, other = (sample_moments(rows).columns for rows in (real, generated))
    gaps = {name: moment(other, name) - moment(one, name) for name in MOMENTS}
    x, y = rounded(real, generated, resolution)
    return {
        "cells": cell_moments(real, generated),
        "columns": {
            name: {
                "rms_difference": float(np.sqrt(np.mean(gap**2))),
                "largest_difference": float(np.max(np.abs(gap))),
            }
            for name, gap in gaps.items()
        },
        "ks_cells": ks_cells(x, y),
        "ks_columns_max": float(ks_columns(x, y).max()),
    }


def moments_of_cells(real: AnyRows, generated: AnyRows, resolution: float) -> dict[str, Any]:
    """The part of `moments` that looks at all cells alone: cells and ks_cells."""
    distance = ks_cells(*rounded(real, generated, resolution))
    return {"cells": cell_moments(real, generated), "ks_cells": distance}


def cell_moments(real: AnyRows, generated: AnyRows) -> dict[str, dict[str, Any]]:
    """Moments of all cells: name -> {real, generated, null}.

    null is the interval in which 95% of samples of real rows lie, as many as the generated ones.
    """
    one, other = (sample_moments(rows).cells for rows in (real, generated))
    errors, widened = jackknife_errors(real), np.sqrt(1 + len(real) / len(generated))
    cells = {}
    for name in MOMENTS:
        value, margin = float(moment(one, name)), float(STUDENT * errors[name] * widened)
        cells[name] = {
            "real": value,
            "generated": float(moment(other, name)),
            "null": [value - margin, value + margin],
        }
    return cells


def jackknife_errors(rows: AnyRows) -> dict[str, float]:
    """Standard errors of the moments of all cells, by the jackknife over blocks of rows.

    Whole rows are left out, so that columns may depend on one another (Efron & Tibshirani 1993,
    chapter 11): sqrt((b - 1) / b sum (theta_(-i) - mean)^2) over b = `BLOCKS` blocks. Sums of
    powers of each block say what is left without it.
    """
    blocks = np.array_split(rows - np.mean(rows, dtype=float), min(BLOCKS, len(rows)))
    sums = np.array([[np.sum(block**power) for power in range(5)] for block in blocks])
    values = _of_power_sums(sums.sum(axis=0) - sums)
    deviation = np.sqrt(len(blocks) - 1) * values.std(axis=1)
    return dict(zip(MOMENTS, deviation.tolist(), strict=True))


def _of_power_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """`MOMENTS` from sums of x^0 ... x^4, shape (samples, 5); returns shape (4, samples)."""
    mean, m2, m3, m4 = (sums[:, 1:] / sums[:, :1]).T
    c2 = np.maximum(m2 - mean**2, 0)
    c3 = m3 - 3 * mean * m2 + 2 * mean**3
    c4 = m4 - 4 * mean * m3 + 6 * mean**2 * m2 - 3 * mean**4
    divisor = np.where(c2 > 0, c2, np.inf)
    kurtosis = np.where(c2 > 0, c4 / divisor**2 - 3, 0)
    return np.stack([mean, np.sqrt(c2), c3 / divisor**1.5, kurtosis])


def moment(moments_: Moments, name: str) -> NDArray[np.float64]:
    """One of MOMENTS."""
    return np.asarray(getattr(moments_, name.removeprefix("excess_")))
