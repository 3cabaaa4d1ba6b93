"""Checks as one page."""

from collections.abc import Sequence
from typing import Any

from aae.check.plots import drawings
from aae.check.result import Check
from aae.check.wording import (
    EFFECTS,
    LOOKS_AT,
    answer,
    class_,
    column,
    interval,
    lead,
    memory,
    pair,
    place,
)
from aae.report.pages import render
from aae.verdict.tolerance import DIFFERENT as BEYOND
from aae.verdict.tolerance import Answer

NAMED = 10  # columns, pairs, classes and rows that are named here


def page(checks: Sequence[Check]) -> str:
    """Lay out checks of one or more generators as one self-contained HTML page."""
    content = {"checks": [_content(each) for each in checks], "looks_at": LOOKS_AT}
    return render("check.html.jinja", content)


def _content(result: Check) -> dict[str, Any]:
    where = result.where
    named = {
        "columns": [column(each) for each in where.columns],
        "pairs": [pair(each) for each in where.pairs],
        "classes": [class_(each) for each in result.classes],
    }
    shown = [(kind, texts) for kind, texts in named.items() if texts]
    return result.to_dict() | {
        "named": {kind: [_arrows(text) for text in texts[:NAMED]] for kind, texts in shown},
        "more": {kind: max(0, len(texts) - NAMED) for kind, texts in named.items()},
        "memory": memory(result),
        "plots": drawings(result),
        "caveat": result.caveat,
        "lead": lead(result),
        "brief": lead(result).split("; ")[0],
        "effects": [_effect(each) for each in result.tolerance.answers] if result.tolerance else [],
        "colour": {0: "passed", 1: "differs"}.get(result.exit_code, "unknown"),
    }


def _arrows(text: str) -> str:
    return text.replace(" -> ", " → ")


def _effect(each: Answer) -> dict[str, Any]:
    return {
        "name": EFFECTS[each.effect],
        "answer": answer(each),
        "differs": each.word == BEYOND,
        "interval": interval(each),
        "where": place(each),
    }
