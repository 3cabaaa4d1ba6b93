"""Settings: fields of dataclasses, each declared with its default and its rule in one place."""

from copy import copy
from dataclasses import Field, field, fields
from typing import Any, TypeVar

from aae.base.checks import MAPPING, Rule, one_of

T = TypeVar("T")

_RULE = "rule"


def setting(default: T, rule: Rule[T]) -> T:
    """Declare a field: `latent: int = setting(2, at_least(1))`.

    Every instance has a list or mapping of its own.
    """
    metadata = {_RULE: rule}
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: copy(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def required(rule: Rule[T]) -> T:
    """Declare a field without a default: conf/ has it."""
    made: T = field(metadata={_RULE: rule})
    return made


def same_as(kind: Any, name: str) -> Any:
    """Declare a field with default and rule of another dataclass's: they stand there alone."""
    other = next(each for each in fields(kind) if each.name == name)
    return field(default=other.default, metadata=other.metadata)


def rule_of(each: Field[Any]) -> Rule[Any] | None:
    """The rule of a field; None of a field that is no setting."""
    return each.metadata.get(_RULE)


def check_keys(kind: Any, section: Any, name: str) -> None:
    """Check that a section of a file is a mapping, each of whose keys is a field of a dataclass.

    Raises:
        ValueError: it is none, or has an unknown key; the message names the section.
    """
    MAPPING.check(name, section)
    known = tuple(each.name for each in fields(kind))
    for key in section:
        one_of(known).check(f"{name}'s key", key)


def check_fields(instance: Any, prefix: str = "") -> None:
    """Check every setting of a dataclass, from `__post_init__`; a message names PREFIX.FIELD.

    Rules that join several fields are code after this call.

    Raises:
        ValueError: a value of the wrong type, out of its range, or none of the choices.
    """
    for each in fields(instance):
        if rule := rule_of(each):
            key = f"{prefix}.{each.name}" if prefix else each.name
            rule.check(key, getattr(instance, each.name))
