"""The grid of the first screen: names and variants x tests, each effect beside real rows' own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aae.report.about import failures, verdict_row
from aae.report.content import Row, table
from aae.report.runs import DataReport
from aae.report.wording import could_show

KNEE = 3.0  # standard deviations: the scale is linear well below, logarithmic well above


@dataclass(frozen=True)
class Cell:
    """A test of one name and variant.

    Attributes:
        effect: in standard deviations under permutation, mean over seeds; reference: the same of
            real rows against real rows, None where that was not tested.
        rejects: share of seeds.
        start, end, tick: where the bar begins and ends and the reference lies, in % of the width.
    """

    effect: float
    reference: float | None
    rejects: float
    start: float
    end: float
    tick: float


@dataclass(frozen=True)
class Line:
    """A line of the grid.

    Attributes:
        name, variant: of what.
        row: its verdict and numbers.
        cells: a cell for each test of the grid, None where it was not run.
        rows: real and generated rows compared.
        says: why the verdict is what it is, or what these rows could have shown.
    """

    name: str
    variant: str
    row: Row
    cells: tuple[Cell | None, ...]
    rows: int
    says: str


def all_tests(reports: Sequence[DataReport]) -> list[str]:
    """All tests of any verdict, in the order of the verdicts."""
    names = [name for report in reports for row in table(report) for name in row.effects]
    return list(dict.fromkeys(names))


def grid(reports: Sequence[DataReport]) -> list[Line]:
    """Lines of all names of the first variant, then of the next."""
    places = range(len(reports[0].variants))
    largest = max(
        (abs(effect) for r in reports for row in table(r) for effect in row.effects.values()),
        default=1.0,
    )
    return [
        _line(report, place, all_tests(reports), largest) for place in places for report in reports
    ]


def _line(report: DataReport, place: int, names: Sequence[str], largest: float) -> Line:
    row, control = verdict_row(report, place), table(report)[0]
    cells = tuple(_cell(name, row, control, largest) for name in names)
    failed = failures([report], place).get(report.name, "").removeprefix(f"{row.verdict}: ")
    shown = could_show(report)
    says = failed or (f"would show {shown}" if shown else "")
    rows = report.variants[place].runs[0].metrics["rows"]
    return Line(report.name, row.label, row, cells, min(rows["real"], rows["generated"]), says)


def _cell(name: str, row: Row, control: Row, largest: float) -> Cell | None:
    if name not in row.effects:
        return None
    effect, reference = row.effects[name], control.effects.get(name)
    at, tick = position(effect, largest), position(reference or 0.0, largest)
    return Cell(effect, reference, row.tests[name], min(at, tick), max(at, tick), tick)


def position(effect: float, largest: float) -> float:
    """Place of an effect on a scale from -`KNEE` to `largest`, in %; ends hold what is beyond."""
    low, high, at = (np.arcsinh(each / KNEE) for each in (-KNEE, max(largest, 1.0), effect))
    return float(np.round(100 * np.clip((at - low) / (high - low), 0, 1), 1))
