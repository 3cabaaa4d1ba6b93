"""Files of tables, read into Arrow column by column: CSV, Parquet and NPY by their suffix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aae.base.files import FULL
from aae.tables.npy import NpyColumns, open_npy
from aae.tables.parquet import ParquetColumns, open_parquet
from aae.tables.separated import expect_separated, expect_utf8, open_csv
from aae.tables.wording import is_number, listed, refusal

if TYPE_CHECKING:
    import pyarrow as pa

COMMAND = "[\x1b\x9b]"  # begins an escape sequence
FORMATS = {
    ".csv": "a CSV table",
    ".parquet": "a Parquet table",
    ".npy": "a 2-D NPY array of numbers",
}


@dataclass(frozen=True)
class TableFile:
    """An open file of a table; its columns are used as those of a `pyarrow.Table`.

    Attributes:
        table: what reads a column when it is asked for.
        column_names: of distinct columns.
        num_rows: of each.
        file: name, for messages.
        kind: what the file is expected to be.
    """

    table: pa.Table | ParquetColumns | NpyColumns
    column_names: list[str]
    num_rows: int
    file: str
    kind: str

    def column(self, name: str) -> pa.ChunkedArray:
        """Read a column, whose cells may have any type.

        Raises:
            ValueError: a damaged file, or text that a terminal would take for commands.
        """
        with _damage_refused(self.kind, self.file):
            column = self.table.column(name)
        _expect_no_commands(column, name, self.file)
        return column


@contextmanager
def opened(
    path: Path, sep: str = ",", na: Sequence[str] = (), scratch: Path | None = None
) -> Iterator[TableFile]:
    """Open a file, for the time of a block.

    Of CSV all columns are held in memory, as all cells decide what a column is; of Parquet and NPY,
    those that were asked for and are still in use.

    Args:
        path: of a file of one of `FORMATS`.
        sep: between the cells of CSV.
        na: texts that mean a gap in columns of numbers of CSV, besides the usual ones.
        scratch: folder on a disk with room for a copy of an NPY array; else memory holds it.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: another suffix, a damaged file, columns without a name of their own, or names
            that a terminal would take for commands.
    """
    suffix, file = path.suffix.lower(), path.name
    if suffix not in FORMATS:
        raise refusal(f"expected a file ending in one of {', '.join(FORMATS)}, got {file!r}")
    if not path.is_file():
        raise FileNotFoundError(f"expected a table in {str(path)!r}, got no such file")
    if suffix == ".csv":
        expect_utf8(path)
    openers = {
        ".csv": partial(open_csv, path, sep, na),
        ".parquet": partial(open_parquet, path),
        ".npy": partial(open_npy, path, scratch),
    }
    with ExitStack() as stack:
        with _damage_refused(FORMATS[suffix], file):
            table = stack.enter_context(openers[suffix]())
            names, rows = table.column_names, table.num_rows
        if suffix == ".csv":
            expect_separated(names, path, sep)
        _expect_names(names, path)
        yield TableFile(table, names, rows, file, FORMATS[suffix])


def load(path: Path, sep: str = ",", na: Sequence[str] = ()) -> pa.Table:
    """Read all columns of a file into memory, see `opened`."""
    import pyarrow as pa

    with opened(path, sep, na) as table:
        return pa.table({name: table.column(name) for name in table.column_names})


@contextmanager
def _damage_refused(kind: str, file: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # on damaged files the parsers raise nearly anything
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        raise refusal(f"expected {kind} in {file}, got {error}") from error


def _expect_names(names: list[str], path: Path) -> None:
    file = path.name
    if path.suffix.lower() == ".csv" and all(map(is_number, names)):
        raise refusal(f"expected a header row of column names in {file}, got numbers")
    if unnamed := [j for j, name in enumerate(names, 1) if not name.strip()]:
        got = f"none for column {unnamed[0]} (a saved row index?)"
        raise refusal(f"expected a name for every column of {file}, got {got}")
    if repeated := [repr(name) for name, count in Counter(names).items() if count > 1]:
        raise refusal(f"expected distinct column names in {file}, got {listed(repeated)} repeated")
    if commands := [name for name in names if re.search(COMMAND, name)]:
        wanted = f"column names without control characters in {file}"
        raise refusal(f"expected {wanted}, got {commands[0]!r}")


def _expect_no_commands(column: pa.ChunkedArray, name: str, file: str) -> None:
    """Texts are shown in terminals, where an escape sequence is a command."""
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_string_view(column.type):
        column = column.cast("large_string")
    if types.is_string(column.type) or types.is_large_string(column.type):
        found = pc.fill_null(pc.match_substring_regex(column, COMMAND), False)
        if (row := pc.index(found, True).as_py()) >= 0:
            got = f"{column[row].as_py()!r} in row {row + 1}"
            wanted = f"text without control characters in column {name!r} of {file}"
            raise refusal(f"expected {wanted}, got {got}")
