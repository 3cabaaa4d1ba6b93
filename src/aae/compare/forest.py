"""A forest plot: differences with their intervals, one below another."""

from collections.abc import Sequence

import numpy as np

from aae.compare.comparison import BETTER, WORSE, Line
from aae.report.drawing import Plot, axis

WIDTH, HIGH = 560, 22  # of the drawing and of a line, in pixels
LETTER = 12  # width of a letter of a metric's name, in units of the drawing
MARK = 0.3  # half the height of the mark at the mean, in lines
EDGE = 0.03  # of the width, beside the outermost dots
SAID = 5  # metrics of the description


def forest(lines: Sequence[Line]) -> str:
    """Draw the difference of each line in standard deviations over seeds, and every seed of it.

    Seeds are dots: paired differences, or values about the base's mean. What varies in no seed is
    left out, as is what has one seed, of which no deviation is known.

    Returns:
        SVG for use inside a page; empty where all is left out.
    """
    shown = [(line, scale) for line in lines if (scale := _scale(line)) > 0][::-1]  # upwards
    if not shown:
        return ""
    plot = _empty(shown)
    for place, (line, scale) in enumerate(shown):
        style = {BETTER: "better", WORSE: "worse"}.get(line.word, "k0")
        dots = _dots(line) / scale
        plot.dots(dots, np.full(len(dots), place), "real")
        if line.interval:
            plot.line(np.array(line.interval) / scale, np.array([place, place]), style)
        mark = np.array([place - MARK, place + MARK])
        plot.line(np.full(2, line.difference / scale), mark, f"{style} wide")
    plot.line(np.zeros(2), np.array([-0.5, len(shown) - 0.5]), "real")
    return str(plot.svg())


def _empty(shown: Sequence[tuple[Line, float]]) -> Plot:
    """Return the axes that all of these lines, each with its scale, fit on."""
    values = [np.zeros(1)]
    for line, scale in shown:
        values += [_dots(line) / scale, np.array([line.difference, *(line.interval or ())]) / scale]
    names = [line.metric for line, _ in shown]
    size = WIDTH, HIGH * len(shown) + 30
    up, left = axis(np.array([-0.5, len(shown) - 0.5])), LETTER * max(map(len, names)) + 20
    across = axis(*values)
    room = EDGE * (across.high - across.low)
    across = axis(np.array([across.low - room, across.high + room]))
    return Plot(across, up, _described(shown), size, names, left)


def _described(shown: Sequence[tuple[Line, float]]) -> str:
    """Say how many metrics differ, and by how much those do that are furthest off."""
    words = [line.word for line, _ in shown]
    means = {line.metric: line.difference / scale for line, scale in shown}
    furthest = sorted(means, key=lambda name: -abs(means[name]))[:SAID]
    named = ", ".join(f"{name} {means[name]:+.2g}" for name in furthest)
    counts = f"{words.count(BETTER)} better and {words.count(WORSE)} worse of {len(words)} metrics"
    return f"{counts}; differences in standard deviations over seeds: {named}."


def _scale(line: Line) -> float:
    if line.design.degrees < 1:
        return 0.0  # one seed tells no deviation
    spread = line.seed_spread
    return spread if spread > 0 else abs(line.difference)


def _dots(line: Line) -> np.ndarray:
    base, other = (np.array([*each.values()]) for each in (line.base, line.other))
    return np.asarray(other - base if line.design.paired else other - base.mean())
