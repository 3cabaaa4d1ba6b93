"""Speed of two revisions, where `make bench` has measured both on one machine."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aae.base.files import read_json
from aae.compare.contents import WORKSPACE

BENCH = Path("reports/bench.json")  # by the content of src, as git names it
MACHINE = "processor", "cores", "memory"
NOISE = 1.1  # factor by which one run may differ from the next, of the same code


@dataclass(frozen=True)
class Figure:
    """One figure of both revisions; its name says the unit."""

    name: str
    base: float
    other: float

    @property
    def ratio(self) -> float:
        """How many times as much the other has."""
        return self.other / self.base

    @property
    def notable(self) -> bool:
        """Whether they differ by more than one run does from the next."""
        return not 1 / NOISE <= self.ratio <= NOISE


def speed(base: str, other: str, path: Path = BENCH) -> tuple[Figure, ...]:
    """Figures that both revisions have; none for the same code, or of two machines."""
    kept = read_json(path) if path.exists() else {}
    codes = code(base), code(other)
    if codes[0] == codes[1] or not all(each in kept for each in codes):
        return ()
    return common(kept[codes[0]], kept[codes[1]])


def common(base: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[Figure, ...]:
    """Figures that two results have in common."""
    if any(base["machine"][key] != other["machine"][key] for key in MACHINE):
        return ()
    return tuple(
        Figure(name, value, other["figures"][name])
        for name, value in base["figures"].items()
        if name in other["figures"]
    )


def code(name: str) -> str | None:
    """Git's name of the content of a revision's src; None where it has none.

    The workspace has HEAD's, unless src has changes that are not committed.
    """
    if name == WORKSPACE:
        return None if _git("status", "--porcelain", "--", "src") else code("HEAD")
    commit = f"{name}^{{commit}}"  # no file or folder, which git takes for a name, too
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:src") or None


def _git(*words: str) -> str:
    command = ["git", "--no-optional-locks", *words]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()
