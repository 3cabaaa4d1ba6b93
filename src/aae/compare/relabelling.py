"""Did seeds or the change make the difference? Exact tests over all ways to relabel seeds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, count, product
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import bisect

Array = NDArray[np.float64]

MOST = 10_000  # relabellings; where there are more, a random choice stands for all
POWER = 0.8  # chance to see a change of the size that `detectable` names
REPEATS = 400  # simulated comparisons behind `detectable`
TAILS = 5  # degrees of freedom of the noise in them: heavier tails than seeds were seen to have
SLACK = 1e-9  # rounding must not break a tie in favour of a rejection


@dataclass(frozen=True)
class Design:
    """How the seeds of two revisions are compared.

    Attributes:
        base: number of seeds of the first revision; other: of the second.
        paired: whether both have the same seeds, so that differences seed by seed are looked at.
    """

    base: int
    other: int
    paired: bool

    @property
    def relabellings(self) -> int:
        """How many there are that a two-sided test tells apart.

        Paired: 2^(n-1) signs of n differences. Else: C(n + m, n) choices of the seeds that are
        called the base, half as many where n = m.
        """
        if self.paired:
            return 1 << max(self.base - 1, 0)
        choices = comb(self.base + self.other, self.base)
        return choices // 2 if self.base == self.other else choices

    @property
    def least_p(self) -> float:
        """The smallest p-value that the test can reach."""
        return 1 / min(self.relabellings, MOST)

    @property
    def degrees(self) -> int:
        """Degrees of freedom of the seeds' standard deviation."""
        return self.base - 1 if self.paired else self.base + self.other - 2

    def contrast(self) -> Array:
        """The unit vector along which a change moves the values, shape (values,)."""
        signs = np.ones(self.base) if self.paired else self._labels(range(self.base))
        return unit(signs[:, None])[:, 0]

    @cache  # noqa: B019 (few designs, and large to make)
    def contrasts(self) -> Array:
        """All relabelled contrasts, the observed one first, shape (relabellings, values)."""
        observed = self.contrast()
        if self.relabellings > MOST:
            rng = np.random.default_rng(0)
            drawn = np.tile(observed, (MOST - 1, 1))
            if self.paired:
                drawn *= rng.choice([-1.0, 1.0], drawn.shape)
            return np.vstack([observed, rng.permuted(drawn, axis=1)])
        return unit(np.array(list(self._all())).T).T

    def _all(self) -> Iterator[Array]:
        if self.paired:
            for signs in product([1.0, -1.0], repeat=self.base - 1):
                yield np.array([1.0, *signs])
            return
        fixed = self.base == self.other  # the first seed stays: the rest is the same, mirrored
        for chosen in combinations(range(fixed, self.base + self.other), self.base - fixed):
            yield self._labels([*range(fixed), *chosen])

    def _labels(self, base: Iterable[int]) -> Array:
        labels = np.full(self.base + self.other, 1 / self.other)
        labels[list(base)] = -1 / self.base
        return labels

    def values(self, base: Array, other: Array) -> Array:
        """Differences (paired), or all values without their mean, shape (values, metrics).

        Args:
            base: shape (seeds, metrics); other: the same, with rows of the same seeds if paired.
        """
        if self.paired:
            return other - base
        both = np.concatenate([base, other])
        return np.asarray(both - both.mean(axis=0))

    def spread(self, base: Array, other: Array) -> Array:
        """Standard deviation over seeds: of differences, or within revisions, (metrics,)."""
        return self.noise(other - base if self.paired else np.concatenate([base, other]))

    def noise(self, values: Array) -> Array:
        """Return the same of differences, or of the values of both, shape (values, metrics)."""
        parts = [values] if self.paired else [values[: self.base], values[self.base :]]
        squares = sum(((part - part.mean(axis=0)) ** 2).sum(axis=0) for part in parts)
        return np.asarray(np.sqrt(squares / self.degrees))

    @property
    def shift(self) -> Array:
        """What a change of 1 adds to `values`, shape (values,)."""
        if self.paired:
            return np.ones(self.base)
        moved = np.repeat([0.0, 1.0], [self.base, self.other])
        return np.asarray(moved - moved.mean())


