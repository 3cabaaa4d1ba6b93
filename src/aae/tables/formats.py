"""Files of tables, read into Arrow: CSV, Parquet and NPY by their suffix."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from aae.tables.wording import counted, is_number, listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa

COMMAND = "[\x1b\x9b]"  # begins an escape sequence
OTHER_SEPARATORS = ";\t|"
_BLOCK_BYTES = 1 << 24  # pyarrow refuses a row longer than a block; its default is 1 MiB


def load(path: Path, sep: str = ",", na: Sequence[str] = ()) -> pa.Table:
    """Read a file; its columns have distinct names, the cells any type.

    Args:
        path: of a file of one of `FORMATS`.
        sep: between the cells of CSV.
        na: texts that mean a gap in columns of numbers of CSV, besides the usual ones.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: another suffix, a damaged file, columns without a name of their own, or text
            that a terminal would take for commands.
    """
    suffix, file = path.suffix.lower(), path.name
    if suffix not in FORMATS:
        raise refusal(f"expected a file ending in one of {', '.join(FORMATS)}, got {file!r}")
    if not path.is_file():
        raise FileNotFoundError(f"expected a table in {str(path)!r}, got no such file")
    kind, read = FORMATS[suffix]
    if suffix == ".csv":
        _expect_utf8(path)
        read = partial(_read_csv, sep=sep, na=na)
    try:
        table = read(path)
        names = table.column_names
    except Exception as error:  # on damaged files the parsers raise nearly anything
        raise refusal(f"expected {kind} in {file}, got {error}") from error
    if suffix == ".csv":
        _expect_separated(names, path, sep)
    _expect_names(names, path)
    _expect_no_commands(table, path.name)
    return table


def _expect_utf8(path: Path) -> None:
    """Name what spreadsheets save beside UTF-8: text in two or four bytes a character."""
    with path.open("rb") as file:
        start = file.read(1000)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise refusal(f"expected text in UTF-8 in {path.name}, got UTF-16 or binary: save it anew")


def _expect_separated(names: list[str], path: Path, sep: str) -> None:
    others = [each for each in OTHER_SEPARATORS if each != sep and each in names[0]]
    if len(names) == 1 and others:
        wanted = f"cells separated by {sep!r} in {path.name}"
        raise refusal(f"expected {wanted}, got one column whose name has {others[0]!r} in it")


def _expect_names(names: list[str], path: Path) -> None:
    file = path.name
    if path.suffix.lower() == ".csv" and all(map(is_number, names)):
        raise refusal(f"expected a header row of column names in {file}, got numbers")
    if unnamed := [j for j, name in enumerate(names, 1) if not name.strip()]:
        got = f"none for column {unnamed[0]} (a saved row index?)"
        raise refusal(f"expected a name for every column of {file}, got {got}")
    if repeated := [repr(name) for name, count in Counter(names).items() if count > 1]:
        raise refusal(f"expected distinct column names in {file}, got {listed(repeated)} repeated")


def _expect_no_commands(table: pa.Table, file: str) -> None:
    """Names and texts are shown in terminals, where an escape sequence is a command."""
    import pyarrow.compute as pc
    from pyarrow import types

    for name, column in zip(table.column_names, table.columns, strict=True):
        if re.search(COMMAND, name):
            raise refusal(
                f"expected column names without control characters in {file}, got {name!r}"
            )
        if types.is_string_view(column.type):
            column = column.cast("large_string")
        if types.is_string(column.type) or types.is_large_string(column.type):
            found = pc.fill_null(pc.match_substring_regex(column, COMMAND), False)
            if (row := pc.index(found, True).as_py()) >= 0:
                got = f"{column[row].as_py()!r} in row {row + 1}"
                wanted = f"text without control characters in column {name!r} of {file}"
                raise refusal(f"expected {wanted}, got {got}")


def _read_csv(path: Path, sep: str = ",", na: Sequence[str] = ()) -> pa.Table:
    from pyarrow import csv as arrow_csv

    gaps = [*arrow_csv.ConvertOptions().null_values, *na]
    try:
        return arrow_csv.read_csv(
            path,
            arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            arrow_csv.ParseOptions(delimiter=sep),
            arrow_csv.ConvertOptions(null_values=gaps),
        )
    except ValueError as error:
        raise ValueError(_ragged(path, sep) or str(error)) from error


def _ragged(path: Path, sep: str) -> str:
    """Say which row differs from the header in its number of cells; pyarrow names only some."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        sizes = [len(cells) for cells in csv.reader(file, delimiter=sep) if cells]
    rows = (row for row, size in enumerate(sizes) if size != sizes[0])
    return next(
        (f"{counted(sizes[j], 'cell')} in row {j}, {sizes[0]} in the header" for j in rows), ""
    )


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    # not parquet.read_table: that one makes columns of folders called "key=value"; and opened here,
    # as a name with a colon would be taken for an address
    with pa.OSFile(str(path)) as source, parquet.ParquetFile(source) as file:
        table = file.read()
    table.validate(full=True)
    return plain(table)


def plain(table: pa.Table) -> pa.Table:
    """A table whose cells are their values: dictionaries undone."""
    from pyarrow import types

    for place, column in enumerate(table.schema):
        if types.is_dictionary(column.type):
            cells = table.column(place).cast(column.type.value_type)
            table = table.set_column(place, column.name, cells)
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


FORMATS: dict[str, tuple[str, Callable[[Path], pa.Table]]] = {
    ".csv": ("a CSV table", _read_csv),
    ".parquet": ("a Parquet table", _read_parquet),
    ".npy": ("a 2-D NPY array of numbers", _read_npy),
}
