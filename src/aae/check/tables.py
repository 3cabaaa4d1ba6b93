"""Tables read alike: the same columns in the same order, labels of one set of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aae.base.checks import expect
from aae.tables.coding import Coded, coded
from aae.tables.formats import load
from aae.tables.labels import class_labels
from aae.tables.wording import listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Reading:
    """How tables are read.

    Attributes:
        label: column that holds classes; rows that have no such column have no classes.
        drop: columns that are left out, of every table that has them.
        sep: between the cells of CSV.
        na: texts that mean a gap, besides the usual ones.
    """

    label: str | None = None
    drop: tuple[str, ...] = ()
    sep: str = ","
    na: tuple[str, ...] = ()


@dataclass(frozen=True)
class Features:
    """Columns as a file holds them, and the classes of its rows.

    Attributes:
        file: name.
        columns: all but the label.
        labels: index into `classes` of every row, shape (rows,); None without a label.
        classes: as text.
    """

    file: str
    columns: pa.Table
    labels: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)

    @property
    def named(self) -> bool:
        """Whether its columns have names of their own; those of NPY files have none."""
        return not self.file.lower().endswith(".npy")


def read_alike(paths: Sequence[Path], reading: Reading) -> list[Features]:
    """Read tables with the columns of the first, in its order.

    Args:
        paths: CSV, Parquet or NPY files. The first has the label column, if any is wanted; the
            others may have it.
        reading: how.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no table, other columns than the first's, no such label or column to drop.
    """
    tables = [load(path, reading.sep, reading.na) for path in paths]
    return alike(tables, [path.name for path in paths], reading)


def alike(tables: Sequence[pa.Table], files: Sequence[str], reading: Reading) -> list[Features]:
    """Bring tables that are read into the columns of the first; `files` names them in messages."""
    known = {name for table in tables for name in table.column_names}
    for name in reading.drop:
        expect(name in known, "a column of a table to drop", name)
    first, *others = (
        _features(table, file, reading) for table, file in zip(tables, files, strict=True)
    )
    if reading.label is not None and first.labels is None:
        names = listed([repr(name) for name in first.columns.column_names])
        wanted = f"label column {reading.label!r} in {first.file}"
        raise refusal(f"expected {wanted}, got columns {names}")
    return [first, *(aligned(table, first) for table in others)]


def _features(table: pa.Table, file: str, reading: Reading) -> Features:
    left_out = {*reading.drop, reading.label}
    names = [name for name in table.column_names if name not in left_out]
    if not names or not table.num_rows:
        got = "no rows" if names else "no feature columns"
        raise refusal(f"expected at least one row and one feature column in {file}, got {got}")
    features = Features(file, table.select(names))
    if reading.label not in table.column_names:
        return features
    where = f"label column {reading.label!r} of {file}"
    labels, classes = class_labels(table.column(reading.label), where)
    return replace(features, labels=labels, classes=classes)


def aligned(table: Features, wanted: Features) -> Features:
    """Bring the columns into the order of another table's.

    An NPY file has no names: there, the number of columns has to be the same.

    Raises:
        ValueError: the columns differ; the message says which.
    """
    names, order = table.columns.column_names, wanted.columns.column_names
    if not (table.named and wanted.named):
        count = f"{len(order)} columns in {table.file} as in {wanted.file}"
        expect(len(names) == len(order), count, len(names))
        return replace(table, columns=table.columns.rename_columns(order))
    missing = [repr(name) for name in order if name not in names]
    other = [repr(name) for name in names if name not in order]
    if missing or other:
        sides = (("no", missing), ("an unknown", other))
        got = " and ".join(f"{what} {listed(side)}" for what, side in sides if side)
        hint = " (--drop leaves columns out)"
        raise refusal(f"expected the columns of {wanted.file} in {table.file}, got {got}{hint}")
    return replace(table, columns=table.columns.select(order))


def numbers(tables: Sequence[Features], reading: Reading) -> Coded:
    """Code the columns of tables that are `aligned`; the first two decide how."""
    return coded([(table.columns, table.file) for table in tables], reading.na)


def label_pair(real: Features, generated: Features) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Labels of both tables as indices into the classes of both together, and these.

    Raises:
        ValueError: a table has no labels.
    """
    classes = sorted({*real.classes, *generated.classes})
    both = []
    for table in (real, generated):
        if table.labels is None:
            raise ValueError(f"expected labels in {table.file}, got none")
        both.append(np.array([classes.index(name) for name in table.classes])[table.labels])
    return both[0], both[1], classes
