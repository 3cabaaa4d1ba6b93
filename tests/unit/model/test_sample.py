"""A sample is of all kinds of rows, and no larger than it has to be."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aae.model.sample import OF_EACH, sample


@given(st.integers(1, 300), st.integers(1, 300), st.integers(1, 5), st.integers(0, 9))
def test_a_sample_has_rows_of_each_kind(rows: int, most: int, count: int, seed: int) -> None:
    kinds = np.random.default_rng(seed).integers(count, size=rows) ** 3
    chosen = sample(kinds, rows, most, seed)
    assert (np.diff(chosen) > 0).all() and chosen[0] >= 0 and chosen[-1] < rows
    assert min(rows, most) <= len(chosen) <= min(rows, most + count * OF_EACH)
    for kind in np.unique(kinds):
        own, drawn = (int(np.sum(each == kind)) for each in (kinds, kinds[chosen]))
        assert drawn >= min(own, OF_EACH)
    np.testing.assert_array_equal(chosen, sample(kinds, rows, most, seed))


def test_another_seed_draws_other_rows_without_kinds_as_many() -> None:
    first, other = (sample(None, 1000, 100, seed) for seed in (0, 1))
    assert len(first) == len(other) == 100
    assert len(np.intersect1d(first, other)) < 50
