"""A user's table of numbers: read, check, split and describe a CSV, Parquet or NPY file."""

from __future__ import annotations

import math
import reprlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CLASSES = 1000
_BLOCK_BYTES = 1 << 24  # pyarrow refuses a row longer than a block; its default is 1 MiB
_FORMATS = {
    ".csv": "a CSV table",
    ".parquet": "a Parquet table",
    ".npy": "a 2-D NPY array of numbers",
}


@dataclass
class TableSource:
    """Where a table lies and how it is used; also the schema of one entry of `tables`.

    Attributes:
        path: file inside the project, relative, ending in .csv, .parquet or .npy.
        label: name of the column that holds classes, if there is one.
        test_share: share of the rows that are held out for testing, strictly between 0 and 1.
        seed: seed of the split.

    Raises:
        ValueError: a value is out of its range.
    """

    path: str = ""
    label: str | None = None
    test_share: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        path = PurePosixPath(self.path) if isinstance(self.path, str) else PurePosixPath()
        if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in _FORMATS:
            kinds = ", ".join(_FORMATS)
            wanted = f"a relative path inside the project, ending in one of {kinds}"
            raise _error(f"expected {wanted}, for 'path', got {self.path!r}")
        if self.label is not None and (not isinstance(self.label, str) or not self.label):
            raise _error(f"expected a column name or nothing for 'label', got {self.label!r}")
        _check_share(self.test_share)
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            raise _error(f"expected an integer of at least 0 for 'seed', got {self.seed!r}")


@dataclass(frozen=True)
class Table:
    """What was read.

    Attributes:
        rows: features, shape (rows, columns), float32, finite, in the file's own units.
        columns: names of the feature columns.
        labels: index into `classes` for every row, shape (rows,), int64; None without a label.
        classes: label values as text, in numeric order if all are numbers, else as text.
        constant: names of the feature columns that hold one single value.
    """

    rows: np.ndarray
    columns: list[str]
    labels: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    constant: list[str] = field(default_factory=list)


def read_table(path: Path, label: str | None = None) -> Table:
    """Read a table of numbers; the columns of an NPY array are called x0, x1, ...

    Args:
        path: CSV (UTF-8, with a header row), Parquet or NPY file.
        label: name of the column that holds classes: text, integers, booleans or whole floats.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not a table of finite numbers with distinct column names, or the
            label column is missing, incomplete or has more than `MAX_CLASSES` distinct values.
    """
    table, file = _load(path), path.name
    if label is not None and label not in table.column_names:
        names = _listed([repr(name) for name in table.column_names])
        raise _error(f"expected label column {label!r} in {file}, got columns {names}")
    columns = [name for name in table.column_names if name != label]
    if not columns or not table.num_rows:
        got = "no rows" if columns else "no feature columns"
        raise _error(f"expected at least one row and one feature column in {file}, got {got}")
    rows = _numbers(table, columns, file)
    constant = [columns[j] for j in np.flatnonzero(rows.min(axis=0) == rows.max(axis=0))]
    if label is None:
        return Table(rows, columns, constant=constant)
    labels, classes = _labels(table.column(label), f"label column {label!r} of {file}")
    return Table(rows, columns, labels, classes, constant)


