"""Laws of what is named: right names, plain units, no wrong name more often than stated."""

import json

import numpy as np
import pytest
from scipy import stats

from aae.verdict.classifier import held_out
from aae.verdict.column_differences import column_differences
from aae.verdict.differences import ROWS, betraying_rows, differences
from aae.verdict.outcome import family_wise
from aae.verdict.pair_differences import pair_differences
from aae.verdict.pooling import make_pool


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


def names_of(x):
    return [f"c{column}" for column in range(x.shape[1])]


def columns_named(x, y, seed=0):
    return column_differences(make_pool(x, y, 199, seed), x, y, names_of(x))


def pairs_named(x, y, seed=0):
    return pair_differences(make_pool(x, y, 199, seed), x, y, names_of(x))


def dependent(seed, rows, columns):
    return normal(seed, rows, columns) + normal(seed + 10**6, rows, 1)


def test_family_wise_p_counts_the_largest():
    p = family_wise(np.array([5.0, 2, 0]), np.array([5.0, 1, 2, 3]))
    assert p.tolist() == [0.25, 0.75, 1.0]


def test_a_column_is_named_with_its_numbers():
    x, y = 3 + 10 * dependent(0, 400, 12), 3 + 10 * dependent(1, 400, 12)
    y[:, 5] = 2 * y[:, 5] + 7
    (found,) = columns_named(x, y)
    assert found.name == "c5"
    assert found.mean == pytest.approx((x[:, 5].mean(), y[:, 5].mean()))
    assert found.sd == pytest.approx((x[:, 5].std(), y[:, 5].std()))
    assert found.ks == pytest.approx(stats.ks_2samp(x[:, 5], y[:, 5]).statistic)
    gap = np.quantile(y[:, 5], found.quantile) - np.quantile(x[:, 5], found.quantile)
    assert found.shift == pytest.approx(gap / x[:, 5].std())
    assert found.quantile in (0.05, 0.95)
    assert found.p <= 0.05


def test_the_largest_difference_comes_first():
    x, y = normal(0, 500, 4), normal(1, 500, 4) + [0, 0.5, 1.5, 0]
    assert [each.name for each in columns_named(x, y)] == ["c2", "c1"]


def test_a_column_that_is_constant_on_one_side_is_named():
    x, y = normal(0, 200, 3), normal(1, 200, 3)
    x[:, 1] = 0.3
    (found,) = columns_named(x, y)
    assert (found.name, found.sd[0]) == ("c1", pytest.approx(0))
    assert np.isfinite(found.shift)


def test_the_spread_of_a_constant_column_is_exactly_0():
    x, y = normal(0, 75, 3), normal(1, 75, 3)
    y[:, 1] = 4.35  # whose mean over 75 rows is another float
    (named,) = column_differences(make_pool(x, y, 199, 0), x, y, names_of(x))
    assert named.name == "c1" and named.sd[1] == 0


def test_a_pair_is_named_with_its_correlations():
    x, y = normal(0, 500, 20), normal(1, 500, 20)
    x[:, 9] += x[:, 3]
    (found,) = pairs_named(x, y)
    assert found.names == ("c3", "c9")
    assert found.what == "correlation of c3 and c9"
    want = [np.corrcoef(side[:, [3, 9]].T)[0, 1] for side in (x, y)]
    assert found.correlation == pytest.approx(want)
    ranks = [stats.spearmanr(side[:, 3], side[:, 9]).statistic for side in (x, y)]
    assert found.dependence == pytest.approx(ranks, abs=0.01)


WORDS = {
    "spread of c1 depends on c0": lambda z, q: z[:, 1] * np.exp(0.7 * q),
    "spread of c0 depends on c1": lambda z, q: np.abs(q) + 0.3 * z[:, 1],
    "spread of c1 depends on that of c0": lambda z, q: z[:, 1] * (0.3 + np.abs(q)),
}


