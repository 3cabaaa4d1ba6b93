"""Judge real rows against real rows, and the baselines, once for each name."""

import aae.base.one_thread  # noqa: F401

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING, DictConfig, OmegaConf

from aae.base.files import write_json
from aae.base.settings import check_keys
from aae.base.stage import Application, stage
from aae.dataset.splits import read_law, read_split
from aae.evaluation.reference import null_intervals, reference, shown_by
from aae.evaluation.samples import blocks, first_rows
from aae.evaluation.settings import Evaluate
from aae.evaluation.verdicts import known_law
from aae.verdict.closed_form import against_law


@dataclass
class Reference(Application):
    """Which data set."""

    name: str = MISSING


@stage(Reference)
def main(config: DictConfig) -> None:
    """Write reports/reference/NAME/: metrics.json and power.json."""
    chosen: Any = OmegaConf.to_container(config.params.evaluate)
    check_keys(Evaluate, chosen, "evaluate")
    settings = Evaluate(**chosen)
    data = Path("data") / config.name
    test = read_split(data / "test")
    real = blocks(test, settings.rows)
    train = first_rows(read_split(data / "train"))
    law = read_law(config.name)
    power = shown_by(real, known_law(law), settings)
    metrics = reference(train.rows, real, known_law(law), settings, power)
    tests = first_rows(test).rows
    metrics["control"] |= {
        "closed_form": against_law(real.encoded.rows, law),
        "null_intervals": null_intervals(tests, len(real.judged.rows), settings.seed),
    }
    folder = Path("reports/reference") / config.name
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "power.json", power)
    print(f"{config.name}, real against real: {metrics['control']['reason']}", file=sys.stderr)


if __name__ == "__main__":
    main()