def split(rows: int, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Divide the rows at random into training and test rows, neither empty.

    The order is random as well, so that any block of either part is a random sample.

    Returns:
        Indices of the training rows and of the test rows, each int64 of one dimension.

    Raises:
        ValueError: fewer than two rows, or a share that is not strictly between 0 and 1.
    """
    _check_share(test_share)
    if rows < 2:
        raise _error(f"expected at least 2 rows to split, got {rows}")
    order = np.random.default_rng(seed).permutation(rows)
    tests = min(max(round(rows * test_share), 1), rows - 1)
    return order[tests:], order[:tests]


def describe(table: Table) -> dict[str, Any]:
    """Return what was read, ready for JSON: rows, columns and their ranges, classes and counts."""
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
    }


def summary(table: Table, path: Path, label: str | None = None) -> str:
    """Return one line that says what was read from where."""
    size = f"{_count(len(table.rows), 'row')} x {_count(len(table.columns), 'column')}"
    text = f"read {size} from {path.name}"
    if table.labels is not None:
        text += f", label {label!r} with {_count(len(table.classes), 'class', 'classes')}"
    if table.constant:
        names = _listed(table.constant)
        text += f"; {_count(len(table.constant), 'constant column')}: {names}"
    return _one_line(text)


def _load(path: Path) -> pa.Table:
    suffix, file = path.suffix.lower(), path.name
    if suffix not in _FORMATS:
        raise _error(f"expected a file ending in one of {', '.join(_FORMATS)}, got {file!r}")
    if not path.is_file():
        got = "a directory" if path.is_dir() else "no such file"
        raise FileNotFoundError(_one_line(f"expected a file {path}, got {got}"))
    if not path.stat().st_size:
        raise _error(f"expected {_FORMATS[suffix]} in {file}, got an empty file")
    try:
        table = _READERS[suffix](path)
        names = table.column_names
    except Exception as error:  # on damaged files the parsers raise nearly anything
        raise _error(f"expected {_FORMATS[suffix]} in {file}, got {error}") from error
    if suffix == ".csv" and all(map(_is_number, names)):
        raise _error(f"expected a header row of column names in {file}, got numbers")
    _check_names(names, file)
    return table


def _read_csv(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "error"

    def parse(threads: bool) -> pa.Table:
        reading = csv.ReadOptions(use_threads=threads, block_size=_BLOCK_BYTES)
        return csv.read_csv(path, reading, csv.ParseOptions(invalid_row_handler=note))

    try:
        return parse(threads=True)
    except pa.ArrowInvalid:
        ragged.clear()
    try:
        return parse(threads=False)  # slower, but knows the numbers of the rows
    except pa.ArrowInvalid as error:
        if not ragged:
            raise
        row = ragged[0]
        got = f"{_count(row.actual_columns, 'cell')} in row {row.number - 1}"
        raise ValueError(f"{got} where the header has {row.expected_columns}") from error


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    # not parquet.read_table: that one makes columns of folders called "key=value"
    with parquet.ParquetFile(path) as file:
        table = file.read()
    table.validate(full=True)
    for j, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            plain = table.column(j).cast(column.type.value_type)
            table = table.set_column(j, column.name, plain)
    return table


def _read_npy(path: Path) -> pa.Table:
    import pyarrow as pa

    with path.open("rb") as file:
        if file.read(6) != b"\x93NUMPY":
            raise ValueError("a file of another format")
    array = np.load(path, allow_pickle=False)
    if array.ndim != 2:
        raise ValueError(f"shape {array.shape}")
    if array.dtype.kind not in "biuf":
        raise ValueError(f"elements of type {array.dtype}")
    # Arrow takes neither foreign byte order nor extended precision
    native = np.float64 if array.dtype.itemsize > 8 else array.dtype.newbyteorder("=")
    array = array.astype(native, copy=False)
    return pa.table({f"x{j}": array[:, j] for j in range(array.shape[1])})


_READERS: dict[str, Callable[[Path], pa.Table]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".npy": _read_npy,
}


def _check_names(names: list[str], file: str) -> None:
    unnamed = [j for j, name in enumerate(names, 1) if not name.strip()]
    if unnamed:
        got = f"none for column {unnamed[0]} (a saved row index?)"
        raise _error(f"expected a name for every column of {file}, got {got}")
    repeated = [repr(name) for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise _error(f"expected distinct column names in {file}, got {_listed(repeated)} twice")


def _numbers(table: pa.Table, columns: list[str], file: str) -> np.ndarray:
    import pyarrow as pa

    rows = np.empty((table.num_rows, len(columns)), np.float32)
    for j, name in enumerate(columns):
        column = table.column(name)
        if not _is_numeric(column.type):
            row, text = _first_text(column)
            got = f"{column.type} {reprlib.repr(text)} in row {row}"
            raise _error(f"expected numbers in column {name!r} of {file}, got {got}")
        with np.errstate(over="ignore"):  # what overflows is found and named below
            rows[:, j] = column.cast(pa.float64(), safe=False).to_numpy()
    bad = ~np.isfinite(rows)
    if bad.any():
        row, j = divmod(int(bad.argmax()), len(columns))
        where = f"in row {row + 1}, column {columns[j]!r} ({_count(int(bad.sum()), 'such cell')})"
        got = _fault(table.column(columns[j])[row].as_py())
        raise _error(f"expected finite numbers in {file}, got {got} {where}")
    return rows


def _is_numeric(kind: pa.DataType) -> bool:
    from pyarrow import types

    # a column without one value has the type null: its cells are reported as empty
    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal, types.is_null)
    return any(test(kind) for test in tests)


def _fault(cell: Any) -> str:
    if cell is None or math.isnan(cell):
        return "an empty cell or NaN"
    return f"{cell}" if math.isinf(cell) else f"{cell}, too large for float32,"


def _first_text(column: pa.ChunkedArray) -> tuple[int, str]:
    """Return the row, from 1, and the text of the cell that makes a column one of text."""
    import pyarrow as pa

    try:
        texts = column.cast(pa.string())
    except pa.ArrowException:  # nested or undecodable: the type says enough
        return 1, ""
    cells = [(row, cell.as_py() or "") for row, cell in enumerate(texts, 1)]
    filled = [cell for cell in cells if cell[1].strip()]
    return next((cell for cell in filled if not _is_number(cell[1])), (filled or cells)[0])


def _labels(column: pa.ChunkedArray, where: str) -> tuple[np.ndarray, list[str]]:
    encoded = _label_texts(column, where).combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if len(names) > MAX_CLASSES:
        limit = f"expected at most {MAX_CLASSES} classes in {where}"
        raise _error(f"{limit}, got {len(names)}: is it a number column?")
    numeric = all(map(_is_number, names))
    classes = sorted(names, key=lambda name: (float(name) if numeric else 0.0, name))
    rank = np.array([classes.index(name) for name in names], np.int64)
    return rank[encoded.indices.to_numpy()], classes


def _label_texts(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(column.type) or pa.types.is_decimal(column.type):
        column = _whole(column, where)
    try:
        texts = column.cast(pa.string())
    except pa.ArrowException as error:
        got = f"type {column.type}"
        raise _error(f"expected text, integers or booleans in {where}, got {got}") from error
    empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True).to_numpy()
    if empty.any():
        got = f"an empty one in row {empty.argmax() + 1} ({_count(int(empty.sum()), 'such cell')})"
        raise _error(f"expected a value in every row of {where}, got {got}")
    return texts


def _whole(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    import pyarrow as pa

    values = column.cast(pa.float64(), safe=False).to_numpy()
    whole = (np.abs(values) < 2.0**63) & (values == np.trunc(values))
    bad = ~whole & column.is_valid().to_numpy()
    if bad.any():
        got = f"{values[bad.argmax()]} in row {bad.argmax() + 1}: is it a number column?"
        raise _error(f"expected text, whole numbers or booleans in {where}, got {got}")
    return column.cast(pa.int64(), safe=False)


def _check_share(share: float) -> None:
    if not isinstance(share, float) or not 0 < share < 1:
        raise _error(f"expected a number strictly between 0 and 1 for 'test_share', got {share!r}")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _listed(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _error(text: str) -> ValueError:
    return ValueError(_one_line(text))
