"""The figure of the README, and SVG by matplotlib for the pages of check and compare."""

import io
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from aae.report.figures import panel, svg
from aae.report.overview import overview

EDGES = np.linspace(-3, 3, 61)


def test_overview_repeats_and_is_1800_wide() -> None:
    real = np.histogram(np.random.default_rng(0).standard_normal(99), EDGES, density=True)[0]
    one = {"title": "a_$x$", "edges": EDGES, "real": real, "control": "fine", "lines": {"v": real}}
    drawn = overview("what", [one] * 5)
    assert drawn == overview("what", [one] * 5)
    assert Image.open(io.BytesIO(drawn)).width == 1800
    assert b"matplotlib" not in drawn


def test_svg_stands_alone_in_the_colour_of_the_page() -> None:
    def draw() -> str:
        figure, axes = panel(2.4, 2.1)
        axes.plot([1, 2, 3], [0.484, 0.55, 0.622])
        return svg(figure)

    drawn = draw()
    assert drawn == draw() and "currentColor" in drawn and ">0.50<" in drawn
    ElementTree.fromstring(f"<div>{drawn}</div>")
    for outside in (" id=", "http", "url(", "#m", "font-family", "\n"):
        assert outside not in drawn
