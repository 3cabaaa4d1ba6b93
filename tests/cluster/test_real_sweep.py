"""A sweep of the real pipeline, at small sizes: the same bytes as one run after the other."""

import re
from pathlib import Path

import pytest
from integration.test_pipeline import SMALL
from support.project import contents, copied
from support.toy_pipeline import Toy

ONE = {
    **SMALL,
    r"- distributions: .*": "- distributions: [uniform]",
    r"- tables: .*": "- tables: []",
}
WORDS = ("model.latent=2,3", "seeds=[0,1,2]")
NAMED = re.compile(r"(sweep-\w+) (.*): done after")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """The real project with one name and small sizes, committed; nothing has run."""
    return made(tmp_path_factory.mktemp("swept"))


def made(folder: Path) -> Toy:
    project = Toy(copied(folder / "project"), {"TMPDIR": str(folder)})
    for path in (project.path / "conf").rglob("*.yaml"):
        text = path.read_text()
        for pattern, replacement in ONE.items():
            text = re.sub(pattern, replacement, text)
        path.write_text(text)
    project.run("python", "-m", "aae.pipeline.configure")
    project.git("init", "--quiet", "--initial-branch=main")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=start")
    return project


def test_metrics_are_those_of_a_serial_run(small: Toy, tmp_path: Path) -> None:
    launcher = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    out = small.sweep(*WORDS, *launcher).stdout
    found = dict(match[::-1] for match in NAMED.findall(out))
    assert len(found) == 2
    serial = made(tmp_path)
    for overrides, name in found.items():
        settings = [word for each in overrides.split() for word in ("-S", each)]
        serial.run("dvc", "exp", "run", *settings)
        small.run("dvc", "exp", "apply", name)
        folders = ("reports/metrics.json", "reports/runs", "reports/reference", "params.yaml")
        assert contents(small.path, *folders) == contents(serial.path, *folders)
        small.git("checkout", "--quiet", ".")
        small.git("clean", "-fdxq", "data", "models", "reports")


def test_the_schema_refuses_what_the_pipeline_cannot_run(small: Toy) -> None:
    done = small.sweep("model.latent=0", "seeds=[0]", fails=True)
    assert "expected model.latent to be a whole number >= 1, got 0" in done.stdout
    assert done.returncode == 1


def test_the_best_experiment_is_named_with_its_interval(small: Toy) -> None:
    small.sweep(*WORDS)
    out = small.run("aae", "sweep", "--best", "--by", "energy").stdout
    assert len(re.findall(r"\d  best *$", out, re.MULTILINE)) == 1
