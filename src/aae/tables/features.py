"""What a feature has to be: numbers that float32 holds, or text that repeats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from aae.tables.coding import CATEGORIES, CATEGORY, TIME, Cells, Field, Numbers
from aae.tables.wording import counted, first_text, is_number, refusal

DROP = "leave it out with `drop`"


def expect_feature(field: Field, cells: Cells) -> None:
    """Refuse what tells rows apart and has no law.

    Raises:
        ValueError: dates, numbers among text, and text that hardly repeats.
    """
    column, file = cells
    where = f"column {field.name!r} of {file}"
    if field.kind == TIME and field.type.startswith("date"):
        expected = f"numbers, text, booleans or time stamps in {where}"
        raise refusal(f"expected {expected}, got {field.type}{first_text(column)}: {DROP}")
    texts, rows = len(field.categories), sum(field.categories.values())
    numbers = sum(map(is_number, field.categories))
    if field.kind == CATEGORY and texts > CATEGORIES and 2 * numbers > texts > numbers:
        got = f"{field.type}{first_text(column)} among numbers"
        raise refusal(f"expected numbers alone, or text, in {where}, got {got}: {DROP}")
    if field.kind == CATEGORY and texts > CATEGORIES and 2 * texts > rows:
        got = f"{texts} different ones in {counted(rows, 'row')}, {field.type}{first_text(column)}"
        raise refusal(f"expected text that repeats in {where}, got {got} (identifiers?): {DROP}")


def narrowed(values: Numbers) -> Numbers:
    """The same numbers in float32 where that holds all of them exactly, else as they are."""
    with np.errstate(over="ignore"):
        narrow = values.astype(np.float32, copy=False)
    return narrow if np.array_equal(narrow, values) else values


class Beyond(NamedTuple):
    """Cells of a coded column that are infinite in float32, in which networks compute.

    Attributes:
        column: its name.
        row: of the first one.
        value: of the first one.
        cells: how many there are.
    """

    column: str
    row: int
    value: Any
    cells: int


def cells_beyond(column: str, values: Numbers) -> list[Beyond]:
    """Return those of a coded column, if there are any."""
    with np.errstate(over="ignore"):
        bad = np.isinf(values.astype(np.float32, copy=False))
    row = int(bad.argmax())
    return [Beyond(column, row, values[row], int(bad.sum()))] if bad[row] else []


def expect_bounded(beyond: Sequence[Beyond], file: str) -> None:
    """Expect none, of any column; the message names the first in the first row.

    Raises:
        ValueError: there are some.
    """
    if beyond:
        first = min(beyond, key=lambda each: each.row)
        count = counted(sum(each.cells for each in beyond), "such cell")
        where = f"in row {first.row + 1}, column {first.column!r} ({count})"
        raise refusal(f"expected numbers within +-3.4e+38 in {file}, got {first.value} {where}")
