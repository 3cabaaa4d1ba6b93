"""Categories are one label each, and follow what columns are at their frequent value."""

import numpy as np

from aae.model.categories import LEAST_ROWS, categories, patterns, switch

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(400, 3)).astype("f4")


def test_without_switches_strata_are_labels() -> None:
    labels = RNG.integers(4, size=400)
    np.testing.assert_array_equal(patterns(ROWS, labels), labels)


def test_a_column_switches_where_one_value_is_frequent_among_many() -> None:
    inflated = np.where(np.arange(400) % 4 == 0, 0, ROWS[:, 0])
    np.testing.assert_array_equal(switch(inflated), np.arange(400) % 4 == 0)
    assert switch(ROWS[:, 0]) is None
    assert switch((np.arange(400) % 2).astype("f4")) is None  # two values: no switch


def test_patterns_of_two_columns_are_strata_and_rare_ones_join_the_nearest() -> None:
    rows, labels = ROWS.copy(), np.zeros(400, dtype=np.int64)
    rows[:200, 0] = rows[100:300, 1] = 0.0
    strata = patterns(rows, labels)
    np.testing.assert_array_equal(strata == strata[0], np.arange(400) < 100)
    assert len(np.unique(strata)) == 4
    rows[100 : 200 - LEAST_ROWS + 1, 1] = 1.0  # 19 rows left where both are off
    merged = patterns(rows, labels)
    assert len(np.unique(merged)) == 3
    assert np.bincount(merged).min() >= LEAST_ROWS


def test_a_category_has_one_label() -> None:
    labels = RNG.integers(3, size=400)
    rows = ROWS + 3 * labels[:, None]
    known = categories(rows.astype("f4"), labels, rows.astype("f4"), 2, 0)
    np.testing.assert_array_equal(known.label[known.row], labels)
    np.testing.assert_array_equal(np.unique(known.row), np.arange(len(known.label)))
    alone = categories(rows.astype("f4"), None, rows.astype("f4"), 2, 0)
    assert not alone.label.any()
