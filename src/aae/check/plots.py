"""Small plots of what differs: quantiles of the worst columns, scatter of the worst pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from aae.check.checking import Check
from aae.check.findings import Sides
from aae.report.figures import LINES, REAL, panel, svg

DRAWN = 4  # columns and pairs at most
POINTS = 500  # rows a side of a scatter
LEVELS = np.linspace(0.005, 0.995, 199)  # of quantiles
EDGES = (0.005, 0.995)  # quantiles between which points are drawn


def drawings(found: Check) -> Mapping[str, Any]:
    """Draw the worst columns and pairs of a check.

    Returns:
        `columns`: name -> SVG; `pairs`: for each `names`, `correlation` and `sides`, which are
        {real, generated} -> SVG.
    """
    if found.sides is None:
        return {"columns": {}, "pairs": []}
    place = {name: i for i, name in enumerate(found.columns)}
    worst = [each.name for each in found.where.columns if _many(found.sides, place[each.name])]
    pairs = found.where.pairs[:DRAWN]
    return {
        "columns": {name: quantiles(found.sides, place[name]) for name in worst[:DRAWN]},
        "pairs": [
            {
                "names": each.names,
                "correlation": each.correlation,
                "sides": clouds(found.sides, [place[name] for name in each.names]),
            }
            for each in pairs
        ],
    }


def _many(sides: Sides, column: int) -> bool:
    """Whether a column has more than two values: of two the shares say all."""
    values = np.concatenate([rows[:, column] for rows in sides])
    return len(np.unique(values)) > 2


def quantiles(sides: Sides, column: int) -> str:
    """Draw quantiles of generated rows (up) over those of real rows; equal laws are the line."""
    x, y = (np.quantile(rows[:, column].astype(float), LEVELS) for rows in sides)
    figure, axes = _square()
    ends = [min(x[0], y[0]), max(x[-1], y[-1])]
    axes.plot(ends, ends, color=REAL, lw=1)
    axes.plot(x, y, color=LINES[0], lw=1.6)
    return svg(figure)


def clouds(sides: Sides, columns: Sequence[int]) -> dict[str, str]:
    """Draw two columns of real and of generated rows, on the same axes."""
    points = [_points(rows[:, columns].astype(float)) for rows in sides]
    low, high = np.quantile(np.concatenate(points), EDGES, axis=0)
    drawn = {}
    for name, colour, cloud in zip(("real", "generated"), (REAL, LINES[0]), points, strict=True):
        figure, axes = _square()
        x, y = np.clip(cloud, low, high).T
        axes.scatter(x, y, s=6, c=colour, lw=0, alpha=0.8, rasterized=True, clip_on=False)
        margin = 0.03 * np.where(high > low, high - low, 1.0)
        axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
        axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
        drawn[name] = svg(figure)
    return drawn


def _square() -> tuple[Figure, Axes]:
    """Few ticks, with short labels whatever the column's unit."""
    figure, axes = panel(2.4, 2.1)
    axes.locator_params(nbins=4)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:.4g}")
    return figure, axes


def _points(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(rows[np.random.default_rng(0).permutation(len(rows))[:POINTS]])
