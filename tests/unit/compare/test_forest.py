"""The forest plot: what it shows, and what it leaves out."""

import numpy as np

from aae.compare.comparison import compare_runs
from aae.compare.forest import forest


def lines(seeds, shift=1.0):
    rng = np.random.default_rng(0)
    base, other = (
        {("a", "default"): {s: {"x": float(rng.normal() + by), "fixed": 1.0} for s in range(seeds)}}
        for by in (0, shift)
    )
    return list(compare_runs(base, other).lines)


def test_what_varies_is_drawn_and_named():
    drawing = forest(lines(8))
    assert drawing.startswith("<svg") and ">x<" in drawing and "fixed" not in drawing


def test_the_drawing_says_how_many_metrics_differ():
    assert 'aria-label="1 better and 0 worse of 1 metrics;' in forest(lines(8, shift=-9.0)) or (
        "0 better and 1 worse of 1 metrics;" in forest(lines(8, shift=-9.0))
    )


def test_one_seed_tells_no_deviation_to_draw_in():
    assert forest(lines(1)) == ""
    assert forest(lines(2)).startswith("<svg")


def test_nothing_that_varies_is_no_drawing():
    assert forest([line for line in lines(8) if line.metric == "fixed"]) == ""
    assert forest([]) == ""


def test_same_lines_same_bytes():
    assert forest(lines(8)) == forest(lines(8))
