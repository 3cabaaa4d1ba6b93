"""Plain YAML passes as it is; all else is refused in one line that names the file and the line."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.project import PROJECT

from aae.base.plain_yaml import Refused, check_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
keys = st.text().filter(lambda key: key != "_target_")
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)
quick = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def refused(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(Refused) as caught:
        check_yaml([path])
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "expected ',' or ']'"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "python/object"),
        ("a: !!python/name:os.system\n", 1, "python/name"),
        ("a: !mine {}\n", 1, "!mine"),
        ("a: 1\nb:\n  a: 1\n  a: 2\n", 4, "each key once"),
        ("a: 1\n---\na: 2\n", 2, "one document"),
        ("a: &a [*a]\n", 1, "complete"),
        ("a: *none\n", 1, ""),
        ("a:\n  _target_: os.system\n", 2, "class path"),
        ("a: 1\n\tb: 2\n", 2, ""),
        ("a: " + "[" * 60 + "]" * 60, 1, "50 levels"),
        ("a: " + "[" * 100_000, 1, "50 levels"),
        (BOMB, 6, "100000 values"),
        ("".join(f"a{n}: 1\n" for n in range(100_001)), 50_000, "100000 values"),
    ],
    ids=lambda value: str(value)[:20].strip() if isinstance(value, str) else None,
)
def test_what_is_not_plain_is_refused_at_its_line(
    tmp_path: Path, content: str, line: int, said: str
) -> None:
    begun = time.monotonic()
    message = refused(tmp_path / "params.yaml", content)
    assert "\n" not in message and said in message and time.monotonic() - begun < 2
    assert f"params.yaml, line {line}: expected " in message


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"\x00", b"a: \xff", b"\x80"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    assert "\n" not in refused(tmp_path / "params.yaml", content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="absent.yaml: expected a file"):
        check_yaml([tmp_path / "absent.yaml"])


@quick
@given(tree=trees)
def test_whatever_is_dumped_passes(tmp_path: Path, tree: Any) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(yaml.safe_dump(tree), encoding="utf-8")
    check_yaml([path])


@quick
@given(content=st.binary(max_size=80) | st.text("[]{}:&*!- \n\tab\"'", max_size=40).map(str.encode))
def test_any_file_passes_or_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    try:
        check_yaml([path])
    except Refused as error:
        assert str(error).isprintable()


def test_the_projects_own_files_are_plain() -> None:
    check_yaml([PROJECT / "params.yaml", *(PROJECT / "conf").rglob("*.yaml")])
