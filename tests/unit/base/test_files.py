"""Files appear whole or not at all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aae.base.files import read_json, replacing, write_json

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
