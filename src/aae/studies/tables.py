"""`make verdicts` and the other studies: run their cases side by side, and print their tables."""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from aae.base.files import read_json, write_json
from aae.base.jobs import add_jobs
from aae.base.markers import put_between
from aae.pipeline.lanes import run_lanes
from aae.studies import images, modes, robustness

STUDIES = "verdicts", "ablation", "modes", "robustness", "images"
REPORTS, DOCS = Path("reports/studies"), Path("docs/studies.md")
READ_TABLES = "modes", "robustness"  # of the pipeline, in several lanes
TITLES = {
    "verdicts": "Verdicts over seeds",
    "ablation": "Ablation: what each part contributes",
}
NOTES = {
    "verdicts": "Pairs of generated and fresh real rows that were not distinguished, each trained "
    "model on training rows of its own; real rows against real rows beside them.",
    "ablation": "The same for variants of the recipe that differ in one part.",
}
Record = Mapping[str, Any]


def main() -> None:
    """Run what is out of date; write the tables to reports/studies and DOCS, and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=STUDIES)
    add_jobs(parser, "cases")
    options = parser.parse_args()
    if options.study in READ_TABLES and subprocess.run(["dvc", "repro", "ingest"]).returncode:
        sys.exit(1)
    run_lanes(lanes(options.study), options.jobs)
    for name, content in tables(options.study, cases(options.study)).items():
        write_json(REPORTS / f"{name}.json", content)
        put_between(DOCS, name, markdown(content))
        print(f"\n{markdown(content)}")


def lanes(study: str) -> dict[str, list[str]]:
    """DVC's targets of each case, without what comes before them, which lanes must not share."""
    folder = Path("studies") if study in TITLES else Path("studies", study)
    settings = yaml.safe_load((folder / "params.yaml").read_text())
    chosen = settings.get("ablated" if study == "ablation" else "cases")
    if chosen is None:
        return {study: [f"{folder}/dvc.yaml"]}
    return {case: ["--single-item", f"{folder}/dvc.yaml:{study}@{case}"] for case in chosen}


def cases(study: str) -> dict[str, Sequence[Record]]:
    """Records of each case that has run."""
    files = sorted(Path("studies", study).glob("*.json"))
    return {file.stem: read_json(file)["trials"] for file in files}


def tables(study: str, cases: Mapping[str, Sequence[Record]]) -> dict[str, dict[str, Any]]:
    """The tables of a study, by the names of their files in reports/studies."""
    if study == "robustness":
        return robustness.tables(cases)
    if study == "modes":
        return {study: modes.summary(cases)}
    if study == "images":
        return {study: images.summary(cases["trials"])}
    return {study: summary(study, cases)}


def summary(study: str, cases: Mapping[str, Sequence[Record]]) -> dict[str, Any]:
    """Return title, note, command, columns and rows of a study's table."""
    columns = ["rows of", "model", "not distinguished", "seen by", "row mean", "class"]
    found = f" {of_adversary(cases)}" if study == "ablation" else ""
    return {
        "title": TITLES[study],
        "note": NOTES[study] + found,
        "command": f"make {study}",
        "columns": columns,
        "rows": [row for case, records in cases.items() for row in rows(case, records)],
    }


def of_adversary(cases: Mapping[str, Sequence[Record]]) -> str:
    """Say where the recipe without its adversary passes less often, as often, more often."""
    said: dict[str, list[str]] = {"fewer": [], "as many": [], "more": []}
    for case, records in cases.items():
        with_, without = (
            sum(each["passed"] for each in records if each["variant"] == variant)
            for variant in ("default", "no_adversary")
        )
        said["fewer" if without < with_ else "more" if without > with_ else "as many"].append(case)
    parts = [f"{word} on {', '.join(names)}" for word, names in said.items() if names]
    contributes = "" if said["fewer"] else " It contributes nothing on these data."
    return f"Without the adversary pairs pass: {'; '.join(parts)}.{contributes}"


def rows(case: str, records: Sequence[Record]) -> Iterable[list[str]]:
    """A line for the real rows, then one for each variant."""
    for variant in dict.fromkeys(record["variant"] for record in records):
        chosen = [record for record in records if record["variant"] == variant]
        passed, pairs = (sum(each[key] for each in chosen) for key in ("passed", "pairs"))
        seen = sum((Counter(each["rejecting"]) for each in chosen), Counter[str]())
        codes = [each["code"] for each in chosen if "code" in each]
        yield [
            case,
            variant or "(real rows)",
            f"{passed} of {pairs} ({passed / pairs:.0%})",
            ", ".join(f"{name} {count}" for name, count in seen.most_common(3)) or "-",
            mean(each["row_mean"] for each in codes),
            mean(each["class"] for each in codes),
        ]


def mean(values: Iterable[float | None]) -> str:
    """Mean over seeds; a dash where there is none."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def markdown(content: Mapping[str, Any]) -> str:
    """A study's table as Markdown."""
    lines = [content["columns"], ["---"] * len(content["columns"]), *content["rows"]]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{content['note']}\n\n{table}"


if __name__ == "__main__":
    main()
