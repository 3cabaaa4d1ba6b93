"""The figure of the README."""

import io

import numpy as np
from PIL import Image

from aae.report.overview import overview

EDGES = np.linspace(-3, 3, 61)


def test_overview_repeats_and_is_1800_wide() -> None:
    real = np.histogram(np.random.default_rng(0).standard_normal(99), EDGES, density=True)[0]
    one = {"title": "a_$x$", "edges": EDGES, "real": real, "control": "fine", "lines": {"v": real}}
    drawn = overview("what", [one] * 5)
    assert drawn == overview("what", [one] * 5)
    assert Image.open(io.BytesIO(drawn)).width == 1800
    assert b"matplotlib" not in drawn
