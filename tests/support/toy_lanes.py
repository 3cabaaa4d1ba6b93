"""A pipeline with the stages' names of the project's, whose stages take a moment.

They obey variables of the environment: BROKEN, the stage of this path fails; SLOW, it waits while
the file `gate` exists; KILLED, it kills the process that runs its lane.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from support.project import PROJECT, Completed, contents, environment, runner
from support.toy_pipeline import wait_until

PIPELINE = """
stages:
  generate:
    foreach: ${names}
    do:
      cmd: python stage.py data/${item}/train
      deps: [stage.py]
      outs: ["data/${item}/train"]
  reference:
    foreach: ${names}
    do:
      cmd: python stage.py reference/${item}
      deps: [stage.py, "data/${item}"]
      outs: ["reference/${item}"]
  evaluate:
    matrix: {name: "${names}", variant: "${variants}", seed: "${seeds}"}
    cmd: python stage.py runs/${item.name}/${item.variant}
    deps: [stage.py, "data/${item.name}/train"]
    params: [seeds]
    outs: ["runs/${item.name}/${item.variant}"]
  report:
    cmd: python stage.py report
    deps: [runs, reference]
    outs: [report]
"""
STAGE = """
import os, pathlib, sys, time
path = pathlib.Path(sys.argv[1])
if sys.stdin.read() or str(path) == os.environ.get("BROKEN"):
    sys.exit(f"error: expected another path than {path}")
if str(path) == os.environ.get("SLOW"):
    pathlib.Path("pid").write_text(str(os.getpid()))
    while pathlib.Path("gate").exists():
        time.sleep(0.1)
if str(path) == os.environ.get("KILLED"):
    process = os.getppid()
    while b"aae.pipeline.worker" not in pathlib.Path(f"/proc/{process}/cmdline").read_bytes():
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    os.kill(process, 9)
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(f"{path} " * (100 if "b" in path.parts else 1))
"""
PARAMS = """names: [a, b, c]
variants: {default: {}, other: {}}
seeds: [0]
floors: {names: [], variants: []}
"""


@dataclass(frozen=True)
class Toy:
    """A clone with such a pipeline."""

    path: Path

    @classmethod
    def made(cls, path: Path) -> "Toy":
        """Make one of which no stage has run."""
        toy = cls(path)
        toy.path.mkdir()
        (toy.path / "src").symlink_to(PROJECT / "src")
        for name, text in {"dvc.yaml": PIPELINE, "stage.py": STAGE, "params.yaml": PARAMS}.items():
            (toy.path / name).write_text(text)
        toy.run("git", "init", "--quiet")
        toy.run("dvc", "init", "--quiet")
        (toy.path / ".dvcignore").write_text((PROJECT / ".dvcignore").read_text())
        return toy

    def run(self, *words: str, fails: bool = False, **variables: str) -> Completed:
        with patch.dict(os.environ, variables):
            return runner(self.path)(*words, fails=fails)

    def reproduce(self, fails: bool = False, **variables: str) -> Completed:
        return self.run(*REPRODUCE, fails=fails, **variables)

    def start(self, slow: str = "") -> "subprocess.Popen[str]":
        """Start it in the background; a slow stage has begun when this returns."""
        if slow:
            self.gate.touch()
        process = subprocess.Popen(
            REPRODUCE,
            cwd=self.path,
            env=environment(self.path.parent) | {"SLOW": slow},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Where the tests run in a shell's background, they and what they start ignore Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        if slow:
            wait_until(lambda: self.slow_process() or process.poll() is not None)
        return process

    @property
    def gate(self) -> Path:
        """As long as there is this file, a slow stage waits."""
        return self.path / "gate"

    def slow_process(self) -> str:
        """Number of the process that waits; nothing where none has begun to."""
        pid = self.path / "pid"
        return pid.read_text() if pid.exists() else ""

    def outputs(self) -> dict[str, bytes]:
        """All that the stages have made, and dvc.lock, whose entries may stand in any order."""
        made = contents(self.path, "data", "reference", "runs", "report")
        made = {name: each for name, each in made.items() if not name.endswith(".gitignore")}
        entries = (self.path / "dvc.lock").read_bytes().split(b"\n  ")
        return made | {"dvc.lock": b"\n".join(sorted(each.strip() for each in entries))}

    def log(self, name: str) -> Path:
        return self.path / f".dvc/tmp/lanes/{name}.log"


REPRODUCE = (sys.executable, "-m", "aae.pipeline.reproduce", "--params", "keep", "--jobs", "2")
