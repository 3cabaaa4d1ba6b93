"""Words of messages: one line each, whatever stands in a file."""

from __future__ import annotations

import math
import reprlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def refusal(text: str) -> ValueError:
    """An error of one line."""
    return ValueError(printable(text))


def printable(text: str) -> str:
    """A text as one line, without what a terminal would obey: of damaged files anything is said."""
    line = " ".join(text.split())
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def listed(names: list[str], limit: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 row, 2 rows, 2 classes."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def is_number(text: str) -> bool:
    """Whether a text is a finite number, without Python's underscores."""
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def first_text(column: pa.ChunkedArray) -> str:
    """The first cell that is no number, and its row; empty where cells can be no text."""
    import pyarrow.compute as pc
    from pyarrow import csv

    try:
        texts = column.cast("string")
    except (ValueError, NotImplementedError):  # nested or undecodable: the type says enough
        return ""
    trimmed = pc.utf8_trim_whitespace(texts)
    gaps = pc.is_in(trimmed, value_set=_strings(csv.ConvertOptions().null_values))
    numbers = pc.if_else(gaps, None, trimmed)
    # All before `low` are numbers, not all before `high`.
    low, high = 0, 1 if _are_numbers(numbers) else len(numbers)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _are_numbers(numbers[low:middle]) else (low, middle)
    return f" {reprlib.repr(texts[low].as_py())} in row {low + 1}"


def _strings(values: list[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(values, pa.string())


def _are_numbers(texts: pa.ChunkedArray) -> bool:
    try:
        texts.cast("float64")
    except ValueError:
        return False
    return True
