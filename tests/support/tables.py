"""Files of tables for tests, and what a refusal of one has to be."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pyarrow import parquet

quick = settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
matrices = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=7),
    elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
)


def write(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns in the format that the suffix names; a None is an empty cell."""
    if path.suffix == ".parquet":
        parquet.write_table(pa.table(columns), path)
    elif path.suffix == ".npy":
        np.save(path, np.column_stack([np.asarray(column) for column in columns.values()]))
    else:
        lines = [columns, *zip(*columns.values(), strict=True)]
        cells = [["" if cell is None else str(cell) for cell in line] for line in lines]
        path.write_text("".join(",".join(line) + "\n" for line in cells), encoding="utf-8")
    return path


def refusal(act: Callable[[], Any], *parts: str, kind: type[Exception] = ValueError) -> str:
    """Check that a call is refused in one line that holds every part; return that line."""
    with pytest.raises(kind) as caught:
        act()
    message = str(caught.value)
    assert message.isprintable() and message.startswith("expected ") and ", got " in message
    assert not [part for part in parts if part not in message], message
    return message
