"""Which runs of two revisions are compared with which: where both overlap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aae.compare.relabelling import Array, Design

ROUNDING = 1e-9  # of the largest value: smaller differences are none

Cell = tuple[str, str]  # name and variant
Values = Mapping[str, float]  # metric -> value of one run
Runs = Mapping[Cell, Mapping[int, Values]]  # by name and variant, then by seed


@dataclass(frozen=True)
class Pair:
    """Runs of one name and variant: the seeds compared, and the metrics that all of them have."""

    base: Mapping[int, Values]
    other: Mapping[int, Values]
    metrics: Sequence[str]
    design: Design

    def matrix(self, runs: Mapping[int, Values]) -> Array:
        """Values of one side, shape (seeds, metrics)."""
        rows = [[values[metric] for metric in self.metrics] for values in runs.values()]
        return np.array(rows, dtype=float).reshape(len(runs), len(self.metrics))

    def values(self) -> tuple[Array, Array]:
        """Both sides, with differences that are but rounding taken away."""
        base, other = self.matrix(self.base), self.matrix(self.other)
        scale = np.maximum(np.abs(base).max(axis=0), np.abs(other).max(axis=0))
        if self.design.paired:
            other = np.where(np.abs(other - base) <= ROUNDING * scale, base, other)
        return base, other

    @property
    def identical(self) -> bool:
        """Whether no seed differs in any metric."""
        base, other = self.values()
        return self.design.paired and np.array_equal(base, other)


def matched(base: Mapping[int, Values], other: Mapping[int, Values], level: float) -> Pair:
    """Pair the seeds that both have where these can decide at a level, else take all.

    Seeds that both have are paired too where their runs are the same, or where there are no others.
    Where seeds are taken as independent though some are the same, the test is conservative.
    """
    common = sorted({*base} & {*other})
    paired = (
        {*base} == {*other}
        or Design(len(common), len(common), paired=True).least_p <= level
        or (bool(common) and all(base[seed] == other[seed] for seed in common))
    )
    sides = [
        {seed: side[seed] for seed in (common if paired else sorted(side))}
        for side in (base, other)
    ]
    everywhere = [set(values) for side in sides for values in side.values()]
    first = next(iter(sides[0].values()))
    metrics = [metric for metric in first if all(metric in each for each in everywhere)]
    return Pair(sides[0], sides[1], metrics, Design(len(sides[0]), len(sides[1]), paired))


def only(one: Runs, two: Runs, side: str) -> list[str]:
    """Say which names and variants one side alone has."""
    missing = ["/".join(cell) for cell in one if cell not in two]
    return [f"only in {side}: {', '.join(missing)}"] if missing else []


def dropped(
    cell: Cell, base: Mapping[int, Values], other: Mapping[int, Values], pair: Pair
) -> list[str]:
    """Say which seeds and metrics of a name and variant are not compared."""
    where, notes = "/".join(cell), []
    for side, all_, used in (("base", base, pair.base), ("other", other, pair.other)):
        seeds = [str(seed) for seed in sorted({*all_} - {*used})]
        if seeds:
            notes.append(f"{where}: seeds only in the {side}: {', '.join(seeds)}")
    known = dict.fromkeys(
        metric for side in (pair.base, pair.other) for run in side.values() for metric in run
    )
    metrics = [metric for metric in known if metric not in pair.metrics]
    if metrics:
        notes.append(f"{where}: not in all runs of both: {', '.join(metrics)}")
    return notes
