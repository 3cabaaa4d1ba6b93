"""`make verdicts` and the other studies: the tables of what their sweep has measured."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aae.base.files import write_json
from aae.base.markers import put_between
from aae.studies import closeness, images, modes, robustness, verdicts
from aae.studies.experiments import read_records
from aae.studies.records import Records

STUDIES = "verdicts", "ablation", "modes", "robustness", "images", "tables"
REPORTS, DOCS = Path("reports/studies"), Path("docs/studies.md")
Table = dict[str, Any]  # title, note, command, columns and rows


def main() -> None:
    """Write the tables of a study to reports/studies and DOCS, and print them."""
    from aae.sweep.hub import Hub
    from aae.sweep.multirun import planned

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument(
        "words", nargs="+", help="of the sweep, as for `aae sweep -m`, or of several"
    )
    options = parser.parse_args()
    try:
        hub = Hub.of(Path.cwd(), None)
        plans = [planned(hub, words) for words in sweeps(options.words)]
        records = read_records(dict.fromkeys(name for plan in plans for name in plan))
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    for name, table in tables(options.study, records).items():
        write(name, table | {"note": f"{table['note']} Measured at commit {hub.base[:7]}."})


def sweeps(words: Sequence[str]) -> list[list[str]]:
    """Divide words into those of sweeps, each of which begins with the studies that it runs."""
    divided = list[list[str]]()
    for word in words:
        if not divided or word.startswith("+study="):
            divided.append([])
        divided[-1].append(word)
    return divided


def tables(study: str, records: Records) -> dict[str, Table]:
    """The tables of a study, by the names of their files in reports/studies."""
    if study == "robustness":
        return robustness.tables(records)
    if study == "modes":
        return {study: modes.summary(records)}
    if study == "images":
        return {study: images.summary(records)}
    if study == "tables":
        return {study: closeness.summary(records), "parts": closeness.parts(records)}
    return {study: verdicts.summary(study, records)}


def write(name: str, table: Table) -> None:
    """Write a table to reports/studies and into DOCS, and print it."""
    write_json(REPORTS / f"{name}.json", table)
    put_between(DOCS, name, markdown(table))
    print(f"\n{markdown(table)}")


def markdown(table: Mapping[str, Any]) -> str:
    """A table as Markdown, below its note."""
    lines = [table["columns"], ["---"] * len(table["columns"]), *table["rows"]]
    return f"{table['note']}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
