"""A small project with the shape of the real one, whose experiments take a moment each.

It has conf/, two stages and reports/metrics.json. Its stages obey variables of the environment:
TOY_LOG: file that each run of a stage adds a line to; TOY_GATE: the second stage waits while this
file exists; TOY_NOISE: no two runs of the second stage give the same.
"""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from support.project import PROJECT, Completed, environment

FILES = {
    ".gitignore": "/prepared\n/src/plugins/__pycache__\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvc/config": """
[core]
    analytics = false
    autostage = true
[hydra]
    enabled = true
    config_dir = conf
    plugins_path = src/plugins
""",
    "conf/config.yaml": "seeds: [0]\nmodel: {latent: 2}\ntrain: {learning_rate: 0.001}\n",
    "src/plugins/README": "no schema\n",
    "dvc.yaml": """
stages:
  prepare:
    cmd: python toy_stage.py prepare
    deps: [toy_stage.py]
    params: [train.learning_rate]
    outs: [prepared]
  measure:
    cmd: python toy_stage.py measure
    deps: [toy_stage.py, prepared]
    params: [model.latent, seeds]
    metrics: [reports/metrics.json: {cache: false}]
""",
    "toy_stage.py": """
import json, os, sys, time, uuid
from pathlib import Path
from ruamel.yaml import YAML

params = YAML(typ="safe").load(Path("params.yaml"))
rate, latent = params["train"]["learning_rate"], params["model"]["latent"]
log = os.environ.get("TOY_LOG", os.devnull)
with open(log, "a") as out:
    out.write(f"{sys.argv[1]} {rate} {latent}\\n")
if sys.argv[1] == "prepare":
    Path("prepared").mkdir(exist_ok=True)
    for part in range(20):
        Path("prepared", str(part)).write_text(f"{rate} {part}\\n" * 1000)
else:
    if latent == 13:
        sys.exit("error: expected any latent but 13, got 13")
    while Path(os.environ.get("TOY_GATE", "none")).exists():
        time.sleep(0.1)
    error = (latent - 5) ** 2 + rate
    content = {"toy": {"default": {"error": error, "seeds": len(params["seeds"])}}}
    if "TOY_NOISE" in os.environ:
        content["noise"] = uuid.uuid4().int % 10**6
    Path("reports").mkdir(exist_ok=True)
    Path("reports/metrics.json").write_text(json.dumps(content))
""",
}


@dataclass(frozen=True)
class Toy:
    """A committed toy project, and commands in it."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path) -> "Toy":
        """Write and commit the project in a folder of its own; its stages have not run."""
        toy = cls(folder / "project", {"TMPDIR": str(folder), "TOY_LOG": str(folder / "log")})
        for name, text in FILES.items():
            path = toy.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (toy.path / "params.yaml").write_text(FILES["conf/config.yaml"])
        toy.git("init", "--quiet", "--initial-branch=main")
        toy.git("add", "--all")
        toy.git("commit", "--quiet", "--message=start")
        return toy

    def run(self, *words: str | Path, fails: bool = False, **variables: str) -> Completed:
        """Run a command there; `fails`: it has to."""
        done = subprocess.run(
            [str(word) for word in words],
            cwd=self.path,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def environment(self, **variables: str) -> dict[str, str]:
        """All variables of a command there."""
        path = {"PYTHONPATH": str(PROJECT / "src")}  # the package that is tested
        return {**environment(self.path.parent), **path, **self.variables, **variables}

    def git(self, *words: str | Path) -> str:
        """Run git there."""
        return self.run("git", *words).stdout.strip()

    def sweep(self, *words: str, fails: bool = False, **variables: str) -> Completed:
        """`aae sweep -m ...`."""
        return self.run(*SWEEP, *words, fails=fails, **variables)

    @property
    def gate(self) -> Path:
        """A file to be named by TOY_GATE."""
        return self.path.parent / "gate"

    @contextmanager
    def sweeping(self, *words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
        """Let a sweep run beside the block, which has to end it."""
        process = subprocess.Popen(
            [*SWEEP, *words],
            cwd=self.path,
            env=self.environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Where the tests run in a shell's background, they and what they start ignore Ctrl-C.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout and process.stdout.close()

    def clones(self) -> list[Path]:
        """Private clones that jobs have left."""
        return [path for path in self.path.parent.glob("aae-sweep-*/*") if path.is_dir()]

    def ran(self) -> Counter[str]:
        """How often each stage ran, as "STAGE learning rate latent"."""
        log = Path(self.variables["TOY_LOG"])
        return Counter(log.read_text().splitlines() if log.exists() else [])

    def shown(self) -> dict[str, dict[str, Any]]:
        """Metrics of each experiment of HEAD, as `dvc exp show` gives them to a program."""
        found = json.loads(self.run("dvc", "exp", "show", "--json").stdout)
        (head,) = (each for each in found if each["rev"] != "workspace")
        experiments = head["experiments"] or []
        assert all(not each["revs"][0]["error"] for each in experiments if each["revs"])
        return {
            each["name"]: each["revs"][-1]["data"]["metrics"]["reports/metrics.json"]["data"]
            for each in experiments
        }


def wait_until(condition: Callable[[], object], seconds: float = 600) -> None:
    """Wait for something that another process does, so long that only a hang ends in an error."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


SWEEP = ("aae", "sweep", "-m")
