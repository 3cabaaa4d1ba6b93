"""Columns that single precision can be right about pass; the first other one is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.dataset.extent import LARGEST, SMALLEST, check_range

REST = np.arange(12, dtype=np.float64).reshape(4, 3)


@pytest.mark.parametrize(
    "column",
    [
        [3e38, -3e38, 1, 2],
        [1e-42, 2e-42, 3e-42, 0],
        [LARGEST * 2, 1, 2, 3],
        [SMALLEST / 3, 0, 0, 0],
        [np.nan, 1, 2, 3],
        [np.inf, 1, 2, 3],
        [-np.inf, np.inf, 2, 3],
    ],
)
def test_a_column_out_of_range_is_named(column: list[float]) -> None:
    rows = REST.copy()
    rows[:, 1] = column
    with pytest.raises(ValueError, match="^expected column 'b' to lie within .*, got '"):
        check_range(rows.astype(np.float32), ["a", "b", "c"])
    with pytest.raises(ValueError, match="column 'x1'"):
        check_range(rows)


@given(st.floats(2 * SMALLEST, LARGEST / 20), st.booleans())
def test_any_scale_between_passes_and_so_do_constants(scale: float, negative: bool) -> None:
    rows = REST * (-scale if negative else scale)
    rows[:, 2] = 0.0
    check_range(rows.astype(np.float32))
    check_range(rows[:0])
