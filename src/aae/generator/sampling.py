"""Write generated rows, chunk by chunk, as the table that the model learned from was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aae.base.checks import at_least, one_of
from aae.base.checksums import read_checked
from aae.base.files import read_json, replacing
from aae.dataset.extent import expect_room
from aae.dataset.splits import growing, size_of
from aae.generator.graphs import Drawn, chunks, classes_of, dtype_of, labels_of, session
from aae.tables.schema import Schema

if TYPE_CHECKING:
    import pyarrow as pa


def sample(model: Path, rows: int, out: Path, seed: int, progress: Callable[[int], Any]) -> None:
    """Draw rows from a trained generator into a file; memory does not grow with their number.

    CSV and Parquet have the columns of the table that the model learned from, and its label's where
    it learned labels; NPY has the numbers that these are coded as.

    Args:
        model: folder of a training run, which holds generator.onnx.
        rows: how many.
        out: file that ends in .npy, .csv or .parquet; it appears when all rows are written.
        seed: the same seed gives the same rows.
        progress: called with the number of rows of each chunk.

    Raises:
        ValueError: fewer than one row, a negative seed, another ending, a damaged model, or more
            rows than the disk has room for.
        FileNotFoundError: there is no model.
    """
    at_least(1).check("rows", rows)
    at_least(0).check("seed", seed)
    one_of(tuple(WRITERS)).check(f"the ending of {out.name}", out.suffix)
    source = Source.of(model)

    if out.suffix == ".npy":  # of the others, the first rows tell
        expect_room(out, size_of((rows, source.columns), False, source.kind))

    def watched(written: Path) -> Iterator[Drawn]:
        done = 0
        for chunk in source.chunks(rows, seed):
            yield chunk
            done += len(chunk.rows)
            progress(len(chunk.rows))
            expect_room(out, written.stat().st_size * (rows - done) // done)

    with replacing(out) as temporary:
        WRITERS[out.suffix](temporary, source, watched(temporary), (rows, seed))


@dataclass(frozen=True)
class Source:
    """A generator and the table that its rows are like.

    Attributes:
        generator: session of generator.onnx.
        schema: of the table.
        labelled: whether its rows have labels.
    """

    generator: Any
    schema: Schema
    labelled: bool

    @classmethod
    def of(cls, model: Path) -> Source:
        """Open the generator in a model's folder.

        Raises:
            FileNotFoundError, ValueError: there is none, or a damaged one.
        """
        generator = opened(model / "generator.onnx")
        columns = {each.name: each.shape[1] for each in generator.get_outputs()}["rows"]
        schema = schema_of(model, columns)
        recipe = model / "recipe.json"
        use = json.loads(read_checked(recipe))["model"]["labels"] if recipe.is_file() else "ignored"
        return cls(generator, schema, use == "given" and schema.label is not None)

    @property
    def columns(self) -> int:
        """How many numbers a row has."""
        return len(self.schema.columns)

    @property
    def kind(self) -> type:
        """The type of these numbers."""
        return dtype_of({each.name: each for each in self.generator.get_outputs()}["rows"])

    def chunks(self, rows: int, seed: int) -> Iterator[Drawn]:
        """Draw rows, as numbers; the same seed gives the same ones."""
        return chunks(self.generator, rows, np.random.default_rng(seed))

    def labels(self, drawn: Drawn) -> NDArray[np.int64] | None:
        """The class of each row, by its category; None where rows have none."""
        if not self.labelled:
            return None
        latent = int(self.generator.get_modelmeta().custom_metadata_map["latent"])
        known = labels_of(self.generator, drawn.codes.shape[1] - latent)
        return classes_of(drawn.codes, latent, known)

    def batches(self, drawn: Iterator[Drawn], seed: int) -> Iterator[pa.RecordBatch]:
        """Rows as a table, a batch a chunk."""
        rng = np.random.default_rng([seed, 1])  # of its own: the noise of rows stays the same
        for chunk in drawn:
            yield self.schema.batch(chunk.rows, self.labels(chunk), rng)

    @property
    def arrow(self) -> pa.Schema:
        """Names and types of the table's columns."""
        return self.schema.arrow(self.labelled)


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


def schema_of(model: Path, columns: int) -> Schema:
    """The table that a model learned from, as table.json says, in its folder or in data/NAME.

    Without either (data/ beside models/), or for data without names, x0, x1, ... of float32.
    """
    name = model.resolve().parent.parent
    beside = name.parent.parent / "data" / name.name / "table.json"
    own = model / "table.json"
    described = json.loads(read_checked(own)) if own.is_file() else None
    if described is None and beside.is_file():
        described = read_json(beside)
    known = Schema.of(described) if described else None
    if known is not None and len(known.columns) == columns:
        return known
    return Schema.of({"columns": [f"x{column}" for column in range(columns)]})


# Of a row group of Parquet, at least: a writer remembers each column of each group to the end.
GROUP_CELLS = 2**23
Size = tuple[int, int]  # rows, and the seed


def _write_npy(path: Path, source: Source, drawn: Iterator[Drawn], size: Size) -> None:
    with growing(path, (size[0], source.columns), source.kind) as add:
        for chunk in drawn:
            add(chunk.rows)


def _write_csv(path: Path, source: Source, drawn: Iterator[Drawn], size: Size) -> None:
    from pyarrow import csv

    with csv.CSVWriter(path, source.arrow) as writer:
        for batch in source.batches(drawn, size[1]):
            writer.write_batch(batch)


def _write_parquet(path: Path, source: Source, drawn: Iterator[Drawn], size: Size) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    batches = source.batches(drawn, size[1])
    with parquet.ParquetWriter(path, source.arrow) as writer:
        while group := _group(batches, GROUP_CELLS // source.columns):
            writer.write_table(pa.Table.from_batches(group))


def _group(batches: Iterator[pa.RecordBatch], rows: int) -> list[pa.RecordBatch]:
    """Take the next batches until they have so many rows, or are the last."""
    taken: list[pa.RecordBatch] = []
    while sum(map(len, taken)) < rows and (batch := next(batches, None)) is not None:
        taken.append(batch)
    return taken


WRITERS: dict[str, Callable[[Path, Source, Iterator[Drawn], Size], None]] = {
    ".npy": _write_npy,
    ".csv": _write_csv,
    ".parquet": _write_parquet,
}
