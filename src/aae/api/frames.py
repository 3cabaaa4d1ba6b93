"""Arrays and data frames as tables, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from aae.base.checks import expect
from aae.tables.parquet import plain

if TYPE_CHECKING:
    import pyarrow as pa

ARRAY, ARROW, PANDAS = "array", "arrow", "pandas"
LABEL = "label"  # what a column of labels is called that comes by itself


def table_from(
    rows: Any, labels: Any = None, columns: Sequence[str] | None = None
) -> tuple[pa.Table, str | None]:
    """Take rows as a table; returns it and the name of its column of labels, if any.

    Args:
        rows: a 2-D array; a mapping of columns; or a data frame, which says what it is through
            Arrow (`__arrow_c_stream__`) or the interchange protocol (`__dataframe__`).
        labels: name of a column, or the label of each row, shape (rows,).
        columns: names of an array's columns, else x0, x1, ...

    Raises:
        ValueError: none of these, or another number of labels or names.
    """
    table = _table(rows, columns)
    if labels is None or isinstance(labels, str):
        return table, labels
    expect(len(labels) == table.num_rows, f"{table.num_rows} labels", len(labels))
    expect(LABEL not in table.column_names, f"no column {LABEL!r} beside labels", LABEL)
    return table.append_column(LABEL, [_array(labels)]), LABEL


def _table(rows: Any, columns: Sequence[str] | None) -> pa.Table:
    import pyarrow as pa
    from pyarrow import interchange

    if isinstance(rows, pa.Table):
        return plain(rows)
    if isinstance(rows, Mapping):
        return plain(pa.table({str(name): _array(cells) for name, cells in rows.items()}))
    if hasattr(rows, "__arrow_c_stream__"):
        return plain(pa.table(rows))
    if hasattr(rows, "__dataframe__"):
        return plain(interchange.from_dataframe(rows))
    array = np.asarray(rows)
    got = f"shape {array.shape} of type {array.dtype}"
    expect(array.ndim == 2 and array.dtype.kind in "biuf", "a table or 2-D array of numbers", got)
    names = columns or [f"x{column}" for column in range(array.shape[1])]
    expect(len(names) == array.shape[1], f"{array.shape[1]} names of columns", len(names))
    return pa.table({name: _array(column) for name, column in zip(names, array.T, strict=True)})


def _array(cells: Any) -> pa.Array:
    """An Arrow array; NaN in an array of objects is a gap."""
    import pyarrow as pa

    if isinstance(cells, (pa.Array, pa.ChunkedArray)):
        return cells
    array = np.asarray(cells)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    return pa.array(np.ascontiguousarray(array), from_pandas=True)


def kind_of_frame(rows: Any) -> str:
    """What samples are given as: the kind of the rows that were learned from."""
    if type(rows).__module__.partition(".")[0] == PANDAS:
        return PANDAS
    arrow = isinstance(rows, Mapping) or hasattr(rows, "__arrow_c_stream__")
    return ARROW if arrow or hasattr(rows, "__dataframe__") else ARRAY
