"""What effects so many rows detect, looked up in what `make calibrate` measured."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
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

    Of the entries with the nearest number of columns, in ratio, the one with the most rows up to
    that many counts. Of fewer rows than any has, sizes are those of the fewest times
    sqrt(rows there / rows): what n independent rows show of an effect grows like sqrt(n).

    Args:
        table: as `known_power`, or of the rows at hand (`own_power.as_table`).
        rows: of the smaller side.
        columns: of each row.

    Returns:
        The effects that the entry has, as `REQUIRED` (no correlation for one column); None where
        not detected.
    """
    entries = _nearest(table, columns)
    fewer = [each for each in entries if each["rows"] <= rows]
    best = fewer[-1] if fewer else entries[0]
    growth = 1.0 if fewer else float(np.sqrt(best["rows"] / rows))
    sizes = {name: best[name] for name in _effects(best, columns)}
    return {name: size and float(f"{size * growth:.3g}") for name, size in sizes.items()}


def _nearest(table: Mapping[str, Any], columns: int) -> list[dict[str, Any]]:
    """Return the entries with the nearest number of columns, fewest rows first."""

    def apart(entry: Mapping[str, Any]) -> float:
        return float(abs(np.log(entry["columns"] / columns)))

    least = min(map(apart, table["detectable"]))
    near = [each for each in table["detectable"] if apart(each) == least]
    return sorted(near, key=lambda each: int(each["rows"]))


def _effects(entry: Mapping[str, Any], columns: int) -> list[str]:
    return [name for name in entry if name not in KEYS and (columns > 1 or name != "correlation")]


def rows_needed(table: Mapping[str, Any], columns: int) -> int | None:
    """Estimate how many rows a side would show all effects of `REQUIRED`; None: cannot be said.

    n (size / wanted)^2, of the entry with the most rows: what n rows show from a size on.
    """
    most = _nearest(table, columns)[-1]
    sizes = {name: most[name] for name in REQUIRED if name in _effects(most, columns)}
    if None in sizes.values():
        return None
    ratio = max(size / REQUIRED[name] for name, size in sizes.items())
    return int(np.ceil(most["rows"] * ratio**2))


@dataclass(frozen=True)
class Shown:
    """What a verdict would have shown.

    Attributes:
        enough: whether all effects of `REQUIRED`.
        says: a sentence.
        rows_needed: a side that would show them, where these do not; None: cannot be said.
    """

    enough: bool
    says: str
    rows_needed: int | None = None


def shown(table: Mapping[str, Any], rows: int, columns: int, level: tuple[float, int]) -> Shown:
    """Look up what so many rows show, and how many would do.

    Args:
        table, rows, columns: see `detected`.
        level: alpha and permutations of the verdict.
    """
    seen = detected(table, rows, columns)
    says = power_sentence(seen, table, *level)
    if enough(seen):
        return Shown(True, says)
    needed = rows_needed(table, columns)
    return Shown(False, f"{says}; {_rows_sentence(needed, columns)}", needed)


def nothing_shown(reason: str, columns: int) -> Shown:
    """Say why nothing is shown, and how many rows would do, of independent columns."""
    needed = rows_needed(known_power(), columns)
    return Shown(False, f"{reason}; {_rows_sentence(needed, columns)}", needed)


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


def _rows_sentence(rows: int | None, columns: int) -> str:
    """Say how many rows a side would do, to two digits."""
    wanted = {name: size for name, size in REQUIRED.items() if columns > 1 or name != "correlation"}
    named = ", ".join(f"{NAMES.get(name, name)} {size:g}" for name, size in wanted.items())
    if rows is None:
        return f"how many rows would show {named} cannot be said"
    return f"about {int(float(f'{rows:.2g}')):,} rows a side would show {named}"
