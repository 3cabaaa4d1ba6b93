"""What effects so many rows detect, looked up in a calibration."""

from collections.abc import Mapping
from typing import Any

import numpy as np

REQUIRED = {"std": 0.05, "correlation": 0.1, "mean": 0.1}  # effects to be seen with 80% power


def detected(calibration: Mapping[str, Any], rows: int, columns: int) -> dict[str, float | None]:
    """Look up the smallest effects that so many rows detect with 80% power.

    Args:
        calibration: `{"detectable": [{"rows": n, "columns": d, "std": s, "correlation": r, "mean":
            m}, ...]}`: relative error of the standard deviation, error of the correlation, error of
            the mean in standard deviations; null where none was detected.
        rows: of the smaller side: the entry with the most rows up to that many counts.
        columns: the entry with the nearest number of columns, in ratio, comes first.

    Returns:
        The effects of `REQUIRED` (no correlation for one column), None where not detected.
    """
    names = [name for name in REQUIRED if columns > 1 or name != "correlation"]
    entries = [each for each in calibration["detectable"] if each["rows"] <= rows]
    if not entries:
        return dict.fromkeys(names)
    best = min(entries, key=lambda e: (abs(np.log(e["columns"] / columns)), -e["rows"]))
    return {name: best.get(name) for name in names}
