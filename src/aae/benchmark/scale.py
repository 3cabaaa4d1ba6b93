"""Seconds and memory of the stages and commands at many sizes, each in a process of its own."""

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import gettempdir

from aae.base.checks import expect
from aae.benchmark.exponents import exponent, growth
from aae.benchmark.usage import usage
from aae.benchmark.workspace import MODEL, SELECTED, TABLES, environment, workspace

SMALLEST, COLUMNS = 1000, (20, 784)
CSV_COLUMNS = 20  # as CSV, tables of more take disk and time that tell nothing new
CELL = {20: 48, 784: 24}  # bytes on the disk of all that is made of a row's cell
MATRIX = [f"data/{SELECTED[0].partition('=')[2]}/{part}/rows.npy" for part in ("train", "test")]


@dataclass(frozen=True)
class Measured:
    """One command on a table.

    Attributes:
        stage: what it is called.
        rows, columns: of the table that it reads or writes.
        seconds: of processors, its start included.
        peak: memory in MiB.
    """

    stage: str
    rows: int
    columns: int
    seconds: float
    peak: float


def sizes(largest: int) -> list[int]:
    """Numbers of rows: 1000 and its multiples by 10, up to the largest."""
    return [SMALLEST * 10**power for power in range(9) if SMALLEST * 10**power <= largest]


def check_disk(largest: int) -> None:
    """Expect three sizes, without which no growth is seen, and room for the largest tables.

    Raises:
        ValueError: fewer rows, or a disk with less room.
    """
    rows = sizes(largest)
    expect(len(rows) > 2, f"at least {100 * SMALLEST} rows of the largest tables", largest)
    needed = rows[-1] * max(columns * CELL[columns] for columns in COLUMNS)
    folder = gettempdir()
    wanted = f"{needed / 1e9:.1f} GB free in {folder} for tables of {rows[-1]} rows"
    free = shutil.disk_usage(folder).free
    expect(needed < free, wanted, f"{free / 1e9:.1f} GB")


def measure(largest: int) -> Iterator[Measured]:
    """Run all commands on tables of all sizes, one after another."""
    for columns in COLUMNS:
        for rows in sizes(largest):
            yield from measure_table(rows, columns)


def measure_table(rows: int, columns: int) -> Iterator[Measured]:
    """Run all commands on one table, which is made first."""
    with workspace(rows, columns, epochs=1) as folder:
        for stage, command in commands(rows, columns).items():
            fine = (0, 1) if stage == "check" else (0,)  # 1: different, as one epoch may be
            used = usage(command, folder, environment(), fine)
            if not stage.startswith("("):
                yield Measured(stage, rows, columns, used.seconds, used.peak)


def commands(rows: int, columns: int) -> dict[str, list[str]]:
    """Words of each command in order; what is in brackets only makes what another reads."""
    stage = [sys.executable, "-m", "aae.stages."]
    aae = [str(Path(sys.executable).parent / "aae")]

    def of(name: str, *selected: str) -> list[str]:
        return [*stage[:2], stage[2] + name, *selected]

    def sample(kind: str) -> list[str]:
        return [*aae, "sample", str(MODEL), "--rows", str(rows), "--out", TABLES[kind]]

    csv = {"(csv)": sample("csv"), "ingest, CSV": of("ingest", "name=csv")}
    return {
        "generate": of("generate", SELECTED[0]),
        "train, an epoch": of("train", *SELECTED),
        "sample": sample("parquet"),
        "ingest": of("ingest", "name=parquet"),
        "evaluate": of("evaluate", *SELECTED),
        "check": [*aae, "check", *MATRIX],
    } | (csv if columns == CSV_COLUMNS else {})


Cells = Mapping[tuple[str, int], Sequence[Measured]]


def by_stage(measured: Sequence[Measured]) -> Cells:
    """Measurements of each stage and number of columns, by rising rows."""
    order = {each.stage: place for place, each in reversed([*enumerate(measured)])}

    def key(each: Measured) -> tuple[int, int]:
        return order[each.stage], each.columns

    ordered = sorted(measured, key=lambda each: (*key(each), each.rows))
    groups = (list(group) for _, group in groupby(ordered, key=key))
    return {(group[0].stage, group[0].columns): group for group in groups}


@dataclass(frozen=True)
class Growth:
    """Exponents of a stage's seconds and memory; None where they do not grow.

    Attributes:
        seconds, peak: against rows, at so many columns.
    """

    stage: str
    columns: int
    seconds: float | None
    peak: float | None


def growths(measured: Sequence[Measured]) -> list[Growth]:
    """How each stage grows with rows."""
    found = []
    for (stage, columns), each in by_stage(measured).items():
        rows = [one.rows for one in each]
        costs = [one.seconds for one in each], [one.peak for one in each]
        found.append(Growth(stage, columns, *(growth(rows, cost) for cost in costs)))
    return found


def by_columns(measured: Sequence[Measured]) -> dict[str, tuple[float, float]]:
    """Exponents of seconds and memory against columns, of stages with several, at most rows."""
    found = {}
    for stage in dict.fromkeys(each.stage for each in measured):
        last = [group[-1] for (name, _), group in by_stage(measured).items() if name == stage]
        if len(last) > 1:
            columns = [each.columns for each in last]
            seconds, peak = ([getattr(each, key) for each in last] for key in ("seconds", "peak"))
            found[stage] = exponent(columns, seconds), exponent(columns, peak)
    return found
