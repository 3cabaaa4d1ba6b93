"""Read a user's table and split it into train and test rows."""

import aae.base.one_thread  # noqa: F401

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from omegaconf import MISSING, DictConfig

from aae.base.files import write_json
from aae.base.settings import check_keys
from aae.base.stage import Application, selected, stage
from aae.dataset.extent import check_range, expect_room
from aae.dataset.splits import Split, size_of, write_split
from aae.tables.column_file import ColumnFile, pieces, unnamed
from aae.tables.description import describe, one_line
from aae.tables.formats import opened
from aae.tables.profile import Profile
from aae.tables.reading import choose
from aae.tables.source import TableSource
from aae.tables.splitting import split


@dataclass
class Ingest(Application):
    """Which table to read."""

    name: str = MISSING


@stage(Ingest)
def main(config: DictConfig) -> None:
    """Write data/NAME/{train,test}/, law.json (nothing is known) and table.json (what was read)."""
    configured = selected(config.params, "tables", config.name)
    check_keys(TableSource, configured, f"tables.{config.name}")
    source = TableSource(**configured)
    table = ingest(source, Path("data") / config.name)
    print(one_line(table, Path(source.path), source.label), file=sys.stderr)


def ingest(source: TableSource, folder: Path) -> Profile:
    """Read and split a table, of which memory holds a column, then a block of rows, at a time.

    Between the two, coded columns lie on the disk, their rows in the order of the split.

    Args:
        source: of the table.
        folder: receives all; beside it lies what is only needed meanwhile, without a name.

    Raises:
        FileNotFoundError, ValueError, OSError: nothing that can be split and written.
    """
    path = Path(source.path)
    with unnamed(folder.parent) as scratch:
        with opened(path, scratch=folder.parent) as file:
            chosen = choose(file, path.name, source.label, source.group, source.drop)
            least = file.num_rows, len(chosen.features)  # text takes more columns
            expect_room(folder, size_of(least, labelled=False))
            parts = split(file.num_rows, source.test_share, source.seed, chosen.groups())
            order, coded = np.concatenate(parts), ColumnFile(scratch, file.num_rows)
            table = chosen.profile(lambda numbers: coded.append(numbers[order]))
        check_range(table.extremes, table.columns)
        write_parts(folder, table, coded, parts)
    write_json(folder / "law.json", unknown_law(table))
    write_json(folder / "table.json", describe(table))
    return table


def write_parts(
    folder: Path, table: Profile, coded: ColumnFile, parts: Sequence[NDArray[np.int64]]
) -> None:
    """Write training and test rows, whose columns lie one part after the other."""
    columns, labelled = len(table.columns), table.labels is not None
    expect_room(folder, size_of((table.size, columns), labelled, table.dtype))
    start = 0
    for part, indices in zip(("train", "test"), parts, strict=True):
        chunks = split_chunks(table, coded, start, indices)
        write_split(folder / part, chunks, (len(indices), columns), table.dtype)
        start += len(indices)


def split_chunks(
    table: Profile, coded: ColumnFile, start: int, indices: NDArray[np.int64]
) -> Iterator[Split]:
    """Take the rows that lie from `start` on, with the labels at their indices, by blocks."""
    for rows in pieces(len(indices), len(table.columns)):
        labels = None if table.labels is None else table.labels[indices[rows]]
        place = slice(start + rows.start, start + rows.stop)
        yield Split(coded.block(place, table.dtype), labels)


def unknown_law(table: Profile) -> dict[str, object]:
    """Return law.json of data whose law nobody knows: the keys of `laws.registry.describe`."""
    return {
        "kind": None,
        "classes": table.classes,
        "columns": len(table.columns),
        "support": [None, None],
        "atoms": None,
        "moments": None,
        "cells": None,
        "cdf": None,
    }


if __name__ == "__main__":
    main()
