"""Write the report over all names, variants and seeds from what the other stages found."""

import aae.base.one_thread  # noqa: F401

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from aae.base.files import replacing, write_json
from aae.base.stage import Application, stage
from aae.report.content import metrics, tally
from aae.report.overview import HEADING, overview, panel
from aae.report.page import page
from aae.report.runs import read_reports
from aae.report.series import codes, histories, marginals

SERIES = {"history.csv": histories, "marginals.csv": marginals, "codes.csv": codes}


@dataclass
class Report(Application):
    """Everything that params.yaml names."""


@stage(Report)
def main(config: DictConfig) -> None:
    """Write reports/: index.html, metrics.json, overview.png, and plots/."""
    keys = ("names", "variants", "seeds", "floors")
    chosen = (OmegaConf.to_container(config.params[key]) for key in keys)
    read = read_reports(*chosen)  # type: ignore[arg-type]
    numbers, html, figure = metrics(read), page(read), overview(HEADING, [*map(panel, read)])
    folder = Path("reports")
    with replacing(folder / "index.html") as temporary:
        temporary.write_text(html, encoding="utf-8")
    with replacing(folder / "overview.png") as temporary:
        temporary.write_bytes(figure)
    for name, lines in SERIES.items():
        with replacing(folder / "plots" / name) as temporary, temporary.open("w") as file:
            csv.writer(file, lineterminator="\n").writerows(lines(read))
    write_json(folder / "metrics.json", numbers)
    verdicts = [run.metrics["verdict"] for each in read for run in each.runs]
    print(f"report: {tally(verdicts)}", file=sys.stderr)


if __name__ == "__main__":
    main()
