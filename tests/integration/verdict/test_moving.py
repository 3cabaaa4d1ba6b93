"""Laws of effects planted in wide tables: sizes, what is kept, where rows are chosen instead."""

import numpy as np
import pytest

from aae.verdict.own_power import power_of
from aae.verdict.planting import EFFECTS
from aae.verdict.power import REQUIRED
from aae.verdict.tilting import WIDE, Table

COLUMNS = WIDE + 20


def normal_rows(rows=600, correlation=0.0, seed=0):
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, 1))
    noise = rng.normal(size=(rows, COLUMNS))
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * noise


def divided(name, size, rows, seed=0):
    sides = EFFECTS[name].divide(Table(rows), np.random.default_rng(seed))(size)
    assert sides is not None
    return sides


def mean_correlation(rows):
    matrix = np.corrcoef(rows, rowvar=False)
    return matrix[np.triu_indices(len(matrix), 1)].mean()


def test_narrow_tables_and_those_with_atoms_are_divided_by_choosing():
    rows = normal_rows()
    assert Table(rows).moved
    assert not Table(rows[:, :WIDE]).moved
    rows[:40, 3] = 0.0
    assert not Table(rows).moved
    x, y = divided("mean", 0.03, rows)
    both = np.concatenate([x, y])
    np.testing.assert_array_equal(both[np.lexsort(both.T)], rows[np.lexsort(rows.T)])


@pytest.mark.parametrize("size", [0.1, 0.5])
def test_sizes_of_means_and_deviations(size):
    """On average over the columns, each within 5 standard errors."""
    rows = normal_rows(2000)
    x, y = divided("std", size, rows)
    ratios = y.std(axis=0) / x.std(axis=0)
    assert ratios.mean() == pytest.approx(1 - size, abs=5 / np.sqrt(1000 * COLUMNS))
    x, y = divided("mean", size, rows)
    squares = (y.mean(axis=0) - x.mean(axis=0)) ** 2 - 2 / 1000  # 2 / n: chance alone
    assert np.sqrt(squares.mean()) == pytest.approx(size, abs=0.02)


@pytest.mark.parametrize("correlation, towards", [(0.0, 1), (0.5, -1), (0.999, -1)])
def test_sizes_of_correlations(correlation, towards):
    """Weaker where columns are correlated, else stronger; deviations stay."""
    rows = normal_rows(4000, correlation)
    signs = Table(rows).signs
    x, y = (side * signs for side in divided("correlation", 0.1, rows))
    change = mean_correlation(y) - mean_correlation(x)
    assert towards * change == pytest.approx(0.1, abs=0.025)
    np.testing.assert_allclose(y.std(axis=0) / x.std(axis=0), 1, atol=0.08)


def test_correlations_of_all_columns_being_one_cannot_become_stronger():
    rows = np.tile(np.random.default_rng(0).normal(size=(200, 1)), COLUMNS)
    assert Table(rows).dimension == pytest.approx(1)
    x, y = divided("correlation", 0.1, rows)
    assert mean_correlation(y) < 0.95 < mean_correlation(x)


def test_the_dimension_is_that_of_independent_columns():
    assert Table(normal_rows(40_000)[:, :10]).dimension == pytest.approx(10, rel=0.01)
    twice = np.repeat(normal_rows(4000)[:, :10], 2, axis=1)
    assert Table(twice).dimension == pytest.approx(10, rel=0.03)


def test_many_independent_columns_show_small_effects_and_one_column_over_and_over_does_not():
    """As many columns as rows: what all share is seen, and means of one column are not."""
    power = power_of(normal_rows(400), 200, effects=tuple(REQUIRED))["effects"]
    assert all(power[name]["size"] <= wanted for name, wanted in REQUIRED.items())
    copies = np.tile(np.random.default_rng(0).normal(size=(400, 1)), COLUMNS)
    assert power_of(copies, 200, effects=["std"])["effects"]["std"]["size"] > 0.1
