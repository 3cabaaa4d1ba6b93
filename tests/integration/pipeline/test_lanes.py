"""Lanes under real DVC: what they leave is what `dvc repro` leaves, and nothing runs on."""

import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from support.project import PROJECT, Completed, environment, runner
from support.toy_pipeline import wait_until

from aae.pipeline.reproduce import lanes

pytestmark = pytest.mark.xdist_group("lanes")

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
    time.sleep(600)
if str(path) == os.environ.get("KILLED"):
    process = os.getppid()
    while b"aae.pipeline.worker" not in pathlib.Path(f"/proc/{process}/cmdline").read_bytes():
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    os.kill(process, 9)
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(f"{path} " * (100 if "b" in path.parts else 1))
"""
PARAMS = "names: [a, b, c]\nvariants: {default: {}, other: {}}\nseeds: [0]\n"


@dataclass(frozen=True)
class Toy:
    """A pipeline with the stages' names of the project's, whose stages take a moment."""

    path: Path

    def run(self, *words: str, fails: bool = False, **variables: str) -> Completed:
        with patch.dict(os.environ, variables):
            return runner(self.path)(*words, fails=fails)

    def reproduce(self, fails: bool = False, **variables: str) -> Completed:
        return self.run(*REPRODUCE, fails=fails, **variables)

    def log(self, name: str) -> Path:
        return self.path / f".dvc/tmp/lanes/{name}.log"


REPRODUCE = (sys.executable, "-m", "aae.pipeline.reproduce", "--params", "keep", "--jobs", "2")


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """None of its stages has run."""
    toy = Toy(tmp_path / "project")
    toy.path.mkdir()
    (toy.path / "src").symlink_to(PROJECT / "src")
    for name, text in {"dvc.yaml": PIPELINE, "stage.py": STAGE, "params.yaml": PARAMS}.items():
        (toy.path / name).write_text(text)
    toy.run("git", "init", "--quiet")
    toy.run("dvc", "init", "--quiet")
    return toy


def test_all_runs_and_is_recorded_as_dvc_does(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.run("dvc", "repro", "--quiet")
    lock = toy.path / "dvc.lock"
    wanted = lock.read_text()
    lock.unlink()
    shutil.rmtree(toy.path / ".dvc/cache")
    out = toy.reproduce().stdout
    assert len(re.findall(r"^\[\d/3\] [abc]: done after \d+ s$", out, re.M)) == 3
    assert "Running stage 'report'" in out
    assert sorted(lock.read_text().split("\n  ")) == sorted(wanted.split("\n  "))
    assert "Everything is up to date" in toy.reproduce().stdout
    monkeypatch.chdir(toy.path)
    names = lanes({"names": ["a", "new", "c", "b"], "variants": ["default"], "seeds": [0, 1]})
    assert [*names] == ["new", "b", "a", "c"]  # the longest first
    assert names["b"] == ["reference@b", "evaluate@b-default-0", "evaluate@b-default-1"]


def test_a_failing_lane_is_named_and_the_others_end(toy: Toy) -> None:
    done = toy.reproduce(BROKEN="runs/b/default", fails=True)
    assert done.returncode == 1
    assert done.stderr.endswith("error: 1 of 3 lanes failed: b\n")
    assert "b: FAILED after" in done.stdout and done.stdout.count(": done after") == 2
    end = done.stdout.partition("b, end of .dvc/tmp/lanes/b.log:")[2]
    assert "error: expected another path than runs/b/default" in end
    assert "ERROR: failed to reproduce 'evaluate@b-default-0'" in end
    assert not (toy.path / "report").exists()
    assert toy.reproduce().stdout.count(": done after") == 3
    assert "Stage 'generate@b' didn't change" in toy.log("b").read_text()


def test_a_killed_process_is_a_failed_lane(toy: Toy) -> None:
    done = toy.reproduce(KILLED="reference/a", fails=True)
    assert done.stderr.endswith("error: 1 of 3 lanes failed: a\n")
    assert (toy.path / "runs/b/default").exists() and (toy.path / "runs/c/default").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("slow", ["reference/a", "report"])
def test_nothing_runs_on_after_a_stop(toy: Toy, number: signal.Signals, slow: str) -> None:
    process = subprocess.Popen(
        REPRODUCE,
        cwd=toy.path,
        env=environment(toy.path.parent) | {"SLOW": slow},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in a shell's background, they and what they start ignore Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    pid = toy.path / "pid"
    wait_until(lambda: pid.exists() and pid.read_text() or process.poll())
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.splitlines()[-1] == "stopped: the same command runs what is missing"
    wait_until(lambda: not Path("/proc", pid.read_text()).exists(), 60)
    toy.reproduce()
