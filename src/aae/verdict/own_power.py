"""What the rows at hand could have shown: effects that a verdict on them sees with 80% power.

The rows are divided anew, an effect is planted by choosing rows (`planting`), and each test's
standardised effect is compared with its critical value. `different` needs one test whose p is at
most alpha over the number of tests (the first step of Holm 1979): a test rejects where

    r = e / c > 1,  c = the 1 - alpha / tests quantile of its null,

e the effect of `Outcome`, the null a Pearson type III law with the skewness of the permutations
(sums of squares are nearly of that law, so are largest values), so that 199 permutations tell c
where a p-value of alpha / tests needs a thousand. r grows like a power of the size: each
division gives the size at which its largest r is 1, and the power at a size is the share of the
divisions whose threshold lies below it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.verdict.battery import Outcome, applicable
from aae.verdict.effects import Array
from aae.verdict.planting import EFFECTS, Effect, Sides
from aae.verdict.pooling import make_pool, rounded, thin

PERMUTATIONS = 199
TRIALS = 14
POWER_QUANTILE = 0.8416  # of the normal law, 80%
POOLED_ROWS = 4000  # most rows that are divided: more cost minutes
GROWTH = 1.6, 0.4  # b, and its deviation: 1 for statistics that are sums, 2 for sums of squares
NOISE = 0.5  # of r, before trials tell
FASTEST, SMALLER = 3.0, 1.4  # factors between the sizes of two trials


@dataclass(frozen=True)
class Level:
    """The verdict whose power is asked for.

    Attributes:
        alpha: its level, over all tests; permutations: their number.
        others: tests beside those of `battery.applicable` that share the level.
        resolution: differences finer than this many standard deviations are not looked at.
        seed: of divisions and permutations.
    """

    alpha: float = 0.05
    permutations: int = 999
    others: int = 0
    resolution: float = 1e-4
    seed: int = 0

    def each(self, tests: int) -> float:
        """Return the level of one test: the largest p-value of permutations that rejects."""
        share = self.alpha / (tests + self.others)
        return max(1, int((self.permutations + 1) * share)) / (self.permutations + 1)


def power_of(rows: NDArray[Any], rows_a_side: int, level: Level) -> dict[str, Any]:
    """Measure what a verdict on so many rows of this table a side could show.

    Args:
        rows: of one law, shape (N, columns); all of them are divided where N = 2 rows_a_side.
        rows_a_side: real and generated rows each; at most N / 2 and POOLED_ROWS / 2 are divided.
        level: of the verdict.

    Returns:
        `rows`: a side, as measured; `alpha`, `permutations`; `effects`: name -> `size`, the
        smallest that is seen with 80% power (None: not even the largest that was tried or that
        can be planted), `seen_by`, the test that sees it, and `says`, what a size is.

    Raises:
        ValueError: fewer than two rows a side.
    """
    side = min(rows_a_side, len(rows) // 2, POOLED_ROWS // 2)
    if side < 2:
        raise ValueError(f"expected at least 4 rows, got {len(rows)}")
    chosen = np.random.default_rng(level.seed).permutation(len(rows))[: 2 * side]
    return _measured(np.asarray(rows[chosen], dtype=float), side, level)


def own_power(
    real: NDArray[np.floating], generated: NDArray[np.floating], level: Level
) -> dict[str, Any]:
    """Measure what real and generated rows, where they are of one law, could have shown.

    As `power_of`, on all rows of both in their own numbers.
    """
    rng = np.random.default_rng(level.seed)
    x, y = thin(real, generated, POOLED_ROWS, rng)
    x, y = rounded(x, y, level.resolution)
    return _measured(np.concatenate([x, y]), len(x), level)


def plan(
    rows: NDArray[np.floating], wanted: Mapping[str, float], level: Level
) -> dict[str, int | None]:
    """Estimate how many rows a side would show effects of the wanted sizes with 80% power.

    Measured at half of the rows a side, n, as in `power_of`; a size that is seen there as s is
    seen as s sqrt(n / n') at n' rows (of a sum of n independent rows: the ratio of effect to noise
    grows like sqrt(n)). Tests of pairs of rows look at no more than 4000: where only they see
    an effect, more rows than that help less than this says.

    Args:
        rows: real rows, shape (N, columns).
        wanted: effect of `EFFECTS` -> size.
        level: of the verdict.

    Returns:
        Rows a side for each effect, None where it was not seen at any size.
    """
    measured = power_of(rows, len(rows) // 2, level)
    sizes = {name: measured["effects"][name]["size"] for name in wanted}
    n = measured["rows"][0]
    return {
        name: None if size is None else int(np.ceil(n * (size / wanted[name]) ** 2))
        for name, size in sizes.items()
    }


def _measured(rows: Array, n: int, level: Level) -> dict[str, Any]:
    varying = int((rows != rows[:1]).any(axis=0).sum())
    effects = {
        name: smallest(effect, rows, n, level) | {"says": effect.says}
        for name, effect in EFFECTS.items()
        if varying >= effect.columns
    }
    measured = {"rows": [n, len(rows) - n], "alpha": level.alpha}
    return measured | {"permutations": level.permutations, "effects": effects}


def smallest(effect: Effect, rows: Array, n: int, level: Level) -> dict[str, Any]:
    """Find the smallest size of an effect that is seen with 80% power.

    Each trial divides the rows anew, at the size that the trials before it point to.
    """
    size, most, trials = effect.start, effect.most, Trials([], [], [])
    for seed in np.random.SeedSequence(level.seed).spawn(TRIALS):
        sides = effect.plant(rows, n, np.random.default_rng(seed))(size)
        if sides is None:  # so large an effect cannot be planted
            most = size = size / SMALLER
            continue
        trials.add(size, ratios_of(sides, level))
        size = float(np.clip(trials.size_seen(), size / FASTEST, min(most, size * FASTEST)))
    at = trials.size_seen() if trials.sizes else np.inf
    if at > most:
        return {"size": None, "seen_by": None}
    return {"size": float(f"{at:.2g}"), "seen_by": trials.seen_by()}


@dataclass(frozen=True)
class Trials:
    """Sizes that were tried, with the largest r of all tests at each, and the test it is of."""

    sizes: list[float]
    ratios: list[float]
    names: list[str]

    def add(self, size: float, ratios: Mapping[str, float]) -> None:
        """Take down what the tests say at a size."""
        best = max(ratios, key=lambda name: ratios[name])
        self.sizes.append(size)
        self.ratios.append(ratios[best])
        self.names.append(best)

    def seen_by(self) -> str:
        """Return the test that has the largest r most often."""
        return max(self.names, key=self.names.count)

    def size_seen(self) -> float:
        """Return the size at which r is above 1 in 80% of the trials.

        Least squares of r = a size^b + noise, b with the prior `GROWTH` and errors relative to r
        where it is large. With s their root mean square, a size^b = 1 + .84 s.
        """
        from scipy.optimize import least_squares

        x, r = np.log(self.sizes), np.array(self.ratios)
        centre, weight = float(x.mean()), 1 / np.maximum(1.0, r)

        def errors(parameters: Array) -> Array:
            return np.asarray(weight * (r - np.exp(parameters[0] + parameters[1] * (x - centre))))

        def loss(parameters: Array) -> Array:
            return np.append(errors(parameters) / NOISE, (parameters[1] - GROWTH[0]) / GROWTH[1])

        log_a, b = least_squares(loss, [np.log(max(0.2, float(r.mean()))), GROWTH[0]]).x
        noise = np.sqrt((NOISE**2 + np.sum(errors(np.array([log_a, b])) ** 2)) / max(1, len(r) - 1))
        return float(np.exp(centre + (np.log1p(POWER_QUANTILE * noise) - log_a) / b))


def ratios_of(sides: Sides, level: Level) -> dict[str, float]:
    """Return r = e / c of each test that applies to two sides, above 1 where it rejects."""
    tests = applicable(sides[0].shape[1])
    pool = make_pool(*sides, PERMUTATIONS, level.seed)
    share = level.each(len(tests))
    return {name: _ratio(test(pool), share) for name, test in tests.items()}


def _ratio(outcome: Outcome, share: float) -> float:
    from scipy.stats import pearson3

    return outcome.effect / float(pearson3.ppf(1 - share, outcome.null_skewness))
