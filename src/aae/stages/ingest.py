"""Read a user's table and split it into train and test rows."""

import aae.base.one_thread  # noqa: F401

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from omegaconf import MISSING, DictConfig

from aae.base.files import write_json
from aae.base.settings import check_keys
from aae.base.stage import Application, selected, stage
from aae.dataset.extent import check_range, expect_room
from aae.dataset.splits import Split, size_of, write_split
from aae.tables.description import describe, one_line
from aae.tables.reading import Table, read_table
from aae.tables.source import TableSource
from aae.tables.splitting import split

CHUNK_CELLS = 2**20  # cells written at a time


@dataclass
class Ingest(Application):
    """Which table to read."""

    name: str = MISSING


@stage(Ingest)
def main(config: DictConfig) -> None:
    """Write data/NAME/{train,test}/, law.json (nothing is known) and table.json (what was read)."""
    chosen = selected(config.params, "tables", config.name)
    check_keys(TableSource, chosen, f"tables.{config.name}")
    source = TableSource(**chosen)
    path, folder = Path(source.path), Path("data") / config.name
    table = read_table(path, source.label, source.group, source.drop)
    check_range(table.rows, table.columns)
    parts = split(len(table.rows), source.test_share, source.seed, table.groups)
    labelled = table.labels is not None
    expect_room(folder, size_of(table.rows.shape, labelled, table.rows.dtype))
    for part, indices in zip(("train", "test"), parts, strict=True):
        shape = len(indices), table.rows.shape[1]
        write_split(folder / part, chunks(table, indices), shape, table.rows.dtype)
    write_json(folder / "law.json", unknown_law(table))
    write_json(folder / "table.json", describe(table))
    print(one_line(table, path, source.label), file=sys.stderr)


def chunks(table: Table, indices: np.ndarray) -> Iterator[Split]:
    """Take the rows at the indices, with their labels, a bounded number of cells at a time."""
    for at in np.array_split(indices, 1 + len(indices) * table.rows.shape[1] // CHUNK_CELLS):
        yield Split(table.rows[at], None if table.labels is None else table.labels[at])


def unknown_law(table: Table) -> dict[str, object]:
    """Return law.json of data whose law nobody knows: the keys of `laws.registry.describe`."""
    return {
        "kind": None,
        "classes": table.classes,
        "columns": table.rows.shape[1],
        "support": [None, None],
        "atoms": None,
        "moments": None,
        "cells": None,
        "cdf": None,
    }


if __name__ == "__main__":
    main()
