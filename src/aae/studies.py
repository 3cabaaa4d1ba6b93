"""The tables of the studies: `python -m aae.studies STUDY`, after DVC has run its cases."""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aae.files import read_json, write_json

REPORTS = Path("reports/studies")
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
    """Write reports/studies/STUDY.json and print its table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=list(TITLES))
    study = parser.parse_args().study
    publish(study, summary(study, cases(study)))


def cases(study: str) -> dict[str, Sequence[Record]]:
    """Records of each case that has run."""
    files = sorted(Path("studies", study).glob("*.json"))
    return {file.stem: read_json(file)["trials"] for file in files}


def publish(name: str, content: Mapping[str, Any]) -> None:
    """Write a table for the report, reports/studies/NAME.json, and print it as Markdown."""
    write_json(REPORTS / f"{name}.json", content)
    print(markdown(content))


def summary(study: str, cases: Mapping[str, Sequence[Record]]) -> dict[str, Any]:
    """Return title, note, command, columns and rows of a study's table."""
    columns = ["rows of", "model", "not distinguished", "seen by", "row mean", "class"]
    return {
        "title": TITLES[study],
        "note": NOTES[study],
        "command": f"make {study}",
        "columns": columns,
        "rows": [row for case, records in cases.items() for row in rows(case, records)],
    }


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
