"""Laws of rank scores: orthonormal, blind to units, alike for equal values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from aae.verdict.ranks import legendre_scores, normal_scores, places, unit


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 60), st.integers(1, 8), st.integers(0, 10**6))
def test_places_are_mean_ranks(rows, levels, seed):
    column = np.random.default_rng(seed).integers(0, levels, rows) * 0.1
    want = (2 * stats.rankdata(column) - 1) / rows - 1
    assert np.allclose(places(column), want, atol=1e-12)


def test_scores_are_orthonormal_and_blind_to_units():
    x = np.random.default_rng(0).normal(size=(500, 3))
    x[:, 2] = np.round(x[:, 2])
    scores = legendre_scores(x)
    for column in range(3):
        gram = scores[column::3] @ scores[column::3].T / 500
        assert np.allclose(gram, np.eye(2), atol=1e-5)
    assert np.allclose(scores.mean(axis=1), 0, atol=1e-6)
    assert np.allclose(scores, legendre_scores(np.exp(5 * x)), atol=1e-5)
    assert np.allclose(scores[:3], legendre_scores(x, degrees=1))


def test_without_ties_they_are_legendre_polynomials():
    x = np.random.default_rng(0).normal(size=(1000, 1))
    place = places(x[:, 0])
    want = np.stack([place, (3 * place**2 - 1) / 2]) * np.sqrt([[3], [5]])
    assert np.allclose(legendre_scores(x), want, atol=0.01)


def test_two_values_have_one_degree_and_a_constant_none():
    x = np.zeros((100, 2))
    x[:7, 1] = 1
    scores = legendre_scores(x)
    assert not scores[[0, 2, 3]].any()
    assert np.mean(scores[1] ** 2) == pytest.approx(1, abs=1e-5)


def test_normal_scores_of_any_law_are_normal():
    u = normal_scores(np.random.default_rng(0).standard_cauchy((2000, 1)))[0]
    assert stats.kstest(u, "norm").pvalue > 0.9


def test_unit_scales_along_an_axis():
    z = np.random.default_rng(0).normal(3, 2, (50, 4))
    z[:, 1] = 5
    for axis, scores in ((0, unit(z.copy(), axis=0)), (1, unit(z.T.copy()).T)):
        assert np.allclose(scores.mean(axis=0), 0), axis
        assert np.allclose((scores**2).mean(axis=0), [1, 0, 1, 1]), axis
