"""Which experiment is best, and which are not distinguishable from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats

from aae.base.checks import expect
from aae.base.intervals import margin

BEST, UNDISTINGUISHED, NOT_BEST = "best", "not distinguishable from the best", "not the best"


@dataclass(frozen=True)
class Ranked:
    """One experiment's place.

    Attributes:
        experiment: its name.
        mean: over seeds; margin: half the width of its 95% t interval, 0 for one seed.
        behind: how much worse than the best one, mean over common seeds, never negative; least:
            what `behind` has to exceed to be no chance; infinite for fewer than two common seeds.
        seeds: those that it was averaged over.
        word: `BEST`, `UNDISTINGUISHED` or `NOT_BEST`.
    """

    experiment: str
    mean: float
    margin: float
    behind: float
    least: float
    seeds: tuple[int, ...]
    word: str


def ranking(
    values: Mapping[str, Mapping[int, float]],
    *,
    higher_is_better: bool = False,
    alpha: float = 0.05,
) -> list[Ranked]:
    """Rank experiments by a value that each has for each of its seeds, the best one first.

    The best one was chosen by looking at all, so that each pair has to be allowed for: an
    experiment is not the best where its mean paired difference from the best one exceeds
    q s / sqrt(2 n), q the 1 - alpha quantile of the studentised range of k means with n - 1
    degrees of freedom, s the standard deviation of the differences over the n common seeds
    (Games & Howell 1976, with paired differences; Tukey's for two). Spread may differ between
    experiments. Those with a single seed come last, since nothing is known of their spread: a lucky
    one would be the best, from which none could be told apart.

    Args:
        values: experiment -> seed -> value.
        higher_is_better: else the lowest mean is best.
        alpha: chance that any of equally good experiments is called `NOT_BEST`.

    Raises:
        ValueError: no experiments, or one without values.
    """
    expect(bool(values), "at least one experiment", [])
    for name, each in values.items():
        expect(bool(each), f"a seed that all runs of {name} have", "none")
    sign = -1.0 if higher_is_better else 1.0
    means = {name: float(np.mean([*each.values()])) for name, each in values.items()}
    order = sorted(values, key=lambda name: (len(values[name]) < 2, sign * means[name]))
    best = values[order[0]]
    ranked = []
    for name in order:
        common = sorted({*values[name]} & {*best})
        gap = sign * np.array([values[name][seed] - best[seed] for seed in common])
        least = _least(gap, len(values), alpha)
        behind = max(float(gap.mean()), 0.0) if common else sign * (means[name] - means[order[0]])
        beaten = behind > least
        word = BEST if name == order[0] else NOT_BEST if beaten else UNDISTINGUISHED
        off = margin([*values[name].values()])
        seeds = tuple(sorted(values[name]))
        ranked.append(Ranked(name, means[name], off, behind, least, seeds, word))
    return ranked


def _least(gap: np.ndarray, experiments: int, alpha: float) -> float:
    """Least mean difference that is no chance; infinite for fewer than two seeds."""
    if len(gap) < 2 or experiments < 2:
        return float("inf")
    quantile = _studentised_range(1 - alpha, experiments, len(gap) - 1)
    return float(quantile * gap.std(ddof=1) / np.sqrt(2 * len(gap)))


@cache
def _studentised_range(level: float, means: int, degrees: int) -> float:
    return float(stats.studentized_range.ppf(level, means, degrees))
