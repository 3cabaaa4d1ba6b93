"""NPY arrays, column by column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from aae.tables.column_file import ColumnFile, pieces, unnamed

if TYPE_CHECKING:
    import pyarrow as pa

# not np.load: that one takes other formats too, and advises unpickling
HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass(frozen=True)
class NpyColumns:
    """Columns of a 2-D array of numbers, called x0, x1, ...; as of a `pyarrow.Table`.

    Attributes:
        file: open, to be read.
        shape: of the array.
        fortran: whether it lies in the file column by column, not row by row.
        dtype: of its numbers.
        start: where they start in the file, in bytes.
        scratch: file that receives the columns of an array that lies row by row.
    """

    file: BinaryIO
    shape: tuple[int, int]
    fortran: bool
    dtype: np.dtype[Any]
    start: int
    scratch: BinaryIO

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self.shape[0]

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return [f"x{column}" for column in range(self.shape[1])]

    def column(self, name: str) -> pa.ChunkedArray:
        """Read a column."""
        import pyarrow as pa

        # Arrow takes neither foreign byte order nor extended precision
        native = np.float64 if self.dtype.itemsize > 8 else self.dtype.newbyteorder("=")
        values = self._stored.read(int(name[1:])).astype(native, copy=False)
        return pa.chunked_array([values])

    @cached_property
    def _stored(self) -> ColumnFile:
        rows, columns = self.shape
        file, start = (self.file, self.start) if self.fortran else (self.scratch, 0)
        stored = ColumnFile(file, rows, start)
        for _ in range(columns):
            stored.add(self.dtype)
        if not self.fortran:
            self._turn(stored)
        return stored

    def _turn(self, stored: ColumnFile) -> None:
        rows, columns = self.shape
        self.file.seek(self.start)
        for piece in pieces(rows, columns):
            shape = piece.stop - piece.start, columns
            block = np.fromfile(self.file, self.dtype, math.prod(shape)).reshape(shape)
            for column in range(columns):
                stored.write(column, piece.start, block[:, column])


@contextmanager
def open_npy(path: Path, folder: Path | None) -> Iterator[NpyColumns]:
    """Open a file.

    Args:
        path: of the file.
        folder: holds its columns where they lie row by row, see `unnamed`.

    Raises:
        ValueError: a damaged file, or no 2-D array of numbers.
    """
    with path.open("rb") as file, unnamed(folder) as scratch:
        shape, fortran, dtype = _header(file)
        start = file.tell()
        needed, got = math.prod(shape) * dtype.itemsize, path.stat().st_size - start
        if got < needed:
            raise ValueError(f"{got} bytes of {needed}")
        yield NpyColumns(file, shape, fortran, dtype, start, scratch)


def _header(file: BinaryIO) -> tuple[tuple[int, int], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        raise ValueError(f"format version {version}")
    shape, fortran, dtype = HEADERS[version](file)
    if dtype.hasobject:
        raise ValueError("Object arrays cannot be loaded when allow_pickle=False")
    if len(shape) != 2 or dtype.kind not in "biuf":
        raise ValueError(f"shape {shape} of type {dtype}")
    return shape, fortran, dtype
