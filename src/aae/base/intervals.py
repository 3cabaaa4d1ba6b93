"""How far a mean over seeds, or a share of them, may be off."""

from collections.abc import Sequence

import numpy as np


def proportion(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Interval of a probability that holds its level for any number of trials.

    Clopper & Pearson (1934): both ends are beta quantiles; no trials tell nothing, 0 to 1.
    """
    from scipy import stats

    tail = (1 - level) / 2
    failures = trials - successes
    low = stats.beta.ppf(tail, successes, failures + 1) if successes else 0.0
    high = stats.beta.ppf(1 - tail, successes + 1, failures) if failures else 1.0
    return float(low), float(high)


def margin(values: Sequence[float], level: float = 0.95) -> float:
    """Half the width of the t interval of a mean over seeds; 0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    from scipy import stats  # a second to import, and most reports have one seed

    quantile = stats.t.ppf((1 + level) / 2, len(values) - 1)
    return float(quantile * np.std(values, ddof=1) / np.sqrt(len(values)))
