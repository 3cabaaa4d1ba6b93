import math

import numpy as np

from aae.intervals import interval


def test_the_interval_covers_the_mean_as_often_as_it_says():
    draws = np.random.default_rng(0).normal(3, 2, size=(4000, 4))
    found = [interval(each) for each in draws]
    covered = np.mean([low <= 3 <= high for _, low, high in found])
    # Five standard deviations of a binomial share of 4000.
    assert abs(covered - 0.95) < 5 * math.sqrt(0.95 * 0.05 / 4000)


def test_a_single_value_has_no_interval():
    mean, low, high = interval([2.0])
    assert mean == 2 and math.isnan(low) and math.isnan(high)
