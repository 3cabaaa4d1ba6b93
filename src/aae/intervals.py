"""Means over seeds, with their uncertainty."""

from collections.abc import Sequence

import numpy as np


def interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Mean, and the lower and upper limit of its t interval; NaN limits for a single value."""
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, float("nan"), float("nan")
    reach = float(t.ppf((1 + level) / 2, len(values) - 1) * np.std(values, ddof=1))
    reach /= float(np.sqrt(len(values)))
    return mean, mean - reach, mean + reach
