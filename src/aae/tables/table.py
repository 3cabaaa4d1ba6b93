"""A user's table of numbers: read, check, split and describe a CSV, Parquet or NPY file."""

from __future__ import annotations

import csv
import math
import reprlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CLASSES = 1000
_BLOCK_BYTES = 1 << 24  # pyarrow refuses a row longer than a block; its default is 1 MiB


@dataclass
class TableSource:
    """Where a table lies and how it is used; also the schema of one entry of `tables`.

    Attributes:
        path: file inside the project, relative, ending in .csv, .parquet or .npy.
        label: name of the column that holds classes, if there is one.
        group: name of a column, no feature, whose equal values keep rows on one side of the split
            into training and test rows: of one patient, or copies of one image; if there is one.
        test_share: share of the rows that are held out for testing, strictly between 0 and 1.
        seed: seed of the split.
    """

    path: str = ""
    label: str | None = None
    group: str | None = None
    test_share: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        """Check every value."""
        path = PurePosixPath(self.path) if isinstance(self.path, str) else PurePosixPath()
        if path.is_absolute() or ".." in path.parts or path.suffix.lower() not in _FORMATS:
            kinds = ", ".join(_FORMATS)
            wanted = f"a relative path inside the project, ending in one of {kinds}"
            raise _error(f"expected {wanted}, for 'path', got {self.path!r}")
        for key in ("label", "group"):
            value = getattr(self, key)
            if value is not None and (not isinstance(value, str) or not value):
                raise _error(f"expected a column name or nothing for {key!r}, got {value!r}")
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
    table, file = _load(path), path.name
    for kind, name in (("label", label), ("group", group)):
        if name is not None and name not in table.column_names:
            names = _listed([repr(name) for name in table.column_names])
            raise _error(f"expected {kind} column {name!r} in {file}, got columns {names}")
    columns = [name for name in table.column_names if name not in (label, group)]
    if not columns or not table.num_rows:
        got = "no rows" if columns else "no feature columns"
        raise _error(f"expected at least one row and one feature column in {file}, got {got}")
    rows = _numbers(table, columns, file)
    constant = [columns[j] for j in np.flatnonzero(rows.min(axis=0) == rows.max(axis=0))]
    found = Table(rows, columns, constant=constant)
    if group is not None:
        found = replace(found, groups=_groups(table.column(group), f"{group!r} of {file}"))
    if label is None:
        return found
    labels, classes = _labels(table.column(label), f"label column {label!r} of {file}")
    return replace(found, labels=labels, classes=classes)


