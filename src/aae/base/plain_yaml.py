"""YAML files of plain values: what else a file holds is refused, in one line, before it is read.

Looked at are the events of the parser: nothing is built yet. So neither a tag that names a class
nor aliases of aliases, which a few lines expand to billions of values, do anything.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

VALUES = 100_000  # in a file, aliases expanded; params.yaml has some hundreds
DEPTH = 50  # of lists and mappings in one another
PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "int", "null", "str")}
CLASS_PATH = "_target_"  # with which a configuration would choose code


class Refused(ValueError):
    """A file that is not plain YAML."""


def check_yaml(paths: Iterable[Path]) -> None:
    """Expect plain YAML in each file.

    Raises:
        Refused: `FILE, line N: expected ..., got ...`.
    """
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Refused(f"{path}: expected a file to read, got {error.strerror}") from None
        try:
            _Content().follow(yaml.parse(content, yaml.CSafeLoader))
        except (_Line, yaml.YAMLError) as error:
            raise Refused(f"{path}{_said(error)}") from None


class _Line(Exception):
    """What is wrong, and the line, counted from 1."""


class _Content:
    """What has been seen of a file."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}  # values behind an anchor
        self.open: list[_Collection] = []
        self.documents = 0

    def follow(self, events: Iterable[Any]) -> None:
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.CollectionEndEvent):
                done = self.open.pop()
                self.named(done.anchor, done.size)
                self.add(done.size, None, line)
            elif isinstance(event, yaml.CollectionStartEvent):
                self.start(event, line)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                _expect(self.documents == 1, "one document", line, "two")
            elif isinstance(event, yaml.AliasEvent):
                size = self.sizes.get(str(event.anchor), 0)
                _expect(size > 0, "an alias of what is complete", line)
                self.add(size, None, line)
            elif isinstance(event, yaml.ScalarEvent):
                _expect(event.tag in (None, "!", *PLAIN), "a plain value", line, event.tag)
                self.named(event.anchor, 1)
                self.add(1, event.value, line)

    def start(self, event: Any, line: int) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        kind = "tag:yaml.org,2002:map" if mapping else "tag:yaml.org,2002:seq"
        _expect(event.tag in (None, "!", kind), "a plain list or mapping", line, event.tag)
        _expect(len(self.open) < DEPTH, f"at most {DEPTH} levels", line, "more")
        self.open.append(_Collection(event.anchor, mapping))

    def named(self, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self.sizes[anchor] = size

    def add(self, size: int, scalar: str | None, line: int) -> None:
        """Count values to where they stand; a scalar may be a key."""
        if self.open:
            self.open[-1].add(size, scalar, line)
        elif size > VALUES:
            _expect(False, f"at most {VALUES} values", line, f"{size}, aliases expanded")


class _Collection:
    """A list or mapping that is being read."""

    def __init__(self, anchor: str | None, mapping: bool) -> None:
        self.anchor, self.mapping = anchor, mapping
        self.size, self.children = 1, 0
        self.keys: set[str | None] = set()

    def add(self, size: int, scalar: str | None, line: int) -> None:
        if self.mapping and self.children % 2 == 0 and scalar is not None:
            _expect(scalar not in self.keys, "each key once", line, scalar)
            _expect(scalar != CLASS_PATH, "a name for each choice, no class path", line, scalar)
            self.keys.add(scalar)
        self.children += 1
        self.size += size
        _expect(self.size <= VALUES, f"at most {VALUES} values", line, "more, aliases expanded")


def _expect(condition: bool, expected: str, line: int, got: object = "one in itself") -> None:
    if not condition:
        raise _Line(f"expected {expected}, got {got}", line)


def _said(error: Exception) -> str:
    """Where, and what was expected."""
    if isinstance(error, _Line):
        text, line = error.args
        return f", line {line}: {text}"
    mark = getattr(error, "problem_mark", None)
    where = f", line {mark.line + 1}" if mark else ""
    reason = " ".join(str(getattr(error, "problem", None) or error).split())
    return f"{where}: expected YAML, got: {reason}"
