"""Laws of what shows a difference: names where there is one, arrays of known shape and meaning."""

import numpy as np
import pytest

from aae.evaluation.contrasts import LEVELS, contrasts, law_density, named_differences
from aae.verdict.judge import Settings

SETTINGS = Settings(permutations=239)


def rows(seed, count=200, columns=5):
    return np.random.default_rng(seed).normal(size=(count, columns)).astype("f4")


@pytest.fixture(scope="module")
def shifted():
    """Real rows, generated rows of which x2 is shifted and x0, x1 are tied, training rows."""
    generated = rows(1)
    generated[:, 2] += 2
    generated[:, 1] = generated[:, 0]
    return rows(0), generated, rows(2)


@pytest.fixture(scope="module")
def named(shifted):
    return named_differences(*shifted[:2], SETTINGS, ["marginals"])


def test_what_differs_is_named(named):
    assert [each["name"] for each in named["columns"]] == ["x2"] and named["of_columns"] == 1
    assert [[*each["names"]] for each in named["pairs"]] == [["x0", "x1"]]


def test_nothing_is_named_where_no_test_rejects(shifted):
    empty = named_differences(*shifted[:2], SETTINGS, [])
    assert not empty["columns"] and not empty["pairs"]
    arrays = contrasts(*shifted, empty, 0)
    assert arrays["column_quantiles"].shape == (2, 0, len(LEVELS))
    assert arrays["pair_points"].shape[:2] == (2, 0)


def test_arrays_are_of_the_named_columns(shifted, named):
    arrays = contrasts(*shifted, named, 0)
    for side, table in enumerate(shifted[:2]):
        quantiles = np.quantile(table[:, 2], LEVELS)
        np.testing.assert_allclose(arrays["column_quantiles"][side, 0], quantiles, rtol=1e-5)
        np.testing.assert_allclose(arrays["correlations"][side], np.corrcoef(table.T), atol=1e-5)
    tied = arrays["pair_points"][1, 0]
    assert np.array_equal(tied[:, 0], tied[:, 1])


def test_copies_lie_at_distance_zero(shifted, named):
    real, generated, _ = shifted
    near = contrasts(real, generated, generated, named, 0)["neighbour_distances"]
    assert near[1].max() == 0 and near[0].min() > 0


@pytest.mark.parametrize("atoms", [None, [0.0, 1.0]])
def test_the_density_of_the_law_integrates_to_one(atoms):
    values = atoms or np.linspace(0, 1, 101).tolist()
    shares = [0.25, 1.0] if atoms else values
    law = {"atoms": atoms, "cdf": {"values": values, "shares": shares}}
    edges = np.linspace(-0.25, 1.25, 7)
    density = law_density(law, edges)["law_density"]
    assert density @ np.diff(edges) == pytest.approx(1)
    expected = [0, 1, 0, 0, 0, 3] if atoms else [0, 1, 1, 1, 1, 0]
    assert density == pytest.approx(expected, abs=1e-6)


def test_no_law_no_density():
    assert law_density({"cdf": None, "atoms": None}, np.arange(3)) == {}
