"""Laws of the statistics: levels, power, invariances, agreement with plain references."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from aae.verdict import pooling
from aae.verdict.battery import STATISTICS, applicable, classifier_auc, holm, most_tests
from aae.verdict.effects import QUADRATIC_ROWS
from aae.verdict.outcome import permutation_outcome
from aae.verdict.pooling import make_pool
from aae.verdict.rounding import rounded

SYMMETRIC = ["marginals", "energy", "neighbours", "covariance", "row_summaries"]


def normal(seed, rows, columns, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(dtype)


def outcome(name, x, y, permutations=99, seed=0):
    return STATISTICS[name].test(make_pool(x, y, permutations, seed))


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


# The tests of the battery


def test_each_number_of_columns_has_its_tests():
    any_number = {"marginals", "energy", "neighbours", "classifier"}
    assert set(applicable(1)) == any_number | {"few_columns"}
    assert set(applicable(4)) == any_number | {"few_columns", "pairs", "covariance"}
    assert set(applicable(7)) == any_number | {"pairs", "covariance"}
    assert set(applicable(784)) == set(STATISTICS) - {"few_columns"}
    assert most_tests() == 7


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
    p: dict[str, list[float]] = {name: [] for name in applicable(columns) if name != "classifier"}
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
    "pairs": lambda z: np.where(np.arange(z.shape[1]) == 1, (z + z[:, :1]) / np.sqrt(2), z),
    "few_columns": lambda z: 0.8 * z,
    "classifier": lambda z: 0.7 * z,
}


@pytest.mark.parametrize("name", STATISTICS)
def test_each_test_sees_the_fault_it_is_for(name):
    columns = min(16, STATISTICS[name].most)
    x, y = normal(0, 400, columns), FAULTS[name](normal(1, 400, columns))
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
    assert len(pool.z) == QUADRATIC_ROWS
    assert pool.labels[:, 0].sum() == 30
    assert pool.all_labels.sum() == 30


def test_a_pool_in_groups_is_of_the_given_rows():
    x, y = normal(0, 1300, 2), normal(1, 900, 2)
    pool = make_pool(x, y, 3, seed=0)
    assert pool.grouping.size == 3
    assert pool.all_rows.shape == (433 * 3 + 300 * 3, 2)
    assert (pool.labels[:, 0] == pool.all_labels[: len(pool.z)]).all()
    for side, label in ((x, 1), (y, 0)):
        kept = pool.all_rows[pool.all_labels == label, 0]
        assert np.corrcoef(np.sort(side[:, 0])[: len(kept)], np.sort(kept))[0, 1] > 0.999


def test_marginals_look_at_all_rows():
    x, y = normal(0, 60_000, 1), normal(1, 60_000, 1) * 0.97
    assert outcome("marginals", x, y, 199).p <= 0.005  # 2000 a side would see it one time in ten


def rare(seed, rows):
    """One normal column and four of very rare ones."""
    rng = np.random.default_rng(seed)
    return np.hstack([rng.normal(size=(rows, 1)), rng.random((rows, 4)) < 3e-4])


def test_marginals_of_many_rows_hold_their_level_with_rare_values():
    p = [outcome("marginals", rare(2 * s, 6000), rare(2 * s + 1, 6000), 39).p for s in range(60)]
    for level in (0.05, 0.2, 0.5):
        assert np.sum(np.array(p) <= level) <= stats.binom.isf(1e-4, 60, level)


@pytest.mark.parametrize("law", LAWS)
def test_p_values_of_groups_are_valid(law, monkeypatch):
    """As above, where a group is of several rows and some rows are in none."""
    monkeypatch.setattr(pooling, "GROUPS", 20)
    p: dict[str, list[float]] = {
        name: [] for name in ("marginals", "energy", "neighbours", "covariance")
    }
    for seed in range(40):
        rng = np.random.default_rng([seed, 9])
        pool = make_pool(*rounded(*(LAWS[law](rng, n, 3) for n in (41, 78)), 1e-4), 39, seed)
        assert pool.grouping.size == 2
        for name in p:
            p[name].append(STATISTICS[name].test(pool).p)
    for name, level in product(p, (0.05, 0.2, 0.5)):
        assert np.sum(np.array(p[name]) <= level) <= stats.binom.isf(1e-5, 40, level), (name, level)


def test_classifier_area_is_half_for_one_law_and_one_for_two():
    x = normal(0, 200, 4)
    assert classifier_auc(x, normal(1, 200, 4)) == pytest.approx(0.5, abs=0.17)
    assert classifier_auc(x, normal(1, 200, 4) + 10) == 1.0
