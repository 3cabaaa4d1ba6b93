"""A run cache that others write to at the same time, and a lock that is whole at any time."""

from pathlib import Path

import pytest
from dvc.stage import cache
from support.project import PROJECT

from aae.pipeline.dvc_shared import in_place, newest, replaced


class Stage:
    """Stands for a stage; the key of its entries is fixed."""


@pytest.fixture
def entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a stage's entries in a run cache."""
    monkeypatch.setattr(cache, "_get_stage_hash", lambda stage: "abcd")
    return tmp_path / "runs" / "ab" / "abcd"


def found(entries: Path) -> object:
    runs = cache.StageCache.__new__(cache.StageCache)
    runs.cache_dir = str(entries.parents[1])
    return newest(runs, Stage())


ENTRY = "cmd: run\nouts:\n- path: {name}\n  hash: md5\n  md5: {md5}\n"


def write(path: Path, name: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ENTRY.format(name=name, md5="a" * 32))


def test_an_empty_folder_has_no_entry(entries: Path) -> None:
    assert found(entries) is None
    entries.mkdir(parents=True)
    assert found(entries) is None


def test_what_is_being_written_is_left_alone(entries: Path) -> None:
    half = entries / ".half.tmp"
    half.parent.mkdir(parents=True)
    half.write_text("cmd: ru")
    assert found(entries) is None
    write(entries / "whole", "whole")
    half.touch()
    assert found(entries)["outs"][0]["path"] == "whole"  # type: ignore[index]
    assert half.read_text() == "cmd: ru"


def test_a_lock_is_written_as_dvc_does(tmp_path: Path) -> None:
    paths = [tmp_path / each / "dvc.lock" for each in ("ours", "dvc")]
    for path, modify in zip(paths, (replaced, in_place), strict=True):
        path.parent.mkdir()
        path.write_bytes((PROJECT / "dvc.lock").read_bytes())
        with modify(str(path)) as content:
            content["stages"]["report"]["cmd"] = "other"
            content["stages"] |= {"new": {"cmd": "a: b", "params": {"params.yaml": {"x": None}}}}
    ours, dvc = (path.read_bytes() for path in paths)
    assert ours == dvc != (PROJECT / "dvc.lock").read_bytes()


def test_a_lock_that_cannot_be_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "dvc.lock"
    with replaced(str(lock)) as content:
        content["stages"] = {"a": 1}
    before = lock.read_text()

    def full(path: Path, text: str, encoding: str) -> None:
        path.write_bytes(text.encode(encoding)[:5])
        raise OSError("no room")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="no room"), replaced(str(lock)) as content:
        content["stages"] = {"a": 2}
    assert lock.read_text() == before and [*tmp_path.iterdir()] == [lock]


def test_comments_of_other_files_stay(tmp_path: Path) -> None:
    file = tmp_path / "dvc.yaml"
    file.write_text("# why\nstages: {}\n")
    with replaced(str(file)) as content:
        content["plots"] = []
    assert file.read_text().startswith("# why\n")
