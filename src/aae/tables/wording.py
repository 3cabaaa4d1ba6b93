"""Words of messages: one line each, whatever stands in a file."""

from __future__ import annotations

import math
import reprlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def refusal(text: str) -> ValueError:
    """An error of one line."""
    return ValueError(" ".join(text.split()))


def listed(names: list[str], limit: int = 5) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 row, 2 rows, 2 classes."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def first_text(column: pa.ChunkedArray) -> str:
    """The first cell that is no number, and its row; empty where no cell is text."""
    try:
        texts = column.cast("string").to_pylist()
    except (ValueError, NotImplementedError):  # nested or undecodable: the type says enough
        return ""
    row = next((j for j, text in enumerate(texts) if text and not is_number(text)), 0)
    return f" {reprlib.repr(texts[row])} in row {row + 1}"
