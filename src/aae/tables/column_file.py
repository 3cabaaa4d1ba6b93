"""Columns of numbers in a file: written and read by pieces, so that memory holds a few of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from aae.base.checks import expect

CELLS = 2**24  # of several columns that are held at a time: 64 MiB of float32


@dataclass
class ColumnFile:
    """Columns of so many rows each, one after another in a file.

    Attributes:
        file: open, to be read, and to be written unless its columns are there already.
        rows: of each column.
        end: of the last column in the file, in bytes.
        columns: where each starts, and its type.
    """

    file: BinaryIO
    rows: int
    end: int = 0
    columns: list[tuple[int, np.dtype[Any]]] = field(default_factory=list)

    def add(self, dtype: DTypeLike) -> None:
        """Take what follows the last column for another one."""
        kind = np.dtype(dtype)
        self.columns.append((self.end, kind))
        self.end += self.rows * kind.itemsize

    def append(self, values: NDArray[Any]) -> None:
        """Add a column and write it."""
        self.add(values.dtype)
        self.write(len(self.columns) - 1, 0, values)

    def write(self, column: int, row: int, values: NDArray[Any]) -> None:
        """Write a piece of a column from a row on."""
        self._seek(column, row)
        self.file.write(np.ascontiguousarray(values, self.columns[column][1]).view(np.uint8).data)

    def read(self, column: int, rows: slice = slice(None)) -> NDArray[Any]:
        """Read a column, or a piece of it.

        Raises:
            ValueError: the file ends before.
        """
        start, stop, _ = rows.indices(self.rows)
        values = np.empty(stop - start, self.columns[column][1])
        self._seek(column, start)
        got = self.file.readinto(values.view(np.uint8))  # type: ignore[attr-defined]
        expect(got == values.nbytes, f"{values.nbytes} bytes of a column", got)
        return values

    def block(self, rows: slice, dtype: DTypeLike) -> NDArray[Any]:
        """Read some rows of all columns, shape (rows, columns)."""
        block = np.empty((len(self.columns), rows.stop - rows.start), dtype)
        for column in range(len(self.columns)):
            block[column] = self.read(column, rows)
        return block.T

    def _seek(self, column: int, row: int) -> None:
        start, kind = self.columns[column]
        self.file.seek(start + row * kind.itemsize)


def pieces(rows: int, columns: int) -> Iterator[slice]:
    """Divide rows into pieces of at most `CELLS` cells, or of one row."""
    step = max(1, CELLS // columns)
    return (slice(row, min(row + step, rows)) for row in range(0, rows, step))


@contextmanager
def unnamed(folder: Path | None) -> Iterator[BinaryIO]:
    """A file that ends with the block, or with the process: in a folder, or in memory without."""
    if folder is None:
        yield BytesIO()
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        yield file
