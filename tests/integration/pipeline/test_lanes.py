"""Lanes under real DVC: what they leave is what `dvc repro` leaves, and nothing runs on."""

import re
import shutil
import signal
from pathlib import Path

import pytest
from support.toy_lanes import Toy
from support.toy_pipeline import wait_until

from aae.pipeline.reproduce import lanes


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """None of its stages has run."""
    return Toy.made(tmp_path / "project")


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
    params = {"names": ["a", "new", "c", "b"], "variants": ["default"], "seeds": [0, 1]}
    names = lanes(params | {"floors": {"names": ["a"], "variants": ["default"]}})
    assert [*names] == ["a", "new", "b", "c"]  # the longest first
    assert names["b"] == ["reference@b", "evaluate@b-default-0", "evaluate@b-default-1"]
    assert names["a"][-2:] == ["floor@a-default-0", "floor@a-default-1"]


def test_a_lock_half_written_by_a_killed_process_goes(toy: Toy) -> None:
    half, other = toy.path / ".999999999-dvc.lock", toy.path / ".999999999-mine"
    for path in half, other:
        path.write_text("stages:")
    toy.reproduce()
    assert not half.exists() and other.exists()


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
    process = toy.start(slow)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.splitlines()[-1] == "stopped: the same command runs what is missing"
    wait_until(lambda: not Path("/proc", toy.slow_process()).exists(), 60)
    toy.reproduce()
