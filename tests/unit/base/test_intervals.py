"""Intervals of a mean over seeds."""

import math

import numpy as np
import pytest

from aae.base.intervals import margin


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_covers_the_mean(level):
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((1000, 5))
    covered = np.mean([abs(np.mean(each)) <= margin(each, level) for each in drawn])
    assert covered == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / 1000))


@pytest.mark.parametrize("values", [[], [3.0]])
def test_fewer_than_two_seeds_say_nothing(values):
    assert margin(values) == 0
