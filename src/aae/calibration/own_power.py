"""Power on a table's own rows beside brute force: `python -m aae.calibration.own_power`.

`aae.verdict.own_power` says in a second which size of an effect is seen with 80% power; here whole
verdicts say so, with as many divisions of the rows and permutations as it takes. Finished cells are
kept in `.calibration/own_power.json`: an interrupted run continues.
"""

import aae.base.one_thread  # noqa: F401

import argparse
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aae.base.files import read_json, write_json
from aae.base.jobs import add_jobs
from aae.base.markers import put_between
from aae.calibration.faults import FAULTS, draw, scikit_learn
from aae.calibration.version import statistics_version
from aae.verdict.judge import DIFFERENT, Settings, judge
from aae.verdict.own_power import power_of
from aae.verdict.planting import EFFECTS
from aae.verdict.tilting import Sides, Table

TABLES = ("wine", "diabetes", "breast_cancer", "iris", "digits")  # that scikit-learn ships
LAWS = ("gaussian", "correlated")  # in whose rows an effect can be planted by moving them
LAW_ROWS, LAW_COLUMNS = 300, 10
REPEATS, ROUNDS, STEP = 20, 6, 1.3  # verdicts at a size, sizes, factor between them
SLOPE, SLOPE_ERROR = 6.0, 3.0  # of logit power in log size, where the verdicts do not say
POWER = 0.8
AGREES = 1.25  # factor
Cell = dict[str, Any]


