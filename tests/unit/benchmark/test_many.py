"""Pieces of the measurement of many models."""

import ast
import cProfile
import json
import pstats
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from support.bench_results import MANY

from aae.benchmark import stand_in
from aae.benchmark.clone import selected
from aae.benchmark.growth import PARTS, elements, parts
from aae.benchmark.stand_in import OUTPUTS

KEPT = {"name": "real", "variant": "default", "seed": "0"}


def test_elements_are_counted() -> None:
    assert elements("<!doctype html><p>one<br>two<p title='<b>'>three<!-- <i> --></p>") == 3


def test_what_is_added_is_what_lanes_took_beyond_stages() -> None:
    assert replace(MANY, stages=100, lanes=2, reproduce=60, own=20).added == pytest.approx(1)
    assert replace(MANY, stages=100, lanes=1, reproduce=20, own=20).added == 0


def test_shares_of_a_profile_sum_to_one() -> None:
    with cProfile.Profile() as running:
        read_params(Path("params.yaml"))
    found = parts(pstats.Stats(running))
    first = next(iter(found))
    assert first.startswith("reading params.yaml") and 0 < found[first] < 1
    assert sum(found.values()) == pytest.approx(1)


def read_params(path: Path) -> None:
    from dvc.dependency.param import ParamsDependency
    from dvc.repo import Repo

    with Repo() as repo:
        ParamsDependency(None, str(path), ["names"], repo).read_params()


@pytest.mark.parametrize(("module", "function"), PARTS.values())
def test_parts_are_functions_of_dvc(module: str, function: str) -> None:
    found = find_spec(module)
    assert found and found.origin
    source = ast.parse(Path(found.origin).read_text())
    names = {each.name for each in ast.walk(source) if isinstance(each, ast.FunctionDef)}
    assert function in names


def test_chosen_names_replace_those_of_the_defaults() -> None:
    chosen = {"distributions": ["one"]}
    assert selected({"distributions": ["two", "three"]}, chosen) == {"distributions": ["one"]}
    assert selected({"tables": ["four"]}, chosen) == {"tables": ["four"]}
    assert selected("_self_", chosen) == "_self_"


@pytest.mark.parametrize("stage", OUTPUTS)
def test_a_stand_in_makes_the_outputs_of_its_stage(tmp_path: Path, stage: str) -> None:
    template = tmp_path / stand_in.TEMPLATE
    template.mkdir(parents=True)
    (template / "selected.json").write_text(json.dumps(KEPT))
    for pattern in OUTPUTS[stage]:
        kept = template / pattern.format(**KEPT)
        file = kept if kept.suffix else kept / "content"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("real")
    copy = tmp_path / f"{stage}.py"
    copy.write_text(Path(stand_in.__file__).read_text())
    words = ["name=new", "variant=default", "seed=3"]
    subprocess.run([sys.executable, copy, *words], cwd=tmp_path, check=True)
    for pattern in OUTPUTS[stage]:
        made = tmp_path / pattern.format(name="new", variant="default", seed=3)
        assert (made if made.suffix else made / "content").read_text() == "real"
        assert made.suffix or "new" in (made / "own.txt").read_text()
    entry = json.loads((tmp_path / stand_in.JOURNAL).read_text())
    assert entry["run"] == f"{stage}/new/default/3" and 0 < entry["seconds"] < 60


def test_stand_ins_know_all_outputs_of_the_pipeline() -> None:
    stages = yaml.safe_load(Path("dvc.yaml").read_text())["stages"]
    for stage, patterns in OUTPUTS.items():
        definition = stages[stage].get("do", stages[stage])
        said = [re.sub(r"\$\{(item\.)?(\w+)\}", r"{\2}", each) for each in definition["outs"]]
        names = dict.fromkeys(("key", "item", "name", "variant", "seed"), "one")
        filled = [[each.format(**names) for each in group] for group in (said, patterns)]
        assert filled[0] == filled[1]
