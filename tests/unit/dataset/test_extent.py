"""Columns that single precision can be right about, and files that the disk has room for, pass."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aae.dataset.extent import LARGEST, SMALLEST, check_range, expect_room

FREE = 1_234_567_890
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


@pytest.mark.parametrize("copies", [1, 2])
@given(size=st.integers(0, 10**15))
def test_what_is_larger_than_what_is_free_is_refused(copies: int, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2 * FREE, FREE, FREE)
        )
        patch.setenv("DVC_STAGE", "generate") if copies == 2 else patch.delenv("DVC_STAGE", False)
        if size * copies <= FREE:
            expect_room(Path("no/such/folder/x.npy"), size)
        else:
            with pytest.raises(
                ValueError, match="^expected .* free for .*, got 1.2 GB: fewer rows"
            ):
                expect_room(Path("no/such/folder/x.npy"), size)
