"""What dvc.lock says of a revision: which outputs there are, and whether they are up to date."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml

PARAMS = "params.yaml"
Reader = Callable[[str], bytes]  # content of a file of a revision, FileNotFoundError

_STAGE = re.compile(r"^  (?! )(.+):\n((?: {4}.*\n)+)", re.M)
_SECTION = re.compile(r"^    (\w+):", re.M)
_FILE = re.compile(r"^    - path: (.+)\n(?:      .+\n)*?      md5: (\w+(?:\.dir)?)$", re.M)


@dataclass(frozen=True)
class Stage:
    """One stage as it last ran: path -> md5 of what it read and wrote, and its parameters.

    `params` is a piece of YAML: a file's name -> key -> value.
    """

    deps: Mapping[str, str]
    outs: Mapping[str, str]
    params: str


class Lock:
    """Stages of a dvc.lock, parsed as they are asked for.

    DVC writes the file in one layout; a YAML parser needs half a second for it, too long where a
    hundred revisions are read.
    """

    def __init__(self, text: str) -> None:
        """Find the stage of each output."""
        self._producers: dict[str, Stage] = {}
        for match in _STAGE.finditer(text):
            stage = _stage(match[2])
            self._producers |= dict.fromkeys(stage.outs, stage)

    def md5(self, out: str) -> str | None:
        """MD5 of an output, with `.dir` for a folder; None where no stage wrote it."""
        stage = self._producers.get(out)
        return stage.outs[out] if stage else None

    def outdated(
        self, outs: Iterator[str], params: Mapping[str, Any], read: Reader
    ) -> tuple[str | None, list[str]]:
        """Look for what changed since these outputs, or any they come from, were made.

        Args:
            outs: paths of outputs.
            params: content of params.yaml.
            read: reads a file of the same revision.

        Returns:
            The first change, or None; and inputs of which nothing is known, since the revision
            holds neither the file nor PATH.dvc.
        """
        waiting, seen, unknown = [*outs], set[str](), dict[str, None]()
        while waiting:
            out = waiting.pop()
            stage = self._producers.get(out)
            if out in seen or stage is None:
                continue
            seen |= {*stage.outs}
            waiting += [dep for dep in stage.deps if dep in self._producers]
            now = {path: self.md5(path) or _md5_of(path, read) for path in stage.deps}
            unknown |= dict.fromkeys(path for path, md5 in now.items() if md5 is None)
            edited = (path for path, md5 in now.items() if md5 not in (stage.deps[path], None))
            changed = next(edited, None) or changed_param(stage.params, params)
            if changed:
                return changed, [*unknown]
        return None, [*unknown]


@lru_cache(maxsize=100_000)
def _stage(block: str) -> Stage:
    marks = [*_SECTION.finditer(block)]
    ends = [mark.start() for mark in marks[1:]] + [len(block)]
    sections = {mark[1]: block[mark.end() : end] for mark, end in zip(marks, ends, strict=True)}
    deps, outs = (dict(_FILE.findall(sections.get(key, ""))) for key in ("deps", "outs"))
    return Stage(deps, outs, sections.get("params", ""))


def _md5_of(path: str, read: Reader) -> str | None:
    """MD5 of a file as DVC computes it, or as `dvc add` wrote it down; None without either."""
    try:
        return _md5(read(path))
    except (FileNotFoundError, IsADirectoryError):
        pass
    try:
        return _added(read(f"{path}.dvc"))
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1000)
def _added(content: bytes) -> str | None:
    """MD5 in a file of `dvc add`."""
    found = re.search(rb"md5: (\w{32}(?:\.dir)?)", content)
    return found[1].decode() if found else None


@lru_cache(maxsize=1000)
def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=10_000)
def _locked_params(section: str) -> Mapping[str, Any]:
    return (yaml.load(section, yaml.CSafeLoader) or {}).get(PARAMS, {}) if section else {}


def changed_param(section: str, params: Mapping[str, Any]) -> str | None:
    """Return the first key whose value is another one than dvc.lock's, or None."""
    for key, value in _locked_params(section).items():
        node: Any = params
        for name in key.split("."):
            node = node.get(name) if isinstance(node, Mapping) else None
        if node != value:
            return f"{key} in {PARAMS}"
    return None
