"""Write generated rows to NPY, CSV or Parquet, chunk by chunk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.checks import expect_at_least, expect_choice
from aae.dataset import write_rows
from aae.files import replacing
from aae.trained import chunks, session

Chunks = Iterator[NDArray[np.float32]]


def sample(model: Path, rows: int, out: Path, seed: int, progress: Callable[[int], Any]) -> None:
    """Draw rows from a trained generator into a file; memory does not grow with their number.

    Args:
        model: folder of a training run, which holds generator.onnx.
        rows: how many.
        out: file that ends in .npy, .csv or .parquet; it appears when all rows are written.
        seed: the same seed gives the same rows.
        progress: called with the number of rows of each chunk.

    Raises:
        ValueError: fewer than one row, a negative seed, or another ending.
        FileNotFoundError: there is no model.
    """
    expect_at_least("rows", rows, 1)
    expect_at_least("seed", seed, 0)
    expect_choice(f"the ending of {out.name}", out.suffix, tuple(WRITERS))
    generator = session(model / "generator.onnx")
    columns = {each.name: each.shape[1] for each in generator.get_outputs()}["rows"]

    def counted() -> Chunks:
        for chunk in chunks(generator, rows, np.random.default_rng(seed)):
            yield chunk.rows
            progress(len(chunk.rows))

    with replacing(out) as temporary:
        WRITERS[out.suffix](temporary, counted(), (rows, columns))


def _write_csv(path: Path, chunks: Chunks, shape: tuple[int, int]) -> None:
    from pyarrow import csv

    schema = _schema(shape[1])
    with csv.CSVWriter(path, schema) as writer:
        for chunk in chunks:
            writer.write_batch(_batch(chunk, schema))


def _write_parquet(path: Path, chunks: Chunks, shape: tuple[int, int]) -> None:
    from pyarrow import parquet

    schema = _schema(shape[1])
    with parquet.ParquetWriter(path, schema) as writer:
        for chunk in chunks:
            writer.write_batch(_batch(chunk, schema))


def _schema(columns: int) -> Any:
    import pyarrow as pa

    return pa.schema([(f"x{column}", pa.float32()) for column in range(columns)])


def _batch(chunk: NDArray[np.float32], schema: Any) -> Any:
    import pyarrow as pa

    return pa.record_batch([np.ascontiguousarray(column) for column in chunk.T], schema)


WRITERS: dict[str, Callable[[Path, Chunks, tuple[int, int]], None]] = {
    ".npy": write_rows,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
