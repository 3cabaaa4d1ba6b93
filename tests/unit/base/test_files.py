"""Files appear whole or not at all."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aae.base.files import read_json, remove_leftovers, replacing, write_json

trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_is_replaced_only_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and names(tmp_path) == ["file"]


def test_a_folder_is_replaced_and_not_merged(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    (path / "sub").mkdir(parents=True)
    (path / "sub" / "old").touch()
    with replacing(path) as temporary:
        temporary.mkdir()
        (temporary / "new").touch()
        assert (path / "sub" / "old").exists()
    assert names(tmp_path) == ["folder", "folder/new"]


def test_parents_are_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "a" / "b" / "file") as temporary:
        temporary.touch()
    assert (tmp_path / "a" / "b" / "file").exists()


@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("folder", [False, True])
def test_an_error_leaves_what_was_there(
    tmp_path: Path, kind: type[BaseException], folder: bool
) -> None:
    path = tmp_path / "kept"
    content = path / "file" if folder else path
    content.parent.mkdir(exist_ok=True)
    content.write_text("old")
    before = names(tmp_path)
    with pytest.raises(kind), replacing(path) as temporary:
        if folder:
            temporary.mkdir()
            (temporary / "half").write_text("new")
        else:
            temporary.write_text("half")
        raise kind
    assert content.read_text() == "old" and names(tmp_path) == before


def test_an_error_where_nothing_was_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError), replacing(tmp_path / "file") as temporary:
        temporary.touch()
        raise ValueError
    assert names(tmp_path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=trees)
def test_json_round_trip(tmp_path: Path, content: Any) -> None:
    write_json(tmp_path / "file.json", content)
    assert read_json(tmp_path / "file.json") == content


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_what_json_cannot_say_leaves_the_old_file(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "file.json"
    write_json(path, 1)
    with pytest.raises((ValueError, TypeError)):
        write_json(path, {"a": [value]})
    assert read_json(path) == 1 and names(tmp_path) == ["file.json"]


def test_a_file_never_replaces_a_folder(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("content")
    with pytest.raises(OSError):
        write_json(tmp_path / "kept", {})
    assert (tmp_path / "kept" / "file").read_text() == "content"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


KILLED = """
import os, pathlib, sys
from aae.base.files import replacing
with replacing(pathlib.Path(sys.argv[1])) as temporary:
    temporary.mkdir()
    (temporary / "half").write_text("half")
    os.kill(os.getpid(), 9)
"""


def killed(path: Path) -> None:
    """Let a process be killed as it writes a folder."""
    before = names(path.parent)
    assert subprocess.run([sys.executable, "-c", KILLED, str(path)]).returncode == -9
    assert len(names(path.parent)) > len(before)


def test_the_next_to_write_removes_what_a_kill_left_of_the_same(tmp_path: Path) -> None:
    killed(tmp_path / "folder")
    killed(tmp_path / "other")
    with replacing(tmp_path / "folder") as temporary:
        temporary.mkdir()
    left = names(tmp_path)
    assert "folder" in left and len(left) == 3 and left[0].endswith("-other")


def test_a_reproduction_removes_what_kills_left_anywhere_below(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/.12-notes").touch()  # may be of a process that runs
    running = tmp_path / f"a/.{os.getpid()}-x"
    running.touch()
    killed(tmp_path / "a/b/folder")
    remove_leftovers(tmp_path)
    assert running.exists() and not list(tmp_path.rglob("*-folder"))
    remove_leftovers(tmp_path / "absent")


@pytest.mark.parametrize("text", ["", "{", "[1,", "\x00", "[" * 100_000])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "power.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="expected JSON in .*power.json, got"):
        read_json(path)


def test_a_number_that_is_none_is_named_with_its_place(tmp_path: Path) -> None:
    content = {"moments": {"std": [1.0, float("nan")]}}
    with pytest.raises(ValueError, match=r"got nan at moments.std\[1\]"):
        write_json(tmp_path / "metrics.json", content)
    assert names(tmp_path) == [] and json.dumps(content)
