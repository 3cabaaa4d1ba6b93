"""`aae compare` for the eye: a terminal table, and a page with plots."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from aae.compare.comparison import ALPHA, BETTER, WORSE, Line
from aae.compare.metrics import MEANING
from aae.compare.versions import Compared, exit_code


def table(results: Sequence[Compared]) -> Any:
    """Lay out comparisons for the terminal: a rich renderable.

    Of several, a line each; of one, its parameters and every line that is not identical.
    """
    from rich.console import Group

    if len(results) > 1:
        return _overview(results)
    (only,) = results
    parts = [_params_table(only), _lines_table(only), *_remarks(only)]
    return Group(*(part for part in parts if part is not None))


def _params_table(result: Compared) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    if not result.params:
        return "no parameter differs" if result.comparison else None
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("parameter", result.base, result.other):
        grid.add_column(Text(heading))  # a user's words are no markup
    for row in result.params:
        grid.add_row(*map(Text, row))
    return grid


def _lines_table(result: Compared) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shown = [line for line in result.lines if not line.identical]
    if not shown:
        return None
    grid = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    grid.add_column("metric", no_wrap=True)
    for heading in (result.base, result.other, "difference"):
        grid.add_column(Text(heading), justify="right", overflow="fold", min_width=9)
    grid.add_column("95% interval", justify="right", no_wrap=True)
    grid.add_column("seen from", justify="right", min_width=7)
    grid.add_column("", min_width=6)
    for (name, variant), lines in groupby(shown, key=lambda line: (line.name, line.variant)):
        grid.add_row(f"{name}/{variant}", style="bold")
        for line in lines:
            style = {BETTER: "green", WORSE: "red"}.get(line.word)
            grid.add_row(Text(f"  {line.metric}"), *cells(line), line.word, style=style)
    return grid


def cells(line: Line) -> list[str]:
    """Both means, difference, interval and detectable size, as text."""
    data = line.to_dict()
    low_high = "–" if line.interval is None else "{:+.3g} … {:+.3g}".format(*line.interval)
    seen = "–" if line.detectable is None else f"{line.detectable:.2g}"
    return [
        f"{data['base']:.4g}",
        f"{data['other']:.4g}",
        f"{line.difference:+.3g}",
        low_high,
        seen,
    ]


def _remarks(result: Compared) -> list[Any]:
    from rich.text import Text

    notes = result.comparison.notes if result.comparison else ()
    colour = {0: "green", 1: "red"}.get(exit_code([result]), "yellow")
    return [*(Text(note) for note in notes), Text(result.conclusion, style=colour)]


def _overview(results: Sequence[Compared]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table("revision", "changed")
    grid.add_column(Text(f"against {results[0].base}"))
    for each in results:
        params = ", ".join(f"{key}={value}" for key, _, value in each.params)
        style = {0: None, 1: "red"}.get(exit_code([each]), "yellow")
        grid.add_row(*map(Text, (each.other, params, each.conclusion)), style=style)
    return grid


def page(results: Sequence[Compared]) -> str:
    """Lay out comparisons as one self-contained HTML page, with plots.

    Of several, those names and variants are drawn in which a line is better or worse.
    """
    from rich.console import Console
    from rich.progress import track

    from aae.compare.forest import forest
    from aae.report.pages import render

    screen = Console(stderr=True)
    hidden = not screen.is_terminal
    shown = track(results, "drawing", transient=True, console=screen, disable=hidden)
    plots = {each.other: _by_cell(each, forest, only_changed=len(results) > 1) for each in shown}
    content = {
        "results": results,
        "plots": plots,
        "cells": cells,
        "meaning": MEANING,
        "alpha": ALPHA,
    }
    return render("compare.html.jinja", content)


def _by_cell(
    result: Compared, draw: Callable[[list[Line]], str], only_changed: bool
) -> dict[str, str]:
    groups: dict[str, list[Line]] = {}
    for line in result.comparison.lines if result.comparison else ():
        groups.setdefault(f"{line.name}, {line.variant}", []).append(line)
    kept = {
        title: lines
        for title, lines in groups.items()
        if not only_changed or any(line.word in (BETTER, WORSE) for line in lines)
    }
    return {title: drawing for title, lines in kept.items() if (drawing := draw(lines))}
