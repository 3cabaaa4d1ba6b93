"""A toy project under real DVC: stages as the project's, each run a draw from a normal law."""

import contextlib
import io
import os
import re
import shutil
import sys
from collections.abc import Mapping
from copy import copy
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from aae.cli.commands import main
from support.project import environment, runner

SCRIPT = '''"""Write metrics.json of all runs as the evaluate stage does, distances near `level`."""
import json, pathlib, random, yaml
params = yaml.safe_load(open("params.yaml"))
settings = params["evaluate"]

def judged(*place):
    random.seed("/".join(place) + str(settings["seed"]))
    draw = lambda: random.gauss(settings["level"], 0.1)
    tests = {name: {"statistic": 0.7, "effect": draw()} for name in settings["tests"]}
    cells = {name: {"z": draw()} for name in ("mean", "std", "skewness", "excess_kurtosis")}
    return {
        "verdict": settings["verdict"], "reason": "so it is", "tests": tests,
        "moments": {"ks_cells": draw()}, "closed_form": {"cells": cells},
        "reconstruction": {"explained": 1 - draw()}, "diversity": {},
        "rows": {"real": settings["rows"], "generated": settings["rows"]},
    }

def write(found, *place):
    folder = pathlib.Path("reports", *place)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pictures.npz").write_bytes(b"x" * 1000)
    (folder / "metrics.json").write_text(json.dumps(found))

for name in params["names"]:
    write({"control": judged("reference", name)}, "reference", name)
    for variant in params["variants"]:
        for seed in params["seeds"]:
            write(judged(name, variant, str(seed)), "runs", name, variant, str(seed))
'''


GENERATE = '''"""Write rows, in two outputs of one folder."""
import pathlib
folder = pathlib.Path("data/rows/train")
folder.mkdir(parents=True)
(folder / "rows.csv").write_text("1,2\\n")
(folder.parent / "law.json").write_text("{}")
'''


def pipeline(params: Mapping[str, Any]) -> dict[str, Any]:
    """One stage that makes all runs (many would only take longer), and one that makes its data."""
    places = product(params["names"], params["variants"], params["seeds"])
    outs = [f"reports/runs/{name}/{variant}/{seed}" for name, variant, seed in places]
    outs += [f"reports/reference/{name}" for name in params["names"]]
    generate = {
        "cmd": f"{sys.executable} src/generate.py",
        "deps": ["src/generate.py"],
        "outs": ["data/rows/train", "data/rows/law.json"],
    }
    evaluate = {
        "cmd": f"{sys.executable} src/judge/main.py",
        "deps": ["src/judge", "data/rows"],
        "params": [*params],
        "outs": outs,
    }
    return {"stages": {"generate": generate, "evaluate": evaluate}}


FILES = {
    "src/judge/main.py": SCRIPT,
    "src/judge/part/words.py": "WORD = 1\n",
    "src/generate.py": GENERATE,
    ".dvcignore": "# as the project's\n__pycache__/\n.gitignore\n",
}
EVALUATE = {
    "level": 1.0,
    "seed": 0,
    "rows": 100,
    "verdict": "different",
    "tests": ["energy", "classifier"],
}


class Toy:
    """The project, and ways to run commands in it."""

    def __init__(self, path: Path, **params: Any) -> None:
        self.path, self.run = path, runner(path)
        for name, text in FILES.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(text)
        start = {"names": ["one"], "variants": {"default": {}}, "seeds": [0], "evaluate": EVALUATE}
        self.write(start | params)
        self.run("git", "init", "--quiet", "--initial-branch", "main")
        self.run("dvc", "init", "--quiet")
        self.run("dvc", "config", "core.analytics", "false")
        self.commit("run")

    def write(self, params: Mapping[str, Any]) -> None:
        (self.path / "params.yaml").write_text(yaml.safe_dump(dict(params)))
        (self.path / "dvc.yaml").write_text(yaml.safe_dump(pipeline(params)))

    def params(self) -> dict[str, Any]:
        return dict(yaml.safe_load((self.path / "params.yaml").read_text()))

    def commit(self, message: str) -> str:
        """Run what is out of date, commit, and return the commit."""
        self.run("dvc", "repro", "--quiet")
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def branch(self, name: str, evaluate: Mapping[str, Any], **params: Any) -> None:
        """Run with other parameters on a branch of its own, then come back to main."""
        self.run("git", "checkout", "--quiet", "-b", name)
        found = self.params()
        self.write(found | {"evaluate": found["evaluate"] | evaluate} | params)
        self.commit(name)
        self.run("git", "checkout", "--quiet", "main")
        self.run("dvc", "checkout", "--quiet", "--force")

    def aae(
        self, *words: str, command: str = "compare", folder: Path | None = None
    ) -> tuple[int, str, str]:
        """Exit code, output with its spaces squeezed, and errors of an `aae` command."""
        out, err = io.StringIO(), io.StringIO()
        variables = environment(self.path.parent) | {"COLUMNS": "200"}
        with (
            patch.dict(os.environ, variables, clear=True),
            patch.object(sys, "argv", ["aae", command, *words]),
            contextlib.chdir(folder or self.path),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        return int(ended.value.code or 0), re.sub(r"\s+", " ", out.getvalue()), err.getvalue()

    def copied(self, path: Path) -> "Toy":
        """Return a copy, cache included."""
        shutil.copytree(self.path, path)
        found = copy(self)
        found.path, found.run = path, runner(path)
        return found

    def forget(self) -> None:
        """Empty DVC's cache."""
        shutil.rmtree(self.path / ".dvc/cache")
