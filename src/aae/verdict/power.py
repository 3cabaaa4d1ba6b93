"""What effects so many rows detect, looked up in what `make calibrate` measured."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

REQUIRED = {"std": 0.05, "correlation": 0.1, "mean": 0.1}  # effects to be seen with 80% power
TABLE = "power.json"  # beside this module, in git and in the installed package


@cache
def known_power() -> dict[str, Any]:
    """Return the table that comes with the package.

    Returns:
        `alpha` and `permutations` of the verdicts that were counted, `statistics`, the version of
        their tests, and `detectable`: for numbers of rows a side and of columns, the smallest
        relative error of the standard deviation, correlation of all pairs of columns, and error of
        the means in standard deviations that was `different` in 80% of the repeats; null where
        none was, no correlation for one column. Measured on independent Gaussian columns.
    """
    with files("aae.verdict").joinpath(TABLE).open(encoding="utf-8") as file:
        return dict(json.load(file))


def detected(table: Mapping[str, Any], rows: int, columns: int) -> dict[str, float | None]:
    """Look up the smallest effects that so many rows detect with 80% power.

    Args:
        table: as `known_power`.
        rows: of the smaller side: the entry with the most rows up to that many counts.
        columns: the entry with the nearest number of columns, in ratio, comes first.

    Returns:
        The effects of `REQUIRED` (no correlation for one column), None where not detected.
    """
    names = [name for name in REQUIRED if columns > 1 or name != "correlation"]
    entries = [each for each in table["detectable"] if each["rows"] <= rows]
    if not entries:
        return dict.fromkeys(names)
    best = min(entries, key=lambda e: (abs(np.log(e["columns"] / columns)), -e["rows"]))
    return {name: best.get(name) for name in names}


def enough(effects: Mapping[str, float | None]) -> bool:
    """Tell whether every effect of `REQUIRED` is detected where it is as small as required."""
    return all(each is not None and each <= REQUIRED[name] for name, each in effects.items())


def power_sentence(
    effects: Mapping[str, float | None], table: Mapping[str, Any], alpha: float, permutations: int
) -> str:
    """Say which effects are seen, and at which level, where it is not that of the verdict."""
    named = (
        f"{name} {'none' if each is None else f'{each:.3g}'}" for name, each in effects.items()
    )
    sentence = f"effects seen with 80% power: {', '.join(named)}"
    ours = {"alpha": alpha, "permutations": permutations}
    other = [
        f"{name} {table[name]:g}, not {each:g}"
        for name, each in ours.items()
        if each != table[name]
    ]
    return sentence + f" (measured at {' and '.join(other)})" * bool(other)
