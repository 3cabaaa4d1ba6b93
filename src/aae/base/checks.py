"""Checks of configured values: one line that says what was expected and what came."""

import math
import re
from collections.abc import Sequence
from typing import Any

_INTERVAL = re.compile(r"([\[(])(\S+), (\S+)([\])])")


def expect(condition: bool, expected: str, got: object) -> None:
    """Raise `ValueError("expected ..., got ...")` unless the condition holds."""
    if not condition:
        raise ValueError(f"expected {expected}, got {got!r}")


def expect_at_least(key: str, value: Any, least: int) -> None:
    """Expect a whole number that is not below `least`."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    expect(whole and value >= least, f"{key} to be a whole number >= {least}", value)


def expect_within(key: str, value: Any, interval: str) -> None:
    """Expect a number in an interval, written like `(0, 1]`: round brackets exclude the end."""
    match = _INTERVAL.fullmatch(interval)
    if match is None:
        raise TypeError(f"{interval!r} is no interval")
    left, low, high, right = match.groups()
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    inside = (
        number
        and math.isfinite(value)
        and (value >= float(low) if left == "[" else value > float(low))
        and (value <= float(high) if right == "]" else value < float(high))
    )
    expect(inside, f"{key} to be a number in {interval}", value)


def expect_choice(key: str, value: Any, choices: Sequence[str]) -> None:
    """Expect one of the choices."""
    expect(value in choices, f"{key} to be one of {', '.join(choices)}", value)


def expect_sizes(key: str, value: Any) -> None:
    """Expect a list of layer widths, each a whole number >= 1; the list may be empty."""
    expect(isinstance(value, (list, tuple)), f"{key} to be a list of layer widths", value)
    for width in value:
        expect_at_least(f"each width of {key}", width, 1)


def expect_name(key: str, value: Any) -> None:
    """Expect a name that is safe as a folder and in a stage's name."""
    safe = isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", value)
    expect(bool(safe), f"{key} to be a name of letters, digits and _", value)
