"""Laws of the statistics: levels, power, invariances, agreement with plain references."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cdist

from aae.verdict import effects
from aae.verdict import permutation as permuted
from aae.verdict.battery import (
    STATISTICS,
    applicable,
    classifier_auc,
    holm,
)
from aae.verdict.outcome import permutation_outcome
from aae.verdict.pooling import make_pool, permuted_labels, rounded, steps

SYMMETRIC = ["marginals", "energy", "neighbours", "covariance", "row_summaries"]


def normal(seed, rows, columns, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(dtype)


def labels_of(rows, share=0.5, permutations=7, seed=0):
    observed = (np.arange(rows) < share * rows).astype(int)
    return permuted_labels(observed, permutations, np.random.default_rng(seed))


def outcome(name, x, y, permutations=99, seed=0):
    return STATISTICS[name].test(make_pool(x, y, permutations, seed))


# Effects


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


def test_energy_distance_is_the_plain_u_statistic():
    x, y = normal(0, 30, 4), normal(1, 20, 4) + 1
    within = [cdist(side, side).sum() / (len(side) * (len(side) - 1)) for side in (x, y)]
    assert effects.energy_distance(x, y) == pytest.approx(2 * cdist(x, y).mean() - sum(within))


def test_energy_distance_of_shifted_normals():
    # 2 E|N(1, 2)| - 2 E|N(0, 2)| in closed form, by the folded normal law
    folded = 2 / np.sqrt(np.pi) * np.exp(-0.25) + 1 - 2 * stats.norm.cdf(-1 / np.sqrt(2))
    want = 2 * folded - 4 / np.sqrt(np.pi)
    assert effects.energy_distance(normal(0, 4000, 1), normal(1, 4000, 1) + 1) == pytest.approx(
        want, abs=0.15
    )


def test_row_summaries_of_constant_rows_have_no_noise():
    rows = np.repeat(normal(0, 50, 1), 100, axis=1)
    found = effects.row_summaries(rows)
    assert found.shape == (50, 13)
    assert not found[:, [1, 5, 6, 7]].any()  # std and what is divided by it


# Many labellings at once


def plain_mmd(kernel, first):
    x, y = kernel[np.ix_(first, first)], kernel[np.ix_(~first, ~first)]
    n, m = len(x), len(y)
    within = (x.sum() - np.trace(x)) / (n * (n - 1)) + (y.sum() - np.trace(y)) / (m * (m - 1))
    return within - 2 * kernel[np.ix_(first, ~first)].mean()


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_permuted_mmd_agrees_with_the_plain_formula(share):
    z, labels = normal(0, 60, 3) + 5, labels_of(60, share)
    kernel = (z @ z.T) ** 2
    want = [plain_mmd(kernel, column == 1) for column in labels.T]
    got = permuted.permuted_mmd(kernel.copy(), labels)
    assert np.allclose(got, want, atol=1e-4 * np.abs(want).max())


@pytest.mark.parametrize(("share", "levels"), list(product([0.5, 0.2], [None, 4])))
def test_permuted_ks_agrees_with_scipy(share, levels):
    z = normal(0, 100, 10)  # fewer rows than thresholds: no approximation
    z = z if levels is None else np.round(z)
    labels = labels_of(100, share)
    for b, first in enumerate(labels.T == 1):
        want = effects.ks_columns(z[first], z[~first])
        assert np.allclose(permuted.permuted_ks(z, labels)[:, b], want, atol=1e-6)
        cells = effects.ks_cells(z[first], z[~first])
        assert permuted.permuted_cells(z, labels)[0, b] == pytest.approx(cells, abs=1e-6)


def test_permuted_ks_of_many_rows_is_near_the_exact_one():
    z, labels = normal(0, 3000, 2), labels_of(3000)
    first = labels[:, 1] == 1
    got = permuted.permuted_ks(z, labels)[:, 1]
    want = effects.ks_columns(z[first], z[~first])
    assert (got <= want + 1e-6).all()
    assert np.allclose(got, want, atol=0.01)


def test_permuted_smooth_sees_ranks_only():
    z, labels = normal(0, 80, 3), labels_of(80)
    assert np.allclose(
        permuted.permuted_smooth(z, labels), permuted.permuted_smooth(np.exp(3 * z), labels)
    )


def test_one_labelling_is_counted_like_many():
    z, labels = normal(0, 90, 3), labels_of(90)
    want = permuted.permuted_cells(z, labels)[:, :1]
    assert np.allclose(permuted.permuted_cells(z, labels[:, :1]), want)


def test_nearest_agrees_with_sorting_and_shares_ties():
    z = normal(0, 200, 3)
    found = permuted.nearest(cdist(z, z), 5, seed=0)
    away = cdist(z, z) + np.diag(np.full(200, np.inf))
    assert (np.sort(found) == np.sort(np.argsort(away, axis=1)[:, :5])).all()
    tied = permuted.nearest(np.zeros((200, 200)), 5, seed=0)
    assert np.bincount(tied.ravel()).max() < 30  # by position it would be 200


def test_permuted_labels_keep_the_counts_and_the_observed():
    labels = labels_of(50, 0.3, permutations=40)
    assert (labels.sum(axis=0) == 15).all()
    assert (labels[:, 0] == (np.arange(50) < 15)).all()
    assert len(np.unique(labels.T, axis=0)) == 41


def test_permutation_p_counts_the_observed_value():
    assert permutation_outcome(np.array([5.0, 1, 2, 3])).p == 0.25
    assert permutation_outcome(np.array([1.0, 1, 1, 1])).p == 1.0
    with pytest.raises(ValueError, match="finite"):
        permutation_outcome(np.array([1.0, np.nan]))


def test_holm_agrees_with_its_definition():
    adjusted = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert adjusted == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})
    assert list(adjusted) == ["a", "b", "c", "d"]
    assert holm({}) == {}


# Rounding


def test_number_formats_tell_nothing_apart():
    x = np.random.default_rng(0).integers(0, 10, (200, 8)) * 0.1
    a, b = rounded(x, x.astype(np.float32), 1e-4)
    assert (a == b).all()
    a, b = rounded(x, x + 1e-6 * normal(1, 200, 8), 1e-4)
    assert (a == b).all()


def test_constant_rows_stay_constant():
    x = np.repeat(normal(0, 300, 1), 50, axis=1)
    a, b = rounded(x, x + 1e-7 * normal(1, 300, 50), 1e-4)
    assert not np.ptp(a, axis=1).any()
    assert not np.ptp(b, axis=1).any()


def test_rounding_moves_no_cell_by_more_than_the_resolution():
    x, y = normal(0, 300, 5) * [1, 1e6, 1e-6, 1, 1] + [0, 0, 0, 1e3, -1], normal(1, 300, 5)
    y = y * x.std(axis=0) + x.mean(axis=0)
    for before, after in zip((x, y), rounded(x, y, 1e-3), strict=True):
        assert (np.abs(before - after) <= 1e-3 * x.std(axis=0)).all()


def test_a_huge_value_does_not_coarsen_the_steps():
    x, y = normal(0, 300, 2), normal(1, 300, 2)
    y[0, 0] = 1e12
    assert steps(x, y, 1e-4)[0] <= 2 * steps(x, y, 1e-4)[1]


# The tests of the battery


def test_each_number_of_columns_has_its_tests():
    assert set(applicable(1)) == {"marginals", "energy", "neighbours", "classifier"}
    assert set(applicable(7)) == set(STATISTICS) - {"row_summaries"}
    assert list(applicable(784)) == list(STATISTICS)


LAWS = {
    "gaussian": lambda rng, n, d: rng.normal(size=(n, d)),
    "one number": lambda rng, n, d: np.repeat(rng.normal(size=(n, 1)), d, axis=1),
    "grid": lambda rng, n, d: rng.integers(0, 3, (n, d)) * 0.1,
    "heavy": lambda rng, n, d: rng.standard_cauchy((n, d)),
}


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("columns", [1, 10])
def test_p_values_are_valid(law, columns):
    """Level at .05, .2 and .5: each bound is passed by a right test with chance > 0.9999."""
    repeats = 60
    p = {name: [] for name in applicable(columns) if name != "classifier"}
    for seed in range(repeats):
        rng = np.random.default_rng([seed, columns])
        x, y = (LAWS[law](rng, rows, columns) for rows in (40, 50))
        pool = make_pool(*rounded(x, y, 1e-4), 39, seed)
        for name in p:
            p[name].append(STATISTICS[name].test(pool).p)
    for name, level in product(p, (0.05, 0.2, 0.5)):
        most = stats.binom.isf(1e-6, repeats, level)
        assert np.sum(np.array(p[name]) <= level) <= most, (name, level)
    for name in set(p) - {"row_summaries"}:  # of one number or a grid, these are often tied
        assert np.sum(np.array(p[name]) <= 0.5) >= stats.binom.ppf(1e-6, repeats, 0.5) - 6, name


def test_the_classifier_holds_its_level():
    p = [outcome("classifier", normal(2 * s, 60, 2), normal(2 * s + 1, 60, 2)).p for s in range(60)]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 60, 0.1)


FAULTS = {
    "marginals": lambda z: 0.8 * z,
    "energy": lambda z: z + 0.2,
    "neighbours": lambda z: 0.8 * z,
    "covariance": lambda z: np.sqrt(0.8) * z + np.sqrt(0.2) * z[:, :1],
    "row_summaries": lambda z: np.sort(z, axis=1) * 0.9,
    "classifier": lambda z: 0.7 * z,
}


@pytest.mark.parametrize("name", STATISTICS)
def test_each_test_sees_the_fault_it_is_for(name):
    x, y = normal(0, 400, 16), FAULTS[name](normal(1, 400, 16))
    found = outcome(name, x, y, permutations=199)
    assert found.p <= 0.005
    assert found.effect > 3
    assert found.null_median < found.null_q95 < found.statistic


def test_one_bad_column_of_many_is_seen():
    x, y = normal(0, 300, 200), normal(1, 300, 200)
    y[:, 7] = y[:, 7] * 0.3
    assert outcome("marginals", x, y, 199).p <= 0.005


def test_small_errors_of_any_sign_add_up():
    x, y = normal(0, 500, 300), normal(1, 500, 300)
    y *= np.random.default_rng(2).choice([0.9, 1.1], 300)
    assert outcome("marginals", x, y, 199).p <= 0.005


@pytest.mark.parametrize("name", SYMMETRIC)
def test_statistics_do_not_depend_on_order_sides_or_units(name):
    x, y = normal(0, 80, 8), normal(1, 60, 8) + 0.1
    units = np.array([1, 2, 5, 0.1, 1e3, 1e-3, 7, 1.0])
    want = outcome(name, x, y, 499)
    for a, b in ((y, x), (x[::-1], y[::-1]), (x * units, y * units)):
        got = outcome(name, a, b, 499)
        assert got.p == pytest.approx(want.p, abs=0.15)  # other permutations are drawn
        if name in ("energy", "covariance"):  # others are standardised by these permutations
            assert got.statistic == pytest.approx(want.statistic, abs=1e-5)


@pytest.mark.parametrize("name", STATISTICS)
def test_same_seed_same_outcome(name):
    x, y = normal(0, 60, 9), normal(1, 70, 9)
    assert outcome(name, x, y, seed=3) == outcome(name, x, y, seed=3)


SHAPES = {
    "one column": (normal(0, 40, 1), normal(1, 90, 1)),
    "constant column": (normal(0, 40, 9) * ([1] * 8 + [0]), normal(1, 40, 9) * ([1] * 8 + [0])),
    "nothing varies": (np.zeros((30, 9)), np.zeros((40, 9))),
    "ties": (np.round(normal(0, 60, 9)), np.round(normal(1, 50, 9))),
    "float32": (normal(0, 40, 30, np.float32), normal(1, 40, 30, np.float32)),
    "more columns than rows": (normal(0, 30, 200), normal(1, 30, 200)),
    "few against many": (normal(0, 30, 2), normal(1, 6000, 2)),
    "huge value": (normal(0, 40, 9), np.where(np.eye(40, 9) > 0, 1e30, normal(1, 40, 9))),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_has_finite_outcomes(shape):
    x, y = SHAPES[shape]
    pool = make_pool(*rounded(x, y, 1e-4), 39, seed=0)
    for name, test in applicable(x.shape[1]).items():
        found = test(pool)
        assert np.isfinite([*vars(found).values()]).all(), name
        assert 0 < found.p <= 1, name


def test_the_pool_is_thinned_and_keeps_the_small_side():
    pool = make_pool(normal(0, 30, 2), normal(1, 6000, 2), 3, seed=0)
    assert len(pool.z) == effects.QUADRATIC_ROWS
    assert pool.labels[:, 0].sum() == 30
    assert len(pool.all_rows) == 6030
    assert (
        np.sort(pool.all_rows[pool.all_labels == 1, 0])
        == np.sort(pool.z[pool.labels[:, 0] == 1, 0])
    ).all()


def test_marginals_look_at_all_rows():
    x, y = normal(0, 60_000, 1), normal(1, 60_000, 1) * 0.97
    assert outcome("marginals", x, y, 199).p <= 0.005  # 2000 a side would see it one time in ten


def test_thinned_marginals_hold_their_level():
    p = [
        outcome("marginals", normal(2 * s, 4000, 2), normal(2 * s + 1, 4000, 2), 39).p
        for s in range(40)
    ]
    assert np.sum(np.array(p) <= 0.1) <= stats.binom.isf(1e-6, 40, 0.1)


def test_classifier_area_is_half_for_one_law_and_one_for_two():
    x = normal(0, 300, 4)
    assert classifier_auc(x, normal(1, 300, 4)) == pytest.approx(0.5, abs=0.17)
    assert classifier_auc(x, normal(1, 300, 4) + 10) == 1.0
