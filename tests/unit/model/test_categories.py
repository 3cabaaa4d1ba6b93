"""Categories are one label each, and follow what columns are at their frequent value."""

import numpy as np

from aae.dataset.splits import Split
from aae.model.categories import LEAST_ROWS, categories, dequantised, patterns, switch
from aae.model.scores import normal_scores

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(400, 3)).astype("f4")
NONE = np.empty((400, 0), dtype=np.bool_)


def test_without_switches_strata_are_labels() -> None:
    labels = RNG.integers(4, size=400)
    np.testing.assert_array_equal(patterns(ROWS, labels, NONE), labels)


def test_a_column_switches_where_one_value_is_frequent_among_many() -> None:
    inflated = np.where(np.arange(400) % 4 == 0, 0, ROWS[:, 0])
    np.testing.assert_array_equal(switch(inflated), np.arange(400) % 4 == 0)
    assert switch(ROWS[:, 0]) is None
    assert switch((np.arange(400) % 2).astype("f4")) is None  # two values: no switch


def test_patterns_of_two_columns_are_strata_and_rare_ones_join_the_nearest() -> None:
    rows, labels = ROWS.copy(), np.zeros(400, dtype=np.int64)
    rows[:200, 0] = rows[100:300, 1] = 0.0
    strata = patterns(rows, labels, NONE)
    np.testing.assert_array_equal(strata == strata[0], np.arange(400) < 100)
    assert len(np.unique(strata)) == 4
    rows[100 : 200 - LEAST_ROWS + 1, 1] = 1.0  # 19 rows left where both are off
    merged = patterns(rows, labels, NONE)
    assert len(np.unique(merged)) == 3
    assert np.bincount(merged).min() >= LEAST_ROWS


def test_a_category_has_one_label() -> None:
    labels = RNG.integers(3, size=400)
    rows = ROWS + 3 * labels[:, None]
    data = Split(rows.astype("f4"), labels)
    known = categories(data, data.rows, np.empty(0, np.int64), 2, 0)
    np.testing.assert_array_equal(known.label[known.row], labels)
    np.testing.assert_array_equal(np.unique(known.row), np.arange(len(known.label)))
    alone = categories(Split(data.rows, None), data.rows, np.empty(0, np.int64), 2, 0)
    assert not alone.label.any()


def test_rows_with_gaps_in_different_columns_are_different_kinds() -> None:
    gaps = np.zeros((400, 3), dtype=np.bool_)
    gaps[:200, :2] = gaps[::4, 2] = True
    strata = patterns(ROWS, np.zeros(400, dtype=np.int64), gaps)
    assert len(np.unique(strata)) == 4
    few = gaps.copy()
    few[:, 2] = np.arange(400) < 30  # in 7% of the rows: no switch
    strata = patterns(ROWS, np.zeros(400, dtype=np.int64), few)
    np.testing.assert_array_equal(strata == strata[0], np.arange(400) < 200)


def test_categories_are_not_chosen_for_having_one_value_of_an_indicator() -> None:
    """Of indicators alone, which depend on nothing: any number of clusters fits held-out ones."""
    rows = (RNG.random((400, 8)) < RNG.uniform(0.1, 0.5, 8)).astype("f4")
    scores = np.column_stack([normal_scores(each) for each in rows.T]).astype("f4")
    known = categories(Split(rows, None), scores, np.empty(0, np.int64), 2, 0)
    assert len(known.label) <= 2
    spread = dequantised(rows, scores.astype(float), 0)
    for column, each in zip(rows.T, spread.T, strict=True):
        assert each[column == 1].min() > each[column == 0].max()
        assert len(np.unique(each)) == 400
