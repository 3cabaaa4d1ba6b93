"""Intervals of a mean over seeds."""

import math

import numpy as np
import pytest
from scipy import stats

from aae.base.intervals import margin, proportion


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_covers_the_mean(level):
    rng = np.random.default_rng(0)
    drawn = rng.standard_normal((1000, 5))
    covered = np.mean([abs(np.mean(each)) <= margin(each, level) for each in drawn])
    assert covered == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / 1000))


@pytest.mark.parametrize("values", [[], [3.0]])
def test_fewer_than_two_seeds_say_nothing(values):
    assert margin(values) == 0


@pytest.mark.parametrize("trials", [1, 5, 30])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9])
def test_a_proportion_is_covered_as_often_as_stated(trials: int, share: float) -> None:
    chances = stats.binom.pmf(np.arange(trials + 1), trials, share)
    ends = [proportion(successes, trials) for successes in range(trials + 1)]
    covered = [low <= share <= high for low, high in ends]
    assert chances[covered].sum() >= 0.95


def test_ends_of_a_proportion_invert_the_binomial_tails() -> None:
    low, high = proportion(3, 10)
    assert stats.binom.sf(2, 10, low) == pytest.approx(0.025)
    assert stats.binom.cdf(3, 10, high) == pytest.approx(0.025)
    assert proportion(0, 4)[0] == 0 and proportion(4, 4)[1] == 1
