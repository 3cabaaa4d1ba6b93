"""A full disk, too little memory: one line or a signal, nothing by halves, then all as it was."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import yaml
from faults.conftest import MEASURE, STAGES, files, leftovers, made, refused, small
from support.forked import run
from support.project import PROJECT, environment
from support.toy_lanes import Toy

MIB = 2**20
FRUGAL = (
    "generate",
    "ingest",
    "reference",
    "evaluate",
    "measure",
    "report",
)  # need no more than the process has
TRAINING = "train", "floor"
ROOM = 0, 4096, 20_000, 100_000, 300_000  # bytes that are left
ROOM_OF = {"train": (0, 300_000), "floor": (0,)}  # that take seconds
SPARE = 2, 30  # MiB of address space that are left
OF_TENSORFLOW = 100, 400  # with less, OpenBLAS waits for memory for ever


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=8m", "test", str(path)]
    if subprocess.run(words, capture_output=True).returncode:
        pytest.skip("expected to be allowed to mount a small disk (root)")
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def fill(disk: Path, left: int) -> Path:
    """Fill a disk but for so many bytes, in whole pages."""
    filler = disk / "filler"
    filler.write_bytes(b"")
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            size = max(0, file.tell() - left)
            file.truncate(size // 4096 * 4096)
    return filler


@pytest.mark.parametrize("stage", STAGES)
def test_a_full_disk(
    stage: str, disk: Path, tmp_path: Path, whole: Path, tally: Counter[str]
) -> None:
    project, wanted = made(disk), files(whole)
    for words, paths in STAGES.values():
        if words == STAGES[stage][0]:
            break
        for name in (each for each in wanted if each.startswith(paths)):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes(wanted[name])
    words, before = STAGES[stage][0], files(project)
    (tmp_path / "disk" / "output.txt").symlink_to(tmp_path / "output.txt")
    failed = 0
    for left in ROOM_OF.get(stage, ROOM):
        filler = fill(disk, left)
        end = run(project, *words)
        filler.unlink()
        tally["inputs tried"] += 1
        if end.code == 0:
            continue
        failed += 1
        lines = [line for line in end.output.splitlines() if line.strip()]
        assert [line for line in lines if line.startswith("error: ")] == lines[-1:], end.output
        assert "Traceback" not in end.output, end.output
        assert "o space left" in lines[-1] or " free for " in lines[-1], end.output
        left_over = set(files(project)) - set(before)
        assert all(files(project)[name] == wanted[name] for name in left_over)
        assert leftovers(project) == []
    assert failed
    end = run(project, *words)
    assert end.code == 0, end.output
    content = files(project)
    assert {name: wanted[name] for name in content} == content
    tally["results compared"] += len(content)


ENDLESS = 10**14


@pytest.mark.parametrize("ending", ["npy", "csv", "parquet"])
def test_samples_that_no_disk_holds(ending: str, project: Path, tally: Counter[str]) -> None:
    words = (*STAGES["sample"][0][:3], "--rows", str(ENDLESS), "--out", f"y.{ending}")
    refused(project, words, tally, f" free for y.{ending}, got ")


@pytest.mark.parametrize("key", ["rows", "test_rows"])
def test_rows_that_no_disk_holds(key: str, project: Path, tally: Counter[str]) -> None:
    params = small()
    params["distributions"]["uniform"][key] = ENDLESS
    (project / "params.yaml").write_text(yaml.safe_dump(params))
    refused(project, STAGES["generate"][0], tally, " free for data/uniform, got ")


@pytest.mark.parametrize("stage", STAGES)
def test_too_little_memory(stage: str, project: Path, whole: Path, tally: Counter[str]) -> None:
    words, paths = STAGES[stage]
    wanted, failed = files(whole), 0
    for spare in SPARE if stage not in TRAINING else OF_TENSORFLOW:
        end = run(project, *words, spare=spare * MIB)
        failed += end.code != 0
        assert files(project) == wanted or end.code < 0, end.output
        tally["inputs tried"] += 1
    assert failed or stage in FRUGAL, "memory enough"
    assert run(project, *words).code == 0
    assert files(project) == wanted and leftovers(project) == []
    tally["results compared"] += len(wanted)


def test_a_reproduction_on_a_full_disk(
    disk: Path, undisturbed: dict[str, bytes], tally: Counter[str]
) -> None:
    toy = Toy.made(disk / "project")
    for left in (0, 20_000, 100_000):
        filler = fill(disk, left)
        end = toy.reproduce(fails=True)
        filler.unlink()
        assert re.fullmatch("error: .*\n", end.stderr), end.stderr
        tally["inputs tried"] += 1
    toy.reproduce()
    assert toy.outputs() == undisturbed
    tally["results compared"] += len(undisturbed)


def test_a_calibration_on_a_full_disk(disk: Path, tmp_path: Path, tally: Counter[str]) -> None:
    variables = environment(tmp_path) | {"PYTHONPATH": str(PROJECT / "src")}
    words = sys.executable, "-c", MEASURE
    calibrate = partial(subprocess.run, words, env=variables, text=True)
    calibrate(cwd=tmp_path, check=True)
    for left in (0, 20_000):
        filler = fill(disk, left)
        end = calibrate(cwd=disk, stderr=subprocess.PIPE)
        filler.unlink()
        assert end.returncode != 0 and "o space left on device" in end.stderr
        tally["inputs tried"] += 1
    calibrate(cwd=disk, check=True)
    wanted = files(tmp_path / "cache")
    assert files(disk / "cache") == wanted
    tally["results compared"] += len(wanted)
