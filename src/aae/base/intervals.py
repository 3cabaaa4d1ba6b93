"""How far a mean over seeds may be off."""

from collections.abc import Sequence

import numpy as np


def margin(values: Sequence[float], level: float = 0.95) -> float:
    """Half the width of the t interval of a mean over seeds; 0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    from scipy import stats  # a second to import, and most reports have one seed

    quantile = stats.t.ppf((1 + level) / 2, len(values) - 1)
    return float(quantile * np.std(values, ddof=1) / np.sqrt(len(values)))
