"""Moments of mixtures and of cells."""

import numpy as np
from support.laws import (
    BOUND,
    COLUMNS,
    LAW,
    drawn,
    every_law,
    standard_errors,
)

from aae.laws.moments import cell_moments
from aae.laws.registry import law_from


@every_law
def test_sample_cells_match_cell_moments(name):
    mean, std, skewness, excess = cell_moments(LAW[name].moments(COLUMNS))
    scores = (drawn(name).rows.astype(np.float64) - mean) / std
    for power, expected in enumerate([0, 1, skewness, excess + 3], start=1):
        assert standard_errors((scores**power).mean(axis=1), expected) < BOUND


def test_mixed_moments_do_not_cancel_far_from_0():
    laws = (
        {"kind": "normal_mixture", "means": [at, at + 2], "sigmas": [1, 3], "weights": [0.4, 0.6]}
        for at in (0, 1e5)
    )
    near, far = (law_from(each).moments(1)[1:] for each in laws)
    np.testing.assert_allclose(near, far, rtol=1e-9)
