"""Laws of moments, distances and row summaries: agreement with plain references."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist

from aae.verdict import effects


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moments_agree_with_scipy(dtype):
    x = np.random.default_rng(0).exponential(size=(200, 5)).astype(dtype) * [1, 2, 3, 4, 5]
    moments = effects.sample_moments(x)
    for got, values, axis in ((moments.columns, x, 0), (moments.cells, x, None)):
        assert np.allclose(got.mean, values.mean(axis), rtol=1e-5)
        assert np.allclose(got.std, values.std(axis), rtol=1e-5)
        assert np.allclose(got.skewness, stats.skew(values, axis), rtol=1e-4)
        assert np.allclose(got.kurtosis, stats.kurtosis(values, axis), rtol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, -3e-20])
def test_constant_columns_have_no_shape(value):
    columns = effects.sample_moments(np.full((50, 3), value)).columns
    assert not columns.skewness.any()
    assert not columns.kurtosis.any()
    assert not columns.std.any()


def test_moments_do_not_depend_on_column_blocks(monkeypatch):
    x = normal(0, 100, 7)
    whole = effects.sample_moments(x).cells.kurtosis
    monkeypatch.setattr(effects, "CELLS", 200)
    assert effects.sample_moments(x).cells.kurtosis == pytest.approx(whole)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 6), st.integers(0, 10**6))
def test_ks_agrees_with_scipy_with_ties(n, m, levels, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, levels, (n, 3)) * 0.1, rng.integers(0, levels, (m, 3)) * 0.1
    want = [stats.ks_2samp(a, b, method="asymp").statistic for a, b in zip(x.T, y.T, strict=True)]
    assert np.allclose(effects.ks_columns(x, y), want)
    cells = stats.ks_2samp(x.ravel(), y.ravel(), method="asymp").statistic
    assert effects.ks_cells(x, y) == pytest.approx(cells)


def test_distances_agree_with_scipy_and_copies_are_at_distance_zero():
    x, y = normal(0, 30, 50), normal(1, 40, 50) + 100
    assert np.allclose(effects.distances(x, y), cdist(x, y), rtol=1e-9)
    assert not np.diagonal(effects.distances(y, y)).any()


def test_row_summaries_of_constant_rows_have_no_noise():
    rows = np.repeat(normal(0, 50, 1), 100, axis=1)
    found = effects.row_summaries(rows)
    assert found.shape == (50, 13)
    assert not found[:, [1, 5, 6, 7]].any()  # std and what is divided by it


def test_row_summaries_agree_with_scipy():
    z = normal(0, 40, 11)
    found = effects.row_summaries(z)
    wanted = [stats.skew(z, axis=1), stats.kurtosis(z, axis=1)]
    assert np.allclose(found[:, 5:7].T, wanted, atol=1e-5)
    quantiles = np.quantile(z, [0.05, 0.25, 0.5, 0.75, 0.95], axis=1)
    assert np.allclose(found[:, 8:].T, quantiles, atol=1e-5)
