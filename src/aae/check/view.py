"""A check in the terminal."""

from typing import Any

from aae.check.checking import CAVEAT, Check
from aae.verdict.judge import NOT_DISTINGUISHED


def table(found: Check) -> Any:
    """Lay out a check for the terminal: a rich renderable."""
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    tests = Grid("test", "statistic", "null 95%", "p", "p, Holm", "")
    for name, row in found.to_dict()["tests"].items():
        figures = (row[key] for key in ("statistic", "null_q95", "p", "adjusted_p"))
        tests.add_row(name, *(f"{each:.3g}" for each in figures), "differs" * row["rejects"])
    moments = Grid("all cells", "real", "generated")
    for name, both in found.moments.items():
        moments.add_row(name, *(f"{both[side]:.4g}" for side in ("real", "generated")))
    sizes = found.verdict.rows
    size = f"{sizes.get('real', 0)} real, {sizes.get('generated', 0)} generated rows"
    colour = {0: "green", 1: "red"}.get(found.exit_code, "yellow")
    verdict = Text(f"{found.verdict.verdict} at {size}: {found.verdict.reason}", style=colour)
    failed = [Text(f"hard check failed: {each}") for each in found.verdict.failed[1:]]
    notes = [Text(found.note)] if found.note else []
    caveat = [Text(CAVEAT)] if found.verdict.verdict == NOT_DISTINGUISHED else []
    return Group(tests, moments, *notes, *failed, verdict, *caveat)
