"""Strata follow what columns are at their frequent value, and where rows have gaps."""

import numpy as np
from numpy.typing import NDArray

from aae.model.strata import LEAST_ROWS, Strata, switch

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(400, 3)).astype("f4")
NONE = np.empty(0, np.int64)


def strata_of(
    rows: NDArray[np.float32], labels: NDArray[np.int64], flags: NDArray[np.int64] = NONE
) -> NDArray[np.int64]:
    return Strata.learn(rows, labels, flags).of(rows, labels)


def test_without_switches_strata_are_labels() -> None:
    labels = RNG.integers(4, size=400)
    np.testing.assert_array_equal(strata_of(ROWS, labels), labels)


def test_a_column_switches_where_one_value_is_frequent_among_many() -> None:
    inflated = np.where(np.arange(400) % 4 == 0, 0, ROWS[:, 0])
    assert switch(inflated) == 0
    assert switch(ROWS[:, 0]) is None
    assert switch((np.arange(400) % 2).astype("f4")) is None  # two values: no switch


def test_patterns_of_two_columns_are_strata_and_rare_ones_join_the_nearest() -> None:
    rows, labels = ROWS.copy(), np.zeros(400, dtype=np.int64)
    rows[:200, 0] = rows[100:300, 1] = 0.0
    strata = strata_of(rows, labels)
    np.testing.assert_array_equal(strata == strata[0], np.arange(400) < 100)
    assert len(np.unique(strata)) == 4
    rows[100 : 200 - LEAST_ROWS + 1, 1] = 1.0  # 19 rows left where both are off
    merged = strata_of(rows, labels)
    assert len(np.unique(merged)) == 3
    assert np.bincount(merged).min() >= LEAST_ROWS


def test_rows_with_gaps_in_different_columns_are_different_kinds() -> None:
    gaps = np.zeros((400, 3), dtype="f4")
    gaps[:200, :2] = gaps[::4, 2] = 1
    labels, flags = np.zeros(400, dtype=np.int64), np.arange(3, 6)
    strata = strata_of(np.hstack([ROWS, gaps]), labels, flags)
    assert len(np.unique(strata)) == 4
    gaps[:, 2] = np.arange(400) < 30  # in 7% of the rows: no switch
    strata = strata_of(np.hstack([ROWS, gaps]), labels, flags)
    np.testing.assert_array_equal(strata == strata[0], np.arange(400) < 200)


def test_a_pattern_that_was_not_seen_is_of_the_most_similar_one() -> None:
    rows, labels = ROWS.copy(), np.arange(400) % 2
    rows[:200, 0] = 0.0
    strata = Strata.learn(rows, labels, NONE)
    other = rows[[0, 399]].copy()
    assert strata.of(other, labels[[0, 399]]).tolist() == [1, 2]
    assert strata.of(other, labels[[399, 0]]).tolist() == [3, 0]
