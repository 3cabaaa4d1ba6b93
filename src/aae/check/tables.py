"""Two tables read alike: the same columns in the same order, labels of one set of classes."""

import csv
from dataclasses import fields
from pathlib import Path

import numpy as np

from aae.base.checks import expect
from aae.tables.reading import Table, read_table


def read_like(wanted: Table, wanted_path: Path, path: Path, label: str | None) -> Table:
    """Read a table with the columns of another, and its labels where it has them."""
    try:
        held = label if label is None or label in header(path) else None
    except (OSError, ValueError, csv.Error):
        held = label  # what is wrong with the file, `read_table` says
    return aligned(read_table(path, held), path, wanted, wanted_path)


def header(path: Path) -> list[str]:
    """Names of the columns of a table, without its rows; of an NPY array x0, x1, ..."""
    kind = path.suffix.lower()
    if kind == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    if kind == ".parquet":
        from pyarrow.parquet import read_schema

        return list(read_schema(path).names)
    shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    return [f"x{column}" for column in range(shape[1] if len(shape) == 2 else 0)]


def aligned(table: Table, path: Path, wanted: Table, wanted_path: Path) -> Table:
    """Bring the columns into the order of another table's.

    An NPY file has no names: there, the number of columns has to be the same.

    Raises:
        ValueError: the columns differ; the message says which.
    """
    named = ".npy" not in (path.suffix.lower(), wanted_path.suffix.lower())
    if not named:
        count = f"{len(wanted.columns)} columns in {path.name} as in {wanted_path.name}"
        expect(len(table.columns) == len(wanted.columns), count, len(table.columns))
        return table
    missing = [name for name in wanted.columns if name not in table.columns]
    other = [name for name in table.columns if name not in wanted.columns]
    if missing or other:
        sides = (("no", missing), ("an unknown", other))
        got = " and ".join(f"{what} {side[0]!r} ({len(side)} such)" for what, side in sides if side)
        raise ValueError(f"expected the columns of {wanted_path.name} in {path.name}, got {got}")
    order = [table.columns.index(name) for name in wanted.columns]
    changed = {field.name: getattr(table, field.name) for field in fields(table)}
    return Table(**changed | {"rows": table.rows[:, order], "columns": wanted.columns})


def label_pair(real: Table, generated: Table) -> tuple[np.ndarray, np.ndarray] | None:
    """Labels of both tables as indices into the classes of both together."""
    if real.labels is None or generated.labels is None:
        return None
    classes = sorted({*real.classes, *generated.classes})
    both = [
        np.array([classes.index(name) for name in table.classes])[table.labels]
        for table in (real, generated)
    ]
    return both[0], both[1]
