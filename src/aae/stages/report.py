"""Write the report over all names, variants and seeds from what the other stages found."""

import aae.base.one_thread  # noqa: F401

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from aae.base.files import replacing, write_json
from aae.base.stage import Application, stage
from aae.report.content import histories, read_cases, summary
from aae.report.figures import overview
from aae.report.page import HEADING, page, panel


@dataclass
class Report(Application):
    """Everything that params.yaml names."""


@stage(Report)
def main(config: DictConfig) -> None:
    """Write reports/: index.html, metrics.json, overview.png and plots/history.csv."""
    chosen = (OmegaConf.to_container(config.params[key]) for key in ("names", "variants", "seeds"))
    cases = read_cases(*chosen)  # type: ignore[arg-type]
    found, html, figure = summary(cases), page(cases), overview(HEADING, [*map(panel, cases)])
    reports = Path("reports")
    with replacing(reports / "index.html") as temporary:
        temporary.write_text(html, encoding="utf-8")
    with replacing(reports / "overview.png") as temporary:
        temporary.write_bytes(figure)
    with replacing(reports / "plots/history.csv") as temporary, temporary.open("w") as file:
        csv.writer(file, lineterminator="\n").writerows(histories(cases))
    write_json(reports / "metrics.json", found)
    print(f"report: {found['passed']} of {found['total']} not distinguished", file=sys.stderr)


if __name__ == "__main__":
    main()
