"""A run cache that others write to at the same time."""

from pathlib import Path

import pytest
from dvc.stage import cache

from aae.pipeline.dvc_shared import newest


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
