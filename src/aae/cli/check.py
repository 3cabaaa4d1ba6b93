"""`aae check`: the test battery on any two tables, without any model."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from aae.base.checks import expect
from aae.tables.reading import Table, read_table
from aae.verdict.effects import sample_moments
from aae.verdict.judge import DIFFERENT, NOT_DISTINGUISHED, Settings, Verdict, judge
from aae.verdict.own_power import OwnPower

EXIT_CODES = {NOT_DISTINGUISHED: 0, DIFFERENT: 1}  # all else: could not judge
COULD_NOT_JUDGE = 2
CAVEAT = (
    "(The power is that on independent Gaussian columns: where columns depend on one another, less "
    "is seen. --power measures it on these rows.)"
)


@dataclass(frozen=True)
class Check:
    """Two tables and what is said of them.

    Attributes:
        verdict: of the battery.
        moments: name -> {real, generated}, over all cells.
        real: name of the real table's file; generated: of the other.
        alpha: level of the verdict.
        note: what was not compared, if anything.
        power: what the rows at hand could have shown, see `power_of`; empty where not measured.
    """

    verdict: Verdict
    moments: dict[str, dict[str, float]]
    real: str
    generated: str
    alpha: float
    note: str = ""
    power: Mapping[str, Any] = field(default_factory=dict)

    @property
    def caveat(self) -> str:
        """What to bear in mind of the power that a verdict states."""
        looked_up = self.verdict.verdict == NOT_DISTINGUISHED and not self.power
        return CAVEAT if looked_up else ""

    @property
    def exit_code(self) -> int:
        """0 not distinguished, 1 different or training rows memorised, 2 could not judge."""
        memorisation = self.verdict.memorisation
        if memorisation is not None and memorisation.alarm:
            return EXIT_CODES[DIFFERENT]
        return EXIT_CODES.get(self.verdict.verdict, COULD_NOT_JUDGE)

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        files = {"real_file": self.real, "generated_file": self.generated}
        said = {"alpha": self.alpha, "note": self.note}
        return (
            files
            | said
            | self.verdict.to_dict()
            | {
                "moments": self.moments,
                "power": dict(self.power),
            }
        )


def check(
    real: Path,
    generated: Path,
    *,
    label: str | None = None,
    train: Path | None = None,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
    power: bool = False,
) -> Check:
    """Judge the rows of one table against those of another.

    Args:
        real: CSV, Parquet or NPY file of rows that the generator did not learn from.
        generated: rows of a generator, with the same columns (in any order where they have names).
        label: column of the real rows that holds classes. Where generated rows have it too, the
            shares of classes, and the rows of each class, are compared.
        train: rows that the generator learned from: copies of them are looked for.
        settings: permutations, level, seed and resolution.
        power: whether to measure on these rows what they could have shown, instead of looking up
            what rows of independent columns show; some seconds, where no test rejects.

    Raises:
        ValueError: a table that is not numbers throughout, or other columns than the real one's.
        FileNotFoundError: there is no such file.
    """
    first = read_table(real, label)
    second = _read_like(first, real, generated, label)
    third = None if train is None else _read_like(first, real, train, label)
    labels = label_pair(first, second)
    others = 2 * (labels is not None)  # shares, and rows, of classes
    measured = OwnPower(first.rows, second.rows, settings, others)
    verdict = judge(
        first.rows,
        second.rows,
        settings,
        train=None if third is None else third.rows,
        labels=labels,
        columns=first.columns,
        calibration=measured.table if power else None,
    )
    moments = cell_moments(first.rows, second.rows)
    unlabelled = label is not None and second.labels is None
    note = f"classes are not compared: no column {label!r} in {generated.name}" * unlabelled
    return Check(verdict, moments, real.name, generated.name, settings.alpha, note, measured.power)


def _read_like(wanted: Table, wanted_path: Path, path: Path, label: str | None) -> Table:
    """Read a table with the columns of another, and its labels where it has them."""
    try:
        held = label if label is None or label in header(path) else None
    except (OSError, ValueError, csv.Error):
        held = label  # what is wrong with the file, `read_table` says
    return aligned(read_table(path, held), path, wanted, wanted_path)


def header(path: Path) -> list[str]:
    """Names of the columns of a table, without its rows; of an NPY array x0, x1, ..."""
    kind = path.suffix.lower()
    if kind == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    if kind == ".parquet":
        from pyarrow.parquet import read_schema

        return list(read_schema(path).names)
    shape = np.load(path, mmap_mode="r", allow_pickle=False).shape
    return [f"x{column}" for column in range(shape[1] if len(shape) == 2 else 0)]


def aligned(table: Table, path: Path, wanted: Table, wanted_path: Path) -> Table:
    """Bring the columns into the order of another table's.

    An NPY file has no names: there, the number of columns has to be the same.

    Raises:
        ValueError: the columns differ; the message says which.
    """
    named = ".npy" not in (path.suffix.lower(), wanted_path.suffix.lower())
    if not named:
        count = f"{len(wanted.columns)} columns in {path.name} as in {wanted_path.name}"
        expect(len(table.columns) == len(wanted.columns), count, len(table.columns))
        return table
    missing = [name for name in wanted.columns if name not in table.columns]
    other = [name for name in table.columns if name not in wanted.columns]
    if missing or other:
        sides = (("no", missing), ("an unknown", other))
        got = " and ".join(f"{what} {side[0]!r} ({len(side)} such)" for what, side in sides if side)
        raise ValueError(f"expected the columns of {wanted_path.name} in {path.name}, got {got}")
    order = [table.columns.index(name) for name in wanted.columns]
    changed = {each.name: getattr(table, each.name) for each in fields(table)}
    return Table(**changed | {"rows": table.rows[:, order], "columns": wanted.columns})


def label_pair(real: Table, generated: Table) -> tuple[np.ndarray, np.ndarray] | None:
    """Labels of both tables as indices into the classes of both together."""
    if real.labels is None or generated.labels is None:
        return None
    classes = sorted({*real.classes, *generated.classes})
    both = [
        np.array([classes.index(name) for name in table.classes])[table.labels]
        for table in (real, generated)
    ]
    return both[0], both[1]


def cell_moments(real: np.ndarray, generated: np.ndarray) -> dict[str, dict[str, float]]:
    """Mean, std, skewness and excess kurtosis of all cells of both."""
    sides = {"real": real, "generated": generated}
    found = {name: vars(sample_moments(rows).cells) for name, rows in sides.items()}
    return {
        name: {side: float(each[name]) for side, each in found.items()} for name in found["real"]
    }


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
    caveat = [Text(found.caveat)] if found.caveat else []
    return Group(tests, moments, *notes, *failed, verdict, *caveat)


def page(found: Check) -> str:
    """Lay out a check as one self-contained HTML page."""
    from aae.report.pages import render

    return render("check.html.jinja", found.to_dict() | {"caveat": found.caveat})
