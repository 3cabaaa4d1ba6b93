"""A user's table: features as float32 numbers, with labels and groups."""

from __future__ import annotations

import math
import reprlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aae.tables.formats import load
from aae.tables.labels import class_labels, group_numbers
from aae.tables.wording import counted, listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Table:
    """What was read.

    Attributes:
        rows: features, shape (rows, columns), float32, finite, in the file's own units.
        columns: names of the feature columns.
        labels: index into `classes` for every row, shape (rows,), int64; None without a label.
        classes: label values as text, in numeric order if all are numbers, else as text.
        constant: names of the feature columns that hold one single value.
        groups: a number for every row, equal in rows of one group, shape (rows,); None without.
    """

    rows: np.ndarray
    columns: list[str]
    labels: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    constant: list[str] = field(default_factory=list)
    groups: np.ndarray | None = None


def read_table(path: Path, label: str | None = None, group: str | None = None) -> Table:
    """Read a table of numbers; the columns of an NPY array are called x0, x1, ...

    Args:
        path: CSV (UTF-8, with a header row), Parquet or NPY file.
        label: name of the column that holds classes: text, integers, booleans or whole floats.
        group: name of the column that holds groups, see `TableSource`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a table of finite numbers with distinct column names, or the
            label or group column is missing or incomplete, or there are more than `MAX_CLASSES`
            labels.
    """
    table, file = load(path), path.name
    for kind, name in (("label", label), ("group", group)):
        if name is not None and name not in table.column_names:
            names = listed([repr(name) for name in table.column_names])
            raise refusal(f"expected {kind} column {name!r} in {file}, got columns {names}")
    columns = [name for name in table.column_names if name not in (label, group)]
    if not columns or not table.num_rows:
        got = "no rows" if columns else "no feature columns"
        raise refusal(f"expected at least one row and one feature column in {file}, got {got}")
    rows = _numbers(table, columns, file)
    constant = [columns[j] for j in np.flatnonzero(rows.min(axis=0) == rows.max(axis=0))]
    read = Table(rows, columns, constant=constant)
    if label is not None:
        column = table.column(label)
        labels, classes = class_labels(column, f"label column {label!r} of {file}")
        read = replace(read, labels=labels, classes=classes)
    if group is not None:
        groups = group_numbers(table.column(group), f"group column {group!r} of {file}")
        read = replace(read, groups=groups)
    return read


def _numbers(table: pa.Table, columns: list[str], file: str) -> np.ndarray:
    from pyarrow import types as t

    # a column without any value has the type null: its cells are reported as empty
    numeric = (t.is_integer, t.is_floating, t.is_boolean, t.is_decimal, t.is_null)
    rows = np.empty((table.num_rows, len(columns)), np.float32)
    for j, name in enumerate(columns):
        column = table.column(name)
        if not any(test(column.type) for test in numeric):
            got = f"{column.type}{first_text(column)}"
            raise refusal(f"expected numbers in column {name!r} of {file}, got {got}")
        with np.errstate(over="ignore"):  # what overflows is found and named below
            rows[:, j] = column.cast("float64", safe=False).to_numpy()
    _expect_finite(rows, table.select(columns), file)
    return rows


def _expect_finite(rows: np.ndarray, table: pa.Table, file: str) -> None:
    bad = ~np.isfinite(rows)
    if bad.any():
        row, j = divmod(int(bad.argmax()), rows.shape[1])
        cell = table.column(j)[row].as_py()
        got = "an empty cell or NaN" if cell is None or math.isnan(cell) else cell
        count = counted(int(bad.sum()), "such cell")
        where = f"in row {row + 1}, column {table.column_names[j]!r} ({count})"
        raise refusal(f"expected finite float32 numbers in {file}, got {got} {where}")


def first_text(column: pa.ChunkedArray) -> str:
    """The first cell that is no number, and its row; empty where cells can be no text."""
    import pyarrow.compute as pc
    from pyarrow import csv

    try:
        texts = column.cast("string")
    except (ValueError, NotImplementedError):  # nested or undecodable: the type says enough
        return ""
    trimmed = pc.utf8_trim_whitespace(texts)
    gaps = pc.is_in(trimmed, value_set=_strings(csv.ConvertOptions().null_values))
    numbers = pc.if_else(gaps, None, trimmed)
    low, high = (
        0,
        1 if _are_numbers(numbers) else len(numbers),
    )  # all before `low` are numbers, not all before `high`
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _are_numbers(numbers[low:middle]) else (low, middle)
    return f" {reprlib.repr(texts[low].as_py())} in row {low + 1}"


def _strings(values: list[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.string())


def _are_numbers(texts: pa.ChunkedArray) -> bool:
    try:
        texts.cast("float64")
    except ValueError:
        return False
    return True
