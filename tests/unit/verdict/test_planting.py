"""Laws of planted effects: rows stay, the effect has its size, and nothing else changes."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from aae.verdict.planting import EFFECTS
from aae.verdict.tilting import Table, mean_correlation, tilted

COVARIANCE = 0.7 * np.eye(5) + 0.3
CHOSEN = [name for name in EFFECTS if name != "dependence"]


def normal_rows(rows=4000, seed=0):
    return np.random.default_rng(seed).multivariate_normal(np.zeros(5), COVARIANCE, rows)


def planted(name, size, rows, seed=0, n=None):
    """Both sides, the first of n rows, or of half of them."""
    sides = EFFECTS[name].plant(Table(rows), n or len(rows) // 2, np.random.default_rng(seed))(size)
    assert sides is not None
    return sides


def ordered(rows):
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("name", CHOSEN)
def test_each_row_is_on_one_side(name):
    rows = np.round(normal_rows(301), 1)  # a grid, with ties
    x, y = planted(name, 0.1, rows, n=100)
    assert (len(x), len(y)) == (100, 201)
    np.testing.assert_array_equal(ordered(np.concatenate([x, y])), ordered(rows))


@pytest.mark.parametrize("name", EFFECTS)
def test_division_and_size_are_all_that_matters(name):
    rows = normal_rows(200)
    for first, again in zip(planted(name, 0.1, rows), planted(name, 0.1, rows), strict=True):
        np.testing.assert_array_equal(first, again)
    other = planted(name, 0.1, rows, seed=1)
    assert not np.array_equal(planted(name, 0.1, rows)[0], other[0])


def test_a_tilt_of_a_normal_law_moves_it():
    """Density times exp(theta x) is the normal law moved by theta."""
    rows = normal_rows(20_000)[:, :1]
    z = Table(rows).z[:, 0]

    def effect(p):
        return p @ z / p.sum() - (1 - p) @ z / (1 - p).sum()

    for size in (0.1, 0.5):
        sides = tilted(rows, 10_000, np.random.default_rng(1), z, effect)(size)
        assert sides is not None
        x, y = sides
        assert y.mean() - x.mean() == pytest.approx(size, abs=0.03)
        assert kstest(y[:, 0], norm(size / 2, 1).cdf).statistic < 0.02  # and x ~ N(-size / 2, 1)


def measured(name, x, y):
    """Size of an effect that two sides show."""
    correlation = np.corrcoef(y, rowvar=False) - np.corrcoef(x, rowvar=False)
    above = correlation[np.triu_indices(x.shape[1], 1)]
    return {
        "mean": np.sqrt(np.mean((y.mean(axis=0) - x.mean(axis=0)) ** 2)),
        "std": np.sqrt(np.mean((1 - y.std(axis=0) / x.std(axis=0)) ** 2)),
        "correlation": np.sqrt(np.mean(above**2)),
        "correlation of one pair": np.abs(above).max(),
    }[name]


@pytest.mark.parametrize("name", ["mean", "std", "correlation", "correlation of one pair"])
@pytest.mark.parametrize("size", [0.15, 0.3])
def test_the_effect_has_its_size(name, size):
    rows = normal_rows(20_000)
    sizes = [measured(name, *planted(name, size, rows, seed)) for seed in range(4)]
    assert np.mean(sizes) == pytest.approx(size, rel=0.15)


def test_a_wrong_deviation_keeps_means_and_correlations():
    x, y = planted("std", 0.2, normal_rows(20_000))
    np.testing.assert_allclose(y.std(axis=0) / x.std(axis=0), 0.8, atol=0.03)
    np.testing.assert_allclose(y.mean(axis=0), x.mean(axis=0), atol=0.06)
    assert measured("correlation", x, y) < 0.03


def test_a_wrong_mean_keeps_deviations_and_correlations():
    x, y = planted("mean", 0.3, normal_rows(20_000))
    np.testing.assert_allclose(np.abs(y.mean(axis=0) - x.mean(axis=0)), 0.3, atol=0.06)
    np.testing.assert_allclose(y.std(axis=0) / x.std(axis=0), 1, atol=0.04)
    assert measured("correlation", x, y) < 0.04


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_a_lost_mode_is_a_neighbourhood(share):
    """Of two far clusters one is lost, as far as the share goes."""
    rows = normal_rows(1000)
    rows[:300] += 20
    x, y = planted("lost mode", share, rows)
    z = Table(rows).z
    centre = z[np.random.default_rng(0).integers(1000)]  # the first number that it draws
    near = rows[np.argsort(np.sum((z - centre) ** 2, axis=1))[: round(share * 500)]]
    assert {tuple(row) for row in near} <= {tuple(row) for row in x}
    assert len(x) == len(y) == 500


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_broken_dependence_keeps_the_columns(share):
    rows = normal_rows(2000) @ np.diag([1, 2, 3, 4, 5.0])
    before, after = (planted("dependence", size, rows)[1] for size in (0.0, share))
    np.testing.assert_array_equal(np.sort(after, axis=0), np.sort(before, axis=0))
    changed = (after != before).mean(axis=0)
    assert changed.max() == pytest.approx(share) and np.count_nonzero(changed) == 1
    column = int(changed.argmax())
    others = np.arange(5) != column
    left = np.corrcoef(after, rowvar=False)[column, others].mean()
    assert left == pytest.approx(0.3 * (1 - share), abs=0.05)


def test_too_large_an_effect_is_refused():
    two_values = np.array([[-1.0], [1.0]]).repeat(50, axis=0)
    for name, size, rows in (("mean", 50.0, normal_rows(200)), ("std", 0.1, two_values)):
        planted = EFFECTS[name].plant(Table(rows), len(rows) // 2, np.random.default_rng(0))
        assert planted(size) is None


def test_constant_and_repeated_columns_do_no_harm():
    rows = normal_rows(400)
    rows = np.hstack([rows, rows[:, :2], np.ones((400, 1))])
    for name in EFFECTS:
        sides = planted(name, 0.1, rows)
        assert all(np.isfinite(side).all() for side in sides), name


def test_fewer_rows_than_columns_keep_the_deviations_alike():
    """Eigenvalues are shrunk: the tilt makes all columns narrower, not those of chance axes."""
    rows = np.random.default_rng(0).normal(size=(300, 400))
    x, y = planted("std", 0.02, rows)
    norms = np.linalg.norm(y, axis=1).mean() / np.linalg.norm(x, axis=1).mean()
    assert norms == pytest.approx(0.98, abs=0.007)


@pytest.mark.parametrize("size", [0.05, 0.2])
def test_correlations_of_independent_columns_come_from_exchanged_cells(size):
    """No choice of 600 rows has them; the columns keep their values, half of which are zero."""
    rows = np.maximum(np.random.default_rng(0).normal(size=(600, 200)), 0)
    table = Table(rows)
    (x, before), (again, after) = (planted("correlation", each, rows) for each in (0.0, size))
    np.testing.assert_array_equal(x, again)
    np.testing.assert_array_equal(np.sort(after, axis=0), np.sort(before, axis=0))
    ones = np.ones(len(after))
    change = [mean_correlation(side, table.signs, ones) for side in (before, after)]
    assert change[1] - change[0] == pytest.approx(size, rel=0.2)


@pytest.mark.parametrize("name", ["mean", "std"])
def test_cells_of_wide_tables_are_moved(name):
    rows = 3 + np.random.default_rng(0).normal(size=(600, 200))
    (_, before), (_, after) = (planted(name, size, rows) for size in (0.0, 0.1))
    moved = after - before if name == "mean" else 1 - after.std(axis=0) / before.std(axis=0)
    np.testing.assert_allclose(np.abs(moved), 0.1, atol=1e-9)
