"""Gather the cases of a study into one file of reports/."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf

from aae.files import read_json, write_json
from aae.stages.application import Application, stage


@dataclass
class Gather(Application):
    """Which study."""

    study: str = MISSING


@stage(Gather)
def main(config: DictConfig) -> None:
    """Write reports/STUDY.json: what stands in studies/STUDY/CASE.json, by case."""
    folder = Path("studies") / config.study
    study: Any = OmegaConf.to_container(OmegaConf.load(folder / "params.yaml"))
    cases = {case: read_json(folder / f"{case}.json") for case in study["cases"]}
    write_json(Path("reports") / f"{config.study}.json", cases)
    print(f"{config.study}: {len(cases)} cases", file=sys.stderr)


if __name__ == "__main__":
    main()
