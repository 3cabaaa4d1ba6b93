"""`make results`: the table of verdicts that the README shows, as Markdown."""

from pathlib import Path
from typing import Any

import yaml

from aae.files import read_json
from aae.intervals import margin


def main() -> None:
    """Print a line for each name: real rows against real rows, then every variant."""
    params = yaml.safe_load(Path("params.yaml").read_text())
    variants, seeds = list(params["variants"]), params["seeds"]
    reports = Path("reports")
    print("| data | real rows |" + "".join(f" {variant} |" for variant in variants))
    print("|---" * (2 + len(variants)) + "|")
    for name in params["names"]:
        control = read_json(reports / "reference" / name / "metrics.json")["control"]
        cells = [summary([control])]
        for variant in variants:
            folders = [reports / "runs" / name / variant / str(seed) for seed in seeds]
            cells.append(summary([read_json(folder / "metrics.json") for folder in folders]))
        print(f"| {name} | " + " | ".join(cells) + " |")


def summary(verdicts: list[dict[str, Any]]) -> str:
    """How many of the runs pass; mean AUC of the classifier test, with its 95% interval."""
    passed = sum(each["verdict"] == "not distinguished" for each in verdicts)
    tests = [each["tests"]["classifier"] for each in verdicts if "classifier" in each["tests"]]
    areas = [test["statistic"] for test in tests]
    off = f" ± {margin(areas):.2f}" if len(areas) > 1 else ""
    area = f", AUC {sum(areas) / len(areas):.2f}{off}" if areas else ""
    if len(verdicts) == 1:
        return f"{verdicts[0]['verdict']}{area}"
    return f"{passed} of {len(verdicts)} not distinguished{area}"


if __name__ == "__main__":
    main()
