"""What was read of a table: for table.json, and in one line."""

from pathlib import Path
from typing import Any

import numpy as np

from aae.tables.profile import Profile
from aae.tables.wording import counted, listed


def describe(table: Profile) -> dict[str, Any]:
    """Return what was read, ready for JSON.

    Rows, columns as coded and their ranges, classes and counts; and the schema.
    """
    codes = np.empty(0, np.int64) if table.labels is None else table.labels
    counts = np.bincount(codes, minlength=len(table.classes)).tolist()
    return {
        "rows": table.size,
        "columns": table.columns,
        "classes": dict(zip(table.classes, counts, strict=True)),
        "constant": table.constant,
        "minimum": [each.minimum for each in table.ranges],
        "maximum": [each.maximum for each in table.ranges],
        "mean": [each.mean for each in table.ranges],
    } | table.schema.to_dict()


def one_line(table: Profile, path: Path, label: str | None = None) -> str:
    """Return one line that says what was read from where."""
    size = f"{counted(table.size, 'row')} x {counted(_columns(table), 'column')}"
    text = f"read {size} from {path.name}"
    if table.labels is not None:
        text += f", label {label!r} with {counted(len(table.classes), 'class', 'classes')}"
    if table.constant:
        names = listed(table.constant)
        text += f"; {counted(len(table.constant), 'constant column')}: {names}"
    return " ".join(text.split())


def _columns(table: Profile) -> int:
    return len(table.fields) or len(table.columns)
