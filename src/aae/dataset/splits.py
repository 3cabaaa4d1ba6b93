"""A data set on disk: data/NAME/{train,test}/{rows,labels}.npy and data/NAME/law.json.

Both `generate` and `ingest` write it, every later stage reads it. Rows are float32 (float64 where a
table has numbers that float32 does not hold), shape (rows, columns), in the data's own units;
labels are int64, shape (rows,), where rows have classes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aae.base.files import read_json, replacing

Rows = NDArray[np.floating]
Labels = NDArray[np.int64]


class Split(NamedTuple):
    """Rows of shape (rows, columns) and their labels, int64 of shape (rows,), or None."""

    rows: Rows
    labels: Labels | None


def write_split(
    folder: Path, chunks: Iterable[Split], shape: tuple[int, int], dtype: Any = np.float32
) -> None:
    """Write a split chunk by chunk, so that memory does not grow with its rows.

    Args:
        folder: receives rows.npy and, where the chunks have labels, labels.npy.
        chunks: the split in order, whose rows sum up to `shape`.
        shape: (rows, columns) of the whole split.
        dtype: of its rows.
    """
    labels: list[Labels] = []

    def rows() -> Iterator[Rows]:
        for chunk in chunks:
            if chunk.labels is not None:
                labels.append(chunk.labels)
            yield chunk.rows

    with replacing(folder) as temporary:
        temporary.mkdir(parents=True)
        write_rows(temporary / "rows.npy", rows(), shape, dtype)
        if labels:
            np.save(temporary / "labels.npy", np.concatenate(labels), allow_pickle=False)


def write_rows(
    path: Path, chunks: Iterable[Rows], shape: tuple[int, int], dtype: Any = np.float32
) -> None:
    """Write chunks, whose rows sum up to shape (rows, columns), as one NPY file."""
    kind = np.dtype(dtype).newbyteorder("<")
    with path.open("wb") as file:
        header = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk, dtype=kind).data)


def read_split(folder: Path) -> Split:
    """Read a split; rows are mapped into memory, not loaded.

    Raises:
        ValueError: a file is damaged; the message names it.
    """
    labels = folder / "labels.npy"
    return Split(
        _read_array(folder / "rows.npy", mmap_mode="r"),
        _read_array(labels) if labels.exists() else None,
    )


def _read_array(path: Path, **options: Any) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False, **options)
    except FileNotFoundError:
        raise
    except Exception as error:  # of a header that is cut short or changed, of many kinds
        reason = " ".join(str(error).split())
        raise ValueError(f"expected a whole array in {path}, got: {reason}") from None
    return array


def read_law(name: str) -> dict[str, Any]:
    """Read data/NAME/law.json: column and class names, and what is known of the law."""
    law: dict[str, Any] = read_json(Path("data") / name / "law.json")
    return law
