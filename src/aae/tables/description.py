"""What was read of a table: for table.json, and in one line."""

from pathlib import Path
from typing import Any

import numpy as np

from aae.tables.reading import Table
from aae.tables.wording import counted, listed


def describe(table: Table) -> dict[str, Any]:
    """Return what was read, ready for JSON.

    Rows, columns as coded and their ranges, classes and counts; and the schema.
    """
    codes = np.empty(0, np.int64) if table.labels is None else table.labels
    counts = np.bincount(codes, minlength=len(table.classes)).tolist()
    return {
        "rows": len(table.rows),
        "columns": list(table.columns),
        "classes": dict(zip(table.classes, counts, strict=True)),
        "constant": list(table.constant),
        "minimum": table.rows.min(axis=0).tolist(),
        "maximum": table.rows.max(axis=0).tolist(),
        "mean": table.rows.mean(axis=0, dtype=np.float64).tolist(),
    } | table.schema.to_dict()


def one_line(table: Table, path: Path, label: str | None = None) -> str:
    """Return one line that says what was read from where."""
    size = f"{counted(len(table.rows), 'row')} x {counted(_columns(table), 'column')}"
    text = f"read {size} from {path.name}"
    if table.labels is not None:
        text += f", label {label!r} with {counted(len(table.classes), 'class', 'classes')}"
    if table.constant:
        names = listed(table.constant)
        text += f"; {counted(len(table.constant), 'constant column')}: {names}"
    return " ".join(text.split())


def _columns(table: Table) -> int:
    return len(table.fields) or len(table.columns)
