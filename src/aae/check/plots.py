"""Small plots of what differs: quantiles of the worst columns, scatter of the worst pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from aae.check.findings import Sides
from aae.check.result import Check
from aae.report.drawing import Plot
from aae.report.plots import SQUARE, on_axes
from aae.report.plots import quantiles as over_quantiles

DRAWN = 4  # columns and pairs at most
POINTS = 500  # rows a side of a scatter
LEVELS = np.linspace(0.005, 0.995, 199)  # of quantiles


def drawings(result: Check) -> Mapping[str, Any]:
    """Draw the worst columns and pairs of a check.

    Returns:
        `columns`: name -> SVG; `pairs`: for each `names`, `correlation` and `sides`, which are
        {real, generated} -> SVG.
    """
    if result.sides is None:
        return {"columns": {}, "pairs": []}
    place = {name: i for i, name in enumerate(result.columns)}
    worst = [each.name for each in result.where.columns if _many(result.sides, place[each.name])]
    pairs = result.where.pairs[:DRAWN]
    return {
        "columns": {name: quantiles(result.sides, place[name], name) for name in worst[:DRAWN]},
        "pairs": [
            {
                "names": each.names,
                "correlation": each.correlation,
                "sides": clouds(result.sides, [place[n] for n in each.names], each.names),
            }
            for each in pairs
        ],
    }


def _many(sides: Sides, column: int) -> bool:
    """Whether a column has more than two values: of two the shares say all."""
    values = np.concatenate([rows[:, column] for rows in sides])
    return len(np.unique(values)) > 2


def quantiles(sides: Sides, column: int, name: str) -> Markup:
    """Draw quantiles of generated rows (up) over those of real rows; equal laws are the line."""
    values = [np.quantile(rows[:, column].astype(float), LEVELS) for rows in sides]
    return over_quantiles(np.stack(values), f"column {name}", SQUARE)


def clouds(sides: Sides, columns: Sequence[int], names: Sequence[str]) -> dict[str, Markup]:
    """Draw two columns of real and of generated rows, on the same axes."""
    points, (x, y) = on_axes([_points(rows[:, columns].astype(float)) for rows in sides])
    drawn = {}
    for side, style, cloud in zip(("real", "generated"), ("real", "k0"), points, strict=True):
        plot = Plot(x, y, f"{names[1]} over {names[0]}: {len(cloud)} {side} rows.", SQUARE)
        plot.dots(cloud[:, 0], cloud[:, 1], style)
        drawn[side] = plot.svg()
    return drawn


def _points(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(rows[np.random.default_rng(0).permutation(len(rows))[:POINTS]])
