"""Flipped bits in DVC's cache and in outputs are noticed, removed and mended by running again."""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.project import PROJECT, contents, environment
from support.toy_lanes import REPRODUCE, Toy

from aae.pipeline.integrity import (
    ABANDONED,
    all_objects,
    damaged_objects,
    damaged_outputs,
    remove_abandoned,
    remove_torn_lock,
)

PIPELINE = """
stages:
  weights:
    cmd: mkdir -p out/models && python -c "print(list(range(99)))" > out/models/w
    outs: [out/models]
  metrics:
    cmd: wc -c < out/models/w > out/m
    deps: [out/models]
    outs: [out/m]
"""
CACHE = ".dvc/cache/files/md5"
BOMB = "a0: &a0 [x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
)
VERIFY = sys.executable, "-m", "aae.pipeline.integrity"


def command(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    variables = environment(project.parent) | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    return subprocess.run(words, cwd=project, env=variables, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two stages that have run, the second on what the first has made."""
    path = tmp_path / "project"
    path.mkdir()
    (path / "dvc.yaml").write_text(PIPELINE)
    (path / "params.yaml").touch()
    assert command(path, "git", "init", "--quiet").returncode == 0
    assert command(path, "dvc", "init", "--quiet").returncode == 0
    done = command(path, "dvc", "repro")
    assert done.returncode == 0, done.stderr
    return path


def verify(project: Path) -> subprocess.CompletedProcess[str]:
    return command(project, *VERIFY)


def flip(path: Path, bit: int) -> None:
    """Flip one bit, mode and times kept."""
    times, mode = path.stat(), path.stat().st_mode
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    path.chmod(mode)


def objects(project: Path) -> list[Path]:
    return sorted((project / CACHE).glob("??/*"))


def test_what_is_whole_is_left_alone(project: Path) -> None:
    before = objects(project)
    done = verify(project)
    assert done.returncode == 0 and objects(project) == before and len(before) == 3


@pytest.mark.parametrize("place", range(3))
def test_a_damaged_object_is_removed_and_made_anew(project: Path, place: int) -> None:
    results = {path: (project / path).read_bytes() for path in ("out/models/w", "out/m")}
    flip(objects(project)[place], 5)
    (project / "out/models/w").unlink()
    (project / "out/m").unlink()
    done = verify(project)
    assert done.returncode == 1 and "damaged in DVC's cache, removed: out/m" in done.stderr
    assert "Traceback" not in done.stderr and len(objects(project)) == 2
    assert command(project, "dvc", "repro").returncode == 0
    assert {path: (project / path).read_bytes() for path in results} == results
    assert verify(project).returncode == 0


def test_a_damaged_output_is_removed(project: Path) -> None:
    flip(project / "out/models/w", 3)
    done = verify(project)
    assert done.returncode == 1 and "not what dvc.lock says, removed: out/models/w" in done.stderr
    assert command(project, "dvc", "repro").returncode == 0
    assert (project / "out/models/w").read_text().startswith("[0, 1, 2")


TORN = {
    "nothing": lambda text: b"",
    "no YAML": lambda text: b"stages: [",
    "no text": lambda text: b"\xff" + text,
    "another file": lambda text: b"- a\n- b\n",
    "cut in a path": lambda text: text[: text.rindex(b"path: ") + 6],
}


@pytest.mark.parametrize("torn", TORN.values(), ids=TORN)
def test_a_damaged_lock_is_one_line(tmp_path: Path, torn: Callable[[bytes], bytes]) -> None:
    toy = Toy.made(tmp_path / "project")
    toy.reproduce()
    before, lock = toy.outputs(), toy.path / "dvc.lock"
    whole = lock.read_bytes()
    lock.write_bytes(torn(whole))
    for words in (REPRODUCE, VERIFY):
        done = toy.run(*words, fails=True)
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.startswith("error: expected dvc.lock as DVC writes it, got: ")
        assert done.stderr.count("\n") == 1 and "git checkout dvc.lock" in done.stderr
    lock.unlink()
    toy.reproduce()
    assert toy.outputs() == before


@pytest.mark.parametrize("file", ["params.yaml", "dvc.yaml", "dvc.lock"])
def test_aliases_of_aliases_are_one_line(tmp_path: Path, file: str) -> None:
    toy = Toy.made(tmp_path / "project")
    toy.reproduce()
    with (toy.path / file).open("a") as text:
        text.write(BOMB)
    for words in (REPRODUCE, VERIFY):
        done = toy.run(*words, fails=True)
        assert done.stdout == "" and done.stderr.count("\n") == 1
        assert done.stderr.startswith(f"error: {file}, line ") and "aliases" in done.stderr


def before_use(project: Path) -> subprocess.CompletedProcess[str]:
    code = "from aae.pipeline.integrity import check_before_use; check_before_use()"
    return command(project, sys.executable, "-c", code)


@pytest.mark.parametrize("shared", [False, True])
def test_a_run_reads_what_it_may_take(project: Path, shared: bool, tmp_path: Path) -> None:
    if shared:
        assert command(project, "dvc", "cache", "dir", "--local", "../shared").returncode == 0
        shutil.move(project / ".dvc/cache", tmp_path / "shared")
    cache = tmp_path / "shared/files/md5" if shared else project / CACHE
    unknown = cache / "00/00000000000000000000000000000f"
    unknown.parent.mkdir(exist_ok=True)
    unknown.write_text("an object of others")
    damaged = next(path for path in all_objects(cache) if path.suffix == ".dir")
    flip(damaged, 0)
    done = before_use(project)
    assert "removed: out/models" in done.stderr and done.returncode == 0
    assert not damaged.exists() and unknown.exists() == shared


def test_outputs_of_another_run_are_no_damage(project: Path) -> None:
    old = (project / "dvc.lock").read_bytes()
    (project / "dvc.yaml").write_text(PIPELINE.replace("99", "98"))
    assert command(project, "dvc", "repro").returncode == 0
    (project / "dvc.lock").write_bytes(old)
    assert verify(project).returncode == 0


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(content=st.binary(min_size=1, max_size=200), bit=st.integers(0, 10_000))
def test_any_flipped_bit_is_seen(
    content: bytes, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    said = hashlib.md5(content, usedforsecurity=False).hexdigest()
    path = cache / said[:2] / said[2:]
    path.parent.mkdir()
    path.write_bytes(content)
    assert damaged_objects(all_objects(cache)) == []
    flip(path, bit)
    assert damaged_objects(all_objects(cache)) == [path]


def test_a_project_without_anything_is_whole(tmp_path: Path) -> None:
    assert all_objects(tmp_path) == [] == damaged_outputs(tmp_path / "dvc.lock", tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"write": {"out": {"pid": 1, "cm'])
def test_a_torn_lock_stops_dvc_until_it_is_removed(project: Path, content: str) -> None:
    lock = project / ".dvc/tmp/rwlock"
    lock.write_text(content)
    assert "corrupted" in command(project, "dvc", "repro", "--force").stderr
    remove_torn_lock(lock)
    assert command(project, "dvc", "repro", "--force").returncode == 0


def test_a_whole_lock_is_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "rwlock"
    remove_torn_lock(lock)
    lock.write_text("{}")
    remove_torn_lock(lock)
    assert lock.read_text() == "{}"


WAY_BACK = "git checkout . && make verify; dvc checkout --force"


def cached(project: Path, path: str) -> Path:
    """The object of an output's file."""
    content = (project / path).read_bytes()
    name = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return project / CACHE / name[:2] / name[2:]


def flip_both(project: Path) -> None:
    flip(cached(project, "out/models/w"), 3)
    flip(project / "out/models/w", 3)


def a_file_for_a_folder(project: Path) -> None:
    shutil.rmtree(project / "out/models")
    (project / "out/models").write_text("a file")


def a_folder_for_a_file(project: Path) -> None:
    (project / "out/m").unlink()
    (project / "out/m").mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit, unseen": lambda project: flip(project / "out/models/w", 3),
    "another content": lambda project: (project / "out/models/w").write_text("another"),
    "a file more": lambda project: (project / "out/models/more").write_text("more"),
    "no folder": lambda project: shutil.rmtree(project / "out/models"),
    "nothing": lambda project: shutil.rmtree(project / "out"),
    "a file for a folder": a_file_for_a_folder,
    "a folder for a file": a_folder_for_a_file,
    "a cached file": lambda project: flip(cached(project, "out/models/w"), 3),
    "a cached list of files": lambda project: flip([*(project / CACHE).glob("??/*.dir")][0], 3),
    "a cached file, and what came of it": flip_both,
    "no cache": lambda project: shutil.rmtree(project / ".dvc/cache"),
    "half a lock": lambda project: os.truncate(project / "dvc.lock", 99),
    "no lock": lambda project: (project / "dvc.lock").unlink(),
    "another pipeline": lambda project: (project / "dvc.yaml").write_text("stages: {}"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_way_back_from_damage(project: Path, damage: str) -> None:
    """What was damaged in the cache, too, is made anew."""
    assert f"`{WAY_BACK}`" in (PROJECT / "docs/tutorial.md").read_text()
    command(project, "git", "add", "--all")
    command(project, "git", "commit", "--quiet", "--message=ran")
    whole = contents(project, "out", "dvc.lock", "dvc.yaml")
    DAMAGES[damage](project)
    done = command(project, "sh", "-c", WAY_BACK.replace("make verify", shlex.join(VERIFY)))
    assert "Traceback" not in done.stdout + done.stderr
    if "cache" in damage:
        assert command(project, "dvc", "repro").returncode == 0
    assert contents(project, "out", "dvc.lock", "dvc.yaml") == whole
    assert verify(project).returncode == 0
    assert "up to date" in command(project, "dvc", "status").stdout


def test_what_others_write_or_remove_meanwhile_is_not_damaged(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "ab").mkdir(parents=True)
    written, abandoned = (cache / "ab" / name for name in (".new.tmp", ".old.tmp"))
    for path in (written, abandoned):
        path.write_text("half")
    os.utime(abandoned, (0, time.time() - 2 * ABANDONED))
    remove_abandoned(cache)
    assert all_objects(cache) == [] and written.exists() and not abandoned.exists()
    assert damaged_objects([cache / "ab" / "collected"]) == []
