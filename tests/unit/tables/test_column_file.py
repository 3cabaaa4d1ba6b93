"""Columns in a file: whatever pieces they are written and read by, they are the same."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tables import matrices, quick

from aae.tables.column_file import ColumnFile, pieces, unnamed


@quick
@given(matrices, st.data())
def test_columns_written_in_any_order_are_those_that_are_read(
    rows: np.ndarray, data: st.DataObject
) -> None:
    stored = ColumnFile(BytesIO(b"other"), len(rows), end=5)
    kinds = [data.draw(st.sampled_from(["<f4", ">f8"])) for _ in rows.T]
    for kind in kinds:
        stored.add(kind)
    cells = [(row, column) for row in range(len(rows)) for column in range(rows.shape[1])]
    for row, column in data.draw(st.permutations(cells)):
        stored.write(column, row, rows[row : row + 1, column])
    stop = data.draw(st.integers(0, len(rows)))
    start = data.draw(st.integers(0, stop))
    block = stored.block(slice(start, stop), np.float32)
    np.testing.assert_array_equal(block, rows[start:stop])
    for column, kind in enumerate(kinds):
        assert stored.read(column).dtype == kind
        np.testing.assert_array_equal(stored.read(column), rows[:, column])


@given(st.integers(0, 300), st.integers(1, 50), st.integers(1, 400))
def test_pieces_are_all_rows_and_bounded(rows: int, columns: int, cells: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aae.tables.column_file.CELLS", cells)
        found = [*pieces(rows, columns)]
    assert [row for piece in found for row in range(rows)[piece]] == [*range(rows)]
    assert all((piece.stop - piece.start) * columns <= max(cells, columns) for piece in found)


def test_a_file_that_ends_early_is_no_column() -> None:
    stored = ColumnFile(BytesIO(bytes(15)), 2)
    stored.add("f8")
    with pytest.raises(ValueError, match="expected 16 bytes of a column, got 15"):
        stored.read(0)


def test_an_unnamed_file_is_never_seen(tmp_path: Path) -> None:
    with unnamed(tmp_path / "data") as file:
        file.write(b"x")
        assert [*(tmp_path / "data").iterdir()] == []