@pytest.mark.parametrize("words", WORDS)
def test_dependence_of_degree_two_has_words(words):
    x, y = normal(0, 1000, 8), normal(1, 1000, 8)
    x[:, 1], y[:, 1] = WORDS[words](x, x[:, 0]), WORDS[words](y, normal(2, 1000, 1)[:, 0])
    assert words in [each.what for each in pairs_named(x, y)]


def test_of_many_columns_the_pair_is_named():
    x, y = normal(0, 500, 250), normal(1, 500, 250)
    x[:, 1], y[:, 1] = x[:, 0] + 0.5 * x[:, 1], -y[:, 0] + 0.5 * y[:, 1]
    assert [each.names for each in pairs_named(x, y)] == [("c0", "c1")]


def at_most(level, repeats):
    return stats.binom.isf(1e-6, repeats, level)


def test_equal_columns_and_pairs_are_seldom_named():
    """With one wrong column, and one wrong pair, among equal ones: family-wise 5%."""
    repeats, columns, pairs = 60, 0, 0
    for seed in range(repeats):
        x, y = dependent(3 * seed, 150, 8), dependent(3 * seed + 1, 150, 8)
        y[:, 2] += 1
        x[:, 7] += 2 * x[:, 6]
        y[:, 7] = np.sqrt(2) * normal(3 * seed + 2, 150, 1)[:, 0]
        columns += bool({each.name for each in columns_named(x, y, seed)} - {"c2", "c7"})
        wrong = {each.names for each in pairs_named(x, y, seed) if "c7" not in each.names}
        pairs += bool(wrong)
    assert columns <= at_most(0.05, repeats)
    assert pairs <= at_most(0.05, repeats)


def test_wrong_columns_name_no_pair():
    x, y = dependent(0, 1000, 6), np.exp(0.7 * dependent(1, 1000, 6) + 1)
    assert len(columns_named(x, y)) == 6
    assert pairs_named(x, y) == ()


def test_betraying_rows_are_those_of_the_generated_table():
    x, y = normal(0, 403, 4), normal(1, 601, 4)
    bad = np.arange(601) % 5 == 0
    y[bad] += 6
    pool = make_pool(x, y, 1, 0)
    found = betraying_rows(pool, len(x))
    assert len(found) == ROWS
    assert bad[[each.row for each in found]].all()
    assert all(0.9 < each.score <= 1 for each in found)
    learned = set(range(len(pool.z))) - set(held_out(pool).rows.tolist())
    known = {pool.grouping.order[row] - len(x) for row in learned}
    assert not known & {each.row for each in found}


def test_nothing_is_named_of_one_law():
    x, y = normal(0, 200, 5), normal(1, 200, 5)
    found = differences(make_pool(x, y, 199, 0), x, y, names_of(x))
    assert found.to_dict() == {"columns": (), "pairs": (), "rows": ()}


def test_what_is_named_is_json():
    x, y = normal(0, 300, 5), normal(1, 300, 5) + [1, 0, 0, 0, 0]
    x[:, 2] += x[:, 1]
    found = differences(make_pool(x, y, 199, 0), x, y, names_of(x)).to_dict()
    again = json.loads(json.dumps(found))
    assert [each["name"] for each in again["columns"]] == ["c0", "c2"]
    assert again["pairs"][0]["names"] == ["c1", "c2"]
    assert again["rows"]


@pytest.mark.parametrize("columns", [1, 2])
def test_few_and_constant_columns_are_no_error(columns):
    x, y = np.zeros((40, columns)), np.zeros((50, columns))
    assert columns_named(x, y) == ()
    assert pairs_named(x, y) == ()


@pytest.mark.parametrize("nearly", [0, 2])
def test_a_column_that_is_constant_on_one_side_names_no_pair(nearly):
    x, y = dependent(0, 400, 4), dependent(1, 400, 4)
    y[nearly:, 1] = 0.3
    y[:, 3] = normal(2, 400, 1)[:, 0]
    assert {each.names for each in pairs_named(x, y)} == {("c0", "c3"), ("c2", "c3")}
