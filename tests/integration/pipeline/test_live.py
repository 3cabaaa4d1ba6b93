"""The losses of a real training grow while it runs, and are gone when its model is there."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from support.project import PROJECT, environment

from aae.pipeline.live import running

MODEL = ("uniform", "default", "0")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with few rows to be trained on, for many epochs."""
    params = yaml.safe_load((PROJECT / "params.yaml").read_text())
    params["distributions"]["uniform"] |= {"rows": 60, "test_rows": 60, "columns": 4}
    params["train"] |= {"epochs": 2000, "steps": 2000, "batch_size": 16}
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text(yaml.safe_dump(params))
    return tmp_path


def stage(name: str, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"aae.stages.{name}", *words]
    path = {"PYTHONPATH": str(PROJECT / "src")}
    return subprocess.Popen(command, env=environment(Path.cwd()) | path, stderr=subprocess.DEVNULL)


def test_a_training_is_seen_growing(project: Path) -> None:
    assert stage("generate", "name=uniform").wait() == 0
    training = stage("train", "name=uniform", "variant=default", "seed=0")
    lengths = set()
    while training.poll() is None:
        lengths.add(len(running().get(MODEL, [])))
        time.sleep(0.1)
    assert training.returncode == 0
    assert len(lengths - {0}) > 1
    assert running() == {}
