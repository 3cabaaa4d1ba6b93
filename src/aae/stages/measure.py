"""Measure one trained model as a study asks for."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass

from omegaconf import MISSING, DictConfig

from aae.base.files import write_json
from aae.base.stage import Application, selected, stage
from aae.studies.measures import measure_from
from aae.studies.records import place
from aae.studies.trained import Trained


@dataclass
class MeasureRun(Application):
    """What to measure of which model."""

    measure: str = MISSING
    name: str = MISSING
    variant: str = MISSING
    seed: int = MISSING


@stage(MeasureRun)
def main(config: DictConfig) -> None:
    """Write reports/measured/MEASURE/NAME/VARIANT/SEED.json."""
    settings = selected(config.params, "study", config.measure)
    measure = measure_from(config.measure, settings)
    run = config.name, config.variant, config.seed
    path = place(config.measure, *run)
    write_json(path, measure.of(Trained.read(*run)))
    print(f"{config.measure} of {'/'.join(map(str, run))}: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
