"""Checks in the terminal."""

from collections.abc import Sequence
from typing import Any

from aae.check.result import Check
from aae.check.wording import memory, sentences, tolerance

NAMED = 3  # columns, pairs, classes and rows that are named here
COLOURS = {0: "green", 1: "red"}


def layout(checks: Sequence[Check], alpha: float) -> Any:
    """Lay out one check, or several that share the level alpha, as a rich renderable."""
    return table(checks[0]) if len(checks) == 1 else several(checks, alpha)


def table(result: Check) -> Any:
    """Lay out a check for the terminal: a rich renderable."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    tests = Grid("test", "statistic", "null 95%", "p", "p, Holm", "")
    for name, row in result.to_dict()["tests"].items():
        figures = (row[key] for key in ("statistic", "null_q95", "p", "adjusted_p"))
        tests.add_row(name, *(f"{each:.3g}" for each in figures), "differs" * row["rejects"])
    sizes = result.verdict.rows
    size = f"{sizes.get('real', 0)} real, {sizes.get('generated', 0)} generated rows"
    colour = COLOURS.get(result.exit_code, "yellow")
    verdict = Text(f"{result.outcome} at {size}: {result.verdict.reason}", style=colour)
    failed = [f"hard check failed: {each}" for each in result.verdict.failed[1:]]
    lines = [*result.notes, *failed, *tolerance(result), *sentences(result, NAMED), *memory(result)]
    caveat = [Text(result.caveat)] if result.caveat else []
    return Group(tests, verdict, *map(Text, lines), *caveat)


def several(checks: Sequence[Check], alpha: float) -> Any:
    """Lay out checks of several generators against one table: a paragraph for each."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[Any] = []
    for each in checks:
        why = [each.verdict.reason, *tolerance(each), *sentences(each, 1), *memory(each)]
        rows = f"{each.verdict.rows.get('generated', 0)} rows"
        colour = COLOURS.get(each.exit_code, "yellow")
        parts.append(Text.assemble(f"{each.generated}, {rows}: ", (each.outcome, colour)))
        parts += [Padding(Text(line), (0, 0, 0, 4)) for line in why]
    level = f"level {alpha:g} over all {len(checks)} generators: {alpha / len(checks):.3g} each"
    return Group(*parts, Text(f"{level} (Bonferroni)"))
