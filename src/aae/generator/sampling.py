"""Write generated rows to NPY, CSV or Parquet, chunk by chunk."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, one_of
from aae.base.files import read_json, replacing
from aae.dataset.splits import write_rows
from aae.generator.graphs import chunks, session

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
        ValueError: fewer than one row, a negative seed, another ending, or a damaged model.
        FileNotFoundError: there is no model.
    """
    at_least(1).check("rows", rows)
    at_least(0).check("seed", seed)
    one_of(tuple(WRITERS)).check(f"the ending of {out.name}", out.suffix)
    generator = opened(model / "generator.onnx")
    columns = {each.name: each.shape[1] for each in generator.get_outputs()}["rows"]
    names = column_names(model, columns)

    def counted() -> Chunks:
        for chunk in chunks(generator, rows, np.random.default_rng(seed)):
            yield chunk.rows
            progress(len(chunk.rows))

    with replacing(out) as temporary:
        WRITERS[out.suffix](temporary, counted(), rows, names)


def opened(graph: Path) -> Any:
    """Open a generator.

    Raises:
        FileNotFoundError: there is none.
        ValueError: the file is no ONNX graph, or not the one that was written.
    """
    try:
        return session(graph)
    except (FileNotFoundError, ValueError):
        raise
    except Exception as error:  # onnxruntime's errors have no other class in common
        reason = " ".join(str(error).split())
        raise ValueError(f"expected an ONNX graph in {graph}, got: {reason}") from None


def column_names(model: Path, columns: int) -> list[str]:
    """Names in the table that models/NAME/VARIANT/SEED learned from, as data/NAME says.

    Without data/ beside models/, or for data without names, x0, x1, ...
    """
    name = model.resolve().parent.parent
    described = name.parent.parent / "data" / name.name / "table.json"
    found = read_json(described)["columns"] if described.is_file() else []
    return found if len(found) == columns else [f"x{column}" for column in range(columns)]


def _write_npy(path: Path, chunks: Chunks, rows: int, names: Sequence[str]) -> None:
    write_rows(path, chunks, (rows, len(names)))


def _write_csv(path: Path, chunks: Chunks, rows: int, names: Sequence[str]) -> None:
    from pyarrow import csv

    schema = _schema(names)
    with csv.CSVWriter(path, schema) as writer:
        for chunk in chunks:
            writer.write_batch(_batch(chunk, schema))


def _write_parquet(path: Path, chunks: Chunks, rows: int, names: Sequence[str]) -> None:
    from pyarrow import parquet

    schema = _schema(names)
    with parquet.ParquetWriter(path, schema) as writer:
        for chunk in chunks:
            writer.write_batch(_batch(chunk, schema))


def _schema(names: Sequence[str]) -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.float32()) for name in names])


def _batch(chunk: NDArray[np.float32], schema: Any) -> Any:
    import pyarrow as pa

    return pa.record_batch([np.ascontiguousarray(column) for column in chunk.T], schema)


WRITERS: dict[str, Callable[[Path, Chunks, int, Sequence[str]], None]] = {
    ".npy": _write_npy,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
