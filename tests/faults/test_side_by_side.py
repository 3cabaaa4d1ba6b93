"""Several processes at work in one clone, or on one cache, and clones with no room to write.

None spoils what another one makes, and where one has to wait, it says so in one line.
"""

import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults.conftest import files
from support.toy_lanes import REPRODUCE, Toy
from support.toy_pipeline import Toy as Sweeps
from support.toy_pipeline import wait_until

WAITING = "waiting: `make reproduce` or `make verify` runs here\n"
VERIFY = sys.executable, "-m", "aae.pipeline.integrity"


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy.made(tmp_path / "project")


@contextmanager
def mounted(path: Path, *words: str) -> Iterator[None]:
    """Mount something at a path while the block runs."""
    command = ["mount", *words, str(path)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("expected to be allowed to mount (root)")
    try:
        yield
    finally:
        subprocess.run(["umount", path], check=True)


def test_two_reproductions_in_one_clone(
    toy: Toy, undisturbed: dict[str, bytes], tally: Counter[str]
) -> None:
    first = toy.start("reference/a")
    second = toy.start()
    assert second.stderr and second.stderr.readline() == WAITING
    toy.gate.unlink()
    assert first.communicate() and first.returncode == 0
    out, errors = second.communicate()
    assert second.returncode == 0 and errors == ""
    assert out == "Everything is up to date: reports/index.html\n"
    assert toy.outputs() == undisturbed
    tally["results compared"] += len(undisturbed)


def test_the_next_one_waits_for_what_a_killed_one_has_started(
    toy: Toy, undisturbed: dict[str, bytes], tally: Counter[str]
) -> None:
    """Killed alone, as for want of memory, a reproduction leaves processes that run on."""
    first = toy.start("reference/a")
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = toy.start()
    assert second.stderr and second.stderr.readline() == WAITING
    toy.gate.unlink()
    _, errors = second.communicate()
    assert second.returncode == 0, errors
    assert toy.outputs() == undisturbed
    tally["kills survived"] += 1
    tally["results compared"] += len(undisturbed)


def test_unused_objects_are_collected_in_between(
    toy: Toy, undisturbed: dict[str, bytes], tally: Counter[str]
) -> None:
    """What a lane has made, which dvc.lock does not name yet, is gone from the cache."""
    first = toy.start("runs/a/other")
    toy.run("dvc", "gc", "--workspace", "--force")
    toy.gate.unlink()
    _, errors = first.communicate()
    assert first.returncode == 0, errors
    assert "cache and outputs are what their names say" in toy.run(*VERIFY).stdout
    for name in ("data", "reference", "runs", "report"):
        path = toy.path / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    toy.run("dvc", "checkout", "--quiet")
    assert toy.outputs() == undisturbed
    tally["results compared"] += len(undisturbed)


def test_two_clones_with_one_cache(
    toy: Toy, undisturbed: dict[str, bytes], tally: Counter[str]
) -> None:
    other = Toy.made(toy.path.parent / "other")
    for each in (toy, other):
        each.run("dvc", "cache", "dir", "--quiet", "--local", str(toy.path.parent / "cache"))
    for process in [toy.start(), other.start()]:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    for each in (toy, other):
        assert each.outputs() == undisturbed
        assert "cache and outputs are what their names say" in each.run(*VERIFY).stdout
        tally["results compared"] += len(undisturbed)


@pytest.fixture
def sweeps(tmp_path: Path) -> Sweeps:
    return Sweeps.made(tmp_path)


REPRODUCE_HERE = *REPRODUCE[:-1], "1"


def test_a_reproduction_during_a_sweep(sweeps: Sweeps, tally: Counter[str]) -> None:
    sweeps.gate.touch()
    with sweeps.sweeping("model.latent=5,8", TOY_GATE=str(sweeps.gate)) as sweep:
        wait_until(lambda: sweeps.ran()["measure 0.001 5"] or sweep.poll() is not None)
        sweeps.run(*REPRODUCE_HERE)
        sweeps.gate.unlink()
        out, _ = sweep.communicate()
        assert sweep.returncode == 0, out
    errors = sorted(each["toy"]["default"]["error"] for each in sweeps.shown().values())
    assert errors == [0.001, 9.001] and sweeps.clones() == []
    assert '"error": 9.001' in (sweeps.path / "reports/metrics.json").read_text()
    assert set(sweeps.ran().values()) == {1}  # what one has made, others take from the cache
    assert "cache and outputs are what their names say" in sweeps.run(*VERIFY).stdout
    tally["results compared"] += 3


def test_a_clone_that_is_read_only(sweeps: Sweeps, tally: Counter[str]) -> None:
    sweeps.run(*REPRODUCE_HERE)
    sweeps.git("add", "--all")
    sweeps.git("commit", "--quiet", "--message=reproduced")
    before = files(sweeps.path)
    with mounted(sweeps.path, "--bind", "-o", "ro", str(sweeps.path)):
        for words in (REPRODUCE_HERE, VERIFY, ("aae", "sweep", "-m", "model.latent=5")):
            end = sweeps.run(*words, fails=True)
            assert re.fullmatch("error: .*Read-only file system.*\n", end.stderr), end.stderr
            tally["inputs tried"] += 1
    assert files(sweeps.path) == before


def test_little_room_for_temporary_files(sweeps: Sweeps, tally: Counter[str]) -> None:
    """Where TMPDIR has none at all, Python takes another folder; here, it ends within a clone."""
    small = sweeps.path.parent / "small"
    small.mkdir()
    with mounted(small, "-t", "tmpfs", "-o", "size=40k", "test"):
        end = sweeps.sweep("model.latent=5", fails=True, TMPDIR=str(small))
        assert "o space left on device" in end.stdout and end.stderr.startswith("error: 1 failed")
        assert [path.name for path in small.glob("*/*") if path.suffix != ".lock"] == []
        tally["inputs tried"] += 1
    assert sweeps.shown() == {} and sweeps.ran() == {}
    sweeps.sweep("model.latent=5")
    assert len(sweeps.shown()) == 1 and sweeps.clones() == []
