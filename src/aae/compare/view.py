"""`aae compare` for the eye: a terminal table, and a page with plots."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from aae.compare.comparison import ALPHA, BETTER, WORSE, Line
from aae.compare.metrics import MEANING
from aae.compare.versions import Compared, exit_code


def table(found: Sequence[Compared]) -> Any:
    """Lay out comparisons for the terminal: a rich renderable.

    Of several, a line each; of one, its parameters and every line that is not identical.
    """
    from rich.console import Group

    if len(found) > 1:
        return _overview(found)
    (only,) = found
    parts = [_params_table(only), _lines_table(only), *_remarks(only)]
    return Group(*(part for part in parts if part is not None))


def _params_table(found: Compared) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    if not found.params:
        return "no parameter differs" if found.comparison else None
    grid = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("parameter", found.base, found.other):
        grid.add_column(Text(heading))  # a user's words are no markup
    for row in found.params:
        grid.add_row(*map(Text, row))
    return grid


def _lines_table(found: Compared) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shown = [line for line in found.lines if not line.identical]
    if not shown:
        return None
    grid = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    grid.add_column("metric", no_wrap=True)
    for heading in (found.base, found.other, "difference"):
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


def _remarks(found: Compared) -> list[Any]:
    from rich.text import Text

    notes = found.comparison.notes if found.comparison else ()
    colour = {0: "green", 1: "red"}.get(exit_code([found]), "yellow")
    return [*(Text(note) for note in notes), Text(found.conclusion, style=colour)]


def _overview(found: Sequence[Compared]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table("revision", "changed")
    grid.add_column(Text(f"against {found[0].base}"))
    for each in found:
        params = ", ".join(f"{key}={value}" for key, _, value in each.params)
        style = {0: None, 1: "red"}.get(exit_code([each]), "yellow")
        grid.add_row(*map(Text, (each.other, params, each.conclusion)), style=style)
    return grid


def page(found: Sequence[Compared]) -> str:
    """Lay out comparisons as one self-contained HTML page, with plots.

    Of several, those names and variants are drawn in which a line is better or worse.
    """
    from rich.console import Console
    from rich.progress import track

    from aae.compare.forest import forest
    from aae.report.pages import render

    screen = Console(stderr=True)
    hidden = not screen.is_terminal
    shown = track(found, "drawing", transient=True, console=screen, disable=hidden)
    plots = {each.other: _by_cell(each, forest, only_told=len(found) > 1) for each in shown}
    content = {"found": found, "plots": plots, "cells": cells, "meaning": MEANING, "alpha": ALPHA}
    return render("compare.html.jinja", content)


def _by_cell(found: Compared, draw: Callable[[list[Line]], str], only_told: bool) -> dict[str, str]:
    groups: dict[str, list[Line]] = {}
    for line in found.comparison.lines if found.comparison else ():
        groups.setdefault(f"{line.name}, {line.variant}", []).append(line)
    told = {
        title: lines
        for title, lines in groups.items()
        if not only_told or any(line.word in (BETTER, WORSE) for line in lines)
    }
    return {title: drawing for title, lines in told.items() if (drawing := draw(lines))}
