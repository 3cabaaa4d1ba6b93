"""dvc.lock as aae reads it, against a YAML parser, and what makes outputs out of date."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.project import PROJECT

from aae.compare.lock import Lock, changed_param

TEXT = (PROJECT / "dvc.lock").read_text()
STAGES: dict[str, Any] = yaml.load(TEXT, yaml.CSafeLoader)["stages"]
PARAMS = yaml.safe_load((PROJECT / "params.yaml").read_text())


def test_every_output_is_found_as_a_parser_finds_it() -> None:
    lock = Lock(TEXT)
    outs = {out["path"]: out["md5"] for each in STAGES.values() for out in each["outs"]}
    assert outs and {path: lock.md5(path) for path in outs} == outs
    assert lock.md5("reports/runs/nothing") is None


def small(dep: bytes = b"code", data: str = "1" * 32, level: int = 1) -> str:
    """A dvc.lock of two stages, as DVC writes it."""
    md5 = hashlib.md5(dep).hexdigest()
    return f"""schema: '2.0'
stages:
  generate@one:
    cmd: make it
    deps:
    - path: src/code.py
      hash: md5
      md5: {md5}
      size: 4
    outs:
    - path: data/one
      hash: md5
      md5: {"1" * 32}.dir
      size: 4
      nfiles: 1
  evaluate@one:
    cmd: judge it
    deps:
    - path: data/one
      hash: md5
      md5: {data}.dir
      size: 4
      nfiles: 1
    params:
      params.yaml:
        evaluate.level: {level}
        variants.default: {{}}
    outs:
    - path: reports/one
      hash: md5
      md5: {"2" * 32}.dir
      size: 4
      nfiles: 2
"""


def files(content: bytes | None) -> Any:
    def read(path: str) -> bytes:
        if content is None:
            raise FileNotFoundError(path)
        return content

    return read


@pytest.mark.parametrize(
    ("lock", "content", "changed"),
    [
        ({}, b"code", None),
        ({}, b"edited", "src/code.py"),
        ({"data": "3" * 32}, b"code", "data/one"),
        ({"level": 2}, b"code", "evaluate.level in params.yaml"),
    ],
)
def test_what_makes_outputs_out_of_date(
    lock: dict[str, Any], content: bytes | None, changed: str | None
) -> None:
    params = {"evaluate": {"level": 1}, "variants": {"default": {}}}
    found = Lock(small(**lock))
    assert found.outdated(iter(["reports/one"]), params, files(content)) == (changed, [])
    assert found.outdated(iter(["reports/other"]), params, files(content)) == (None, [])


def test_what_the_revision_does_not_hold_is_unknown() -> None:
    params = {"evaluate": {"level": 1}, "variants": {"default": {}}}
    found = Lock(small()).outdated(iter(["reports/one"]), params, files(None))
    assert found == (None, ["src/code.py"])


@pytest.mark.parametrize(("content", "changed"), [(b"code", None), (b"edited", "src/code.py")])
def test_what_dvc_tracks_is_known_by_its_file(content: bytes, changed: str | None) -> None:
    def read(path: str) -> bytes:
        if path != "src/code.py.dvc":
            raise FileNotFoundError(path)
        return f"outs:\n- md5: {hashlib.md5(content).hexdigest()}\n  path: code.py\n".encode()

    params = {"evaluate": {"level": 1}, "variants": {"default": {}}}
    assert Lock(small()).outdated(iter(["reports/one"]), params, read) == (changed, [])


def test_parameters_of_every_stage_are_those_of_the_project() -> None:
    for name, stage in STAGES.items():
        section = yaml.safe_dump(stage.get("params", {}))
        locked = stage.get("params", {}).get("params.yaml", {})
        assert changed_param(section, expanded(locked)) is None, name
        assert not locked or changed_param(section, {}) is not None


def expanded(flat: dict[str, Any]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    found: dict[str, Any] = {}
    for key, value in flat.items():
        *parents, last = key.split(".")
        node = found
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return found


def test_a_text_that_is_no_lock_has_no_outputs(tmp_path: Path) -> None:
    assert Lock("nothing: here\n").md5("data/one") is None
