"""The pipeline with 100 distributions and 5 seeds: 500 models, one page.

All of 1201 stages are in the graph and in dvc.lock, and DVC runs each and caches its outputs. The
stages of one model are the real ones, with tiny settings; those of all others copy what these wrote
(`stand_in`), for it is what DVC and the report add that is measured. The report is the real one.
"""

import json
import os
import pstats
import shutil
from dataclasses import dataclass
from html.parser import HTMLParser

from aae.benchmark import stand_in
from aae.benchmark.clone import Clone, clone
from aae.benchmark.pipeline import own_seconds

DISTRIBUTIONS, SEEDS = 100, 5
FILE = """# @package _global_
defaults:
  - /law@distributions.{name}: uniform
distributions:
  {name}: {{rows: 100, test_rows: 200, columns: 8, seed: {seed}}}
"""
SETTINGS = {
    "train": {"epochs": 2},
    "evaluate": {"rows": 100, "permutations": 239, "part_permutations": 239},
}
OUTPUTS = "data", "models", "reports"
# What `dvc status` does, none within another: functions of DVC, by module.
PARTS = {
    "MD5 of inputs and outputs, stage by stage": ("dvc_data.hashfile.build", "build"),
    "reading params.yaml, stage by stage": ("dvc.dependency.param", "read_params"),
    "reading dvc.yaml and dvc.lock": ("dvc.repo.index", "collect_files"),
    "DVC's list of readers and writers": ("dvc.rwlock", "_edit_rwlock"),
}


@dataclass(frozen=True)
class Many:
    """What many models cost beside themselves.

    Attributes:
        models, stages: how many; lanes: side by side.
        reproduce: seconds of `make reproduce` by the clock; own: of all stages by themselves.
        status, idle: processor seconds of `dvc status`; of `make reproduce` with nothing to do.
        page: bytes of the report's page; elements: of its HTML.
        parts: shares of the time of `dvc status`.
    """

    models: int
    stages: int
    lanes: int
    reproduce: float
    own: float
    status: float
    idle: float
    page: int
    elements: int
    parts: dict[str, float]

    @property
    def added(self) -> float:
        """Seconds that a lane takes for a stage beyond the stage's own."""
        return (self.lanes * self.reproduce - self.own) / self.stages


def many(distributions: int = DISTRIBUTIONS, seeds: int = SEEDS) -> Many:
    """Run the pipeline for many models in a clone, and look at it."""
    lanes = os.cpu_count() or 1
    names = [f"many_{number:03d}" for number in range(distributions)]
    with clone() as project:
        for number, name in enumerate(names):
            path = project.path / "conf/distributions" / f"{name}.yaml"
            path.write_text(FILE.format(name=name, seed=number))
        make_template(project, names[0])
        chosen = {"distributions": names, "tables": [], "variants": ["default"]}
        project.select(chosen, seeds=[*range(seeds)], **SETTINGS)
        took = project.reproduce(lanes).wall
        own = own_seconds(project)
        status, idle = project.run("dvc", "status").seconds, project.reproduce(lanes).seconds
        page = (project.path / "reports/index.html").read_text()
        return Many(
            models=distributions * seeds,
            stages=len(own),
            lanes=lanes,
            reproduce=took,
            own=sum(own),
            status=status,
            idle=idle,
            page=len(page.encode()),
            elements=elements(page),
            parts=parts(profile(project)),
        )


def make_template(project: Clone, name: str) -> None:
    """Run the real stages for one model, keep what they wrote, and put others in their place."""
    chosen = {"distributions": [name], "tables": [], "variants": ["default"]}
    project.select(chosen, seeds=[0], **SETTINGS)
    project.reproduce(1)
    template = project.path / stand_in.TEMPLATE
    for folder in OUTPUTS:
        shutil.copytree(project.path / folder, template / folder)
    selected = {"name": name, "variant": "default", "seed": "0"}
    (template / "selected.json").write_text(json.dumps(selected))
    (project.path / stand_in.JOURNAL).unlink()
    for stage in stand_in.OUTPUTS:
        shutil.copy(stand_in.__file__, project.path / f"src/aae/stages/{stage}.py")


class Elements(HTMLParser):
    """Counts what a page consists of."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.number = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Count an element."""
        self.number += 1


def elements(page: str) -> int:
    """Number of elements of an HTML page."""
    parser = Elements()
    parser.feed(page)
    return parser.number


def profile(project: Clone) -> pstats.Stats:
    """Profile `dvc status`."""
    out = project.path.parent / "profile"
    project.python("cProfile", "-o", str(out), "-m", "dvc", "status")
    return pstats.Stats(str(out))


def parts(stats: pstats.Stats) -> dict[str, float]:
    """Share of each of `PARTS` in the time of a profile, the largest first, and of the rest."""
    within = dict.fromkeys(PARTS, 0.0)
    for (file, _, function), (_, _, _, seconds, _) in stats.stats.items():  # type: ignore[attr-defined]
        for name, (module, part) in PARTS.items():
            if function == part and file.endswith(f"{module.replace('.', '/')}.py"):
                within[name] += seconds / stats.total_tt  # type: ignore[attr-defined]
    ordered = dict(sorted(within.items(), key=lambda each: -each[1]))
    return ordered | {"the rest": 1 - sum(ordered.values())}
