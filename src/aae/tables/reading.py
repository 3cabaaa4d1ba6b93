"""A user's table: its columns as numbers, with labels and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aae.tables.coding import CATEGORIES, CATEGORY, TIME, Field, coded
from aae.tables.formats import load
from aae.tables.labels import class_labels, group_numbers
from aae.tables.schema import Label, Schema
from aae.tables.wording import counted, first_text, is_number, listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa

DROP = "leave it out with `drop`"


@dataclass(frozen=True)
class Table:
    """What was read.

    Attributes:
        rows: features, shape (rows, columns), finite, in the file's own units, text and gaps coded;
            float32 where that holds all of them exactly, else float64.
        columns: names of the feature columns, as coded.
        labels: index into `classes` for every row, shape (rows,), int64; None without a label.
        classes: label values as text, in numeric order if all are numbers, else as text.
        constant: names of the feature columns that hold one single value.
        groups: a number for every row, equal in rows of one group, shape (rows,); None without.
        fields: the columns that are coded; none where they are numbers of unknown type.
        label: the column that holds classes.
    """

    rows: np.ndarray
    columns: list[str]
    labels: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    constant: list[str] = field(default_factory=list)
    groups: np.ndarray | None = None
    fields: list[Field] = field(default_factory=list)
    label: Label | None = None

    @property
    def schema(self) -> Schema:
        """How rows become such a table again."""
        return Schema(self.fields, self.label, self.classes)


def read_table(
    path: Path, label: str | None = None, group: str | None = None, drop: Sequence[str] = ()
) -> Table:
    """Read a table; the columns of an NPY array are called x0, x1, ...

    Args:
        path: CSV (UTF-8, with a header row), Parquet or NPY file.
        label: name of the column that holds classes: text, integers, booleans or whole floats.
        group: name of the column that holds groups, see `TableSource`.
        drop: names of columns that are left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no table with distinct column names, see `table_of`.
    """
    return table_of(load(path), path.name, label, group, drop)


def table_of(
    table: pa.Table,
    file: str,
    label: str | None = None,
    group: str | None = None,
    drop: Sequence[str] = (),
) -> Table:
    """Take a table that is read already; `file` names it in messages, see `read_table`.

    Raises:
        ValueError: columns that are no numbers, text, booleans or time stamps, dates or text that
            tells rows apart; or the label or group column is missing or incomplete, or there are
            more than `MAX_CLASSES` labels.
    """
    kinds = [("label", label), ("group", group), *(("dropped", name) for name in drop)]
    for kind, name in kinds:
        if name is not None and name not in table.column_names:
            names = listed([repr(name) for name in table.column_names])
            raise refusal(f"expected {kind} column {name!r} in {file}, got columns {names}")
    written = [name for name in table.column_names if name not in (group, *drop)]
    columns = [name for name in written if name != label]
    if not columns or not table.num_rows:
        got = "no rows" if columns else "no feature columns"
        raise refusal(f"expected at least one row and one feature column in {file}, got {got}")
    read = _features(table.select(columns), file)
    if label is not None:
        column = table.column(label)
        labels, classes = class_labels(column, f"label column {label!r} of {file}")
        place = Label(label, str(column.type), written.index(label))
        read = replace(read, labels=labels, classes=classes, label=place)
    if group is not None:
        groups = group_numbers(table.column(group), f"group column {group!r} of {file}")
        read = replace(read, groups=groups)
    return read


def _features(table: pa.Table, file: str) -> Table:
    numbers = coded([(table, file)])
    for each in numbers.fields:
        _expect_features(each, table.column(each.name), file)
    (rows,) = numbers.rows
    _expect_bounded(rows, numbers.columns, file)
    narrow = rows.astype(np.float32)
    rows = np.ascontiguousarray(narrow if np.array_equal(narrow, rows) else rows)
    constant = rows.min(axis=0) == rows.max(axis=0)
    names = [numbers.columns[j] for j in np.flatnonzero(constant)]
    return Table(rows, numbers.columns, constant=names, fields=numbers.fields)


def _expect_features(field: Field, column: pa.ChunkedArray, file: str) -> None:
    """Refuse what tells rows apart and has no law: dates, and text that hardly repeats."""
    where = f"column {field.name!r} of {file}"
    if field.kind == TIME and field.type.startswith("date"):
        expected = f"numbers, text, booleans or time stamps in {where}"
        raise refusal(f"expected {expected}, got {field.type}{first_text(column)}: {DROP}")
    texts, cells = len(field.categories), sum(field.categories.values())
    numbers = sum(map(is_number, field.categories))
    if field.kind == CATEGORY and texts > CATEGORIES and 2 * numbers > texts > numbers:
        got = f"{field.type}{first_text(column)} among numbers"
        raise refusal(f"expected numbers alone, or text, in {where}, got {got}: {DROP}")
    if field.kind == CATEGORY and texts > CATEGORIES and 2 * texts > cells:
        got = f"{texts} different ones in {counted(cells, 'row')}, {field.type}{first_text(column)}"
        raise refusal(f"expected text that repeats in {where}, got {got} (identifiers?): {DROP}")


def _expect_bounded(rows: np.ndarray, columns: Sequence[str], file: str) -> None:
    with np.errstate(over="ignore"):
        bad = np.isinf(rows.astype(np.float32))  # networks compute in float32
    if bad.any():
        row, j = divmod(int(bad.argmax()), rows.shape[1])
        count = counted(int(bad.sum()), "such cell")
        where = f"in row {row + 1}, column {columns[j]!r} ({count})"
        raise refusal(f"expected numbers within +-3.4e+38 in {file}, got {rows[row, j]} {where}")
