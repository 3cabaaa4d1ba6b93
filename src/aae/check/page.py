"""Checks as one page."""

from collections.abc import Sequence
from typing import Any

from aae.check.checking import Check
from aae.check.plots import drawings
from aae.check.wording import class_, column, memory, pair
from aae.report.pages import render

NAMED = 10  # columns, pairs, classes and rows that are named here


def page(checks: Sequence[Check]) -> str:
    """Lay out checks of one or more generators as one self-contained HTML page."""
    return render("check.html.jinja", {"checks": [_content(each) for each in checks]})


def _content(found: Check) -> dict[str, Any]:
    where = found.where
    named = {
        "columns": [column(each) for each in where.columns],
        "pairs": [pair(each) for each in where.pairs],
        "classes": [class_(each) for each in found.classes],
    }
    return found.to_dict() | {
        "named": {kind: texts[:NAMED] for kind, texts in named.items() if texts},
        "more": {kind: max(0, len(texts) - NAMED) for kind, texts in named.items()},
        "memory": memory(found),
        "plots": drawings(found),
        "caveat": found.caveat,
        "colour": {0: "passed", 1: "differs"}.get(found.exit_code, "unknown"),
    }