def adjusted_p(design: Design, base: Array, other: Array) -> Array:
    """p-value of each metric, corrected for looking at all of them together.

    Where nothing but chance tells two revisions apart, the labels (paired: the signs of the
    differences) may be exchanged. The statistic of a metric is |cos| of the angle between its
    `values` and the contrast, a monotone function of |t|; its largest value over metrics under
    every relabelling gives exact family-wise p-values, however metrics depend on each other
    (step-down maxT: Westfall & Young 1993, algorithm 2.8; Romano & Wolf 2005).

    Args:
        base: values by seed, shape (seeds, metrics); other: the same of the other revision.

    Returns:
        Shape (metrics,). A metric that does not vary has p = 1.
    """
    return step_down(np.abs(design.contrasts() @ unit(design.values(base, other))))


def unit(values: Array) -> Array:
    """Scale each column to length 1; a column of zeros stays."""
    length = np.linalg.norm(values, axis=0)
    return np.asarray(values / np.where(length > 0, length, 1.0))


def step_down(statistics: Array) -> Array:
    """Adjusted p-values of statistics, shape (relabellings, metrics), the observed ones first."""
    order = np.argsort(-statistics[0], kind="stable")
    largest = np.maximum.accumulate(statistics[:, order[::-1]], axis=1)[:, ::-1]
    p = np.maximum.accumulate((largest >= statistics[0, order] - SLACK).mean(axis=0))
    adjusted = np.empty_like(p)
    adjusted[order] = p
    return adjusted


@cache
def seeds_needed(level: float, paired: bool) -> int:
    """Return the fewest seeds of either revision with which a p-value can reach the level.

    Paired 2^(1-n) <= level: 6 for 5%, 9 for 5% over 8 comparisons.

    Raises:
        ValueError: no number is enough, since at most `MOST` relabellings are looked at.
    """
    if level < 1 / MOST:
        raise ValueError(f"expected at most {MOST} comparisons at a level of 1, got {1 / level:g}")
    return next(n for n in count(1) if Design(n, n, paired).least_p <= level)


@cache
def detectable(design: Design, metrics: int, level: float) -> float:
    """Size of the change that is seen with 80% power, in standard deviations over seeds.

    The smallest f for which a change of f s in one of the metrics has an adjusted p <= level in
    80% of simulated comparisons (and two standard errors of the simulation more). Their noise is
    independent between metrics and has Student's t distribution with `TAILS` degrees of freedom.
    s is estimated from as many other seeds, as it is where f s is stated. Infinite where there are
    too few seeds.
    """
    if design.least_p > level or design.degrees < 1:
        return float("inf")
    rng = np.random.default_rng(0)
    contrasts, shift = design.contrasts(), design.shift[:, None]
    stated, planted, *rest = rng.standard_t(TAILS, (metrics + 1, len(shift), REPEATS))
    rest_max = np.zeros((len(contrasts), REPEATS))
    for noise in rest:
        np.maximum(rest_max, np.abs(contrasts @ _null(design, noise)), out=rest_max)
    spread = design.noise(stated)

    def excess(size: float) -> float:
        values = planted + size * spread * shift
        statistics = np.abs(contrasts @ _null(design, values))
        p = (np.maximum(statistics, rest_max) >= statistics[0] - SLACK).mean(axis=0)
        wanted = POWER + 2 * np.sqrt(POWER * (1 - POWER) / REPEATS)
        return float(np.mean(p <= level) - wanted)

    top = next((2.0**power for power in range(12) if excess(2.0**power) > 0), None)
    return float("inf") if top is None else float(bisect(excess, 0.0, top, xtol=0.01))


def _null(design: Design, values: Array) -> Array:
    return unit(values if design.paired else values - values.mean(axis=0))
