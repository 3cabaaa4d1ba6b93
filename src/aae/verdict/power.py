"""What effects so many rows detect, looked up in what `make calibrate` measured."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

# Effects to be seen with 80% power; the correlation is that of all pairs of columns.
REQUIRED = {"std": 0.05, "correlation": 0.1, "mean": 0.1}
NAMES = {"correlation": "correlation of all pairs"}
KEYS = ("rows", "columns", "repeats")  # of an entry, beside its effects
TABLE = "power.json"  # beside this module, in git and in the installed package


@cache
def known_power() -> dict[str, Any]:
    """Return the table that comes with the package.

    Returns:
        `alpha` and `permutations` of the verdicts that were counted, `statistics`, the version of
        their tests, `measured_on`, which rows, and `detectable`: for numbers of rows a side and of
        columns, the smallest relative error of the standard deviation, correlation of all pairs of
        columns, and error of the means in standard deviations that was `different` in 80% of the
        repeats; null where none was, no correlation for one column.
    """
    with files("aae.verdict").joinpath(TABLE).open(encoding="utf-8") as file:
        return dict(json.load(file))


def detected(table: Mapping[str, Any], rows: int, columns: int) -> dict[str, float | None]:
    """Look up the smallest effects that so many rows detect with 80% power.

    Args:
        table: as `known_power`, or of the rows at hand (`own_power.OwnPower`).
        rows: of the smaller side: the entry with the most rows up to that many counts.
        columns: the entry with the nearest number of columns, in ratio, comes first.

    Returns:
        The effects of `REQUIRED` (no correlation for one column), and others that the entry has;
        None where not detected.
    """
    names = [name for name in REQUIRED if columns > 1 or name != "correlation"]
    entries = [each for each in table["detectable"] if each["rows"] <= rows]
    if not entries:
        return dict.fromkeys(names)
    best = min(entries, key=lambda e: (abs(np.log(e["columns"] / columns)), -e["rows"]))
    others = [name for name in best if name not in (*REQUIRED, *KEYS)]
    return {name: best.get(name) for name in (*names, *others)}


def enough(effects: Mapping[str, float | None]) -> bool:
    """Tell whether every effect of `REQUIRED` is detected where it is as small as required."""
    sizes = {name: effects[name] for name in REQUIRED if name in effects}
    return all(size is not None and size <= REQUIRED[name] for name, size in sizes.items())


def power_sentence(
    effects: Mapping[str, float | None], table: Mapping[str, Any], alpha: float, permutations: int
) -> str:
    """Say which effects are seen, in which rows, and at which level where not at the verdict's."""
    sizes = {NAMES.get(name, name): size for name, size in effects.items()}
    named = ", ".join(f"{name} {'none' if n is None else f'{n:.3g}'}" for name, n in sizes.items())
    ours = {"alpha": alpha, "permutations": permutations}
    level = [f"{name} {table[name]:g}, not {n:g}" for name, n in ours.items() if table[name] != n]
    at = f" (measured at {' and '.join(level)})" * bool(level)
    return f"effects seen with 80% power in {table['measured_on']}: {named}{at}"
