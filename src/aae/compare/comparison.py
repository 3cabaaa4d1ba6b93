"""Did the change help? Two sets of runs, compared metric by metric over their seeds."""

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import stats

from aae.compare.metrics import HIGHER_IS_BETTER
from aae.compare.pairing import Cell, Pair, Runs, dropped, matched, only
from aae.compare.relabelling import Array, Design, adjusted_p, detectable, seeds_needed

ALPHA = 0.05  # chance of any word but `SAME` where nothing but seeds differ, over all lines
BETTER, WORSE, SAME = "better", "worse", "same within noise"
TOO_FEW = "too few seeds to tell"


@dataclass(frozen=True)
class Line:
    """One metric of one name and variant, in both revisions.

    Attributes:
        name, variant, metric: which.
        base: value of each seed of the first revision; other: of the second.
        design: how the seeds were compared.
        p: corrected for all metrics of this name and variant, and for all names and variants.
        family: number of metrics and of names and variants that p is corrected for.
    """

    name: str
    variant: str
    metric: str
    base: Mapping[int, float]
    other: Mapping[int, float]
    design: Design
    p: float
    family: tuple[int, int]

    @cached_property
    def difference(self) -> float:
        """Mean of the other revision less the mean of the base."""
        base, other = (np.array([*each.values()]) for each in (self.base, self.other))
        # As of the interval, to the last bit.
        return float(np.mean(other - base) if self.design.paired else other.mean() - base.mean())

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """95% t interval of the difference over seeds, of this line alone; none for one seed.

        Paired where the seeds are the same, else Welch's.
        """
        base, other = ([*each.values()] for each in (self.base, self.other))
        if min(len(base), len(other)) < 2:
            return None
        with warnings.catch_warnings(action="ignore"):  # of values that hardly vary
            if self.design.paired:
                test = stats.ttest_rel(other, base)
            else:
                test = stats.ttest_ind(other, base, equal_var=False)
        low, high = test.confidence_interval(1 - ALPHA)
        return float(low), float(high)

    @cached_property
    def detectable(self) -> float | None:
        """Size of a change that such seeds show with 80% power; none where they are too few."""
        metrics, cells = self.family
        size = detectable(self.design, metrics, ALPHA / cells)
        if not math.isfinite(size):
            return None
        return size * self.seed_spread

    @property
    def seed_spread(self) -> float:
        """Standard deviation over seeds of the differences, or within both revisions."""
        return float(self.design.spread(column(self.base), column(self.other))[0])

    @property
    def identical(self) -> bool:
        """Whether no seed differs."""
        return self.design.paired and [*self.base.values()] == [*self.other.values()]

    @property
    def word(self) -> str:
        """`BETTER`, `WORSE`, `SAME` or `TOO_FEW`."""
        if self.identical:
            return SAME
        if self.design.least_p > ALPHA / self.family[1]:
            return TOO_FEW
        if self.p > ALPHA:
            return SAME
        return BETTER if (self.difference > 0) == (self.metric in HIGHER_IS_BETTER) else WORSE

    def to_dict(self) -> dict[str, Any]:
        """Return everything in types that JSON has; values by seed."""
        return {
            **{key: getattr(self, key) for key in ("name", "variant", "metric", "word")},
            "base": float(np.mean([*self.base.values()])),
            "other": float(np.mean([*self.other.values()])),
            "difference": self.difference,
            "interval": self.interval,
            "detectable": self.detectable,
            "p": self.p,
            "paired": self.design.paired,
            "base_seeds": {str(seed): value for seed, value in self.base.items()},
            "other_seeds": {str(seed): value for seed, value in self.other.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """All lines, and what could not be compared.

    Attributes:
        lines: by name, variant and metric.
        notes: what one side has and the other has not: names, variants, seeds, metrics.
    """

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """One word for all: worse where any line is, else undecided where any line is."""
        words = {line.word for line in self.lines}
        return next(word for word in (WORSE, TOO_FEW, BETTER, SAME) if word in words)

    @property
    def seeds_needed(self) -> int:
        """Fewest seeds of each revision that can show a difference in every line."""
        return max(seeds_needed(ALPHA / each.family[1], each.design.paired) for each in self.lines)

    def count(self, word: str) -> int:
        """Return how many lines have the word."""
        return sum(line.word == word for line in self.lines)


def compare_runs(base: Runs, other: Runs) -> Comparison:
    """Compare two sets of runs where they overlap.

    Each name and variant is one exact test of all its metrics together (`adjusted_p`); p-values
    are multiplied by the number of names and variants that differ at all (Bonferroni, of which
    Tarone 1990 leaves out those where no p-value but 1 is possible). So, where two revisions
    differ by seeds alone, the chance of any better or worse line is at most 5%.

    Raises:
        ValueError: there is no name and variant, or no metric, that both have.
    """
    cells = [cell for cell in base if cell in other]
    if not cells:
        names = [", ".join(map("/".join, each)) or "none" for each in (base, other)]
        raise ValueError(f"expected a name and variant of both, got {names[0]} and {names[1]}")
    notes = [*only(base, other, "the base"), *only(other, base, "the other")]
    level = ALPHA / len(cells)
    pairs = {cell: matched(base[cell], other[cell], level) for cell in cells}
    for cell in cells:
        notes += dropped(cell, base[cell], other[cell], pairs[cell])
    moving = sum(not pair.identical for pair in pairs.values())
    lines = [line for cell in cells for line in _lines(cell, pairs[cell], max(moving, 1))]
    if not lines:
        raise ValueError("expected a metric that both revisions have, got none")
    return Comparison(tuple(lines), tuple(dict.fromkeys(notes)))


def _lines(cell: Cell, pair: Pair, cells: int) -> list[Line]:
    if not pair.metrics:
        return []
    base, other = pair.values()
    p = np.minimum(adjusted_p(pair.design, base, other) * cells, 1.0)
    return [
        Line(
            *cell,
            metric,
            dict(zip(pair.base, base[:, place].tolist(), strict=True)),
            dict(zip(pair.other, other[:, place].tolist(), strict=True)),
            pair.design,
            float(p[place]),
            (len(pair.metrics), cells),
        )
        for place, metric in enumerate(pair.metrics)
    ]


def column(values: Mapping[int, float]) -> Array:
    """Values of seeds as a matrix of one column."""
    return np.array([*values.values()], dtype=float)[:, None]
