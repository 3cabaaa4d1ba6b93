"""A data set on disk: data/NAME/{train,test}/{rows,labels}.npy and data/NAME/law.json.

Both `generate` and `ingest` write it, every later stage reads it. Rows are float32 (float64 where a
table has numbers that float32 does not hold), shape (rows, columns), in the data's own units;
labels are int64, shape (rows,), where rows have classes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
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


def size_of(shape: tuple[int, int], labelled: bool, dtype: Any = np.float32) -> int:
    """Bytes of a split on disk, headers left aside."""
    rows, columns = shape
    of_row: int = columns * np.dtype(dtype).itemsize + labelled * np.dtype(np.int64).itemsize
    return rows * of_row


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
    with replacing(folder) as temporary, ExitStack() as files:
        temporary.mkdir(parents=True)
        add_rows = files.enter_context(growing(temporary / "rows.npy", shape, dtype))
        add_labels = None
        for chunk in chunks:
            add_rows(chunk.rows)
            if chunk.labels is not None:
                add_labels = add_labels or files.enter_context(
                    growing(temporary / "labels.npy", shape[:1], np.int64)
                )
                add_labels(chunk.labels)


@contextmanager
def growing(
    path: Path, shape: tuple[int, ...], dtype: Any
) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Yield what adds chunks to an NPY file; their rows sum up to those of the shape."""
    kind = np.dtype(dtype).newbyteorder("<")
    with path.open("wb") as file:
        header = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)

        def add(chunk: NDArray[Any]) -> None:
            file.write(np.ascontiguousarray(chunk, dtype=kind).data)

        yield add


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
