"""`aae compare` for the eye: a terminal table, and a page with plots."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from aae.compare.comparison import ALPHA, BETTER, SAME, TOO_FEW, WORSE, Line
from aae.compare.history import History, alike, differing
from aae.compare.metrics import AUC, MEANING
from aae.compare.revisions import Revision
from aae.compare.versions import Compared, exit_code, ranked

FIGURES = "  {:<19}{:>10}{:>10}{:>20}{:>8}  {}"
SPEED = "  {:<44}{:>11}{:>11}{:>11}"
HEADINGS = "", "first", "second", "difference ± 95%", "seen", ""
WORDS = {BETTER: BETTER, WORSE: WORSE, SAME: "same", TOO_FEW: "few seeds"}
LEGEND = (
    f"same: {SAME}, which is no proof of equality; seen: the size of a change that so many seeds "
    f"show in 80% of comparisons; few seeds: {TOO_FEW}."
)


def layout(results: Sequence[Compared]) -> Any:
    """Lay out comparisons for the terminal, in 80 columns: a rich renderable.

    Of several, a paragraph each; of one, its parameters and every line that is not identical.
    """
    from rich.console import Group

    if len(results) > 1:
        return Group(*(part for each in results for part in _paragraph(each)))
    (only,) = results
    return Group(*_parameters(only), *_figures(only), *_speed(only), *_remarks(only))


def _parameters(result: Compared) -> list[Any]:
    from rich.text import Text

    if not result.params:
        return [Text("no parameter differs")] if result.comparison else []
    lines = [f"  {key}: {base} -> {other}" for key, base, other in result.params]
    return [Text(line) for line in (f"parameters, {result.base} -> {result.other}:", *lines)]


def _figures(result: Compared) -> list[Any]:
    """Every line that is not identical, those of a name and variant below it; a legend."""
    from rich.text import Text

    shown = [line for line in result.lines if not line.identical]
    if not shown:
        return []
    parts = [Text(f"metrics, {result.base} -> {result.other}:"), Text(FIGURES.format(*HEADINGS))]
    for (name, variant), lines in groupby(shown, key=lambda line: (line.name, line.variant)):
        parts.append(Text(f"{name}/{variant}", style="bold"))
        for line in lines:
            style = {BETTER: "green", WORSE: "red"}.get(line.word, "")
            parts.append(Text(FIGURES.format(*_row(line)), style=style))
    return [*parts, Text(LEGEND, style="dim")]


def _row(line: Line) -> tuple[str, ...]:
    base, other, difference, _, seen = cells(line)
    if line.interval:
        difference += f" ± {(line.interval[1] - line.interval[0]) / 2:.2g}"
    return line.metric, base, other, difference, seen, WORDS[line.word]


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


def _speed(result: Compared) -> list[Any]:
    """Figures of `make bench` that differ by more than noise, and how many do not."""
    from rich.text import Text

    if not result.speed:
        return []
    notable = [figure for figure in result.speed if figure.notable]
    alike = f"{len(result.speed) - len(notable)} of {len(result.speed)} figures within 10%"
    lines = [
        SPEED.format(each.name, f"{each.base:.4g}", f"{each.other:.4g}", f"x {each.ratio:.2f}")
        for each in notable
    ]
    head = f"speed by `make bench`, one run each, {result.base} -> {result.other}: {alike}"
    return [Text(line) for line in (head, *lines)]


def _remarks(result: Compared) -> list[Any]:
    from rich.text import Text

    notes = result.comparison.notes if result.comparison else ()
    colour = {0: "green", 1: "red"}.get(exit_code([result]), "yellow")
    return [*(Text(note) for note in notes), Text(result.conclusion, style=colour)]


def _paragraph(result: Compared) -> list[Any]:
    from rich.text import Text

    style = {0: "", 1: "red"}.get(exit_code([result]), "yellow")
    head = f"{result.other} against {result.base}: {result.conclusion}"
    return [
        Text(head, style=style),
        *(Text(f"    {key}={value}") for key, _, value in result.params),
    ]


def page(results: Sequence[Compared], history: History | None = None) -> str:
    """Lay out comparisons as one self-contained HTML page, with plots.

    Of several, those names and variants are drawn in which a line is better or worse.

    Args:
        results: the comparisons.
        history: runs of the branch and experiments to be drawn, too.
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
        "metric": AUC,
        "history": history or History(),
    } | _history(history or History())
    return render("compare.html.jinja", content)


def _history(history: History) -> dict[str, Any]:
    """Drawings of the runs of a branch by name and variant, and of each sweep; verdict rates."""
    from aae.compare.multiples import cells as all_cells
    from aae.compare.multiples import metric_over, rate, rate_over

    branch = history.branch
    cells = all_cells(branch)
    return {
        "multiples": {
            "/".join(cell): (metric_over(branch, cell, AUC), rate_over(branch, cell))
            for cell in cells
        },
        "rates": {"/".join(cell): [rate(each, cell) for each in branch] for cell in cells},
        "sweeps": [_sweep(group) for group in alike(history.experiments) if len(group) > 1],
    }


def _sweep(group: Sequence[Revision]) -> dict[str, Any]:
    """What the page shows of experiments that were evaluated alike."""
    from aae.compare.multiples import against, legend, parallel

    places, values = ranked(group, AUC), differing(group)
    keys = [*next(iter(values.values()))]
    of_each = {key: {name: each[key] for name, each in values.items()} for key in keys}
    return {
        "places": places,
        "values": values,
        "against": {key: against(key, each, places, AUC) for key, each in of_each.items()},
        "legends": {key: legend([*each.values()]) for key, each in of_each.items()},
        "parallel": parallel(values, places, AUC) if len(keys) > 1 else "",
    }


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
