"""A user's table: its columns as numbers, with labels and groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aae.tables.coding import Cells, Field, Numbers, field_of
from aae.tables.features import Beyond, cells_beyond, expect_bounded, expect_feature, narrowed
from aae.tables.formats import TableFile, opened
from aae.tables.labels import class_labels, group_numbers
from aae.tables.profile import Profile, Range
from aae.tables.schema import Label
from aae.tables.wording import listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa

Keep = Callable[[Numbers], object]


@dataclass(frozen=True, kw_only=True)
class Table(Profile):
    """A table in memory.

    Attributes:
        rows: features, shape (rows, columns), finite, in the file's own units, text and gaps coded;
            float32 where that holds all of them exactly, else float64.
    """

    rows: Numbers


def read_table(path: Path, label: str | None = None, drop: Sequence[str] = ()) -> Table:
    """Read a table into memory; the columns of an NPY array are called x0, x1, ...

    Args:
        path: CSV (UTF-8, with a header row), Parquet or NPY file.
        label: name of the column that holds classes: text, integers, booleans or whole floats.
        drop: names of columns that are left out.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no table with distinct column names, see `table_of`.
    """
    with opened(path) as table:
        return table_of(table, path.name, label, drop)


def table_of(
    table: TableFile | pa.Table, file: str, label: str | None = None, drop: Sequence[str] = ()
) -> Table:
    """Take a table into memory; `file` names it in messages, see `read_table`.

    Raises:
        ValueError: see `choose` and `Chosen.profile`.
    """
    kept: list[Numbers] = []
    profile = choose(table, file, label, drop=drop).profile(kept.append)
    return Table(**vars(profile), rows=np.ascontiguousarray(np.column_stack(kept)))


def choose(
    table: TableFile | pa.Table,
    file: str,
    label: str | None = None,
    group: str | None = None,
    drop: Sequence[str] = (),
) -> Chosen:
    """Choose columns of a table, of which no cell is read; `file` names it in messages.

    Args:
        table: with columns of distinct names.
        file: what it is called.
        label: name of the column that holds classes, see `read_table`.
        group: name of the column that holds groups, see `TableSource`.
        drop: names of columns that are left out.

    Raises:
        ValueError: a column is missing, or there are no rows or no feature columns.
    """
    kinds = [("label", label), ("group", group), *(("dropped", name) for name in drop)]
    for kind, name in kinds:
        if name is not None and name not in table.column_names:
            names = listed([repr(name) for name in table.column_names])
            raise refusal(f"expected {kind} column {name!r} in {file}, got columns {names}")
    used = [name for name in table.column_names if name not in (group, *drop)]
    chosen = Chosen(table, file, used, label, group)
    if not chosen.features or not table.num_rows:
        got = "no rows" if chosen.features else "no feature columns"
        raise refusal(f"expected at least one row and one feature column in {file}, got {got}")
    return chosen


@dataclass(frozen=True)
class Chosen:
    """Columns of a table that are used.

    Attributes:
        table: that has them.
        file: what it is called.
        names: of the features and the label, in the table's order.
        label, group: name of the column of each, or None.
    """

    table: TableFile | pa.Table
    file: str
    names: list[str]
    label: str | None = None
    group: str | None = None

    @property
    def features(self) -> list[str]:
        """Names of the columns that are features."""
        return [name for name in self.names if name != self.label]

    def groups(self) -> NDArray[Any] | None:
        """Read a number for every row, equal in rows of one group, shape (rows,); None without.

        Raises:
            ValueError: a row without a group.
        """
        if self.group is None:
            return None
        where = f"group column {self.group!r} of {self.file}"
        return group_numbers(self.table.column(self.group), where)

    def profile(self, keep: Keep = lambda values: None) -> Profile:
        """Read and code columns, one after another, and say what is known of them.

        Args:
            keep: takes the cells of each coded column, shape (rows,), finite, float32 where that
                holds all of them exactly, else float64.

        Raises:
            ValueError: columns that are no numbers, text, booleans or time stamps, dates or text
                that tells rows apart; or the label column is incomplete, or there are more than
                `MAX_CLASSES` labels.
        """
        fields: list[Field] = []
        ranges: list[Range] = []
        beyond: list[Beyond] = []
        for name in self.features:
            cells = Cells(self.table.column(name), self.file)
            field = field_of(name, [cells])
            expect_feature(field, cells)
            fields.append(field)
            for title, values in zip(field.columns, field.code(cells), strict=True):
                beyond += cells_beyond(title, values)
                numbers = narrowed(values)
                ranges.append(Range.of(title, numbers))
                keep(numbers)
        expect_bounded(beyond, self.file)
        return Profile(self.table.num_rows, ranges, fields=fields, **self._labelled())

    def _labelled(self) -> dict[str, Any]:
        if self.label is None:
            return {}
        column = self.table.column(self.label)
        labels, classes = class_labels(column, f"label column {self.label!r} of {self.file}")
        label = Label(self.label, str(column.type), self.names.index(self.label))
        return {"labels": labels, "classes": classes, "label": label}
