"""Laws of number formats and resolution: what is merged, and what never is."""

import numpy as np
import pytest

from aae.verdict.rounding import common_format, merged, rounded, steps


def normal(seed, rows, columns):
    return np.random.default_rng(seed).normal(size=(rows, columns))


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
    x = normal(0, 300, 2)
    x[0, 0] = 1e12
    assert steps(x, 1e-4)[0] <= 2 * steps(x, 1e-4)[1]


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_step_is_the_real_columns_own(unit):
    """What other columns, or generated rows, hold makes no column coarser."""
    x = np.hstack([normal(0, 300, 1), 1e6 * unit * normal(1, 300, 3)])
    assert steps(x, 1e-4)[0] == steps(x[:, :1], 1e-4)[0]
    x[:, 0] = np.where(np.arange(300) % 3, 0.0, x[:, 0])  # zero inflated, one huge value
    x[0, 0] = 1e9
    assert 2e-5 < steps(x, 1e-4)[0] < 2e-4


def test_a_constant_columns_step_is_rounding_noise():
    x = np.hstack([np.full((50, 1), 1e6), np.zeros((50, 1)), 1e-3 * normal(0, 50, 1)])
    large, zero, _ = steps(x, 1e-4)
    assert 0.1 < large <= 1
    assert 1e-10 < zero < 1e-9


FORMATS = {
    "small steps far from zero": 1e6 + 1e-3 * normal(0, 300, 1),
    "identifiers": 10**9 + np.arange(300)[:, None],
    "time stamps": 1_700_000_000_000_000_000 + np.arange(300)[:, None],
    "beyond int64": np.uint64(2**63) + np.arange(300, dtype=np.uint64)[:, None],
    "booleans": np.arange(300)[:, None] % 2 == 0,
    "bytes": np.arange(300)[:, None].astype(np.uint8),
}


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_merges_values(name):
    values = FORMATS[name]
    read, again = common_format(values, values[::-1])
    assert read.dtype == np.float64
    assert (read == again[::-1]).all()
    assert len(np.unique(rounded(values, values, 1e-4)[0])) == len(np.unique(values))
    if values.dtype.kind != "f":
        assert np.ptp(read) == int(values.max()) - int(values.min())


def test_what_the_coarser_format_merges_is_said():
    x = np.hstack([1e9 + 100 * normal(0, 300, 1), normal(1, 300, 1)])
    fine, coarse = common_format(x, x.astype(np.float32))
    assert (fine == coarse).all()
    moved = merged(x, fine, steps(fine, 1e-4))
    assert list(moved) == [0]
    assert 16 < moved[0] <= 32
    assert not merged(x.astype(np.float32), coarse, steps(fine, 1e-4))


def test_half_precision_is_read_as_such():
    x = normal(0, 300, 2)
    read, other = common_format(x, x.astype(np.float16))
    assert read.dtype == other.dtype == np.float32
    assert (read == other).all()
