"""The report as a page: every picture and table of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.progress import track

from aae.base.files import read_json
from aae.report.about import answers, parameters
from aae.report.content import VALUES, linear, table
from aae.report.grid import all_tests, grid
from aae.report.images import bar
from aae.report.pages import render
from aae.report.pictures import draw, real_rows
from aae.report.runs import DataReport
from aae.report.wording import counted, floor_said


def page(reports: Sequence[DataReport]) -> str:
    """Draw and write the whole page."""
    return filled(
        {
            "answers": answers(reports),
            "control": counted({each.name: table(each)[0] for each in reports}),
            "tests": all_tests(reports),
            "grid": grid(reports),
            "reports": reports,
            "tables": {report.name: table(report) for report in reports},
            "real": {report.name: real_rows(report) for report in reports},
            "pictures": pictures(reports),
            "studies": [read_json(each) for each in sorted(Path("reports/studies").glob("*.json"))],
            "bars": {colours: bar(colours) for colours in ("gray", "magma", "RdBu_r")},
        }
    )


def pictures(reports: Sequence[DataReport]) -> dict[tuple[str, str], dict[str, Any]]:
    """Draw the first seed of each name and variant."""
    todo = [(report.name, variant) for report in reports for variant in report.variants]
    shown = track(todo, description="report: drawing", transient=True)
    return {(name, variant.name): draw(name, variant.runs[0]) for name, variant in shown}


def filled(content: Mapping[str, Any]) -> str:
    """Fill the template of the report."""
    known = {
        "linear": linear,
        "columns": VALUES,
        "parameters": parameters,
        "floor_said": floor_said,
    }
    return render("report.html.jinja", content, known)
