"""Words of messages: one line each, whatever stands in a file."""

import math


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
    """Whether a text is a finite number, without Python's underscores."""
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False
