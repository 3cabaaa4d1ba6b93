"""Drawings by matplotlib as SVG for use inside a page: text and axes take its colour and font."""

import io
import re
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LINES = ("#3b7dd8", "#e07b39", "#3a9d5d", "#a05bc7", "#c2486b", "#8c7a3d")
REAL = "#9aa3ad"
_INK = "#010203"  # stands for the page's own colour
_STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "aae"}


def panel(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of so many inches and its axes, in the page's colours."""
    figure = Figure(figsize=(width, height))
    left, bottom = 0.42 / width, 0.2 / height
    axes = figure.add_axes((left, bottom, 1 - left - 0.14 / width, 1 - bottom - 0.08 / height))
    axes.patch.set_visible(False)
    axes.tick_params(length=0, labelsize=7.5, colors=_INK)
    axes.grid(color=REAL, lw=0.3)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def svg(figure: Figure) -> str:
    """Return a figure as SVG that can stand in a page many times: no ids, no addresses."""

    def shorter(coordinates: re.Match[str]) -> str:
        return re.sub(r"(\.\d\d)\d+", r"\1", coordinates[0])

    buffer = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(buffer, format="svg", transparent=True, dpi=160)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<defs>.*?</defs>", "", text, flags=re.S)
    text = re.sub(r' (?:id|xmlns|xmlns:xlink|version|clip-path)="[^"]*"', "", text)
    text = re.sub(r"font-family: [^;]*;|<g/>", "", text)
    text = re.sub(r' (?:d|x|y|transform)="[^"]*"', shorter, text).replace("xlink:href", "href")
    return re.sub(r"\s*\n\s*", " ", text).replace(_INK, "currentColor")
