"""A study as a user runs it: `aae sweep -m +study=...` and its table, under real DVC."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.project import PROJECT, Run, copied, environment, runner

# As conf/study/ablation.yaml, of one name and two variants.
TINY = """
# @package _global_
defaults:
  - override /distributions: [uniform]
  - override /tables: []
  - override /variants: [default, no_adversary]
study:
  measures: [verdicts]
  replicate: 0
  verdicts: {pairs: 1, permutations: 199}
seeds: ["${study.replicate}"]
distributions:
  uniform: {rows: 60, test_rows: 120, columns: 8, seed: "${study.replicate}"}
train: {epochs: 2}
"""
WORDS = ("+study=tiny", "study.replicate=0,1")
VARIANTS = ("default", "no_adversary")
RUNNING = re.compile(r"Running stage '(.*?)'")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A committed copy of the project with a tiny study, in which nothing has run."""
    path = copied(tmp_path_factory.mktemp("study") / "project")
    (path / "conf/study/tiny.yaml").write_text(TINY)
    (path / "docs").mkdir()
    shutil.copy(PROJECT / "docs/studies.md", path / "docs")
    run = runner(path)
    run("git", "init", "--quiet", "--initial-branch=main")
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message=start")
    yield path
    shutil.rmtree(path.parent)


@pytest.fixture(scope="module")
def run(project: Path) -> Run:
    variables = environment(project.parent) | {"TMPDIR": str(project.parent)}
    variables["PYTHONPATH"] = str(PROJECT / "src")

    def command(*words: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(words, cwd=project, env=variables, capture_output=True, text=True)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    return command


@pytest.fixture(scope="module")
def swept(project: Path, run: Run) -> list[str]:
    """Stages that the sweep has run."""
    run("aae", "sweep", "-m", *WORDS)
    return ran(project)


def ran(project: Path) -> list[str]:
    logs = (project / ".dvc/tmp/sweeps").rglob("*.log")
    return [stage for log in logs for stage in RUNNING.findall(log.read_text())]


def test_a_replicate_draws_trains_and_measures_and_nothing_else(swept: list[str]) -> None:
    for replicate in (0, 1):
        runs = [f"uniform-{variant}-{replicate}" for variant in VARIANTS]
        assert {f"train@{each}" for each in runs} <= set(swept)
        assert {f"measure@verdicts-{each}" for each in runs} <= set(swept)
    stages = {stage.partition("@")[0] for stage in swept}
    assert stages == {"generate", "train", "measure"}
    assert len(swept) == 2 * (1 + 2 + 2)


def test_started_again_it_runs_nothing(project: Path, run: Run, swept: list[str]) -> None:
    again = run("aae", "sweep", "-m", *reversed(WORDS)).stdout
    assert "All 2 experiments were done before" in again
    assert ran(project) == swept


def test_an_edit_of_what_measures_trains_nothing(project: Path, run: Run, swept: list[str]) -> None:
    path = project / "src/aae/studies/verdicts.py"
    kept = path.read_text()
    try:
        path.write_text(f"{kept}\n# edited\n")
        run("git", "commit", "--quiet", "--all", "--message=edit")
        run("aae", "sweep", "-m", "+study=tiny")
        new = ran(project)[len(swept) :]
        assert {stage.partition("@")[0] for stage in new} == {"measure"}
        assert len(new) == 2
    finally:
        run("git", "reset", "--quiet", "--hard", "HEAD~1")


def test_the_table_is_of_what_the_experiments_measured(
    project: Path, run: Run, swept: list[str]
) -> None:
    run("python", "-m", "aae.studies.tables", "ablation", *WORDS)
    table = json.loads((project / "reports/studies/ablation.json").read_text())
    assert [row[0] for row in table["rows"]] == ["uniform"] * 3
    assert [row[1] for row in table["rows"]] == ["(real rows)", *VARIANTS]
    assert all(" of 2 (" in row[2] for row in table["rows"])
    head = run("git", "rev-parse", "HEAD").stdout[:7]
    assert table["note"].endswith(f"Measured at commit {head}.")
    assert table["note"] in (project / "docs/studies.md").read_text()
    # Tables are no input of another study, which can start before they are committed.
    assert "done before" in run("aae", "sweep", "-m", *WORDS).stdout
    run("git", "checkout", "--quiet", ".")


def test_an_experiment_that_is_missing_is_named(run: Run, swept: list[str]) -> None:
    words = ("+study=tiny", "study.replicate=0,1,2")
    error = run("python", "-m", "aae.studies.tables", "verdicts", *words, fails=True).stderr
    assert re.fullmatch(r"error: expected a git revision.*'sweep-\w+'.*\n", error), error


def test_the_pipeline_sees_no_study(project: Path, run: Run, swept: list[str]) -> None:
    listed = run("dvc", "stage", "list", "--name-only").stdout
    assert "train@uniform-default-0" in listed
    assert "measure" not in listed and "unpack" not in listed
    assert yaml.safe_load((project / "params.yaml").read_text())["study"] == {"measures": []}
    assert run("git", "status", "--porcelain").stdout == ""
