"""A split is a partition at random that keeps groups whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import quick, refusal

from aae.tables.splitting import split


@quick
@given(
    st.integers(2, 500),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
    st.integers(0, 2**63),
)
def test_a_split_is_a_partition(rows: int, share: float, seed: int) -> None:
    train, test = split(rows, share, seed)
    assert sorted([*train, *test]) == list(range(rows))
    assert len(train) and len(test) and abs(len(test) - rows * share) <= 1
    for part, again in zip((train, test), split(rows, share, seed), strict=True):
        np.testing.assert_array_equal(part, again)


def test_a_split_depends_on_its_seed_and_is_shuffled() -> None:
    train, _ = split(1000, 0.5, 0)
    assert not np.array_equal(train, split(1000, 0.5, 1)[0])
    # a block at the front is as spread as the whole: its mean is within 5 standard errors
    assert abs(train[:100].mean() - 499.5) < 5 * 1000 / np.sqrt(12 * 100)


@pytest.mark.parametrize("rows, share", [(0, 0.5), (1, 0.5), (9, 0.0), (9, 1.0), (9, np.nan)])
def test_refused_splits(rows: int, share: float) -> None:
    refusal(lambda: split(rows, share, 0))


@given(st.integers(0, 99), st.floats(0.1, 0.9), st.integers(2, 30))
def test_split_keeps_groups_whole(seed, share, count):
    groups = np.random.default_rng(seed).integers(0, count, 300)
    train, test = split(300, share, seed, groups)
    assert sorted([*train, *test]) == list(range(300))
    assert not set(groups[train]) & set(groups[test])
    assert len(train) and len(test)
    largest = np.bincount(groups).max()
    assert abs(len(test) - 300 * share) <= largest


def test_split_needs_two_groups():
    with pytest.raises(ValueError, match="expected at least 2 groups to split, got 1"):
        split(5, 0.5, 0, np.zeros(5))
