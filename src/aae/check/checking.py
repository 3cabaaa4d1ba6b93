"""`aae check`: the test battery on any two tables, without any model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aae.check.tables import label_pair, read_like
from aae.tables.reading import read_table
from aae.verdict.effects import sample_moments
from aae.verdict.judge import DIFFERENT, NOT_DISTINGUISHED, Settings, Verdict, judge

EXIT_CODES = {NOT_DISTINGUISHED: 0, DIFFERENT: 1}  # all else: could not judge
COULD_NOT_JUDGE = 2
CAVEAT = (
    "(The power is that on independent Gaussian columns: where columns depend on one another, less "
    "is seen.)"
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
        allow_memorisation: whether memorised training rows are no reason for exit code 1.
    """

    verdict: Verdict
    moments: dict[str, dict[str, float]]
    real: str
    generated: str
    alpha: float
    note: str = ""
    allow_memorisation: bool = False

    @property
    def exit_code(self) -> int:
        """0 not distinguished, 1 different or memorised, 2 could not judge."""
        if self.memorised:
            return 1
        return EXIT_CODES.get(self.verdict.verdict, COULD_NOT_JUDGE)

    @property
    def memorised(self) -> bool:
        """Whether generated rows owe so much to training rows that this alone is exit code 1."""
        memory = self.verdict.memorisation
        return memory is not None and memory.alarm and not self.allow_memorisation

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has."""
        files = {"real_file": self.real, "generated_file": self.generated}
        said = {"alpha": self.alpha, "note": self.note}
        return files | said | self.verdict.to_dict() | {"moments": self.moments}


def check(
    real: Path,
    generated: Path,
    *,
    label: str | None = None,
    train: Path | None = None,
    allow_memorisation: bool = False,
    settings: Settings = Settings(),  # noqa: B008 (frozen)
) -> Check:
    """Judge the rows of one table against those of another.

    Args:
        real: CSV, Parquet or NPY file of rows that the generator did not learn from.
        generated: rows of a generator, with the same columns (in any order where they have names).
        label: column of the real rows that holds classes. Where generated rows have it too, the
            shares of classes, and the rows of each class, are compared.
        train: rows that the generator learned from: are they memorised?
        allow_memorisation: memorised training rows are no reason for exit code 1.
        settings: permutations, level, seed and resolution.

    Raises:
        ValueError: a table that is not numbers throughout, or other columns than the real one's.
        FileNotFoundError: there is no such file.
    """
    first = read_table(real, label)
    second = read_like(first, real, generated, label)
    third = None if train is None else read_like(first, real, train, label)
    verdict = judge(
        first.rows,
        second.rows,
        settings,
        train=None if third is None else third.rows,
        labels=label_pair(first, second),
        columns=first.columns,
    )
    moments = cell_moments(first.rows, second.rows)
    unlabelled = label is not None and second.labels is None
    note = f"classes are not compared: no column {label!r} in {generated.name}" * unlabelled
    return Check(
        verdict, moments, real.name, generated.name, settings.alpha, note, allow_memorisation
    )


def cell_moments(real: np.ndarray, generated: np.ndarray) -> dict[str, dict[str, float]]:
    """Mean, std, skewness and excess kurtosis of all cells of both."""
    sides = {"real": real, "generated": generated}
    found = {name: vars(sample_moments(rows).cells) for name, rows in sides.items()}
    return {
        name: {side: float(each[name]) for side, each in found.items()} for name in found["real"]
    }
