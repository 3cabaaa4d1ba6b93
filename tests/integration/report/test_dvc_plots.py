"""What `dvc plots` and the VS Code extension draw: titles and axes in words, all revisions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.project import copied, runner

FILES = {
    "plots/history.csv": "name,variant,seed,epoch,train,validation\na,default,0,1,{0},4\n",
    "plots/marginals.csv": "name,rows,value,density\na,real,0.5,{0}\n",
    "plots/codes.csv": "name,codes,first,second\na,prior,0.5,{0}\n",
    "live/losses.csv": "name,variant,seed,epoch,train,validation\na,default,0,1,{0},4\n",
}
AXES = {
    "Total loss (L_T) over epochs": ("epoch", "total loss"),
    "Values of all cells, real and generated": ("value", "density"),
    "Codes of real rows and the prior": ("first axis", "second axis"),
    "Losses of the trainings that run": ("epoch", "total loss"),
}


def write(project: Path, value: int) -> None:
    for name, text in FILES.items():
        path = project / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(value))


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """All plots of HEAD and of the workspace, as a program gets them."""
    folder = tmp_path_factory.mktemp("plots")
    project = copied(folder / "project")
    run = runner(project)
    run("git", "init", "--quiet")
    write(project, 1)
    run("git", "add", "--force", "--all")
    run("git", "commit", "--quiet", "--message", "run")
    write(project, 2)
    found = json.loads(run("dvc", "plots", "diff", "HEAD", "workspace", "--json").stdout)
    return [each for drawn in found["data"].values() for each in drawn if each["type"] == "vega"]


def axes(spec: Any) -> Iterator[tuple[str, str]]:
    """Titles of the axes of each layer that has both."""
    if isinstance(spec, dict):
        encoding = spec.get("encoding", {})
        if {"x", "y"} <= encoding.keys():
            yield encoding["x"].get("title"), encoding["y"].get("title")
    if isinstance(spec, (dict, list)):
        for each in spec.values() if isinstance(spec, dict) else spec:
            yield from axes(each)


def test_all_have_titles_and_axes_in_words(plots: list[dict[str, Any]]) -> None:
    specs = [each["content"] for each in plots]
    assert {spec["title"]: {*axes(spec)} for spec in specs} == {
        title: {pair} for title, pair in AXES.items()
    }


def test_revisions_are_laid_over_each_other(plots: list[dict[str, Any]]) -> None:
    for each in plots:
        values = each["content"]["data"]["values"]
        assert {value["rev"] for value in values} == {"HEAD", "workspace"}
