"""A temporary clone of the project with a selection of its own, and commands in it."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from aae.benchmark.revision import git
from aae.benchmark.usage import Usage, usage


@dataclass(frozen=True)
class Clone:
    """What is committed of this project, in a folder of its own, with an empty cache."""

    path: Path

    def run(self, *command: str) -> Usage:
        """Run a command, silently."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DVC_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
        here = {"PYTHONPATH": "src", "DVC_SITE_CACHE_DIR": str(self.path.parent / "site")}
        return usage(command, self.path, kept | here | {"PATH": path})

    def python(self, module: str, *words: str) -> Usage:
        """Run a module of the clone's own package."""
        return self.run(sys.executable, "-m", module, *words)

    def select(self, chosen: Mapping[str, Sequence[str]], **settings: Any) -> None:
        """Compose params.yaml of other distributions, tables or variants, and other settings."""
        path = self.path / "conf/config.yaml"
        config = yaml.safe_load(path.read_text())
        config["defaults"] = [selected(each, chosen) for each in config["defaults"]]
        path.write_text(yaml.safe_dump(config | settings, sort_keys=False))
        self.python("aae.pipeline.configure")

    def reproduce(self, jobs: int) -> Usage:
        """`make reproduce`, once it is set up."""
        return self.python("aae.pipeline.reproduce", "--jobs", str(jobs))


def selected(default: Any, chosen: Mapping[str, Sequence[str]]) -> Any:
    """An entry of Hydra's defaults list, with what is chosen in place of its own."""
    if not isinstance(default, dict):
        return default
    return {key: list(chosen[key]) if key in chosen else value for key, value in default.items()}


@contextmanager
def clone() -> Iterator[Clone]:
    """Clone HEAD for the time of a block."""
    with TemporaryDirectory(prefix="aae-bench-") as folder:
        path = Path(folder) / "project"
        git("clone", "--quiet", ".", str(path))
        yield Clone(path)
