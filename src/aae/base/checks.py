"""What a value has to be: rules, whose refusal is one line that says what was expected."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_INTERVAL = re.compile(r"([\[(])(\S+), (\S+)([\])])")


def expect(condition: bool, expected: str, got: object) -> None:
    """Raise `ValueError("expected ..., got ...")` unless the condition holds."""
    if not condition:
        raise ValueError(f"expected {expected}, got {got!r}")


@dataclass(frozen=True)
class Rule(Generic[T]):
    """A range or a choice, for values of type T.

    Attributes:
        expected: completes "expected KEY to be ...".
        holds: whether a value, of any type, is one.
        item: of every element, where the value is a list or a mapping.
    """

    expected: str
    holds: Callable[[Any], bool]
    item: "Rule[Any] | None" = None

    def check(self, key: str, value: Any) -> None:
        """Raise ValueError, which names the key (and the element), unless the rule holds."""
        expect(self.holds(value), f"{key} to be {self.expected}", value)
        if self.item:
            for place, each in value.items() if isinstance(value, Mapping) else enumerate(value):
                self.item.check(f"{key}[{place}]", each)


def at_least(least: int) -> Rule[int]:
    """A whole number that is not below `least`; to Python True is one, but not here."""

    def holds(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return Rule(f"a whole number >= {least}", holds)


def within(interval: str) -> Rule[float]:
    """A finite number in an interval, written like `(0, 1]`: round brackets exclude the end."""
    match = _INTERVAL.fullmatch(interval)
    if match is None:
        raise TypeError(f"{interval!r} is no interval")
    left, right = match[1] == "[", match[4] == "]"
    low, high = float(match[2]), float(match[3])

    def holds(value: Any) -> bool:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not abs(value) <= sys.float_info.max:  # nor NaN
            return False
        above = value >= low if left else value > low
        return bool(above and (value <= high if right else value < high))

    return Rule(f"a number in {interval}", holds)


def one_of(choices: Sequence[str]) -> Rule[str]:
    """One of some words."""
    return Rule(f"one of {', '.join(choices)}", lambda value: value in tuple(choices))


def list_of(item: Rule[T], length: int | None = None) -> Rule[list[T]]:
    """A list of values that another rule holds for, of any length or of the given one."""

    def holds(value: Any) -> bool:
        return isinstance(value, (list, tuple)) and length in (None, len(value))

    return Rule(f"a list{f' of {length}' if length else ''}, each {item.expected}", holds, item)


def mapping_of(item: Rule[T]) -> Rule[dict[str, T]]:
    """A mapping whose values another rule holds for."""
    return Rule(f"a mapping, each value {item.expected}", _is_mapping, item)


def optional(rule: Rule[T]) -> Rule[T | None]:
    """What another rule says, or nothing."""
    return Rule(f"{rule.expected}, or nothing", lambda value: value is None or rule.holds(value))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_]*", value))


def _is_inside(value: Any) -> bool:
    path = PurePosixPath(value) if isinstance(value, str) else PurePosixPath("/")
    return not path.is_absolute() and ".." not in path.parts and ":" not in str(path)


FLAG: Rule[bool] = Rule("true or false", lambda value: isinstance(value, bool))
MAPPING: Rule[dict[str, Any]] = Rule("a mapping", _is_mapping)
# DVC takes `scheme://host` for a place elsewhere, and asks there.
INSIDE: Rule[str] = Rule("a relative path inside the project, without `:`", _is_inside)
NAME: Rule[str] = Rule("a name of letters, digits and _", _is_name)  # safe as a folder and a stage
