"""CSV files: which text they hold, how it is separated, and which row is no row."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aae.tables.wording import counted, refusal

if TYPE_CHECKING:
    import pyarrow as pa

OTHER_SEPARATORS = ";\t|"
_BLOCK_BYTES = 1 << 24  # pyarrow refuses a row longer than a block; its default is 1 MiB


@contextmanager
def open_csv(path: Path, sep: str, na: Sequence[str]) -> Iterator[pa.Table]:
    """Read a whole file, as all cells of a column decide what it is.

    Args:
        path: of the file, in UTF-8, with a header row.
        sep: between cells.
        na: texts that mean a gap in columns of numbers, besides the usual ones.

    Raises:
        ValueError: rows of different lengths, or no text.
    """
    from pyarrow import csv as arrow_csv

    gaps = [*arrow_csv.ConvertOptions().null_values, *na]
    try:
        table = arrow_csv.read_csv(
            path,
            arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            arrow_csv.ParseOptions(delimiter=sep),
            arrow_csv.ConvertOptions(null_values=gaps),
        )
    except ValueError as error:
        raise ValueError(_ragged(path, sep) or str(error)) from error
    yield table


def expect_utf8(path: Path) -> None:
    """Name what spreadsheets save beside UTF-8: text in two or four bytes a character.

    Raises:
        ValueError: such a file.
    """
    with path.open("rb") as file:
        start = file.read(1000)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        raise refusal(f"expected text in UTF-8 in {path.name}, got UTF-16 or binary: save it anew")


def expect_separated(names: list[str], path: Path, sep: str) -> None:
    """Name another separator than `sep` in a header that is a single name.

    Raises:
        ValueError: there is one.
    """
    others = [each for each in OTHER_SEPARATORS if each != sep and each in names[0]]
    if len(names) == 1 and others:
        wanted = f"cells separated by {sep!r} in {path.name}"
        raise refusal(f"expected {wanted}, got one column whose name has {others[0]!r} in it")


def _ragged(path: Path, sep: str) -> str:
    """Say which row differs from the header in its number of cells; pyarrow names only some."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        sizes = [len(cells) for cells in csv.reader(file, delimiter=sep) if cells]
    rows = (row for row, size in enumerate(sizes) if size != sizes[0])
    return next(
        (f"{counted(sizes[j], 'cell')} in row {j}, {sizes[0]} in the header" for j in rows), ""
    )
