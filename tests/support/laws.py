"""Laws of every kind for tests, samples of them, and what a sample is held to.

Samples have fixed seeds. A bound of 6 standard errors is left with a probability of 2e-9, or some
1e-7 where a statistic is skewed; the sup-norm bound with 1e-8: over all tests less than 1e-4.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from aae.laws.registry import LAWS, law_from

ROWS, COLUMNS, BOUND = 20_000, 6, 6.0
POOLED: dict[str, Any] = {
    "kind": "pooled",
    "components": {name: {"kind": name} for name in ("uniform", "normal", "density")},
    "shares": {"uniform": 0.2, "normal": 0.3, "density": 0.5},
    "held_out": {"expon_neg": {"kind": "expon_neg", "scale": 2.0}},
}
# Also laws of components that differ in everything, and a pooled law that is discrete.
GRIDS = {"a": {"kind": "density"}, "b": {"kind": "density", "low": 0, "high": 3, "points": 7}}
FAR = {
    "a": {"kind": "expon_neg", "scale": 0.5},
    "b": {"kind": "normal_mixture", "means": [3], "sigmas": [0.1], "weights": [1]},
    "c": {"kind": "normal_expon", "loc": 1.0, "sigma": 0.2, "scale": 1.5},
}
PARAMETERS: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in LAWS if kind != "pooled"},
    "uniform narrow": {"kind": "uniform", "low": 0.1, "high": 0.3},
    "normal apart": {"kind": "normal", "mean": 2.0, "rho": 0.0},
    "normal related": {"kind": "normal", "mean": -1.0, "rho": 0.3},
    "density coarse": {"kind": "density", "center": [0.3, -0.2], "variance": 2.0, "points": 4},
    "expon_neg wide": {"kind": "expon_neg", "scale": 3.0},
    "normal_expon skew": {"kind": "normal_expon", "loc": -1.0, "sigma": 0.1, "scale": 2.0},
    "mixture of three": {
        "kind": "normal_mixture",
        "means": [-2, 0, 3],
        "sigmas": [0.1, 1, 2],
        "weights": [0.333333, 0.333333, 0.333333],
    },
    "pooled": POOLED,
    "pooled far": {"kind": "pooled", "components": FAR, "shares": {"c": 0.7, "b": 0.2, "a": 0.1}},
    "pooled grids": {"kind": "pooled", "components": GRIDS, "shares": {"a": 0.5, "b": 0.5}},
}
LAW = {name: law_from(parameters) for name, parameters in PARAMETERS.items()}
every_law = pytest.mark.parametrize("name", LAW)


@cache
def drawn(name):
    return LAW[name].sample(ROWS, COLUMNS, np.random.default_rng(list(LAW).index(name)))


def standard_errors(values, expected):
    """Distance of the mean over independent rows from its expectation, in standard errors."""
    spread = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return np.abs(values.mean(axis=0) - expected) / np.maximum(spread, 1e-12)


def assert_follows(law, rows):
    """Compare each column with its CDF: Dvoretzky-Kiefer-Wolfowitz, which holds for any law."""
    limit = math.sqrt(math.log(2 / 1e-8) / (2 * len(rows)))
    for column, values in enumerate(np.asarray(rows, dtype=np.float64).T):
        at = np.sort(values)
        until, before = np.searchsorted(at, at, side="right"), np.searchsorted(at, at, side="left")
        for count, points in ((until, at), (before, np.nextafter(at, -np.inf))):
            exact = law.cdf(points, rows.shape[1])[:, column]
            assert np.max(np.abs(count / len(at) - exact)) < limit


def central(law, columns=COLUMNS):
    """Raw moments of each column about 0, shape (4, columns), from the standardised ones."""
    mean, std, skewness, excess = law.moments(columns)
    second, third = std**2, skewness * std**3
    fourth = (excess + 3) * std**4
    raw3 = third + 3 * mean * second + mean**3
    raw4 = fourth + 4 * mean * third + 6 * mean**2 * second + mean**4
    return np.stack([mean, second + mean**2, raw3, raw4])


def pooled(**changes):
    return POOLED | changes


number = st.floats(-50, 50)
positive = st.floats(0.05, 20)
probes = st.lists(st.floats(-300, 300), min_size=1, max_size=20).map(np.array)
