"""`aae compare`: did a change help? Revisions against a base, read through DVC."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aae.comparison import (
    ALPHA,
    BETTER,
    SAME,
    TOO_FEW,
    WORSE,
    Comparison,
    Line,
    compare_runs,
)
from aae.configure import leaves
from aae.metrics import HIGHER_IS_BETTER, MEANING
from aae.ranking import Ranked, ranking
from aae.revisions import Revision, read_revisions

COULD_NOT = "could not compare"
EXIT_CODES = {BETTER: 0, SAME: 0, WORSE: 1}  # all else: could not compare
SELECTION = ("names", "variants", "seeds")
Advance = Callable[[str], None]


@dataclass(frozen=True)
class Compared:
    """One revision against the base.

    Attributes:
        base, other: names of both, as given.
        params: a line for each parameter that differs: key, value of the base, of the other.
        comparison: None where there is none; reason: why.
    """

    base: str
    other: str
    params: tuple[tuple[str, str, str], ...]
    comparison: Comparison | None
    reason: str = ""

    @property
    def word(self) -> str:
        """Better, worse, same within noise, too few seeds to tell, or could not compare."""
        return self.comparison.word if self.comparison else COULD_NOT

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, those that are worse or better first."""
        found = self.comparison.lines if self.comparison else ()
        rank = {WORSE: 0, BETTER: 1}
        return tuple(sorted(found, key=lambda line: rank.get(line.word, 2)))

    @property
    def conclusion(self) -> str:
        """A sentence: the word, and what it stands on."""
        if self.comparison is None:
            return f"{COULD_NOT}: {self.reason}"
        counts = {word: self.comparison.count(word) for word in (BETTER, WORSE, SAME, TOO_FEW)}
        same = sum(line.identical for line in self.comparison.lines)
        text = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        text = f"{self.word}: {text} (identical: {same})"
        if self.word == TOO_FEW:
            text += f"; {self.comparison.seeds_needed} seeds of each revision are needed"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        found = self.comparison
        return {
            **{key: getattr(self, key) for key in ("base", "other", "word", "conclusion")},
            "params": [
                dict(zip(("key", "base", "other"), each, strict=True)) for each in self.params
            ],
            "seeds_needed": found.seeds_needed if found else None,
            "notes": list(found.notes) if found else [],
            "lines": [line.to_dict() for line in found.lines] if found else [],
        }


def compare(
    base: str, others: Sequence[str], advance: Advance = lambda name: None
) -> list[Compared]:
    """Compare each of the others with the base.

    Args:
        base: a git revision, a branch, a tag, a DVC experiment, or "workspace"; others: the same.
        advance: called with the name of each revision that was read.

    Raises:
        ValueError: this is no DVC repository, or the base cannot be compared with anything.
    """
    read = read_revisions([base, *others])
    first = next(read)
    if isinstance(first, ValueError):
        raise first
    advance(base)
    found = []
    for name, other in zip(others, read, strict=True):
        found.append(_against(first, name, other))
        advance(name)
    return found


def _against(base: Revision, name: str, other: Revision | ValueError) -> Compared:
    if isinstance(other, ValueError):
        return Compared(base.name, name, (), None, str(other))
    params = tuple(changed_params(base.params, other.params))
    try:
        comparison = compare_runs(base.runs, other.runs)
    except ValueError as error:
        return Compared(base.name, name, params, None, str(error))
    notes = (*base.notes, *other.notes, *comparison.notes)
    return Compared(base.name, name, params, Comparison(comparison.lines, notes))


def changed_params(base: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Parameters that differ: key and both values, "(absent)" where there is none."""
    one, two = leaves(dict(base)), leaves(dict(other))
    absent = "(absent)"
    return [
        (key, str(one.get(key, absent)), str(two.get(key, absent)))
        for key in dict.fromkeys([*one, *two])
        if one.get(key, absent) != two.get(key, absent)
    ]


def exit_code(found: Sequence[Compared]) -> int:
    """1 where any is worse, else 2 where any could not be compared or told, else 0."""
    codes = {EXIT_CODES.get(each.word, 2) for each in found}
    return 1 if 1 in codes else max(codes, default=2)


def rank(names: Sequence[str], metric: str = "AUC") -> list[Ranked]:
    """Rank revisions by a metric, averaged over the names and variants that all of them have.

    Raises:
        ValueError: a revision cannot be compared, or they have no run with the metric in common.
    """
    found = []
    for each in read_revisions(list(names)):
        if isinstance(each, ValueError):
            raise each
        found.append(each)
    values = {each.name: _by_seed(each, found, metric) for each in found}
    return ranking(values, higher_is_better=metric in HIGHER_IS_BETTER, alpha=ALPHA)


def _by_seed(revision: Revision, all_: Sequence[Revision], metric: str) -> dict[int, float]:
    cells = [
        cell
        for cell in revision.runs
        if all(
            metric in values
            for each in all_
            for values in each.runs.get(cell, {0: dict[str, float]()}).values()
        )
    ]
    if not cells:
        raise ValueError(f"expected runs with {metric!r} of all revisions, got none")
    seeds = [
        seed for seed in revision.runs[cells[0]] if all(seed in revision.runs[c] for c in cells)
    ]
    return {seed: float(np.mean([revision.runs[c][seed][metric] for c in cells])) for seed in seeds}


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
    from rich.table import Table

    if not found.params:
        return "no parameter differs"
    grid = Table("parameter", found.base, found.other)
    for row in found.params:
        grid.add_row(*row)
    return grid


def _lines_table(found: Compared) -> Any:
    from rich.table import Table

    shown = [line for line in found.lines if not line.identical]
    if not shown:
        return None
    grid = Table("data", "variant", "metric")
    for heading in (found.base, found.other, "difference", "95% interval", "seen from"):
        grid.add_column(heading, justify="right")
    grid.add_column("")
    for line in shown:
        row = cells(line)
        style = {BETTER: "green", WORSE: "red"}.get(line.word)
        grid.add_row(line.name, line.variant, line.metric, *row, line.word, style=style)
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

    grid = Table("revision", "changed", f"against {found[0].base}")
    for each in found:
        params = ", ".join(f"{key}={value}" for key, _, value in each.params) or "nothing"
        style = {0: None, 1: "red"}.get(exit_code([each]), "yellow")
        grid.add_row(each.other, params, each.conclusion, style=style)
    return grid


def page(found: Sequence[Compared]) -> str:
    """Lay out comparisons as one self-contained HTML page, with plots."""
    from aae.forest import forest
    from aae.pages import render

    plots = {each.other: _by_cell(each, forest) for each in found}
    content = {"found": found, "plots": plots, "cells": cells, "meaning": MEANING, "alpha": ALPHA}
    return render("compare.html.jinja", content)


def _by_cell(found: Compared, draw: Callable[[list[Line]], str]) -> dict[str, str]:
    groups: dict[str, list[Line]] = {}
    for line in found.comparison.lines if found.comparison else ():
        groups.setdefault(f"{line.name}, {line.variant}", []).append(line)
    return {title: drawing for title, lines in groups.items() if (drawing := draw(lines))}
