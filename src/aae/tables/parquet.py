"""Parquet files, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile


@dataclass(frozen=True)
class ParquetColumns:
    """Columns of an open file; as of a `pyarrow.Table`."""

    file: ParquetFile

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""
        return list(self.file.schema_arrow.names)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self.file.metadata.num_rows)

    def column(self, name: str) -> pa.ChunkedArray:
        """Read a column.

        Raises:
            ValueError: it is damaged.
        """
        table = self.file.read(columns=[name])
        table.validate(full=True)
        if len(table) != self.num_rows:
            raise ValueError(f"{len(table)} rows of {self.num_rows} in column {name!r}")
        return plain(table.combine_chunks()).column(name)


@contextmanager
def open_parquet(path: Path) -> Iterator[ParquetColumns]:
    """Open a file.

    Raises:
        ValueError: its row groups have not as many rows as it says, of which memory would be taken.
    """
    import pyarrow as pa
    from pyarrow import parquet

    # not parquet.read_table: that one makes columns of folders called "key=value"; and opened here,
    # as a name with a colon would be taken for an address
    with pa.OSFile(str(path)) as source, parquet.ParquetFile(source) as file:
        said = file.metadata
        rows = sum(said.row_group(place).num_rows for place in range(said.num_row_groups))
        if rows != said.num_rows:
            raise ValueError(f"{rows} rows in row groups, {said.num_rows} in all")
        yield ParquetColumns(file)


def plain(table: pa.Table) -> pa.Table:
    """A table whose cells are their values: dictionaries undone."""
    from pyarrow import types

    for place, column in enumerate(table.schema):
        if types.is_dictionary(column.type):
            cells = table.column(place).cast(column.type.value_type)
            table = table.set_column(place, column.name, cells)
    return table
