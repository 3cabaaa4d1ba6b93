"""What is measured by `make calibrate`: which rows, which faults, how many repeats."""

import math
from dataclasses import dataclass

from aae.calibration.faults import SIX
from aae.verdict.judge import Settings

PERMUTATIONS = 239  # enough for Holm's first threshold over twelve tests
DEFAULT_PERMUTATIONS = Settings.permutations  # whose power a check looks up


@dataclass(frozen=True)
class Setting:
    """One point of the calibration.

    Attributes:
        source: of the rows, see `aae.calibration.faults.sample`.
        rows: a side.
        columns: of each row.
        repeats: how many verdicts.
        fault: planted in the generated rows; empty: real against real.
        size: of the fault.
        given: what the verdict gets besides rows: "train", "labels", "law".
        permutations: of the verdict.
    """

    source: str
    rows: int
    columns: int
    repeats: int
    fault: str = ""
    size: float = 0.0
    given: tuple[str, ...] = ()
    permutations: int = PERMUTATIONS

    @property
    def key(self) -> str:
        """Name the point, whatever the number of repeats; seeds follow from it."""
        what = f"{self.fault} {self.size:g}" if self.fault else "level"
        given = f" {'+'.join(self.given)}" if self.given else ""
        number = f" B={self.permutations}" if self.permutations != PERMUTATIONS else ""
        return f"{what}: {self.source} n={self.rows} d={self.columns}{given}{number}"


@dataclass(frozen=True)
class Point:
    """Sizes at which the smallest detectable effects are looked for, on Gaussian rows."""

    rows: int
    columns: int
    repeats: int

    def setting(self, effect: str, size: float) -> Setting:
        """Return the setting of one size of an effect of `aae.verdict.power.REQUIRED`."""
        signed = -size if effect == "std" else size
        where = "gaussian", self.rows, self.columns, self.repeats
        return Setting(*where, effect, signed, permutations=DEFAULT_PERMUTATIONS)


@dataclass(frozen=True)
class Plan:
    """What is measured: levels, half of the powers, detectable effects, the other half, the last.

    In this order, so that a time limit costs repeats rather than faults.
    """

    levels: tuple[Setting, ...]
    powers: tuple[Setting, ...]
    detectable: tuple[Point, ...]
    last: tuple[Setting, ...] = ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All but the sizes of detectable effects, which depend on what is seen."""
        return (*self.levels, *self.powers, *self.last)


PLANTED = (
    *(("std", size, "gaussian", ()) for size in (-0.02, math.sqrt(0.9) - 1)),  # and variance x 0.9
    ("Gaussian", 0.0, "uniform", ()),
    *(("correlation", size, "gaussian", ()) for size in (0.02, 0.1)),
    ("AR(1)", 0.1, "gaussian", ()),
    *(("mean", size, "gaussian", ()) for size in (0.03, 0.1)),
    *(("lost mode", 1.0, source, ()) for source in ("normal_mixture", "ten_modes")),
    ("noise", 0.01, "normal", ()),
    ("broken correlation", 0.0, "correlated", ()),
    *(("rounded", size, "normal_expon", ()) for size in (0.1, 0.5)),
    ("outliers", 0.01, "normal_expon", ()),
    *(("copied rows", size, "normal_expon", ("train",)) for size in (0.01, 0.1)),
    ("jittered copies", 0.1, "normal_expon", ("train",)),
    *(("swapped labels", size, "ten_modes", ("labels",)) for size in (0.1, 1.0)),
)


def planted(rows: int, columns: int, repeats: int) -> tuple[Setting, ...]:
    """Return a setting for each planted fault."""
    return tuple(
        Setting(source, rows, columns, repeats, fault, size, given)
        for fault, size, source, given in PLANTED
    )


HALVES = (  # quarters, rather: a case holds as many spare rows as judged ones
    *(("iris", 37, 4), ("wine", 44, 13)),
    *(("diabetes", 110, 10), ("breast_cancer", 142, 30)),
)
FULL = Plan(
    levels=(
        *(Setting(source, 200, 10, 2000, given=("law",)) for source in SIX),
        Setting("digits", 200, 64, 2000),
        *(Setting(table, rows, columns, 2000) for table, rows, columns in HALVES),
        *(Setting("mixed", 200, columns, 2000) for columns in (1, 2)),
        Setting("normal_mixture", 200, 10, 2000, given=("train", "labels", "law")),
        Setting("mixed", 200, 10, 2000, permutations=DEFAULT_PERMUTATIONS),
        *(Setting(source, 200, 784, 100, given=("law",)) for source in SIX),
        *(Setting(source, 1000, 784, 20, given=("train", "law")) for source in SIX),
    ),
    powers=(*planted(200, 10, 100), *planted(1000, 10, 40), *planted(4000, 10, 8)),
    detectable=(
        *(Point(200, columns, 30) for columns in (1, 2, 10, 64)),
        *(Point(1000, 10, 30), Point(500, 64, 20), Point(1000, 784, 8), Point(4000, 10, 8)),
        *(Point(1000, 1, 20), Point(1000, 2, 20), Point(4000, 1, 8), Point(4000, 2, 8)),
        *(Point(8000, columns, 20) for columns in (1, 2, 4, 6)),
    ),
    last=planted(1000, 784, 8),
)
QUICK = Plan(
    levels=(Setting("mixed", 60, 2, 60), Setting("mixed", 60, 10, 60, given=("train",))),
    powers=(  # faults that 200 rows show as good as always
        Setting("uniform", 200, 10, 4, "Gaussian"),
        Setting("normal", 200, 10, 4, "noise", 0.01),
        Setting("correlated", 200, 10, 4, "broken correlation"),
        Setting("normal_mixture", 200, 10, 4, "lost mode", 1.0),
        Setting("normal_expon", 200, 10, 4, "jittered copies", 0.1, ("train",)),
        Setting("ten_modes", 200, 10, 4, "swapped labels", 1.0, ("labels",)),
    ),
    detectable=(Point(100, 10, 4),),
)
