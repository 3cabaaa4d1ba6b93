"""Trials of an effect at several sizes, and the size that they point to."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np

from aae.verdict.battery import applicable
from aae.verdict.effects import Array
from aae.verdict.judge import Settings
from aae.verdict.outcome import Outcome
from aae.verdict.pooling import make_pool
from aae.verdict.tilting import Sides

PERMUTATIONS = 199
POWER_QUANTILE = 0.8416  # of the normal law, 80%
GROWTH = 1.6, 0.4  # b, and its deviation: 1 for statistics that are sums, 2 for sums of squares
NOISE = 0.5  # of r, before trials tell


@dataclass(frozen=True)
class Trials:
    """Sizes that were tried, and r at each, by test."""

    sizes: list[float]
    ratios: list[Mapping[str, float]]

    def add(self, size: float, ratios: Mapping[str, float]) -> None:
        """Take down what the tests say at a size."""
        self.sizes.append(size)
        self.ratios.append(ratios)

    def leading(self, share: float) -> set[str]:
        """Return the tests whose r was such a share of the largest in some trial, or more."""
        return {
            name
            for each in self.ratios
            for name, ratio in each.items()
            if ratio >= share * max(each.values())
        }

    def seen_by(self) -> str:
        """Return the test that has the largest r most often."""
        first = [max(each, key=lambda name: each[name]) for each in self.ratios]
        return max(first, key=first.count)

    def size_seen(self) -> float:
        """Return the size at which r is above 1 in 80% of the trials.

        Least squares of r = a size^b + noise, b with the prior `GROWTH` and errors relative to r
        where it is large. With s their root mean square, a size^b = 1 + .84 s.
        """
        from scipy.optimize import least_squares

        x, r = np.log(self.sizes), np.array([max(each.values()) for each in self.ratios])
        centre, weight = float(x.mean()), 1 / np.maximum(1.0, r)

        def errors(parameters: Array) -> Array:
            return np.asarray(weight * (r - np.exp(parameters[0] + parameters[1] * (x - centre))))

        def loss(parameters: Array) -> Array:
            return np.append(errors(parameters) / NOISE, (parameters[1] - GROWTH[0]) / GROWTH[1])

        log_a, b = least_squares(loss, [np.log(max(0.2, float(r.mean()))), GROWTH[0]]).x
        noise = np.sqrt((NOISE**2 + np.sum(errors(np.array([log_a, b])) ** 2)) / max(1, len(r) - 1))
        return float(np.exp(centre + (np.log1p(POWER_QUANTILE * noise) - log_a) / b))


def ratios_of(
    sides: Sides, settings: Settings, others: int = 0, asked: Container[str] | None = None
) -> dict[str, float]:
    """Return r = e / c of each test that applies to two sides, above 1 where it rejects.

    Args:
        sides: real and generated rows.
        settings: of the verdict.
        others: tests that share its level.
        asked: names of the tests that are run; None: all.
    """
    tests = applicable(sides[0].shape[1])
    pool = make_pool(*sides, PERMUTATIONS, settings.seed)
    smallest_p = 1 / (settings.permutations + 1)  # p-values of permutations are multiples of it
    share = settings.alpha / (len(tests) + others)
    share = max(1, int(share / smallest_p)) * smallest_p
    return {
        name: _ratio(test(pool), share)
        for name, test in tests.items()
        if asked is None or name in asked
    }


def _ratio(outcome: Outcome, share: float) -> float:
    from scipy.stats import pearson3

    return outcome.effect / float(pearson3.ppf(1 - share, outcome.null_skewness))
