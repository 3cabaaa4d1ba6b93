"""Columns that are no features: classes, and groups of rows that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aae.tables.wording import counted, is_number, refusal

if TYPE_CHECKING:
    import pyarrow as pa

MAX_CLASSES = 1000


def class_labels(column: pa.ChunkedArray, where: str) -> tuple[np.ndarray, list[str]]:
    """Index into the classes of every row, shape (rows,), int64; and the classes as text.

    The classes are in numeric order if all are numbers, else in that of the text.

    Raises:
        ValueError: a row without a label, labels that are no text, integers or booleans, or more
            than `MAX_CLASSES` of them; `where` names the column in the message.
    """
    encoded = _label_texts(column, where).combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    if len(names) > MAX_CLASSES:
        got = f"{len(names)}: is it a number column?"
        raise refusal(f"expected at most {MAX_CLASSES} classes in {where}, got {got}")
    numeric = all(map(is_number, names))
    classes = sorted(names, key=lambda name: (float(name) if numeric else 0.0, name))
    rank = np.array([classes.index(name) for name in names], np.int64)
    return rank[encoded.indices.to_numpy()], classes


def group_numbers(column: pa.ChunkedArray, where: str) -> np.ndarray:
    """A number for every row, equal in rows of one group, shape (rows,).

    Raises:
        ValueError: a row without a group.
    """
    if column.null_count:
        raise refusal(f"expected a group in every row of {where}, got an empty cell")
    return np.asarray(column.combine_chunks().dictionary_encode().indices.to_numpy())


def _label_texts(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    import pyarrow.compute as pc
    from pyarrow import types

    try:
        if types.is_floating(column.type) or types.is_decimal(column.type):
            column = column.cast("int64")  # refuses fractions
        texts = column.cast("string")
    except (ValueError, NotImplementedError) as error:
        raise refusal(f"expected text, integers or booleans in {where}, got {error}") from error
    empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(texts), ""), True).to_numpy()
    if empty.any():
        count = counted(int(empty.sum()), "such cell")
        got = f"an empty cell in row {empty.argmax() + 1} ({count})"
        raise refusal(f"expected a label in every row of {where}, got {got}")
    return texts