def main() -> None:
    """Compare cell by cell, and write the table of the docs."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_jobs(parser, "processes")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after so long")
    parser.add_argument("--sources", nargs="+", default=[*LAWS, *TABLES], help="rows")
    parser.add_argument("--cache", type=Path, default=Path(".calibration/own_power.json"))
    parser.add_argument("--docs", type=Path, default=Path("docs/calibration.md"), help="tables")
    options = parser.parse_args()
    deadline = time.monotonic() + 60 * options.minutes
    with ProcessPoolExecutor(options.jobs) as pool:
        cells = compared(options.sources, options.cache, deadline, pool.map)
    put_between(options.docs, "own-power", table(cells))
    print(f"wrote {options.docs}: {agreement(cells)}")


def compared(
    sources: Sequence[str], cache: Path, deadline: float, map_: Callable[..., Any] = map
) -> list[Cell]:
    """Return a row for each source and effect that brute force is known of, or found in time.

    Args:
        sources: of `rows_of`.
        cache: what brute force found, of statistics as they are now.
        deadline: of `time.monotonic`, after which none is begun.
        map_: applies a function to sizes and seeds.
    """
    version = statistics_version()
    kept = read_json(cache) if cache.exists() else []
    cells = {(cell["source"], cell["effect"]): cell for cell in kept if cell["version"] == version}
    rows = []
    for source in sources:
        own = power_of(rows_of(source), len(rows_of(source)) // 2)
        for name in effects_of(source):
            size = own["effects"][name]["size"]
            if (source, name) not in cells and time.monotonic() < deadline:
                cell = brute_force(Planting(source, name), size or EFFECTS[name].most, map_)
                cells[source, name] = {"version": version, "source": source, "effect": name} | cell
                write_json(cache, list(cells.values()))
            if (source, name) in cells:
                rows.append(beside(cells[source, name], size))
    return rows


def beside(cell: Cell, own: float | None) -> Cell:
    """Return what brute force found with the size of `power_of` beside it."""
    count, columns = rows_of(cell["source"]).shape
    sizes = {"rows": count // 2, "columns": columns}
    return cell | sizes | {"own": own, "agrees": agrees(own, cell["brute"])}


def effects_of(source: str) -> list[str]:
    """Names of the effects that are compared on rows of a source."""
    moved = ("std", "mean", "correlation") if source == "gaussian" else ("std", "mean")
    return list(moved if source in LAWS else EFFECTS)


def rows_of(source: str) -> NDArray[np.float64]:
    """Rows of a law, or of a table of scikit-learn."""
    if source in LAWS:
        return np.concatenate(_drawn(source, 0)).astype(float)
    return scikit_learn(source)


def _drawn(source: str, seed: int) -> list[NDArray[np.floating]]:
    case = draw(source, LAW_ROWS, LAW_COLUMNS, np.random.default_rng([seed, 11]))
    return [case.real, case.generated]


@dataclass(frozen=True)
class Planting:
    """An effect in rows of a source, of any size and as often as is asked for.

    In a table's rows by another division of them each time. In a law's by moving fresh rows
    (`aae.calibration.faults`): whether choosing rows plants the same effect is put to the test.
    """

    source: str
    effect: str

    def sides(self, size: float, seed: int) -> Sides | None:
        """Return real and generated rows."""
        rng = np.random.default_rng([seed, 12])
        if self.source in LAWS:
            case = draw(self.source, LAW_ROWS, LAW_COLUMNS, rng)
            signed = -size if self.effect == "std" else size
            case = FAULTS[self.effect](case, signed, rng)
            return case.real.astype(float), case.generated.astype(float)
        rows = rows_of(self.source)
        rows = rows[rng.permutation(len(rows))[: 2 * (len(rows) // 2)]]
        return EFFECTS[self.effect].plant(Table(rows), len(rows) // 2, rng)(size)

    def seen(self, size: float, seed: int) -> bool | None:
        """Return whether a verdict says `different`, None where the effect cannot be planted."""
        sides = self.sides(size, seed)
        return sides and judge(*sides, Settings(seed=seed)).verdict == DIFFERENT


def brute_force(planting: Planting, size: float, map_: Callable[..., Any] = map) -> Cell:
    """Find the size that whole verdicts see with 80% power, from shares at sizes around it.

    Returns:
        brute: the size, None where the largest that is tried is seen less often; interval: two
        standard errors around it; shares: of `different` at each size.
    """
    most, shares = EFFECTS[planting.effect].most, dict[float, float]()
    for number in range(ROUNDS):
        size = float(f"{min(most, size):.3g}")
        if size in shares:
            break
        seeds = range(number * REPEATS, (number + 1) * REPEATS)
        seen = [each for each in map_(partial(planting.seen, size), seeds) if each is not None]
        if len(seen) < REPEATS / 2:  # too large to be planted
            size /= STEP**2
            continue
        shares[size] = float(np.mean(seen))
        size = _next_size(size, shares)
    if not shares:
        return {"brute": None, "interval": [0.0, most], "shares": {}}
    at, error = size_of_power(shares)
    interval = [float(at * np.exp(sign * 2 * error)) for sign in (-1, 1)]
    return {
        "brute": at if at <= most else None,
        "interval": interval,
        "shares": {f"{size:.3g}": share for size, share in sorted(shares.items())},
    }


def _next_size(size: float, shares: Mapping[float, float]) -> float:
    """A step towards the wanted power until shares on both sides of it are known, then to it."""
    above = [share >= POWER for share in shares.values()]
    if any(above) and not all(above):
        return size_of_power(shares)[0]
    return size / STEP if all(above) else size * STEP


def size_of_power(shares: Mapping[float, float]) -> tuple[float, float]:
    """Fit logit power = a + b log size to shares; return the size, and the error of its log.

    The mode of the likelihood times a normal prior of b: shares of 0 and 1 alone tell no slope.
    """
    from scipy.optimize import minimize
    from scipy.special import logit

    x = np.log(list(shares))
    centre, y = float(x.mean()), np.array(list(shares.values()))

    def loss(parameters: NDArray[np.float64]) -> float:
        at, slope = parameters  # at: log size of the wanted power
        logits = logit(POWER) + slope * (x - centre - at)
        fit = REPEATS * (y * np.logaddexp(0, -logits) + (1 - y) * np.logaddexp(0, logits)).sum()
        return float(fit + ((slope - SLOPE) / SLOPE_ERROR) ** 2 / 2 + at**2 / 2)

    fitted = minimize(loss, np.array([0.0, SLOPE]), method="BFGS")
    return float(np.exp(centre + fitted.x[0])), float(np.sqrt(fitted.hess_inv[0, 0]))


def agrees(own: float | None, brute: float | None) -> bool:
    """Whether both sizes are within `AGREES` of each other, or no size is seen by either."""
    if own is None or brute is None:
        return own is brute
    return 1 / AGREES <= own / brute <= AGREES


def agreement(cells: Sequence[Cell]) -> str:
    """Count the cells that agree."""
    return f"{sum(cell['agrees'] for cell in cells)} of {len(cells)} cells agree"


def table(cells: Sequence[Cell]) -> str:
    """Return the comparison as Markdown."""
    head = ["rows of", "n", "d", "effect", "own rows", "brute force", "interval", "agrees"]
    lines = [head, ["---"] * len(head)]
    for cell in cells:
        interval = " to ".join(f"{each:.2g}" for each in cell["interval"])
        sizes = (cell[name] for name in ("source", "rows", "columns", "effect"))
        seen = ("none" if each is None else f"{each:.2g}" for each in (cell["own"], cell["brute"]))
        lines.append([*sizes, *seen, interval, "yes" if cell["agrees"] else "**no**"])
    rows = "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
    measured = ", ".join(sorted({f"`{cell['version']}`" for cell in cells}))
    return f"Statistics {measured}. Within a factor of {AGREES}: {agreement(cells)}.\n\n{rows}"


if __name__ == "__main__":
    main()
