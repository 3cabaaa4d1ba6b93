"""`make results`: the table of verdicts that the README shows, as Markdown."""

import sys
from pathlib import Path
from typing import Any

import yaml

from aae.base.files import read_json
from aae.base.intervals import margin
from aae.report.content import tally


def main() -> None:
    """Print a line for each name: real rows against real rows, then every variant."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    variants, seeds = list(params["variants"]), params["seeds"]
    reports = Path("reports")
    lines = ["| data | real rows |" + "".join(f" {variant} |" for variant in variants)]
    lines.append("|---" * (2 + len(variants)) + "|")
    for name in params["names"]:
        cells = [summary([metrics(reports / "reference" / name)["control"]])]
        for variant in variants:
            folders = [reports / "runs" / name / variant / str(seed) for seed in seeds]
            cells.append(summary([metrics(folder) for folder in folders]))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    print("\n".join(lines))


def metrics(folder: Path) -> Any:
    """Read a folder's metrics.json; without it, exit with 1 and one line."""
    path = folder / "metrics.json"
    if not path.exists():
        sys.exit(f"error: expected {path}, got no such file: `make reproduce` makes it")
    return read_json(path)


def summary(verdicts: list[dict[str, Any]]) -> str:
    """How many runs have which verdict; mean AUC of the classifier test, with its 95% interval."""
    tests = [each["tests"]["classifier"] for each in verdicts if "classifier" in each["tests"]]
    areas = [test["statistic"] for test in tests]
    off = f" ± {margin(areas):.2f}" if len(areas) > 1 else ""
    area = f", AUC {sum(areas) / len(areas):.2f}{off}" if areas else ""
    if len(verdicts) == 1:
        return f"{verdicts[0]['verdict']}{area}"
    return f"{tally([each['verdict'] for each in verdicts])}{area}"


if __name__ == "__main__":
    main()
