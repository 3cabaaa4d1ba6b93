"""A forest plot: differences with their intervals, one below another."""

import numpy as np
from matplotlib.figure import Figure

from aae.compare.comparison import BETTER, WORSE, Line
from aae.report.figures import REAL, svg

COLOURS = {BETTER: "#2f9e5b", WORSE: "#d0453b"}


def forest(lines: list[Line]) -> str:
    """Draw the difference of each line in standard deviations over seeds, and every seed of it.

    Seeds are dots: paired differences, or values about the base's mean. What varies in no seed is
    left out.

    Returns:
        SVG for use inside a page; empty where nothing varies.
    """
    shown = [(line, scale) for line in lines if (scale := _scale(line)) > 0]
    if not shown:
        return ""
    high = 0.22 * len(shown) + 0.4
    figure = Figure(figsize=(6, high))
    axes = figure.add_axes((0.25, 0.3 / high, 0.73, 1 - 0.4 / high))
    axes.patch.set_visible(False)
    for place, (line, scale) in enumerate(shown):
        colour = COLOURS.get(line.word, "#5b7083")
        dots = _dots(line) / scale
        axes.scatter(dots, np.full(len(dots), place), s=5, c=REAL, lw=0, rasterized=True)
        if line.interval:
            axes.plot(np.array(line.interval) / scale, [place, place], lw=1.6, color=colour)
        x = line.difference / scale
        axes.plot([x, x], [place - 0.3, place + 0.3], lw=2.2, color=colour)
    axes.axvline(0, lw=0.6, color=REAL)
    axes.set_yticks(range(len(shown)), [line.metric for line, _ in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.tick_params(length=0, labelsize=7.5, colors="#010203")
    for side in axes.spines.values():
        side.set_visible(False)
    return svg(figure)


def _scale(line: Line) -> float:
    if line.design.degrees < 1:
        return abs(line.difference)
    spread = line.seed_spread
    return spread if spread > 0 else abs(line.difference)


def _dots(line: Line) -> np.ndarray:
    base, other = (np.array([*each.values()]) for each in (line.base, line.other))
    return np.asarray(other - base if line.design.paired else other - base.mean())
