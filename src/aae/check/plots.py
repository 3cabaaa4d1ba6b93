"""Small plots of what differs: quantiles of the worst columns, scatter of the worst pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.check.checking import Check
from aae.check.findings import Sides
from aae.report.figures import LINES, REAL, panel, scatter, svg

DRAWN = 4  # columns and pairs at most
POINTS = 500  # rows a side of a scatter
LEVELS = np.linspace(0.005, 0.995, 199)  # of quantiles
EDGES = (0.005, 0.995)  # quantiles between which points are drawn


def drawings(found: Check) -> Mapping[str, Any]:
    """Draw the worst columns and pairs of a check.

    Returns:
        `columns`: name -> SVG; `pairs`: names of both -> {real, generated} -> SVG.
    """
    if found.sides is None:
        return {"columns": {}, "pairs": {}}
    place = {name: i for i, name in enumerate(found.columns)}
    worst = [each.name for each in found.where.columns if _many(found.sides, place[each.name])]
    pairs = found.where.pairs[:DRAWN]
    return {
        "columns": {name: quantiles(found.sides, place[name]) for name in worst[:DRAWN]},
        "pairs": {
            f"{one} (across), {other} (up)": clouds(found.sides, [place[one], place[other]])
            for one, other in (each.names for each in pairs)
        },
    }


def _many(sides: Sides, column: int) -> bool:
    """Whether a column has more than two values: of two the shares say all."""
    values = np.concatenate([rows[:, column] for rows in sides])
    return len(np.unique(values)) > 2


def quantiles(sides: Sides, column: int) -> str:
    """Draw quantiles of generated rows (up) over those of real rows; equal laws are the line."""
    x, y = (np.quantile(rows[:, column].astype(float), LEVELS) for rows in sides)
    figure, axes = panel(2.4, 2.1)
    ends = [min(x[0], y[0]), max(x[-1], y[-1])]
    axes.plot(ends, ends, color=REAL, lw=1)
    axes.plot(x, y, color=LINES[0], lw=1.6)
    axes.locator_params(nbins=4)
    return svg(figure)


def clouds(sides: Sides, columns: Sequence[int]) -> dict[str, str]:
    """Draw two columns of real and of generated rows, on the same axes."""
    points = [_points(rows[:, columns].astype(float)) for rows in sides]
    box = np.quantile(np.concatenate(points), EDGES, axis=0)
    inside = [np.clip(each, box[0], box[1]) for each in points]
    names = "real", "generated"
    colours = REAL, LINES[0]
    return {
        name: scatter(each, np.full(len(each), colour), (box[0], box[1]))
        for name, each, colour in zip(names, inside, colours, strict=True)
    }


def _points(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    return rows[np.random.default_rng(0).permutation(len(rows))[:POINTS]]
