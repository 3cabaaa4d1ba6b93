"""Small projects to be hurt, and the sum of what they have borne."""

import copy
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.forked import Ended, run
from support.project import PROJECT
from support.toy_lanes import Toy

TALLY: Counter[str] = Counter()
PARAMS = yaml.safe_load((PROJECT / "params.yaml").read_text())
RUN = "name=uniform", "variant=default", "seed=0"
STAGES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # words, and what they write
    "generate": (("stages.generate", "name=uniform"), ("data/uniform",)),
    "unpack": (("stages.unpack", "name=wine"), ("data/raw/wine.parquet",)),
    "ingest": (("stages.ingest", "name=mine"), ("data/mine",)),
    "reference": (("stages.reference", "name=uniform"), ("reports/reference/uniform",)),
    "train": (("stages.train", *RUN), ("models/uniform/default/0",)),
    "evaluate": (("stages.evaluate", *RUN), ("reports/runs/uniform/default/0",)),
    "measure": (("stages.measure", "measure=verdicts", *RUN), ("reports/measured",)),
    "floor": (("stages.floor", *RUN), ("reports/floors",)),
    "report": (
        ("stages.report",),
        ("reports/index.html", "reports/metrics.json", "reports/overview.png", "reports/plots"),
    ),
    "sample": (
        ("cli.commands", "sample", "models/uniform/default/0", "--rows", "60000", "--out", "x.csv"),
        ("x.csv",),
    ),
}
# A calibration of a level and a power that takes a moment, in the folder where it runs.
MEASURE = """
from pathlib import Path
from aae.calibration.measure import Run, calibrate
from aae.calibration.plan import Plan, Setting
levels, powers = Setting("mixed", 40, 2, 60), Setting("gaussian", 40, 3, 60, "correlation", 0.9)
calibrate(Plan((levels,), (powers,), ()), Run(Path("cache")), Path("cache/calibration.json"))
"""


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the sum to the process that prints it (pytest-xdist)."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = dict(TALLY)


def pytest_testnodedown(node: Any) -> None:
    """Add a worker's sum."""
    TALLY.update(getattr(node, "workeroutput", {}).get("tally", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was survived."""
    said = ", ".join(f"{number} {what}" for what, number in sorted(TALLY.items()))
    terminalreporter.write_line(f"faults: {said or 'none'}")


@pytest.fixture
def tally() -> Counter[str]:
    """How much of what was tried, of the whole session."""
    return TALLY


def small() -> dict[str, Any]:
    """Parameters with which a stage takes a moment."""
    params = copy.deepcopy(PARAMS)
    uniform = params["distributions"]["uniform"] | {"rows": 60, "test_rows": 130, "columns": 4}
    mine = {"path": "data/raw/mine.csv", "label": "kind", "group": None, "test_share": 0.5}
    params |= {"names": ["uniform"], "variants": {"default": {}}, "seeds": [0]}
    params |= {"distributions": {"uniform": uniform}, "tables": {"mine": mine | {"seed": 0}}}
    params["packaged"] = {"wine": "data/raw/wine.parquet"}
    params["study"] = {"measures": [], "verdicts": {"pairs": 1, "permutations": 239}}
    params["train"] |= {"epochs": 2, "steps": 20, "batch_size": 16}
    params["evaluate"] |= {"rows": 30, "permutations": 199, "part_permutations": 219}
    return params


def made(folder: Path) -> Path:
    """A project of which nothing has run."""
    project = folder / "project"
    (project / "data/raw").mkdir(parents=True)
    (project / "params.yaml").write_text(yaml.safe_dump(small()))
    lines = [f"{x},{x * x % 7},k{x % 2}" for x in range(40)]
    (project / "data/raw/mine.csv").write_text("\n".join(["a,b,kind", *lines]) + "\n")
    return project


def files(project: Path) -> dict[str, bytes]:
    """All files of a project, and what they hold."""
    paths = (path for path in project.rglob("*") if path.is_file())
    return {str(path.relative_to(project)): path.read_bytes() for path in paths}


def leftovers(project: Path) -> list[str]:
    """What kills have left."""
    return [str(path.relative_to(project)) for path in project.rglob(".[0-9]*-*")]


def refused(project: Path, words: tuple[str, ...], tally: Counter[str], said: str = "") -> Ended:
    """Run what has to end with one line, and leave everything as it was."""
    before = files(project)
    end = run(project, *words)
    tally["inputs tried"] += 1
    assert end.code in (1, 2), f"{words}: {end}"
    lines = end.output.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ") and said in lines[0], end.output
    assert lines[0].isprintable(), lines[0]
    assert files(project) == before and leftovers(project) == []
    return end


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages have all run undisturbed."""
    project = made(tmp_path_factory.mktemp("whole"))
    for words, _ in STAGES.values():
        done = run(project, *words)
        assert done.code == 0, done.output
    return project


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it."""
    yield shutil.copytree(whole, tmp_path / "project")


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the stages of a toy make where nothing else runs."""
    toy = Toy.made(tmp_path_factory.mktemp("undisturbed") / "project")
    toy.reproduce()
    return toy.outputs()
