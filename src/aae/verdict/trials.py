"""Trials of an effect at several sizes, and the size that they point to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aae.verdict.effects import Array

POWER_QUANTILE = 0.8416  # of the normal law, 80%
GROWTH = 1.6, 0.4  # b, and its deviation: 1 for statistics that are sums, 2 for sums of squares
NOISE = 0.5  # of r, before trials tell


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
