"""Each family against SciPy, and its own promises."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from support.laws import (
    BOUND,
    LAW,
    ROWS,
    number,
    positive,
    probes,
    standard_errors,
)

from aae.laws.families import Uniform
from aae.laws.registry import law_from


def assert_same_law(law, reference, values):
    mean, variance, skewness, excess = reference.stats(moments="mvsk")
    expected = [mean, math.sqrt(variance), skewness, excess]
    # rtol of scipy's own formulas, which cancel where one part dwarfs the other.
    np.testing.assert_allclose(np.ravel(law.moments(1)), expected, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], reference.cdf(values), atol=1e-9)


@settings(deadline=None)
@given(low=number, width=positive, values=probes)
def test_uniform_is_scipys(low, width, values):
    law = law_from({"kind": "uniform", "low": low, "high": low + width})
    assert isinstance(law, Uniform)
    assert_same_law(law, stats.uniform(low, law.high - low), values)


@settings(deadline=None)
@given(mean=number, rho=st.floats(0, 1), values=probes)
def test_normal_is_scipys(mean, rho, values):
    law = law_from({"kind": "normal", "mean": mean, "rho": rho})
    assert_same_law(law, stats.norm(mean, 1), values)


@settings(deadline=None)
@given(scale=positive, values=probes)
def test_expon_neg_is_scipys_mirrored(scale, values):
    law, reference = law_from({"kind": "expon_neg", "scale": scale}), stats.expon(0, scale)
    mean, variance, skewness, excess = reference.stats(moments="mvsk")
    expected = [-mean, math.sqrt(variance), -skewness, excess]
    np.testing.assert_allclose(np.ravel(law.moments(1)), expected)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], reference.sf(-values), atol=1e-12)


@settings(deadline=None)
@given(loc=number, sigma=positive, scale=positive, values=probes)
def test_normal_expon_is_scipys(loc, sigma, scale, values):
    law = law_from({"kind": "normal_expon", "loc": loc, "sigma": sigma, "scale": scale})
    assert_same_law(law, stats.exponnorm(scale / sigma, loc, sigma), values)


@pytest.mark.parametrize(("sigma", "scale"), [(1e6, 1e-6), (1e-6, 1e6)])
def test_normal_expon_tends_to_its_larger_part(sigma, scale):
    law = law_from({"kind": "normal_expon", "sigma": sigma, "scale": scale})
    limit = stats.norm(0, sigma) if sigma > scale else stats.expon(0, scale)
    values = np.linspace(-9e6, 9e6, 101)
    np.testing.assert_allclose(law.cdf(values, 1)[:, 0], limit.cdf(values), atol=1e-9)


@settings(deadline=None)
@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_uniform_stays_inside_as_float32(low, high):
    assume(high - low > 1e-5 * max(abs(low), abs(high)) + 1e-30)
    rng = np.random.default_rng(0)
    rows = law_from({"kind": "uniform", "low": low, "high": high}).sample(100, 3, rng).rows
    assert rows.min().item() >= low and rows.max().item() <= high


@pytest.mark.parametrize("ends", [(0.0, 1.0), (1.0, 1.0)])
def test_uniform_stays_inside_at_the_ends_of_its_draws(ends):
    class Extreme:
        def uniform(self, low, high, size):
            return np.resize([low + end * (high - low) for end in ends], size)

    for low, high in [(0.1, 0.7), (-0.7, -0.1), (-0.1, 0.1), (0.3, 0.6)]:
        law = law_from({"kind": "uniform", "low": low, "high": high})
        rows = law.sample(4, 3, Extreme()).rows
        assert rows.min().item() >= low and rows.max().item() <= high


@pytest.mark.parametrize("rho", [0.0, 0.3, 1.0])
def test_normal_columns_are_correlated_by_rho(rho):
    rows = law_from({"kind": "normal", "rho": rho}).sample(ROWS, 4, np.random.default_rng(5)).rows
    for one, other in itertools.combinations(rows.T.astype(np.float64), 2):
        assert standard_errors(one * other, rho) < BOUND
    assert (rho == 1) == bool((rows == rows[:, :1]).all())


def test_density_points_follow_the_normal_density_on_the_grid():
    rows = LAW["density"].sample(ROWS, 20, np.random.default_rng(6)).rows
    grid = LAW["density"].atoms()
    assert grid is not None and len(grid) == 50 and (grid[0], grid[-1]) == (-2, 2)
    x, y = (np.searchsorted(grid, rows[:, axis::2].ravel()) for axis in (0, 1))
    counts = np.bincount(x * 50 + y, minlength=2500)
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), axis=-1)
    density = stats.multivariate_normal([-1, 1], 0.5 * np.eye(2)).pdf(points).ravel()
    expected = counts.sum() * density / density.sum()
    rare = expected < 20  # together one cell, where the chi-square law would not hold
    table = [np.append(each[~rare], each[rare].sum()) for each in (counts, expected)]
    assert stats.chisquare(*table).pvalue > 1e-6
