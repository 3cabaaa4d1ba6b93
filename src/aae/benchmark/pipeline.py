"""`make reproduce` against what its stages take by themselves."""

import json
import os
from dataclasses import dataclass

import yaml

from aae.base.journal import JOURNAL
from aae.benchmark.clone import Clone, clone

FEW = {"distributions": ["uniform", "normal"], "tables": [], "variants": ["default"]}


@dataclass(frozen=True)
class Reproduced:
    """A whole run, and one with nothing left to do.

    Attributes:
        names: of what was modelled.
        stages: how many ran.
        lanes: how many side by side.
        cold, floor: seconds of the whole run by the clock; of its stages, by lanes.
        idle, status: processor seconds with nothing to do; of `dvc status`, which finds that out.
    """

    names: list[str]
    stages: int
    lanes: int
    cold: float
    floor: float
    idle: float
    status: float


def reproduced(whole: bool) -> Reproduced:
    """Run the pipeline in a clone, twice.

    Args:
        whole: as it is committed; else two distributions alone.
    """
    with clone() as project:
        project.select({} if whole else FEW)
        names = yaml.safe_load((project.path / "params.yaml").read_text())["names"]
        lanes = min(os.cpu_count() or 1, len(names))
        cold = project.reproduce(lanes).wall
        own = own_seconds(project)
        idle, status = (
            each.seconds for each in (project.reproduce(lanes), project.run("dvc", "status"))
        )
    return Reproduced(names, len(own), lanes, cold, sum(own) / lanes, idle, status)


def own_seconds(project: Clone) -> list[float]:
    """Seconds that each stage took by itself, as the clone's journal has them."""
    lines = (project.path / JOURNAL).read_text().splitlines()
    return [json.loads(line)["seconds"] for line in lines]