def split(
    rows: int, test_share: float, seed: int, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the rows at random into training and test rows, neither empty.

    The order is random as well, so that any block of either part is a random sample. Groups stay
    whole: the share of test rows is the one nearest to what is asked for.

    Args:
        rows: how many.
        test_share: of the rows.
        seed: of order and split.
        groups: equal for rows that belong together, shape (rows,).

    Returns:
        Indices of the training rows and of the test rows, each int64 of one dimension.

    Raises:
        ValueError: fewer than two rows or groups, or a share that is not strictly between 0 and 1.
    """
    _check_share(test_share)
    if rows < 2:
        raise _error(f"expected at least 2 rows to split, got {rows}")
    rng = np.random.default_rng(seed)
    order = rng.permutation(rows)
    tests = min(max(round(rows * test_share), 1), rows - 1)
    if groups is None:
        return order[tests:], order[:tests]
    tested = _whole_groups(groups, tests, rng)[order]
    return order[~tested], order[tested]


def _whole_groups(groups: np.ndarray, wanted: int, rng: np.random.Generator) -> np.ndarray:
    """Choose groups at random whose rows together come nearest to `wanted`; a mask of rows."""
    _, number, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise _error(f"expected at least 2 groups to split, got {len(sizes)}")
    order = rng.permutation(len(sizes))
    totals = sizes[order].cumsum()[:-1]
    return np.isin(number, order[: np.abs(totals - wanted).argmin() + 1])


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
    return " ".join(text.split())


def _read_csv(path: Path) -> pa.Table:
    from pyarrow import csv as arrow_csv

    try:
        return arrow_csv.read_csv(path, arrow_csv.ReadOptions(block_size=_BLOCK_BYTES))
    except ValueError as error:
        raise ValueError(_ragged(path) or str(error)) from error


def _ragged(path: Path) -> str:
    """Say which row differs from the header in its number of cells; pyarrow names only some."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        sizes = [len(cells) for cells in csv.reader(file) if cells]
    rows = (row for row, size in enumerate(sizes) if size != sizes[0])
    return next(
        (f"{_count(sizes[j], 'cell')} in row {j}, {sizes[0]} in the header" for j in rows), ""
    )


def _read_parquet(path: Path) -> pa.Table:
    from pyarrow import parquet, types

    # not parquet.read_table: that one makes columns of folders called "key=value"
    with parquet.ParquetFile(path) as file:
        table = file.read()
    table.validate(full=True)
    for j, column in enumerate(table.schema):
        if types.is_dictionary(column.type):
            plain = table.column(j).cast(column.type.value_type)
            table = table.set_column(j, column.name, plain)
    return table


def _read_npy(path: Path) -> pa.Table:
    import pyarrow as pa

    with path.open("rb") as file:
        # not np.load: that one takes other formats too, and advises unpickling
        array = np.lib.format.read_array(file, allow_pickle=False)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise ValueError(f"shape {array.shape} of type {array.dtype}")
    # Arrow takes neither foreign byte order nor extended precision
    native = np.float64 if array.dtype.itemsize > 8 else array.dtype.newbyteorder("=")
    array = array.astype(native, copy=False)
    return pa.table({f"x{j}": array[:, j] for j in range(array.shape[1])})


_FORMATS: dict[str, tuple[str, Callable[[Path], pa.Table]]] = {
    ".csv": ("a CSV table", _read_csv),
    ".parquet": ("a Parquet table", _read_parquet),
    ".npy": ("a 2-D NPY array of numbers", _read_npy),
}


def _load(path: Path) -> pa.Table:
    suffix, file = path.suffix.lower(), path.name
    if suffix not in _FORMATS:
        raise _error(f"expected a file ending in one of {', '.join(_FORMATS)}, got {file!r}")
    if not path.is_file():
        raise FileNotFoundError(f"expected a table in {str(path)!r}, got no such file")
    kind, read = _FORMATS[suffix]
    try:
        table = read(path)
        names = table.column_names
    except Exception as error:  # on damaged files the parsers raise nearly anything
        raise _error(f"expected {kind} in {file}, got {error}") from error
    if suffix == ".csv" and all(map(_is_number, names)):
        raise _error(f"expected a header row of column names in {file}, got numbers")
    if unnamed := [j for j, name in enumerate(names, 1) if not name.strip()]:
        got = f"none for column {unnamed[0]} (a saved row index?)"
        raise _error(f"expected a name for every column of {file}, got {got}")
    if repeated := [repr(name) for name, count in Counter(names).items() if count > 1]:
        raise _error(f"expected distinct column names in {file}, got {_listed(repeated)} repeated")
    return table


def _numbers(table: pa.Table, columns: list[str], file: str) -> np.ndarray:
    from pyarrow import types as t

    # a column without any value has the type null: its cells are reported as empty
    numeric = (t.is_integer, t.is_floating, t.is_boolean, t.is_decimal, t.is_null)
    rows = np.empty((table.num_rows, len(columns)), np.float32)
    for j, name in enumerate(columns):
        column = table.column(name)
        if not any(test(column.type) for test in numeric):
            got = f"{column.type}{_first_text(column)}"
            raise _error(f"expected numbers in column {name!r} of {file}, got {got}")
        with np.errstate(over="ignore"):  # what overflows is found and named below
            rows[:, j] = column.cast("float64", safe=False).to_numpy()
    bad = ~np.isfinite(rows)
    if bad.any():
        row, j = divmod(int(bad.argmax()), len(columns))
        cell = table.column(columns[j])[row].as_py()
        got = "an empty cell or NaN" if cell is None or math.isnan(cell) else cell
        where = f"in row {row + 1}, column {columns[j]!r} ({_count(int(bad.sum()), 'such cell')})"
        raise _error(f"expected finite float32 numbers in {file}, got {got} {where}")
    return rows


def _first_text(column: pa.ChunkedArray) -> str:
    try:
        texts = column.cast("string").to_pylist()
    except (ValueError, NotImplementedError):  # nested or undecodable: the type says enough
        return ""
    row = next((j for j, text in enumerate(texts) if text and not _is_number(text)), 0)
    return f" {reprlib.repr(texts[row])} in row {row + 1}"


def _labels(column: pa.ChunkedArray, where: str) -> tuple[np.ndarray, list[str]]:
    encoded = _label_texts(column, where).combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if len(names) > MAX_CLASSES:
        got = f"{len(names)}: is it a number column?"
        raise _error(f"expected at most {MAX_CLASSES} classes in {where}, got {got}")
    numeric = all(map(_is_number, names))
    classes = sorted(names, key=lambda name: (float(name) if numeric else 0.0, name))
    rank = np.array([classes.index(name) for name in names], np.int64)
    return rank[encoded.indices.to_numpy()], classes


def _groups(column: pa.ChunkedArray, where: str) -> np.ndarray:
    if column.null_count:
        raise _error(f"expected a group in every row of group column {where}, got an empty cell")
    return np.asarray(column.combine_chunks().dictionary_encode().indices.to_numpy())


def _label_texts(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    import pyarrow.compute as pc
    from pyarrow import types

    try:
        if types.is_floating(column.type) or types.is_decimal(column.type):
            column = column.cast("int64")  # refuses fractions
        texts = column.cast("string")
    except (ValueError, NotImplementedError) as error:
        raise _error(f"expected text, integers or booleans in {where}, got {error}") from error
    empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True).to_numpy()
    if empty.any():
        got = f"an empty cell in row {empty.argmax() + 1} ({_count(int(empty.sum()), 'such cell')})"
        raise _error(f"expected a label in every row of {where}, got {got}")
    return texts


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


def _error(text: str) -> ValueError:
    return ValueError(" ".join(text.split()))
